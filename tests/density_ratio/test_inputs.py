import itertools
import math

import numpy as np
import pytest
import torch

from nugen_gan.density_ratio.inputs import (
    COLUMNS,
    CONDITION,
    EDGES,
    FEATURE,
    HELICITY,
    HYPERON,
    edges,
    hyperon_peak,
    log_helicity_weights,
    table_inputs,
)
from nugen_gan.gan.definition import FeatureDefinition
from nugen_gan.gan.features import Scaling, raw_features
from nugen_gan.physics.kinematics import NUCLEON_MASS, LeptonKinematics

MUON = 0.10566  # GeV


def test_a_row_for_each_event(tiny_events):
    proxies = torch.from_numpy(tiny_events.proxies())
    features = raw_features(torch.from_numpy(tiny_events.enu), proxies, MUON, FeatureDefinition())
    scaling = Scaling.fit(features, FeatureDefinition())
    inputs = table_inputs(tiny_events, scaling, (0.2, 20.0))
    assert inputs.shape == (len(tiny_events), COLUMNS)
    assert inputs.dtype == torch.float32
    torch.testing.assert_close(
        inputs[:, FEATURE], scaling.apply(features.float()), rtol=1e-3, atol=1e-3
    )
    assert inputs[:, CONDITION].abs().max() <= 1.0
    assert inputs[:, HELICITY].isfinite().all()
    assert inputs[:, EDGES].isfinite().all()
    assert HYPERON == COLUMNS - 1
    w = np.sqrt(np.maximum(tiny_events.derived().w2, 0.0))
    largest = inputs[:, HYPERON].topk(5).indices.numpy()
    assert np.all(np.abs(w[largest] - 1.13) < 0.03)


def test_edges_are_where_channels_end():
    """Zero at an edge; a slope that falls off beyond its width."""
    omega, q3 = 0.9, 1.2
    at = LeptonKinematics.from_lepton(
        *(torch.tensor([x], dtype=torch.float64) for x in _lepton(3.0, omega, q3)), 0.0
    )
    found = edges(at, FeatureDefinition())[0]
    assert found.shape == (EDGES.stop - EDGES.start,)
    assert abs(float(found[1])) < 1e-6
    assert float(found[0]) > 5.0
    farther = LeptonKinematics.from_lepton(
        *(torch.tensor([x], dtype=torch.float64) for x in _lepton(3.0, omega, q3 + 0.05)), 0.0
    )
    assert float(edges(farther, FeatureDefinition())[0, 1]) == pytest.approx(math.asinh(1.0))


def test_hyperons_stand_out_above_their_mass():
    w = np.array([1.05, 1.116, 1.13, 1.155, 1.3])
    omega = 0.4
    q2 = NUCLEON_MASS**2 + 2 * NUCLEON_MASS * omega - w**2
    found = []
    for one in q2:
        values = _lepton(3.0, omega, math.sqrt(one + omega**2))
        lepton = LeptonKinematics.from_lepton(
            *(torch.tensor([x], dtype=torch.float64) for x in values), 0.0
        )
        found.append(float(hyperon_peak(lepton, FeatureDefinition())))
    assert found[2] == max(found)
    assert found[3] == pytest.approx(math.exp(-0.5) * found[2], rel=0.01)
    assert found[1] > 0.8 * found[2]
    assert max(found[0], found[4]) < 0.01 * found[2]


def _lepton(enu, omega, q3):
    """Energies [GeV] and cosine of a massless lepton with this energy and momentum transfer."""
    elep = enu - omega
    return enu, elep, (enu**2 + elep**2 - q3**2) / (2 * enu * elep)


def test_helicity_weights_of_a_massless_lepton():
    """u^2, v^2 and u v, where u v = (1 - omega / E) - Q2 / 4 E^2, and u - v = q / E."""
    enu = torch.tensor([1.0, 5.0, 20.0, 2.0], dtype=torch.float64)
    elep = torch.tensor([0.6, 4.9, 3.0, 1.999], dtype=torch.float64)
    costheta = torch.tensor([0.3, 0.99, 0.9, 0.9999], dtype=torch.float64)
    lepton = LeptonKinematics.from_lepton(enu, elep, costheta, 0.0)
    left, right, scalar, divergence = torch.exp(log_helicity_weights(lepton, 0.0)).T
    u, v = torch.sqrt(left), torch.sqrt(right)
    omega = enu - elep
    q = torch.sqrt(omega**2 + lepton.q2)
    torch.testing.assert_close(u - v, q / enu, rtol=1e-6, atol=1e-6)
    torch.testing.assert_close(u * v, elep / enu - lepton.q2 / (4 * enu**2), rtol=1e-6, atol=1e-6)
    torch.testing.assert_close(scalar, u * v)
    assert float(divergence.max()) < 1e-7
    # All of the energy to the hadrons: only one helicity is left.
    end = LeptonKinematics.from_lepton(
        torch.tensor([5.0]), torch.tensor([1e-4]), torch.tensor([-1.0]), 0.0
    )
    assert float(torch.exp(log_helicity_weights(end, 0.0))[0, 1]) < 1e-6
    np.testing.assert_allclose(torch.exp(log_helicity_weights(end, 0.0))[0, 0], 1.0, rtol=1e-3)


@pytest.mark.parametrize(("omega", "q3"), [(0.06, 0.15), (0.1, 0.3), (0.3, 0.5), (0.3, 0.31)])
def test_helicity_weights_are_those_of_the_lepton_tensor(omega, q3):
    """At given omega and q each is the contraction with a current, but for one common factor."""
    energies = np.linspace(omega + MUON, 3.0, 200)[1:]
    energies = [enu for enu in energies if abs(_cosine(enu, omega, q3)) < 0.9999]
    ratios = []
    for enu in energies:
        elep, costheta = enu - omega, _cosine(enu, omega, q3)
        lepton = LeptonKinematics.from_lepton(
            *(torch.tensor([x], dtype=torch.float64) for x in (enu, elep, costheta)), MUON
        )
        weights = torch.exp(log_helicity_weights(lepton, MUON))[0].numpy()
        ratios.append(_contractions(enu, omega, q3) / enu**2 / weights)
    assert len(ratios) > 50
    np.testing.assert_allclose(ratios, np.broadcast_to(ratios[0], np.shape(ratios)), rtol=1e-5)
    assert np.min(ratios) > 0.0


def _cosine(enu, omega, q3):
    """Cosine of the angle of a muon with this energy and momentum transfer [GeV]."""
    plep = math.sqrt((enu - omega) ** 2 - MUON**2)
    return (enu**2 + plep**2 - q3**2) / (2 * enu * plep)


def _contractions(enu, omega, q3):
    """The tensor of neutrino and muon, contracted with the four currents; q is the third axis."""
    along = (enu**2 + q3**2 - ((enu - omega) ** 2 - MUON**2)) / (2 * q3)
    k = np.array([enu, math.sqrt(enu**2 - along**2), 0.0, along])
    metric = np.diag([1.0, -1.0, -1.0, -1.0])
    k = metric @ k
    out = k - metric @ np.array([omega, 0.0, 0.0, q3])
    symmetric = np.outer(k, out) + np.outer(out, k) - metric * (k @ metric @ out)
    tensor = symmetric - 1j * np.einsum("abcd,c,d->ab", _epsilon(), metric @ k, metric @ out)
    currents = np.array(
        [
            [0.0, 1.0, 1.0j, 0.0],
            [0.0, 1.0, -1.0j, 0.0],
            [1.0, 0.0, 0.0, omega / q3],
            [omega / q3, 0.0, 0.0, 1.0],
        ]
    )
    found = np.einsum("ia,ab,ib->i", currents, tensor, currents.conj())
    np.testing.assert_allclose(found.imag, 0.0, atol=1e-12)
    return found.real


def _epsilon():
    """The totally antisymmetric tensor with epsilon_0123 = 1."""
    out = np.zeros((4, 4, 4, 4))
    for order in itertools.permutations(range(4)):
        out[order] = np.linalg.det(np.eye(4)[list(order)])
    return out
