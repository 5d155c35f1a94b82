import numpy as np
import pytest
import torch

from nugen_gan.density_ratio.threshold_shift import ShiftOptions, best_shift, shifted
from nugen_gan.physics.kinematics import decode

MASS, OPTIONS = 0.10566, ShiftOptions()


def _events(n=20_000, seed=1):
    random = np.random.default_rng(seed)
    enu = np.exp(random.uniform(np.log(0.2), np.log(20.0), n))
    return torch.from_numpy(enu), torch.from_numpy(random.normal(0.0, 1.5, (n, 2)))


@pytest.mark.parametrize("by", [OPTIONS.lowest, 0.01, OPTIONS.highest])
def test_a_shift_can_be_undone(by):
    enu, proxies = _events()
    there = shifted(enu, proxies, MASS, by)
    torch.testing.assert_close(shifted(enu, there, MASS, -by), proxies, atol=1e-5, rtol=0)


def test_omega_loses_what_was_asked_and_angles_stay():
    enu, proxies = _events()
    before = decode(enu.numpy(), *proxies.numpy().T, MASS)
    after = decode(enu.numpy(), *shifted(enu, proxies, MASS, 0.01).numpy().T, MASS)
    np.testing.assert_allclose(after[1], before[1], atol=1e-9)
    gained = after[0] - before[0]
    assert gained.min() >= 0.0
    assert gained.max() <= 0.01 + 1e-9
    # A few softnesses from both ends of the energy transfers it is the whole shift.
    omega = enu.numpy() - before[0]
    inside = (omega > 0.045) & (before[0] - MASS > 0.045)
    assert inside.sum() > 1000
    np.testing.assert_allclose(gained[inside], 0.01, rtol=0.02)


def test_a_softer_shift():
    enu, proxies = _events()
    before = decode(enu.numpy(), *proxies.numpy().T, MASS)
    after = decode(enu.numpy(), *shifted(enu, proxies, MASS, 0.01, softness=0.05).numpy().T, MASS)
    at_most = (after[0] - before[0])[enu.numpy() - before[0] < 0.02].max()
    # Two fifths of a softness from the end: x = 0.4, and little is left of the shift there.
    assert 0.002 < at_most < 0.005
    there = shifted(enu, proxies, MASS, 0.01, softness=0.05)
    back = shifted(enu, there, MASS, -0.01, softness=0.05)
    torch.testing.assert_close(back, proxies, atol=1e-5, rtol=0)


def test_only_the_shifts_asked_for_are_tried():
    base = _threshold(60_000, 0.047, 1)
    few = ShiftOptions(lowest=-0.004, highest=0.004, step=0.002)
    assert best_shift(*_threshold(10_000, 0.039, 2), *base, MASS, few) == 0.004


def test_no_shift_is_the_same_tensor():
    enu, proxies = _events(100)
    assert shifted(enu, proxies, MASS, 0.0) is proxies


def _threshold(n, at, seed):
    """Energy transfers above a steep threshold [GeV]."""
    random = np.random.default_rng(seed)
    return random.uniform(0.3, 3.0, n), at + random.exponential(0.06, n)


@pytest.mark.parametrize(("events", "tolerance"), [(300, 0.004), (10_000, 0.0011)])
def test_the_threshold_is_found(events, tolerance):
    base = _threshold(60_000, 0.047, 1)
    found = best_shift(*_threshold(events, 0.039, 2), *base, MASS, OPTIONS)
    # Inside of what is tried, so that it could come out too large as well.
    assert abs(found - 0.008) < tolerance
    assert best_shift(*_threshold(events, 0.047, 3), *base, MASS, OPTIONS) == 0.0


def test_without_low_energies_there_is_no_shift():
    base = np.full(1000, 10.0), np.full(1000, 0.05)
    assert best_shift(np.full(50, 10.0), np.full(50, 0.03), *base, MASS, OPTIONS) == 0.0
