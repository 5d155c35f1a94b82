"""Distributions as classes."""

import numpy as np
import pytest

from nugen_gan.hadrons.bins import edges_of, index_of, inside


def test_bins_hold_equal_numbers_but_for_the_tails(random):
    values = random.normal(size=100_000)
    edges = edges_of(values, 50)
    assert len(edges) == 51
    counts = np.bincount(index_of(values, edges), minlength=50)
    np.testing.assert_allclose(counts[7:-7], 2500, rtol=0.02)
    assert edges[0] == values.min()
    assert counts[0] < 5


def test_equal_values_do_not_make_bins_without_width():
    edges = edges_of(np.array([1.0] * 90 + [2.0] * 10), 20)
    assert (np.diff(edges) > 0.0).all()


@pytest.mark.parametrize(("low", "high"), [(-10.0, 10.0), (-0.5, 0.7), (0.1, 0.2)])
def test_values_stay_inside_their_bin_and_the_bounds(random, low, high):
    edges = np.linspace(-1.0, 1.0, 21)
    index = random.integers(20, size=1000)
    values = inside(index, random.random(1000), edges, np.full(1000, low), np.full(1000, high))
    assert (values >= low).all()
    assert (values <= high).all()
    free = (edges[index] >= low) & (edges[index + 1] <= high)
    np.testing.assert_array_equal(index_of(values, edges)[free], index[free])
