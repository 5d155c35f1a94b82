from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import wasserstein_distance
from wrong_hadrons import protons_turned, shuffled_nearby

from nugen_gan.validation.hadrons.observables import OBSERVABLES
from nugen_gan.validation.hadrons.samples import HadronSamples
from nugen_gan.validation.hadrons.spectra import GROUPS, hadron_spectra, selected
from nugen_gan.validation.hadrons.topologies import Topology

RANGES = ((0.2, 20.0), (0.2, 1.0))


def by_group(first, second):
    found = hadron_spectra(HadronSamples.of(first, second), RANGES, seed=1)
    return {spectra.group: spectra for spectra in found}


def test_every_observable_has_a_group():
    assert sorted(name for names in GROUPS.values() for name in names) == sorted(OBSERVABLES)


def test_halves_agree_and_are_as_far_apart_as_the_floor(halves):
    found = by_group(*halves)
    assert set(found) == set(GROUPS)
    assert all(spectra.p_value > 0.005 for spectra in found.values())
    ratios = [test.ratio for spectra in found.values() for test in spectra.tests]
    assert 0.8 < np.mean(ratios) < 1.3


def test_distance_is_that_of_scipy(halves):
    samples = HadronSamples.of(*halves)
    test = next(t for t in by_group(*halves)["pion"].tests if t.variable == "p_pion")
    values = [s.values["p_pion"] for s in samples.pair]
    values = [v[np.isfinite(v)] for v in values]
    assert test.emd == pytest.approx(wasserstein_distance(*values))
    assert test.events == tuple(v.size for v in values)


def test_imbalance_is_that_of_events_without_pions(halves):
    sample = HadronSamples.of(*halves).reference
    with_pions = sample.topology > Topology.CC0PI_NP
    assert np.isfinite(sample.values["dpt"][with_pions]).any()
    assert not np.isfinite(selected(sample, "dpt")[with_pions]).any()
    assert np.array_equal(selected(sample, "p_pion"), sample.values["p_pion"], equal_nan=True)


def test_exchanged_hadrons_do_not_fit_their_leptons(halves):
    reference, other = halves
    found = by_group(reference, shuffled_nearby(other))
    assert found["missing"].p_value < 1e-20
    assert found["missing"].worst.variable == "e_missing"
    assert found["proton"].p_value > 0.005


def test_turned_protons_keep_their_momentum(halves):
    reference, other = halves
    honest, wrong = by_group(reference, other), by_group(reference, protons_turned(other))
    momentum = [
        [t for t in found["proton"].tests if t.variable == "p_proton"] for found in (honest, wrong)
    ]
    assert [t.distance for t in momentum[1]] == pytest.approx([t.distance for t in momentum[0]])
