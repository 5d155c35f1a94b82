"""Deliberately wrong samples: an honest one agrees everywhere, each wrong one is named."""

from __future__ import annotations

import numpy as np
import pytest
from validation_toys import log_uniform, peaked_at

from nugen_gan.physics.process import Channel
from nugen_gan.validation import compare
from nugen_gan.validation.metrics.regions import region_binnings, region_pull
from nugen_gan.validation.metrics.structures import narrow_structures
from nugen_gan.validation.report.verdict import Verdict

EVENTS = 120_000
STRUCTURES = "Narrow structures: peaks in W and ω"
INELASTIC = "High inelasticity, y > 0.9"
FRACTIONS = "Channel fractions, χ² per degree of freedom"


@pytest.fixture(scope="module")
def pair():
    enu = log_uniform(EVENTS, 1)
    return peaked_at(enu, 1), peaked_at(enu, 2)


def verdicts(reference, generated):
    report = compare(generated, reference, seed=1, classifier=False)
    return {row.measure: row.verdict for row in report.rows()}


def test_honest_sample_agrees(pair):
    found = verdicts(*pair)
    del found["Classifier test, area under ROC curve"]
    assert set(found.values()) == {Verdict.AGREES}
    assert {STRUCTURES, INELASTIC, FRACTIONS} < set(found)


def test_quasielastic_peak_shifted_by_10_mev(pair):
    reference, other = pair
    shift = 0.010 * (other.channel == Channel.QE)
    elep = np.maximum(other.elep - shift, other.process.lepton_mass)
    found = verdicts(reference, other.with_(elep=elep))
    assert found[STRUCTURES] in (Verdict.SMALL, Verdict.DIFFERS)
    assert found[FRACTIONS] is Verdict.AGREES


def test_tail_of_2_per_cent_cut(pair):
    reference, other = pair
    inelasticity = 1.0 - other.elep / other.enu
    kept = other[inelasticity < np.quantile(inelasticity, 0.98)]
    found = verdicts(reference, kept)
    assert found[INELASTIC] is Verdict.DIFFERS
    assert found[STRUCTURES] is Verdict.AGREES


def test_5_per_cent_of_channels_swapped(pair):
    reference, other = pair
    channel = other.channel.copy()
    channel[np.flatnonzero(channel == Channel.QE)[::20]] = Channel.RES
    found = verdicts(reference, other.with_(channel=channel))
    assert found[FRACTIONS] in (Verdict.SMALL, Verdict.DIFFERS)
    assert found["Worst channel, MAP-3D over floor"] is Verdict.DIFFERS
    assert found[STRUCTURES] is Verdict.AGREES


def test_rows_of_genuine_events(tables):
    """Two genuine samples agree in the corners; without the tail at high y one does not."""
    reference, other = tables("numu_C12_val", 100_000), tables("numu_C12_train", 100_000)
    inelasticity = 1.0 - other.elep / other.enu
    cut = other[inelasticity < np.quantile(inelasticity, 0.98)]
    binnings = dict(region_binnings((0.2, 20.0), other.process.lepton_mass))
    for name, binning in binnings.items():
        assert abs(region_pull(reference, other, name, binning).significance) < 4.0
    assert region_pull(reference, cut, INELASTIC, binnings[INELASTIC]).significance > 5.0
    found = narrow_structures(reference, other, energy_range=(0.2, 20.0))
    assert len(found.entries) > 30
    assert found.agreeing > 0.85 * len(found.entries)
