import numpy as np
import pytest
import torch

from nugen_gan.gan.strengths import best_strengths

SHIFT = 0.6


def _scores(n, seed, shift, said):
    """Log ratio that is said, none known before, and the place of the energy.

    Events are shifted by SHIFT against proposals, both with unit Gaussians: the true log ratio is
    SHIFT x - SHIFT^2 / 2, and ``said(true, place)`` is what networks say.
    """
    random = np.random.default_rng(seed)
    true = SHIFT * random.normal(shift, 1.0, n) - 0.5 * SHIFT**2
    place = random.random(n)
    columns = said(true, place, random), np.zeros(n), place
    return torch.from_numpy(np.stack(columns, axis=1))


def _found(said, events=20_000):
    return best_strengths(_scores(events, 1, SHIFT, said), _scores(5 * events, 2, 0.0, said))


def test_the_truth_is_believed():
    found = _found(lambda true, place, random: true)
    assert found.tolist() == pytest.approx([1.0, 1.0], abs=0.1)


def test_boldness_at_one_end_is_weakened_there():
    """Twice what is true at the highest energy: with a factor linear in the place it is known."""
    found = _found(lambda true, place, random: true / (1.0 - 0.5 * place))
    assert found.tolist() == pytest.approx([1.0, 0.5], abs=0.1)


def test_chance_is_not_believed():
    found = _found(lambda true, place, random: random.normal(0.0, 0.5, len(true)), events=2000)
    assert float(found.max()) < 0.25


def test_what_is_known_before_counts():
    """Nothing is left to say where the whole truth is known."""
    parts = [_scores(n, seed, shift, lambda true, place, random: true)
             for n, seed, shift in ((20_000, 1, SHIFT), (100_000, 2, 0.0))]  # fmt: skip
    for part in parts:
        part[:, 1] = part[:, 0]
    assert float(best_strengths(*parts).max()) < 0.1
