"""Quantiles and densities are of one distribution."""

import numpy as np
import pytest
import torch

from nugen_gan.lepton.density import quantiles
from nugen_gan.lepton.networks import log_density


@pytest.fixture
def raw():
    """What a network might say: rough heights, one of them far above the others."""
    random = np.random.default_rng(1)
    raw = random.normal(0.0, 1.0, (5, 2 + 12)).astype(np.float32)
    raw[1, 6] = 30.0
    raw[2, 2:] = -30.0
    return raw


def test_the_density_integrates_to_one(raw):
    x = np.linspace(-60.0, 60.0, 400_001)
    for row in raw:
        rows = torch.from_numpy(np.repeat(row[None], len(x), axis=0)).double()
        density = torch.exp(log_density(rows, torch.from_numpy(x))).numpy()
        assert np.trapezoid(density, x) == pytest.approx(1.0, abs=1e-4)


def test_quantiles_are_those_of_the_density(raw):
    logit = np.linspace(-9.0, 9.0, 37)
    found = quantiles(raw, logit)
    assert (np.diff(found, axis=1) > 0.0).all()
    x = np.linspace(-60.0, 60.0, 400_001)
    for row, values in zip(raw, found, strict=True):
        rows = torch.from_numpy(np.repeat(row[None], len(x), axis=0)).double()
        density = torch.exp(log_density(rows, torch.from_numpy(x))).numpy()
        below = np.concatenate([[0.0], np.cumsum(0.5 * (density[1:] + density[:-1]) * np.diff(x))])
        probability = np.interp(values, x, below)
        np.testing.assert_allclose(probability, 1.0 / (1.0 + np.exp(-logit)), atol=2e-5)


def test_both_tails_are_alike():
    """A symmetric density has symmetric quantiles, however far out."""
    raw = np.zeros((1, 2 + 7), np.float32)
    logit = np.linspace(-30.0, 30.0, 61)
    found = quantiles(raw, logit)[0]
    np.testing.assert_allclose(found, -found[::-1], atol=1e-9)
    # Equal heights are a logistic density.
    np.testing.assert_allclose(found, logit, atol=1e-9)
