"""The frame of the momentum transfer."""

import numpy as np

from nugen_gan.hadrons.transfer_frame import Transfer


def test_q_is_along_z_and_the_lepton_on_the_side_of_x(events):
    transfer = Transfer.of(events)
    mass = events.process.lepton_mass
    momentum = np.sqrt(events.elep**2 - mass**2)
    sine = np.sqrt(1.0 - events.costheta**2)
    lepton = np.stack([momentum * sine, 0 * momentum, momentum * events.costheta], axis=1)
    neutrino = np.stack([0 * events.enu, 0 * events.enu, events.enu], axis=1)
    event = np.arange(len(events))
    q = transfer.into(neutrino - lepton, event)
    np.testing.assert_allclose(q[:, :2], 0.0, atol=1e-12)
    np.testing.assert_allclose(q[:, 2], transfer.q)
    turned = transfer.into(lepton, event)
    assert (turned[:, 0] >= -1e-12).all()
    assert (turned[:5, 0] > 0.0).all()
    q2 = transfer.q**2 - transfer.omega**2
    np.testing.assert_allclose(q2, events.derived().q2, rtol=1e-9, atol=1e-12)


def test_back_is_the_inverse(events, random):
    transfer = Transfer.of(events)
    event = np.repeat(np.arange(6), 3)
    momenta = random.normal(size=(18, 3))
    there = transfer.into(momenta, event)
    np.testing.assert_allclose(transfer.back(there, event), momenta)
    np.testing.assert_allclose((there**2).sum(axis=1), (momenta**2).sum(axis=1))
