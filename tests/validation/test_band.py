"""The uncertainty band: its coverage has known answers, and replicas are sampled as promised."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm
from validation_toys import ToyModel, toy_at, toy_events

from nugen_gan.validation import comparison, validate
from nugen_gan.validation.metrics.band import coverage
from nugen_gan.validation.metrics.samples import TooFewEventsError
from nugen_gan.validation.report.figures import spectra_figure
from nugen_gan.validation.report.verdict import Verdict

ROW = "Coverage of the uncertainty band"
RANGES = ((0.2, 1.0), (1.0, 5.0), (5.0, 20.0))


class Uncertain(ToyModel):
    """A law whose shape is known to 5 %: the model and each replica miss it by chance."""

    def __init__(self, shifts, centre=0.0):
        self.replicas = tuple(range(len(shifts)))
        self.shifts, self.asked = (centre, *shifts), []

    def sample(self, enu, *, seed=None, replica=0):
        self.asked.append((len(enu), seed, replica))
        return toy_at(np.asarray(enu), 5, spread=float(np.exp(self.shifts[replica])))


def row_of(report):
    return next((row for row in report.rows() if row.measure == ROW), None)


def test_without_scatter_the_statistical_errors_cover_68_per_cent():
    reference = toy_events(60_000, 1)
    generated = toy_events(60_000, 2)
    found = coverage(reference, generated, [generated, generated], RANGES)
    assert found.band == 0.0
    assert abs(found.value - 0.6827) < 3.0 * found.uncertainty
    assert found.bins > 400


def test_replicas_that_scatter_by_the_statistical_error_cover_more():
    reference, generated = toy_events(40_000, 1), toy_events(40_000, 2)
    replicas = [toy_events(40_000, 10 + k) for k in range(20)]
    found = coverage(reference, generated, replicas, RANGES)
    expected = 1.0 - 2.0 * norm.sf(np.sqrt(1.5))
    assert abs(found.value - expected) < 3.0 * found.uncertainty
    assert found.replicas == 20


def test_a_lone_replica_is_compared_with_the_model():
    reference, generated = toy_events(20_000, 1), toy_events(20_000, 2)
    found = coverage(reference, generated, [toy_events(20_000, 3, spread=1.1)], RANGES)
    assert found.band > 0.0


def test_small_samples_are_refused():
    events = toy_events(40, 1)
    with pytest.raises(TooFewEventsError):
        coverage(events, events, [events], ((0.2, 20.0),))


def test_replicas_of_a_model_are_sampled_with_one_seed_and_few_events(monkeypatch, tmp_path):
    monkeypatch.setattr(comparison, "REPLICA_EVENTS", 5_000)
    shifts = np.random.default_rng(1).normal(0.0, 0.05, 6)
    model = Uncertain(shifts)
    report = validate(model, toy_events(8_000, 1), seed=3, classifier=False, output=tmp_path)
    assert model.asked == [(8_000, 3, 0), *((5_000, 3, k) for k in range(1, 7))]
    assert report.as_dict()["details"]["coverage"]["replicas"] == 6
    assert row_of(report).target == "0.68"
    assert (
        "standard deviation of the model&#x27;s replicas" in (tmp_path / "report.html").read_text()
    )


def test_a_band_that_is_too_narrow_is_called_so():
    model = Uncertain(np.full(4, 0.2), centre=0.2)
    row = row_of(validate(model, toy_events(30_000, 1), seed=3, classifier=False))
    assert row.verdict is Verdict.DIFFERS
    assert "too narrow" in row.meaning


def test_a_band_as_wide_as_the_bias_is_not():
    model = Uncertain([-0.25, 0.05, 0.3, -0.1], centre=0.2)
    row = row_of(validate(model, toy_events(30_000, 1), seed=3, classifier=False))
    assert row.verdict is not Verdict.DIFFERS


def test_a_model_without_replicas_has_no_band():
    report = validate(ToyModel(), toy_events(3_000, 1), seed=1, classifier=False)
    assert row_of(report) is None
    assert report.replicas == ()


def test_band_is_drawn_in_every_spectrum():
    events = toy_events(5_000, 1)
    plain, banded = (
        spectra_figure(events, events, (1.0, 5.0), replicas)
        for replicas in ((), [toy_events(5_000, 2), toy_events(5_000, 3)])
    )
    for before, after in zip(plain.axes, banded.axes, strict=True):
        assert len(after.patches) == len(before.patches) + 1
