"""Densities of one variable that a network describes, and their quantiles.

A network says ``centre, log width, h_0 ... h_(K-1)`` for each event.  The logistic function of
(x - centre) / width takes x to the interval (0, 1), where the density is that of straight lines
between K equally spaced knots of heights softplus(h).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["CENTRE_SCALE", "LEAST_HEIGHT", "quantiles"]

Floats = NDArray[np.float64]
# Outputs of the network are of order one; heights are positive.
CENTRE_SCALE, LEAST_HEIGHT = 2.0, 1e-4


def quantiles(raw: NDArray[np.float32], logit: Floats) -> Floats:
    """Return the quantiles of R densities, (R, U).

    Parameters
    ----------
    raw : what the network says, (R, 2 + K)
    logit : of the probabilities, (U,): log(u / (1 - u)), by which both tails are kept exactly
    """
    below, above = _place(_softplus(raw[:, 2:]) + LEAST_HEIGHT, logit)
    centre = CENTRE_SCALE * raw[:, :1].astype(np.float64)
    width = np.exp(raw[:, 1:2].astype(np.float64))
    return np.asarray(centre + width * (np.log(below) - np.log(above)), np.float64)


def _place(heights: Floats, logit: Floats) -> tuple[Floats, Floats]:
    """Where the quantiles lie between the knots: how far from the first and from the last one."""
    segments = 0.5 * (heights[:, 1:] + heights[:, :-1])
    area = np.concatenate([np.zeros((len(heights), 1)), np.cumsum(segments, axis=1)], axis=1)
    total = area[:, -1:]
    under, over = total / (1.0 + np.exp(-logit)), total / (1.0 + np.exp(logit))
    knot = _segment(area, under)
    left, right = (np.take_along_axis(heights, knot + k, axis=1) for k in (0, 1))
    below = knot + _part(under - np.take_along_axis(area, knot, axis=1), left, right)
    # From above in the last segment, where the difference from 1 is what matters.
    last = heights.shape[1] - 2
    above = np.where(
        knot == last, _part(np.minimum(over, segments[:, -1:]), right, left), last + 1 - below
    )
    return below, above


def _segment(area: Floats, under: Floats) -> NDArray[np.int64]:
    """In which segment such an area is reached, (R, U)."""
    # All rows in one search: each is moved beyond the one before.
    rows, knots = area.shape
    shift = 2.0 * np.arange(rows)[:, None]
    total = area[:, -1:]
    found = np.searchsorted(
        (area / total + shift).ravel(), (under / total + shift).ravel(), "right"
    )
    segment = found.reshape(under.shape) - knots * np.arange(rows)[:, None] - 1
    return np.asarray(np.clip(segment, 0, knots - 2), np.int64)


def _part(area: Floats, here: Floats, there: Floats) -> Floats:
    """How far to go from a height ``here`` towards one ``there`` to have such an area behind."""
    area = np.maximum(area, 0.0)
    root = np.sqrt(np.maximum(here**2 + 2.0 * (there - here) * area, 0.0))
    return np.clip(2.0 * area / (here + root), 1e-300, 1.0)


def _softplus(x: NDArray[np.float32]) -> Floats:
    # Beyond 20 it is x to rounding.
    return np.where(x > 20.0, x, np.log1p(np.exp(np.minimum(x, 20.0)))).astype(np.float64)
