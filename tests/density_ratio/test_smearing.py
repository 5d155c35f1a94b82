import numpy as np
import torch

from nugen_gan.density_ratio.smearing import DOWN, UP, smeared
from nugen_gan.physics.kinematics import decode, encode

MASS = 0.10566


def _events(n, omega):
    enu = np.full(n, 1.0)
    proxies = np.stack(encode(enu, enu - omega, np.full(n, 0.8), MASS), axis=1)
    return torch.from_numpy(enu), torch.from_numpy(proxies)


def _smeared(enu, proxies, share, seed=1):
    random = np.random.default_rng(seed)
    draws = random.random(len(enu)), random.standard_normal(len(enu))
    return smeared(enu, proxies, MASS, share, *draws)


def test_a_share_is_smeared_by_so_much():
    enu, proxies = _events(20_000, 0.2)
    out = _smeared(enu, proxies, 0.12)
    changed = (out != proxies).any(dim=1)
    assert abs(float(changed.double().mean()) - 0.12) < 0.01
    elep, costheta = decode(enu.numpy(), *out.numpy().T, MASS)
    shift = (1.0 - elep - 0.2)[changed.numpy()]
    assert -DOWN <= shift.min() < -0.9 * DOWN
    assert 0.9 * UP < shift.max() <= UP
    assert np.std(costheta[changed.numpy()]) > 0.01


def test_nothing_is_smeared_out_of_phase_space():
    enu, proxies = _events(5000, 0.01)
    out = _smeared(enu, proxies, 0.5)
    changed = (out != proxies).any(dim=1).numpy()
    # Those that would lose more than they have stay.
    assert 0.05 < changed.mean() < 0.4
    elep, _ = decode(enu.numpy(), *out.numpy().T, MASS)
    assert (1.0 - elep > 0).all()


def test_nothing_by_default():
    enu, proxies = _events(100, 0.2)
    assert torch.equal(_smeared(enu, proxies, 0.0), proxies)
