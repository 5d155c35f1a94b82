"""Deliberately wrong hadrons: genuine ones agree everywhere, each wrong sample is named."""

from __future__ import annotations

import numpy as np
import pytest
from wrong_hadrons import more_pions, protons_turned, shuffled, shuffled_nearby

from nugen_gan.validation import compare
from nugen_gan.validation.report.hadron_rows import MULTIPLICITY_ROWS, SPECTRUM_ROWS
from nugen_gan.validation.report.judging import Verdict

PIONS, LEPTON, IMBALANCE = (
    MULTIPLICITY_ROWS["pions"], SPECTRUM_ROWS["missing"], SPECTRUM_ROWS["imbalance"],
)  # fmt: skip
SIZE = 60_000


@pytest.fixture(scope="module")
def pair(hadron_tables):
    """Two genuine samples."""
    events = hadron_tables("numu_C12_train", 0, 2 * SIZE)
    return events[:SIZE], events[SIZE:]


def verdicts(reference, generated):
    report = compare(generated, reference, seed=1, classifier=False)
    return {row.measure: row.verdict for row in report.rows() if row.p_value is not None}


def test_genuine_samples_agree(pair):
    found = verdicts(*pair)
    assert set(found.values()) == {Verdict.AGREES}
    assert {PIONS, LEPTON, IMBALANCE, *SPECTRUM_ROWS.values()} < set(found)


def test_5_per_cent_of_pions_too_many(pair):
    reference, other = (table[:20_000] for table in pair)
    found = verdicts(reference, more_pions(other))
    assert found[PIONS] is Verdict.DIFFERS
    assert found[MULTIPLICITY_ROWS["nucleons"]] is Verdict.AGREES
    assert found[IMBALANCE] is Verdict.AGREES


def test_protons_turned_about_q(pair):
    reference, other = pair
    found = verdicts(reference, protons_turned(other))
    assert found[IMBALANCE] in (Verdict.DIFFERS, Verdict.SMALL)
    assert {found[name] for name in MULTIPLICITY_ROWS.values()} == {Verdict.AGREES}


@pytest.mark.parametrize("wrong", [shuffled, shuffled_nearby])
def test_hadrons_exchanged_between_events_of_one_topology(halves, wrong):
    reference, other = halves
    found = verdicts(reference, wrong(other))
    assert found[LEPTON] is Verdict.DIFFERS
    assert found["Topologies, χ² per degree of freedom"] is Verdict.AGREES or wrong is shuffled


def test_weighted_events_agree_as_well(pair):
    reference, other = (table[:5_000] for table in pair)
    rng = np.random.default_rng(1)
    reference = reference.with_(weight=rng.uniform(0.2, 1.8, 5_000))
    other = other.with_(weight=rng.exponential(1.0, 5_000))
    assert set(verdicts(reference, other).values()) == {Verdict.AGREES}
