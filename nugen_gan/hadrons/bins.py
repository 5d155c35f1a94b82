"""Bins of equal numbers of events, finer in the tails: how a distribution is written as classes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["edges_of", "index_of", "inside"]

Floats = NDArray[np.float64]
# Quantiles beside the even ones, on either side.
TAIL = (1e-5, 1e-4, 4e-4, 1e-3, 2e-3)


def edges_of(values: Floats, bins: int) -> Floats:
    """Edges of so many bins with (but for the tails) equal numbers of values, shape (bins + 1,)."""
    tail = np.array(TAIL)
    even = np.linspace(0.0, 1.0, bins + 1 - 2 * len(TAIL))
    quantiles = np.concatenate([even[:1], tail, even[1:-1], 1.0 - tail[::-1], even[-1:]])
    edges = np.quantile(values, np.sort(quantiles))
    # Equal values would make bins of no width.
    step = 1e-9 * max(1.0, float(np.ptp(edges)))
    return np.asarray(np.maximum.accumulate(edges + step * np.arange(len(edges))), np.float64)


def index_of(values: Floats, edges: Floats) -> NDArray[np.int64]:
    """Bin of each value, shape (N,); the outermost ones for values beyond."""
    return np.clip(np.searchsorted(edges, values, side="right") - 1, 0, len(edges) - 2)


def inside(
    index: NDArray[np.int64], fraction: Floats, edges: Floats, low: Floats, high: Floats
) -> Floats:
    """Values at a fraction of the part of their bins between two bounds; all of shape (N,)."""
    below = np.clip(edges[index], low, high)
    above = np.clip(edges[index + 1], low, high)
    return np.asarray(below + fraction * (above - below))
