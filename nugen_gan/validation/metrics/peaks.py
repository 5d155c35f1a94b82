"""Position and width of one peak, with bootstrap errors.

The position is the maximum of a histogram in fine bins, smoothed with a Gaussian, refined by the
parabola through its three highest bins.  The width is half the distance of the quantiles 0.16
and 0.84 of the events in a window.  Both windows and the smoothing are given from outside, so
that two samples are treated alike and what smoothing does to one it does to the other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Peak", "PeakWindow", "find_peak"]

Floats = NDArray[np.float64]

# Fine bins in one width of the smoothing, and how far out that reaches.
BINS_PER_SMOOTHING = 8
REACH = 4.0
REPLICAS = 100


@dataclass(frozen=True, slots=True)
class PeakWindow:
    """Where and how to look for a peak; everything in the unit of the variable.

    Attributes
    ----------
    search : range in which the maximum is searched
    width : range of the events whose quantiles are the width
    smoothing : standard deviation of the Gaussian
    """

    search: tuple[float, float]
    width: tuple[float, float]
    smoothing: float

    def edges(self) -> Floats:
        """Edges of the fine bins, shape (bins + 1,)."""
        margin = REACH * self.smoothing
        low = min(self.search[0] - margin, self.width[0])
        high = max(self.search[1] + margin, self.width[1])
        bins = int(np.ceil((high - low) / self.smoothing * BINS_PER_SMOOTHING))
        return np.linspace(low, high, bins + 1)


@dataclass(frozen=True, slots=True)
class Peak:
    """Result of :func:`find_peak`, in the unit of the variable.

    Attributes
    ----------
    position, position_error : of the maximum, and its bootstrap error
    width, width_error : half the distance of the quantiles 0.16 and 0.84, and its error
    at_edge : the maximum is at an end of the range searched: there is no peak inside
    """

    position: float
    position_error: float
    width: float
    width_error: float
    at_edge: bool


def find_peak(values: Floats, weight: Floats, window: PeakWindow, rng: np.random.Generator) -> Peak:
    """Measure a peak; the errors come from 100 bootstrap samples.

    Parameters
    ----------
    values, weight : of the events, shape (N,)
    window : where to look
    rng : draws the bootstrap samples
    """
    edges = window.edges()
    inside = (values >= edges[0]) & (values < edges[-1])
    index = np.searchsorted(edges, values[inside], side="right") - 1
    weight, bins = weight[inside], edges.size - 1
    # The first row is the sample itself; in the others each event occurs a random number of times.
    counts = np.empty((REPLICAS + 1, bins))
    counts[0] = np.bincount(index, weight, minlength=bins)
    for row in counts[1:]:
        row[:] = np.bincount(index, weight * rng.poisson(1.0, index.size), minlength=bins)
    positions = _maxima(counts, edges, window)
    widths = _widths(counts, edges, window.width)
    step = edges[1] - edges[0]
    low, high = window.search
    at_edge = bool(min(positions[0] - low, high - positions[0]) < 2.0 * step)
    return Peak(
        float(positions[0]), float(positions[1:].std()), float(widths[0]),
        float(widths[1:].std()), at_edge,
    )  # fmt: skip


def _maxima(counts: Floats, edges: Floats, window: PeakWindow) -> Floats:
    """Position of the maximum of each smoothed row, shape (rows,)."""
    centres = 0.5 * (edges[1:] + edges[:-1])
    chosen = np.flatnonzero((centres >= window.search[0]) & (centres <= window.search[1]))
    # One more bin on either side, for the parabola.
    at = np.arange(chosen[0] - 1, chosen[-1] + 2)
    distance = (centres[:, None] - centres[at][None, :]) / window.smoothing
    smooth = counts @ np.exp(-0.5 * distance**2)
    top = np.argmax(smooth[:, 1:-1], axis=1) + 1
    row = np.arange(len(counts))
    before, peak, after = (smooth[row, top + shift] for shift in (-1, 0, 1))
    curvature = before - 2.0 * peak + after
    # At an end of the range there may be no maximum, and the parabola opens upwards.
    safe = np.where(curvature < 0.0, curvature, -np.inf)
    shift = np.clip(0.5 * (before - after) / safe, -0.5, 0.5)
    return np.asarray(centres[at[top]] + shift * (edges[1] - edges[0]))


def _widths(counts: Floats, edges: Floats, window: tuple[float, float]) -> Floats:
    """Half the distance of the quantiles 0.16 and 0.84 of each row, shape (rows,)."""
    total = np.concatenate([np.zeros((len(counts), 1)), np.cumsum(counts, axis=1)], axis=1)
    found = np.empty(len(counts))
    for i, row in enumerate(total):
        first, last = np.interp(window, edges, row)
        levels = first + np.array([0.16, 0.84]) * (last - first)
        # Empty bins make plateaus, which interpolation cannot invert: a tiny slope does.
        rising = row + np.linspace(0.0, 1e-9 * max(row[-1], 1.0), row.size)
        low, high = np.interp(levels, rising, edges)
        found[i] = 0.5 * (high - low)
    return found
