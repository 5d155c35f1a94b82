import numpy as np
import pytest

from nugen_gan.lepton.inputs import ENERGY, OMEGA, channel_inputs, energy_place, omega_inputs
from nugen_gan.physics.kinematics import encode
from nugen_gan.physics.masses import NUCLEON_MASS

MASS = 0.10565837550000001


def test_place_of_energies():
    place = energy_place(np.array([0.1, 0.2, 2.0, 20.0, 30.0]), (0.2, 20.0))
    np.testing.assert_allclose(place, [0.0, 0.0, 0.5, 1.0, 1.0], atol=1e-12)
    np.testing.assert_array_equal(energy_place(np.array([1.0, 1.0]), (1.0, 1.0)), [0.0, 0.0])


def test_channels_are_flagged():
    rows = channel_inputs(np.array([0.0, 1.0]), np.array([2, 0]), 3)
    assert rows.shape == (2, ENERGY + 3)
    np.testing.assert_array_equal(rows[:, ENERGY:], [[0, 0, 1], [1, 0, 0]])


def test_a_landmark_stands_where_its_mass_does():
    """The input of W = 1.23 GeV is the proxy of a lepton that leaves that mass."""
    enu, omega = np.array([3.0]), np.array([0.9])
    q2 = NUCLEON_MASS**2 + 2.0 * NUCLEON_MASS * omega - 1.23**2
    elep = enu - omega
    cosine = (2.0 * enu * elep - MASS**2 - q2) / (2.0 * enu * np.sqrt(elep**2 - MASS**2))
    first, second = encode(enu, elep, cosine, MASS)
    rows = omega_inputs(enu, first, MASS)
    assert rows.shape == (1, OMEGA)
    delta = OMEGA - 5 + 1  # the second of the landmarks, which come last
    assert rows[0, delta] == pytest.approx(0.4 * second[0], rel=1e-4)


def test_inputs_are_finite_at_the_ends_of_phase_space():
    enu = np.array([0.2, 0.2, 20.0, 20.0])
    rows = omega_inputs(enu, np.array([-40.0, 40.0, -40.0, 40.0]), MASS)
    assert np.isfinite(rows).all()
    assert abs(rows).max() < 20.0
