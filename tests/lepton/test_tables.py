import numpy as np
import pytest

from nugen_gan.lepton import tables
from nugen_gan.lepton.tables import NUMBERS, QuantileTables

MASS = 0.10565837550000001


def _logistic(rows):
    """A density whose quantiles are logits, moved by what the row says of the energy."""
    raw = np.zeros((len(rows), 2 + 8), np.float32)
    raw[:, 0] = 0.5 * rows[:, 0]
    return raw


@pytest.fixture
def logistic():
    fractions = np.array([[0.2, 0.8], [0.6, 0.4]], np.float32)
    return QuantileTables.of(_logistic, _logistic, fractions, (0.2, 20.0), MASS)


def test_draws_are_quantiles(logistic):
    enu = np.array([0.2, 2.0, 20.0])
    probability = np.array([0.1, 0.5, 0.999])
    uniform = np.stack([np.zeros(3), probability, probability[::-1]])
    first, second, _ = logistic.draw(enu, uniform)
    moved = np.array([-1.0, 0.0, 1.0])
    logit = np.log(probability / (1.0 - probability))
    np.testing.assert_allclose(first, moved + logit, atol=2e-3)
    np.testing.assert_allclose(second, moved + logit[::-1], atol=2e-3)


def test_channels_follow_their_fractions(logistic):
    random = np.random.default_rng(1)
    n = 100_000
    for enu, share in ((0.2, 0.8), (2.0, 0.6), (20.0, 0.4)):
        _, _, channel = logistic.draw(np.full(n, enu), random.random((NUMBERS, n)))
        assert channel.mean() == pytest.approx(share, abs=4.0 * np.sqrt(0.25 / n))


def test_one_channel_needs_no_draw():
    sure = QuantileTables.of(_logistic, _logistic, np.ones((4, 1), np.float32), (1.0, 1.0), MASS)
    first, second, channel = sure.draw(np.ones(5), np.full((NUMBERS, 5), 0.5))
    assert not channel.any()
    assert np.isfinite(first).all()
    assert np.isfinite(second).all()


def test_extreme_numbers_stay_finite(logistic):
    ends = np.array([[0.0] * 2, [0.0, np.nextafter(1.0, 0.0)], [np.nextafter(1.0, 0.0), 0.0]])
    first, second, _ = logistic.draw(np.array([0.2, 20.0]), ends)
    assert np.isfinite(first).all()
    assert np.isfinite(second).all()


def test_its_size_is_part_of_the_meaning_of_a_seed():
    """Changing one of these changes the events of every seed: a new version of the models."""
    assert (tables.ENERGIES, tables.FIRST, tables.SECOND, tables.REACH) == (64, 72, 64, 11.0)
