"""The fast sampler learns a distribution that is known."""

import numpy as np
import pytest
from lepton_toys import CHANNELS, MASS, RANGE, toy_events
from scipy import stats

from nugen_gan.lepton.fit import DistilOptions, fit_lepton, fractions
from nugen_gan.lepton.tables import NUMBERS
from nugen_gan.physics.kinematics import encode


def _draw(lepton, enu, n, seed=1):
    elep, costheta, channel = lepton.sample(
        np.full(n, enu), np.random.default_rng(seed).random((NUMBERS, n))
    )
    return *encode(np.full(n, enu), elep, costheta, lepton.mass), channel


@pytest.mark.parametrize("place", [0.1, 0.5, 0.9])
def test_it_makes_what_it_learned(toy_lepton, place):
    enu, n = RANGE[0] * (RANGE[1] / RANGE[0]) ** place, 20_000
    first, second, channel = _draw(toy_lepton, enu, n)
    share = (channel == CHANNELS[1]).mean()
    assert share == pytest.approx(0.2 + 0.6 * place, abs=0.02)
    for code, mean, width in ((CHANNELS[0], -1.0, 0.3), (CHANNELS[1], 0.5, 0.7)):
        mine = channel == code
        assert first[mine].mean() == pytest.approx(mean - 0.8 * place, abs=0.1 * width)
        assert first[mine].std() == pytest.approx(width, rel=0.1)
        rest = (second - 0.5 * first)[mine]
        assert stats.kstest(rest / 0.4, "norm").statistic < 0.04


def test_weights_count():
    """Events of weight zero are as good as absent."""
    events = toy_events(20_000, 2)
    none = events.channels[:, 1] == 1.0
    weight = np.where(none, 0.0, events.weight).astype(np.float32)
    kept = type(events)(events.enu, events.proxies, weight, events.channels)
    found = fractions(kept, RANGE, 8)
    np.testing.assert_allclose(found, [[1.0, 0.0]] * 8, atol=1e-6)


def test_fractions_are_straight_lines():
    found = fractions(toy_events(400_000, 3), RANGE, 16)
    np.testing.assert_allclose(found.sum(axis=1), 1.0, atol=1e-6)
    np.testing.assert_allclose(found[:, 1], 0.2 + 0.6 * np.linspace(0.0, 1.0, 16), atol=0.02)


def test_balanced_weights_are_one_at_every_energy():
    events = toy_events(200_000, 4)
    tilted = type(events)(
        events.enu, events.proxies, events.weight * events.enu, events.channels
    ).balanced(RANGE)
    for low, high in ((0.2, 0.5), (0.5, 3.0), (3.0, 20.0)):
        part = (tilted.enu > low) & (tilted.enu < high)
        assert tilted.weight[part].mean() == pytest.approx(1.0, abs=0.02)


def test_it_can_begin_with_another(toy, toy_lepton):
    options = DistilOptions(steps=1, learning_rate=1e-9, last_rate=1e-9)
    again = fit_lepton(
        toy, mass=MASS, energy_range=RANGE, channels=CHANNELS, options=options, seed=4,
        start=toy_lepton,
    )  # fmt: skip
    assert again.shape == toy_lepton.shape
    for name, values in toy_lepton.tensors.items():
        np.testing.assert_allclose(again.tensors[name], values, atol=2e-3, err_msg=name)


def test_the_same_seed_gives_the_same_weights(toy):
    options = DistilOptions(steps=3, batch_size=256)
    one, other = (
        fit_lepton(
            toy, mass=MASS, energy_range=RANGE, channels=CHANNELS, options=options, seed=seed
        )
        for seed in (5, 5)
    )
    for name, values in one.tensors.items():
        np.testing.assert_array_equal(other.tensors[name], values)
