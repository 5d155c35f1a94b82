"""The variables of the chain: their inverses and their bounds."""

import numpy as np
import pytest

from nugen_gan.hadrons import chain
from nugen_gan.hadrons.samples import steps_of


@pytest.fixture(scope="module")
def steps(known, catalogue):
    return steps_of(known, catalogue)


def test_energy_variable(steps):
    taken = np.minimum(steps.taken, steps.energy)
    u = chain.energy_variable(taken, steps.energy, steps.last)
    low, high = chain.energy_bounds(steps.energy, steps.last)
    assert (u >= low - 1e-12).all()
    assert (u <= high + 1e-12).all()
    np.testing.assert_allclose(chain.kinetic(u, steps.energy, steps.last), taken, atol=1e-12)
    np.testing.assert_allclose(
        chain.kinetic(high, steps.energy, steps.last)[steps.last], 0, atol=1e-12
    )
    np.testing.assert_allclose(
        chain.kinetic(low, steps.energy, steps.last)[steps.last], steps.energy[steps.last]
    )


def test_polar_variable_and_axes(steps):
    size, left = (np.sqrt((p**2).sum(axis=1)) for p in (steps.momentum, steps.left))
    axes = chain.Angles.about(steps.left)
    cosine, azimuth = axes.of(steps.momentum)
    v = chain.polar_variable(size, left, cosine)
    low, high = chain.polar_bounds(size, left)
    assert (v >= low - 1e-9).all()
    assert (v <= high + 1e-9).all()
    np.testing.assert_allclose(chain.cosine_of(v, size, left), cosine, atol=1e-9)
    np.testing.assert_allclose(axes.momentum(size, cosine, azimuth), steps.momentum, atol=1e-7)


@pytest.mark.parametrize("left", [(0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (-2.0, 0.0, 0.0), (0, 1, 0)])
def test_axes_where_something_vanishes(left):
    axes = chain.Angles.about(np.array([left], float))
    matrix = np.stack([axes.along[0], axes.side[0], axes.across[0]])
    np.testing.assert_allclose(matrix @ matrix.T, np.eye(3), atol=1e-9)


def test_a_mirrored_event_has_the_opposite_azimuth(random):
    left, momentum = random.normal(size=(2, 100, 3))
    mirror = np.array([1.0, -1.0, 1.0])
    cosine, azimuth = chain.Angles.about(left).of(momentum)
    other = chain.Angles.about(mirror * left).of(mirror * momentum)
    np.testing.assert_allclose(other[0], cosine)
    np.testing.assert_allclose(other[1], -azimuth)


def test_the_steps_spend_the_event(known, catalogue, steps):
    """What the state before the first particle holds, and what is left after the last one."""
    first = np.flatnonzero(np.r_[True, np.diff(steps.event) > 0])
    event = steps.event[first]
    cost = known.counts @ catalogue.cost
    np.testing.assert_allclose(steps.energy[first], (known.transfer.omega - cost)[event])
    np.testing.assert_allclose(steps.left[first, 2], known.transfer.q[event])
    missing = steps.energy[steps.last] - steps.taken[steps.last]
    assert missing.min() > -2e-3
    assert 0.02 < np.median(missing) < 0.07  # argon: some ten MeV of separation energy
    lost = np.sqrt(((steps.left - steps.momentum)[steps.last] ** 2).sum(axis=1))
    assert 0.1 < np.median(lost) < 0.35
    assert (steps.to_come[steps.last].sum(axis=1) == 1).all()


def test_species_come_in_order_and_momenta_fall(steps):
    same = np.diff(steps.event) == 0
    assert (np.diff(steps.kind)[same] >= 0).all()
    size = np.sqrt((steps.momentum**2).sum(axis=1))
    alike = same & (np.diff(steps.kind) == 0)
    assert (np.diff(size)[alike] <= 0).all()
    np.testing.assert_allclose(steps.before[1:][alike], steps.momentum[:-1][alike])
    assert not steps.before[1:][~alike].any()
