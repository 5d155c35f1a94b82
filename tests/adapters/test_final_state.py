"""The one list of particles that all writers share."""

import numpy as np
import pytest

from nugen_gan.adapters.final_state import final_state
from nugen_gan.events.particles import no_particles, particles
from nugen_gan.physics.nuclei import nuclear_mass


@pytest.fixture
def whole(events):
    """Two protons and a pi+ in the first event, nothing in the second, a nucleus in the last."""
    counts = [3, 0, 0, 0, 0, 1]
    pdg = [2212, 2212, 211, 1000060120]
    px, py, pz = [0.1, 0.0, -0.2, 0.0], [0.0, 0.3, 0.0, 0.0], [0.5, 0.0, 0.1, 0.1]
    energy = np.sqrt(
        np.square([px, py, pz]).sum(axis=0) + np.square([0.93827, 0.93827, 0.13957, 11.1749])
    )
    return events.with_(particles=particles(counts, pdg, px, py, pz, energy))


@pytest.fixture
def phi():
    return np.array([0.5 * np.pi, 0.0, 1.0, 2.0, 3.0, 4.0])


def test_the_whole_event_stands_at_one_azimuth(whole, phi):
    state = final_state(whole, phi)
    np.testing.assert_allclose(state.hadrons.px[:3], [0.0, -0.3, 0.0], atol=1e-12)
    np.testing.assert_allclose(state.hadrons.py[:3], [0.1, 0.0, -0.2], atol=1e-12)
    np.testing.assert_array_equal(state.hadrons.pz, [0.5, 0.0, 0.1, 0.1])
    px, py, _ = state.lepton
    np.testing.assert_allclose(np.arctan2(py, px)[:4], phi[:4])


def test_the_lepton_comes_first(whole, phi):
    every = final_state(whole, phi).lepton_first()
    assert every.counts.tolist() == [4, 1, 1, 1, 1, 2]
    assert every.pdg.tolist() == [13, 2212, 2212, 211, 13, 13, 13, 13, 13, 1000060120]
    np.testing.assert_array_equal(every.E[[0, 4, 5, 6, 7, 8]], whole.elep)


def test_a_table_without_hadrons_has_the_lepton_alone(events, phi):
    state = final_state(events, phi)
    assert state.hadrons is None
    assert state.remnant() is None
    assert state.lepton_first().pdg.tolist() == [13] * 6


def test_the_remnant_is_what_is_missing(whole, phi):
    state = final_state(whole, phi)
    left = state.remnant()
    # C12 and a neutrino: charge 6 is shared by mu-, two protons, pi+ and the rest.
    assert left.z.tolist() == [6 + 1 - 3, 7, 7, 7, 7, 7 - 6]
    assert left.a.tolist() == [10, 12, 12, 12, 12, 0]
    assert left.pdg().tolist() == [1000040100] + [1000070120] * 4 + [0]
    every = state.lepton_first()
    total = np.stack([every.sums(x) for x in (*every[2:5], every.E)], axis=1) + left.p4
    there = np.zeros((6, 4))
    there[:, 2], there[:, 3] = whole.enu, whole.enu + nuclear_mass(1000060120)
    np.testing.assert_allclose(total, there, atol=1e-12)


def test_no_particles_is_not_the_same_as_none(events, phi):
    state = final_state(events.with_(particles=no_particles(6)), phi)
    assert state.lepton_first().counts.tolist() == [1] * 6
    assert state.remnant().a.tolist() == [12] * 6
