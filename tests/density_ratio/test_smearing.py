import numpy as np
import torch

from nugen_gan.density_ratio.reach import Reach
from nugen_gan.density_ratio.smearing import smeared
from nugen_gan.physics.kinematics import decode, encode

MASS, REACH = 0.10566, Reach(down=0.05, up=0.02, spread=0.3)


def _events(n, omega):
    enu = np.full(n, 1.0)
    proxies = np.stack(encode(enu, enu - omega, np.full(n, 0.8), MASS), axis=1)
    return torch.from_numpy(enu), torch.from_numpy(proxies)


def _smeared(enu, proxies, share, seed=1, reach=REACH):
    random = np.random.default_rng(seed)
    draws = random.random(len(enu)), random.standard_normal(len(enu))
    return smeared(enu, proxies, MASS, share, *draws, reach)


def test_a_share_is_smeared_by_so_much():
    enu, proxies = _events(20_000, 0.2)
    out = _smeared(enu, proxies, 0.12)
    changed = (out != proxies).any(dim=1)
    assert abs(float(changed.double().mean()) - 0.12) < 0.01
    elep, costheta = decode(enu.numpy(), *out.numpy().T, MASS)
    shift = (1.0 - elep - 0.2)[changed.numpy()]
    assert -0.05 <= shift.min() < -0.045
    assert 0.018 < shift.max() <= 0.02
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


def test_the_reach_is_the_model_s():
    enu, proxies = _events(2000, 0.2)
    out = _smeared(enu, proxies, 1.0, reach=Reach(down=0.0, up=0.1, spread=0.0))
    elep, costheta = decode(enu.numpy(), *out.numpy().T, MASS)
    shift = 1.0 - elep - 0.2
    assert -1e-9 <= shift.min() < 0.005
    assert 0.095 < shift.max() <= 0.1
    np.testing.assert_allclose(costheta, 0.8, atol=1e-9)
