import math

import numpy as np
import pytest
import torch

from nugen_gan.gan.features import Scaling, raw_features
from nugen_gan.gan.inputs import (
    COLUMNS,
    CONDITION,
    EDGES,
    FEATURE,
    HELICITY,
    edges,
    log_helicity_weights,
    table_inputs,
)
from nugen_gan.kinematics import LeptonKinematics


def test_a_row_for_each_event(tiny_events):
    proxies = torch.from_numpy(tiny_events.proxies())
    features = raw_features(torch.from_numpy(tiny_events.enu), proxies, 0.10566)
    scaling = Scaling.fit(features)
    inputs = table_inputs(tiny_events, scaling, (0.2, 20.0))
    assert inputs.shape == (len(tiny_events), COLUMNS)
    assert inputs.dtype == torch.float32
    torch.testing.assert_close(
        inputs[:, FEATURE], scaling.apply(features.float()), rtol=1e-3, atol=1e-3
    )
    assert inputs[:, CONDITION].abs().max() <= 1.0
    assert inputs[:, HELICITY].isfinite().all()
    assert inputs[:, EDGES].isfinite().all()


def test_edges_are_where_channels_end():
    """Zero at an edge; a slope that falls off beyond its width."""
    omega, q3 = 0.9, 1.2
    at = LeptonKinematics.from_lepton(
        *(torch.tensor([x], dtype=torch.float64) for x in _lepton(3.0, omega, q3)), 0.0
    )
    found = edges(at)[0]
    assert found.shape == (EDGES.stop - EDGES.start,)
    assert abs(float(found[1])) < 1e-6
    assert float(found[0]) > 5.0
    farther = LeptonKinematics.from_lepton(
        *(torch.tensor([x], dtype=torch.float64) for x in _lepton(3.0, omega, q3 + 0.05)), 0.0
    )
    assert float(edges(farther)[0, 1]) == pytest.approx(math.asinh(1.0))


def _lepton(enu, omega, q3):
    """Energies [GeV] and cosine of a massless lepton with this energy and momentum transfer."""
    elep = enu - omega
    return enu, elep, (enu**2 + elep**2 - q3**2) / (2 * enu * elep)


def test_helicity_weights():
    """For a massless lepton u v = (1 - omega / E) - Q2 / 4 E^2, and u - v = q / E."""
    enu = torch.tensor([1.0, 5.0, 20.0, 2.0], dtype=torch.float64)
    elep = torch.tensor([0.6, 4.9, 3.0, 1.999], dtype=torch.float64)
    costheta = torch.tensor([0.3, 0.99, 0.9, 1.0], dtype=torch.float64)
    lepton = LeptonKinematics.from_lepton(enu, elep, costheta, 0.0)
    left, right, scalar = torch.exp(log_helicity_weights(lepton)).T
    u, v = torch.sqrt(left), torch.sqrt(right)
    omega = enu - elep
    q = torch.sqrt(omega**2 + lepton.q2)
    torch.testing.assert_close(u - v, q / enu, rtol=1e-6, atol=1e-6)
    torch.testing.assert_close(u * v, elep / enu - lepton.q2 / (4 * enu**2), rtol=1e-6, atol=1e-6)
    torch.testing.assert_close(scalar, 2 * u * v)
    # All of the energy to the hadrons: only one helicity is left.
    end = LeptonKinematics.from_lepton(
        torch.tensor([5.0]), torch.tensor([1e-4]), torch.tensor([-1.0]), 0.0
    )
    assert float(torch.exp(log_helicity_weights(end))[0, 1]) < 1e-6
    np.testing.assert_allclose(torch.exp(log_helicity_weights(end))[0, 0], 1.0, rtol=1e-3)
