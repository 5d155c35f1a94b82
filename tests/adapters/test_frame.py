"""Turning events into the frame of an event table."""

import numpy as np
import pytest

from nugen_gan.adapters.frame import in_lepton_frame
from nugen_gan.events.particles import Flat, flat


@pytest.fixture
def random():
    return np.random.default_rng(3)


def those(random, counts):
    m = int(np.sum(counts))
    momenta = random.normal(size=(3, m))
    energy = np.sqrt((momenta**2).sum(axis=0) + 0.9)
    return Flat(np.asarray(counts), np.full(m, 2212, np.int32), *momenta, energy)


def test_angles_and_lengths_stay(random):
    counts = random.poisson(3, 50)
    hadrons = those(random, counts)
    neutrino, lepton = random.normal(size=(2, 50, 3))
    turned = flat(in_lepton_frame(neutrino, lepton, hadrons))
    event = hadrons.event()
    z = neutrino / np.linalg.norm(neutrino, axis=1, keepdims=True)
    np.testing.assert_allclose(turned.pz, (z[event] * hadrons.momenta()).sum(axis=1))
    length = np.linalg.norm(hadrons.momenta(), axis=1)
    np.testing.assert_allclose(np.linalg.norm(turned.momenta(), axis=1), length)
    # With the lepton, in its own frame at (sin, 0, cos).
    angle = np.arccos((z * lepton).sum(axis=1) / np.linalg.norm(lepton, axis=1))
    direction = np.stack([np.sin(angle), 0.0 * angle, np.cos(angle)], axis=1)
    along = (lepton[event] * hadrons.momenta()).sum(axis=1)
    expected = along / np.linalg.norm(lepton, axis=1)[event]
    found = (direction[event] * turned.momenta()).sum(axis=1)
    np.testing.assert_allclose(found, expected, atol=1e-12)
    # The frame is right-handed: triple products keep their sign.
    triple = (np.cross(z, lepton)[event] * hadrons.momenta()).sum(axis=1)
    np.testing.assert_allclose(np.sign(turned.py), np.sign(triple))
    assert turned.E is not hadrons.momenta
    np.testing.assert_array_equal(turned.E, hadrons.E)


def test_a_lepton_straight_ahead_leaves_the_azimuth_free(random):
    hadrons = those(random, [2, 2])
    neutrino = np.array([[0.0, 0.0, 2.0], [3.0, 0.0, 0.0]])
    turned = flat(in_lepton_frame(neutrino, 0.5 * neutrino, hadrons))
    np.testing.assert_allclose(turned.momenta()[:2], hadrons.momenta()[:2])
    np.testing.assert_allclose(turned.pz[2:], hadrons.px[2:])


@pytest.mark.parametrize("damaged", [0.0, np.nan, np.inf])
def test_an_event_without_direction_has_no_numbers(random, damaged):
    hadrons = those(random, [1, 1])
    neutrino = np.array([[0.0, 0.0, 1.0], [0.0, 0.0, damaged]])
    turned = flat(in_lepton_frame(neutrino, np.array([[1.0, 0, 0], [1.0, 0, 0]]), hadrons))
    assert np.isfinite(turned.momenta()[0]).all()
    assert not np.isfinite(turned.momenta()[1]).all()
