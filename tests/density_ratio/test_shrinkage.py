import numpy as np
import pytest
import torch
from torch.nn.functional import softplus

from nugen_gan.density_ratio.shrinkage import best_shrinkage

SHIFT = 0.6


def _scores(n, seed, shift, said):
    """Log ratio that is said, and none known before.

    Events are shifted by SHIFT against proposals, both with unit Gaussians: the true log ratio is
    SHIFT x - SHIFT^2 / 2, and ``said(true, random)`` is what networks say.
    """
    random = np.random.default_rng(seed)
    true = SHIFT * random.normal(shift, 1.0, n) - 0.5 * SHIFT**2
    return torch.from_numpy(np.stack([said(true, random), np.zeros(n)], axis=1))


def _sides(said, events=20_000, seed=1):
    return _scores(events, seed, SHIFT, said), _scores(5 * events, seed + 1000, 0.0, said)


def _likeliest(events, proposals):
    """The factor with the smallest loss, without any regard to its error."""
    factors = np.linspace(0.0, 2.0, 201)
    losses = [
        float(softplus(-f * events[:, 0]).mean() + softplus(f * proposals[:, 0]).mean())
        for f in factors
    ]
    return factors[int(np.argmin(losses))]


def test_the_truth_is_kept():
    assert best_shrinkage(*_sides(lambda true, random: true)) == pytest.approx(1.0, abs=0.1)


def test_twice_the_truth_is_halved():
    assert best_shrinkage(*_sides(lambda true, random: 2.0 * true)) == pytest.approx(0.5, abs=0.05)


def test_a_fluctuation_is_not_believed():
    found = [
        best_shrinkage(*_sides(lambda true, random: random.normal(0.0, 0.5, len(true)), 2000, seed))
        for seed in range(20)
    ]
    assert np.mean(found) < 0.05


def test_a_gain_within_its_error_is_reduced_beyond_the_likeliest_factor():
    """The James-Stein factor 1 - (error / gain)^2: with 60 events the gain is hardly certain."""
    few, many = [], []
    for seed in range(40):
        for kept, size in ((few, 60), (many, 20_000)):
            if size == 60 or seed < 3:
                sides = _sides(lambda true, random: true, size, seed)
                kept.append(best_shrinkage(*sides) / max(_likeliest(*sides), 0.05))
    assert np.mean(many) > 0.95
    assert np.mean(few) < 0.75


def test_what_is_known_before_counts():
    """Nothing is left to say where the whole truth is known."""
    parts = _sides(lambda true, random: true)
    for part in parts:
        part[:, 1] = part[:, 0]
    assert best_shrinkage(*parts) < 0.1
