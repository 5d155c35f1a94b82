"""Median and width of two weighted samples, and their statistical errors.

The error of a difference of quantiles is a quarter of the distance of the quantiles two standard
deviations of the binomial distribution above and below, in the pooled sample (after R. S. Woodruff,
J. Am. Stat. Assoc. 47 (1952) 635): it needs no density and no bootstrap, and holds for a hundred
events as for millions.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nugen_gan.validation.metrics.samples import effective_size

__all__ = ["Location", "location", "location_errors"]

Floats = NDArray[np.float64]

# One standard deviation of a normal distribution on either side.
LOW, HIGH = 0.16, 0.84


class Location(NamedTuple):
    """Median and half the distance of the quantiles 0.16 and 0.84, or the errors of both."""

    median: float
    width: float


def location(values: Floats, weight: Floats) -> Location:
    """Median and width of the events with these values and weights, each of shape (N,)."""
    lower, median, upper = _quantiles(values, weight, [LOW, 0.5, HIGH]).tolist()
    return Location(median, 0.5 * (upper - lower))


def location_errors(first: Floats, second: Floats, weight1: Floats, weight2: Floats) -> Location:
    """Standard deviations of the differences of two samples of one distribution.

    Parameters
    ----------
    first, second : values, shapes (N1,) and (N2,)
    weight1, weight2 : of the same shapes
    """
    # Both samples with half of the say, whatever their sizes and weights.
    weight = np.concatenate([weight1 / weight1.sum(), weight2 / weight2.sum()])
    values = np.concatenate([first, second])
    variance = 1.0 / effective_size(weight1) + 1.0 / effective_size(weight2)
    levels = np.array([LOW, 0.5, HIGH])
    steps = 2.0 * np.sqrt(levels * (1.0 - levels) * variance)
    below, above = np.split(
        _quantiles(values, weight, np.concatenate([levels - steps, levels + steps])), 2
    )
    lower, median, upper = (0.25 * (above - below)).tolist()
    # Two quantiles of one sample move together.
    correlation = np.sqrt(LOW * (1.0 - HIGH) / (HIGH * (1.0 - LOW)))
    width = np.sqrt(lower**2 + upper**2 - 2.0 * correlation * lower * upper)
    return Location(median, 0.5 * float(width))


def _quantiles(values: Floats, weight: Floats, levels: Floats | list[float]) -> Floats:
    order = np.argsort(values)
    total = np.cumsum(weight[order])
    # Each event in the middle of its own weight: without weights, level (i - 1/2) / N.
    return np.interp(levels, (total - 0.5 * weight[order]) / total[-1], values[order])
