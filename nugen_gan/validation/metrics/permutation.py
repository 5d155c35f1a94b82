"""Earth mover's distances of two samples and of their events dealt out anew, at one go.

A permutation test: if both samples are of one distribution, nobody can tell which event is of
which, and distances after dealing the pooled events out at random are as large as the one measured.
It holds for every size and distribution, where a rule for how distances shrink with the number of
events does not.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["chance_distances"]

Floats = NDArray[np.float64]


def chance_distances(
    variables: Sequence[Floats],
    weights: tuple[Floats, Floats],
    count: int,
    rng: np.random.Generator,
    *,
    pairs: bool,
) -> Floats:
    """Earth mover's distances when the pooled events are dealt out at random.

    Parameters
    ----------
    variables : values of the pooled events, the first sample's first, each of shape (N1 + N2,)
    weights : of both samples, shapes (N1,) and (N2,)
    count : how often to deal
    pairs : event i of both samples has one neutrino energy: give one of the two to each

    Returns
    -------
    distances, shape (count, variables), each in the unit of its variable
    """
    first, weight = weights[0].size, np.concatenate(weights)
    orders = [np.argsort(values) for values in variables]
    steps = [np.diff(v[order]) for v, order in zip(variables, orders, strict=True)]
    found = np.empty((count, len(variables)))
    for row in found:
        mine = np.zeros_like(weight)
        if pairs:
            chosen = np.arange(first) + first * (rng.random(first) < 0.5)
        else:
            chosen = rng.permutation(weight.size)[:first]
        mine[chosen] = weight[chosen]
        total = mine.sum()
        excess = mine / total - (weight - mine) / (weight.sum() - total)
        row[:] = [
            np.abs(np.cumsum(excess[order])[:-1]) @ step
            for order, step in zip(orders, steps, strict=True)
        ]
    return found
