from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from nugen_gan.validation.metrics.means import mean_difference
from nugen_gan.validation.metrics.strata import Strata


def trial(seed, n=400, weighted=False, shift=0.0):
    """Numbers that grow with energy, in two samples of different spectra."""
    rng = np.random.default_rng(seed)
    enu = rng.uniform(1.0, 10.0, n), 10.0 - 3.0 * np.abs(rng.normal(size=2 * n)).clip(0, 2.9)
    values = tuple(rng.poisson(e).astype(float) for e in enu)
    weights = tuple(rng.uniform(0.1, 2.0, e.size) if weighted else np.ones(e.size) for e in enu)
    return mean_difference((values[0], values[1] + shift), weights, Strata.of(*enu))


@pytest.mark.parametrize("weighted", [False, True])
def test_differences_scatter_as_their_error_says_whatever_the_spectra(weighted):
    found = [trial(seed, weighted=weighted) for seed in range(200)]
    pulls = np.array([one.difference / one.error for one in found])
    assert abs(pulls.mean()) < 0.3
    assert pulls.std() == pytest.approx(1.0, abs=0.15)
    assert np.mean([one.p_value < 0.1 for one in found]) == pytest.approx(0.1, abs=0.07)


def test_a_shift_is_found_at_its_size():
    found = trial(1, n=5_000, shift=0.3)
    assert found.difference == pytest.approx(0.3, abs=4.0 * found.error)
    assert found.p_value < 1e-6


def test_numbers_that_are_all_alike_do_not_differ():
    ones = np.ones(100)
    assert mean_difference((ones, ones), (ones, ones), Strata.of(ones, ones)).p_value == 1.0


def test_intervals_of_another_variable_inside_those_of_energy():
    rng = np.random.default_rng(1)
    enu = rng.uniform(1.0, 2.0, 3_000), rng.uniform(1.0, 2.0, 2_000)
    other = rng.normal(size=3_000), rng.normal(size=2_000)
    strata = Strata.nested(enu, other)
    index = np.concatenate([strata.first, strata.second])
    sizes = np.bincount(index, minlength=strata.count)
    assert strata.count == 50
    assert sizes.tolist() == [100] * 50
    pooled, values = np.concatenate(enu), np.concatenate(other)
    # Five intervals in each of ten bins of energy, ordered by the other variable.
    bins = [pooled[index // 5 == i] for i in range(10)]
    assert all(low.max() < high.min() for low, high in pairwise(bins))
    parts = [values[index == i] for i in range(5)]
    assert all(low.max() < high.min() for low, high in pairwise(parts))


def test_a_single_energy_is_one_bin():
    rng = np.random.default_rng(2)
    other = rng.normal(size=500), rng.normal(size=700)
    strata = Strata.nested((np.ones(500), np.ones(700)), other)
    assert strata.count == 12
    assert np.bincount(strata.first, minlength=12).min() > 15
