"""Channel by channel from a thousand events up: one law agrees, a shifted peak is named."""

from __future__ import annotations

import numpy as np
import pytest
from validation_toys import log_uniform, peaked_at, toy_events

from nugen_gan.physics.kinematics import NUCLEON_MASS
from nugen_gan.physics.process import Channel
from nugen_gan.validation import compare
from nugen_gan.validation.metrics.common_events import common_share
from nugen_gan.validation.metrics.lepton_tests import lepton_tests
from nugen_gan.validation.metrics.quantiles import location, location_errors
from nugen_gan.validation.metrics.samples import TooFewEventsError
from nugen_gan.validation.metrics.strata import Strata
from nugen_gan.validation.report.judging import Verdict

PEAK = "QE, median of W [MeV]"
RANGE = (0.45, 8.0)


def pair(events: int, seed: int):
    enu = log_uniform(events, seed, RANGE)
    return peaked_at(enu, 10 * seed + 1), peaked_at(enu, 10 * seed + 2)


def shifted(events, shift: float):
    """W of the quasielastic events moved by ``shift`` [GeV] at the same angle."""
    more = events.derived()
    w = np.sqrt(np.maximum(more.w2, 0.1))
    plep = np.sqrt(events.elep**2 - events.process.lepton_mass**2)
    slope = (NUCLEON_MASS + events.enu * (1.0 - events.costheta * events.elep / plep)) / w
    elep = events.elep - shift / slope * (events.channel == Channel.QE)
    return events.with_(elep=np.maximum(elep, events.process.lepton_mass * 1.0001))


def row(report, name):
    return next(row for row in report.rows() if row.measure == name)


@pytest.mark.parametrize(("events", "shift"), [(10_000, 0.017), (5_000, 0.017), (5_000, 0.010)])
def test_shifted_quasielastic_peak_is_named(events, shift):
    reference, other = pair(events, 3)
    report = compare(shifted(other, shift), reference, seed=1, classifier=False)
    found = row(report, PEAK)
    assert found.verdict is Verdict.DIFFERS
    assert float(found.value.split(" ±")[0]) == pytest.approx(1e3 * shift, abs=5.0)
    assert not report.headline().startswith("All")
    assert "QE, median of W" in report.headline()


def test_one_law_agrees_and_says_what_it_would_see():
    for seed in (5, 6, 7):
        report = compare(*pair(5_000, seed)[::-1], seed=1, classifier=False)
        assert report.headline().startswith("All "), report.headline()
    assert "MeV (QE in W)" in report.power()
    assert report.as_dict()["power"] == report.power()
    number = next(n for n in report.details.lepton.peaks if n.channel == "QE")
    assert (number.variable, number.quantity) == ("W", "median")
    # 30 MeV wide, 2,500 events of each: 1.253 * 30 * sqrt(2 / 2500) MeV.
    assert number.error == pytest.approx(0.00106, rel=0.2)
    assert number.reference == pytest.approx(0.95, abs=0.003)


def test_swapped_labels_are_seen():
    reference, other = pair(5_000, 4)
    swap = {Channel.QE: Channel.RES, Channel.RES: Channel.QE}
    channel = np.array([swap.get(Channel(c), c) for c in other.channel])
    report = compare(other.with_(channel=channel), reference, seed=1, classifier=False)
    assert row(report, "QE: W, ω and Q² (KS)").verdict is Verdict.DIFFERS
    assert row(report, "RES: W, ω and Q² (KS)").verdict is Verdict.DIFFERS
    assert row(report, "Share of each channel, worst [%]").verdict is Verdict.DIFFERS
    assert row(report, "All events: W, ω and Q² (KS)").verdict is Verdict.AGREES


def test_p_values_of_one_law_are_uniform():
    """Different numbers of events, and more of one sample at high energy: still calibrated."""
    peaks, tests, shares = [], [], []
    for seed in range(12):
        first = peaked_at(log_uniform(3_000, seed, RANGE), seed)
        enu = log_uniform(6_000, 100 + seed, RANGE)
        tilted = enu[np.random.default_rng(seed).random(6_000) < enu / 8.0]
        second = peaked_at(tilted, 200 + seed)
        found = lepton_tests(first, second, energy_range=RANGE, energy_ranges=((1.0, 5.0),))
        peaks += [n.difference / n.error for n in found.peaks]
        tests += [t.p_value for d in found.distributions for t in d.tests]
        shares += [s.difference / s.error for s in found.shares]
    assert 0.75 < np.std(peaks) < 1.25
    assert 0.7 < np.std(shares) < 1.3
    assert np.mean(np.array(tests) < 0.05) < 0.1
    assert min(tests) > 1e-4
    assert 0.35 < np.mean(tests) < 0.75


def test_errors_of_median_and_width_are_their_scatter():
    rng = np.random.default_rng(1)
    samples = rng.normal(0.0, 1.0, (300, 2, 400))
    one = np.ones(400)
    found = np.array([
        np.subtract(location(a, one), location(b, one)) for a, b in samples
    ])  # fmt: skip
    errors = np.array([location_errors(a, b, one, one) for a, b in samples])
    assert errors.mean(axis=0) == pytest.approx(found.std(axis=0), rel=0.15)
    assert location(samples.ravel(), np.ones(samples.size)) == pytest.approx((0, 0.9945), abs=0.01)


def test_weights_count_as_so_many_events():
    values = np.random.default_rng(2).normal(size=300)
    number = np.random.default_rng(3).integers(1, 4, 300)
    repeated = np.repeat(values, number)
    assert location(values, number.astype(float)) == pytest.approx(
        location(repeated, np.ones(repeated.size)), abs=0.02
    )


def test_strata_take_the_energy_out_and_leave_a_shift():
    rng = np.random.default_rng(4)
    enu = rng.uniform(1.0, 10.0, 4_000)
    values = 3.0 * enu + rng.normal(0.0, 0.1, 4_000)
    strata = Strata.of(enu[:2_000], enu[2_000:])
    first, second = strata.residuals(values[:2_000], values[2_000:] + 0.05)
    assert np.median(second) - np.median(first) == pytest.approx(0.05, abs=0.02)
    ranks = np.concatenate(strata.ranks(values[:2_000], values[2_000:]))
    assert np.sort(ranks) == pytest.approx((np.arange(4_000) + 0.5) / 4_000, abs=0.01)
    single = Strata.of(np.ones(500), np.ones(500))
    assert single.count == 1


@pytest.mark.parametrize("events", [1, 10, 100, 4_000])
def test_the_same_events_are_no_measure_of_agreement(events, tmp_path):
    table = peaked_at(log_uniform(events, 1, RANGE), 1)
    report = compare(table, table, seed=1, output=tmp_path, classifier=events > 100)
    assert report.common == 1.0
    assert report.headline().startswith("No measure of agreement: 100 % of the events")
    assert report.power() == ""
    assert all(r.verdict is not Verdict.AGREES for r in report.rows() if r.p_value is not None)
    assert any("number for number" in note for note in report.notes)


def test_share_of_common_events():
    table = toy_events(1_000, 1)
    assert common_share(table[:600], table[400:]) == pytest.approx(200 / 600)
    assert common_share(table, toy_events(1_000, 2)) == 0.0


@pytest.mark.parametrize("events", [2, 10, 150, 1_000])
def test_small_samples_are_no_trouble(events, tmp_path):
    report = compare(*pair(events, 8)[::-1], seed=1, classifier=False, output=tmp_path)
    if events < 100:
        assert "Nothing can be said about agreement" in report.headline()
        with pytest.raises(TooFewEventsError, match="1,000"):
            lepton_tests(*pair(events, 8), energy_range=RANGE)
    else:
        assert report.headline().startswith("All ")


def test_one_channel_one_energy_and_no_labels():
    enu = np.full(3_000, 1.0)
    first, second = peaked_at(enu, 1), peaked_at(enu, 2)
    parts = [t[t.channel == Channel.QE] for t in (first, second)]
    report = compare(*parts[::-1], seed=1, classifier=False)
    assert report.headline().startswith("All ")
    assert row(report, "Share of each channel, worst [%]").verdict is Verdict.NONE
    unlabelled = second.with_(channel=np.full(3_000, Channel.OTHER))
    report = compare(unlabelled, first, seed=1, classifier=False)
    assert row(report, "All events: W, ω and Q² (KS)").verdict is Verdict.AGREES
    assert report.details.lepton.peaks == ()


def test_size_and_significance_are_two_things():
    """3 MeV in 100,000 events: beyond doubt, and called small."""
    reference, other = pair(100_000, 6)
    found = lepton_tests(reference, shifted(other, 0.003), energy_range=RANGE)
    number = next(n for n in found.peaks if (n.variable, n.quantity) == ("W", "median"))
    assert number.p_value < 1e-6
    report = compare(shifted(other, 0.003), reference, seed=1, classifier=False)
    assert row(report, PEAK).verdict is Verdict.SMALL
    assert "below the tolerance, 5 MeV" in row(report, PEAK).meaning


def test_genuine_halves_agree_and_a_shift_of_17_mev_does_not(tables):
    table = tables("numubar_C12_100k", 20_000)
    first, second = table[:10_000], table[10_000:]
    report = compare(second, first, seed=1, classifier=False)
    assert report.headline().startswith("All "), report.headline()
    report = compare(shifted(second, 0.017), first, seed=1, classifier=False)
    assert row(report, PEAK).verdict is Verdict.DIFFERS
    assert "QE, median of W" in report.headline()
