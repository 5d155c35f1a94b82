"""Memorising: a model that repeats its training events lies closer to them than fresh events."""

from __future__ import annotations

import numpy as np
import pytest
from click.testing import CliRunner
from validation_toys import PeakedModel, ToyModel, toy_at, toy_events

from nugen_gan.cli.validate import validate as verb
from nugen_gan.conversion import convert as conversion
from nugen_gan.errors import UsageError
from nugen_gan.model import folder as model_folder
from nugen_gan.model import model
from nugen_gan.physics.process import Process
from nugen_gan.validation import nearest_neighbours, validate
from nugen_gan.validation.metrics.samples import TooFewEventsError
from nugen_gan.validation.report.verdict import Verdict

ROW = "Distance to training events, over fresh ones"


class Memoriser(ToyModel):
    """Repeats the nearest training event, a little smeared."""

    def __init__(self, training):
        self.training = training[np.argsort(training.enu)]

    def sample(self, enu, *, seed=None):
        index = np.searchsorted(self.training.enu, enu).clip(0, len(self.training) - 1)
        elep = np.minimum(self.training.elep[index], enu)
        return self.training[index].with_(enu=np.asarray(enu), elep=elep)


def test_fresh_events_are_as_far_as_a_perfect_model():
    training, fresh = toy_events(20_000, 1), toy_events(8_000, 2)
    found = nearest_neighbours(training, fresh, toy_at(fresh.enu, 3), seed=1)
    assert abs(found.value - 1.0) < 4.0 * found.uncertainty
    assert found.p_value > 1e-3
    assert found.events == (8_000, 8_000)
    assert found.training_events == 20_000


def test_distances_are_those_of_a_search_by_hand():
    training, fresh, ours = (toy_events(600, seed) for seed in (1, 2, 3))
    from nugen_gan.validation.metrics.neighbours import _features, _stored

    known = _features(_stored(training))
    rows = [(_features(_stored(t)) - known.mean(0)) / known.std(0) for t in (training, fresh, ours)]
    medians = [
        np.median(np.linalg.norm(part[:, None] - rows[0][None], axis=2).min(axis=1))
        for part in rows[1:]
    ]
    found = nearest_neighbours(training, fresh, ours)
    assert (found.fresh, found.generated) == pytest.approx(medians)
    assert found.value == pytest.approx(medians[1] / medians[0])


def test_error_of_the_ratio_is_its_scatter():
    training = toy_events(5_000, 1)
    trials = [
        nearest_neighbours(training, toy_events(1_000, 100 + k), toy_events(1_000, 200 + k))
        for k in range(60)
    ]
    scatter = np.std([found.value for found in trials])
    assert np.mean([found.uncertainty for found in trials]) == pytest.approx(scatter, rel=0.35)


def test_copies_have_no_distance():
    training, fresh = toy_events(5_000, 1), toy_events(2_000, 2)
    found = nearest_neighbours(training, fresh, training[:2_000])
    assert found.value == 0.0
    assert found.p_value < 1e-6


def test_a_memorising_model_is_named():
    training, reference = toy_events(20_000, 1), toy_events(8_000, 2)
    report = validate(Memoriser(training), reference, seed=1, classifier=False, training=training)
    row = next(row for row in report.rows() if row.measure == ROW)
    assert row.verdict is Verdict.DIFFERS
    assert "closer" in row.meaning


def test_row_of_an_honest_model_and_none_without_training_events():
    training, reference = toy_events(20_000, 1), toy_events(8_000, 2)
    report = validate(ToyModel(), reference, seed=1, classifier=False, training=training)
    row = next(row for row in report.rows() if row.measure == ROW)
    assert row.verdict is Verdict.AGREES
    assert report.as_dict()["details"]["neighbours"]["training_events"] == 20_000
    report = validate(ToyModel(), reference, seed=1, classifier=False)
    assert ROW not in [row.measure for row in report.rows()]
    assert report.as_dict()["details"]["neighbours"] is None


def test_small_samples_and_other_processes_are_refused():
    with pytest.raises(TooFewEventsError):
        nearest_neighbours(*(toy_events(100, seed) for seed in range(3)))
    argon = toy_events(1_000, 1).with_(process=Process.from_name("numu_cc_Ar40"))
    with pytest.raises(UsageError, match=r"numu_cc_Ar40.*numu_cc_C12"):
        validate(ToyModel(), toy_events(1_000, 2), classifier=False, training=argon)


def test_command_line_takes_the_training_events(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(conversion, "read", lambda path, **_: toy_events(3_000, len(str(path))))
    monkeypatch.setattr(model_folder, "is_model", lambda name: True)
    monkeypatch.setattr(model, "load_model", lambda name: PeakedModel())
    words = ["toy", "reference.root", "--no-classifier", "--training", "training.root"]
    result = CliRunner().invoke(verb, words)
    assert result.exit_code == 0, result.output
    assert ROW in result.output
