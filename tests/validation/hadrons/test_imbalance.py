from __future__ import annotations

import numpy as np
import pytest

from nugen_gan.validation.hadrons.imbalance import imbalance

LEPTON = np.array([[0.3, 0.0]])


@pytest.mark.parametrize(
    ("proton", "dpt", "dalphat", "dphit"),
    [
        ((-0.5, 0.0), 0.2, 0.0, 0.0),  # too fast: pushed along
        ((-0.1, 0.0), 0.2, 180.0, 0.0),  # too slow: friction
        ((-0.3, 0.1), 0.1, 90.0, np.degrees(np.arctan2(1.0, 3.0))),
        ((0.0, 0.3), np.hypot(0.3, 0.3), 135.0, 90.0),
    ],
)
def test_imbalance_by_hand(proton, dpt, dalphat, dphit):
    found = imbalance(LEPTON, np.array([proton]))
    assert found.dpt[0] == pytest.approx(dpt)
    assert found.dalphat[0] == pytest.approx(dalphat)
    assert found.dphit[0] == pytest.approx(dphit)


def test_balanced_momenta_have_no_direction_of_their_sum():
    found = imbalance(LEPTON, -LEPTON)
    assert found.dpt[0] == 0.0
    assert np.isnan(found.dalphat[0])
    assert found.dphit[0] == 0.0


def test_a_rotation_about_the_neutrino_changes_nothing():
    rng = np.random.default_rng(1)
    lepton, proton = rng.normal(size=(2, 50, 2))
    turn = np.array([[0.6, -0.8], [0.8, 0.6]])
    assert np.allclose(imbalance(lepton, proton), imbalance(lepton @ turn, proton @ turn))
