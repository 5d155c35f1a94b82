import math

import numpy as np
import pytest
import torch

from nugen_gan.gan.definition import FeatureDefinition
from nugen_gan.gan.features import FEATURES, WEIGHTS, Scaling, condition, raw_features
from nugen_gan.physics.kinematics import derived, encode
from nugen_gan.physics.process import Process

MASS = Process.from_name("numu_cc_C12").lepton_mass


def test_condition_spans_minus_one_to_one():
    enu = torch.tensor([0.2, 2.0, 20.0], dtype=torch.float64)
    x = condition(enu, (0.2, 20.0))
    torch.testing.assert_close(x[:, 0], torch.tensor([-1.0, 0.0, 1.0], dtype=torch.float64))
    torch.testing.assert_close(x[:, 1], x[:, 0] ** 2)
    torch.testing.assert_close(x[:, 2], x[:, 0] ** 3)


def test_condition_at_one_energy_is_zero():
    assert condition(torch.full((3,), 1.0), (1.0, 1.0)).abs().max() < 1e-3


def test_features_are_the_physics(tiny_events):
    enu, elep, costheta = tiny_events.enu, tiny_events.elep, tiny_events.costheta
    proxies = torch.from_numpy(np.stack(encode(enu, elep, costheta, MASS), axis=1))
    features = raw_features(torch.from_numpy(enu), proxies, MASS, FeatureDefinition())
    assert features.shape == (len(enu), len(FEATURES))
    named = dict(zip(FEATURES, features.T.numpy(), strict=True))
    truth = derived(enu, elep, costheta, MASS)
    np.testing.assert_allclose(named["log_omega"], np.log(truth.omega + 0.005), rtol=1e-9)
    np.testing.assert_allclose(named["log_q2"], np.log(truth.q2 + 0.01), rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(named["kinetic_fraction"], truth.kinetic_fraction, rtol=1e-9)
    np.testing.assert_allclose(named["costheta"], costheta, atol=1e-9)
    signed = np.sign(truth.w2) * np.log1p(abs(truth.w2) / 0.2)
    np.testing.assert_allclose(named["log_w2"], signed, atol=1e-7)
    w = np.sqrt(np.clip(truth.w2, 1e-4, None))
    np.testing.assert_allclose(named["w_delta"], np.arcsinh((w - 1.23) / 0.05), atol=1e-6)
    np.testing.assert_allclose(named["omega_threshold"], np.arcsinh((truth.omega - 0.05) / 0.02))


def test_scaling_standardises_and_returns():
    torch.manual_seed(0)
    n = len(FEATURES)
    features = torch.randn(500, n) * torch.arange(1.0, n + 1.0) + 3.0
    scaling = Scaling.fit(features, FeatureDefinition())
    scaled = scaling.apply(features)
    torch.testing.assert_close(scaled.mean(dim=0), torch.zeros(n), atol=1e-4, rtol=0)
    torch.testing.assert_close(scaled.std(dim=0), torch.tensor(WEIGHTS), atol=1e-4, rtol=0)
    torch.testing.assert_close(scaling.unscale_proxies(scaled[:, :2]), features[:, :2])


@pytest.mark.parametrize("enu", [0.2, 1.0, 20.0])
def test_features_survive_extreme_proxies_in_float32(enu):
    proxies = torch.tensor([[60.0, 60.0], [-60.0, 60.0], [60.0, -60.0], [-60.0, -60.0]])
    proxies.requires_grad_()
    features = raw_features(torch.full((4,), enu), proxies, MASS, FeatureDefinition())
    features.sum().backward()
    assert torch.isfinite(features).all()
    assert torch.isfinite(proxies.grad).all()
    assert math.isclose(features[0, 5].item(), 0.0, abs_tol=1e-6)  # all energy transferred
