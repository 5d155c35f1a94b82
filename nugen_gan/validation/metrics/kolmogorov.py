"""Kolmogorov-Smirnov tests of two samples with weights, at equal neutrino energies."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nugen_gan.validation.metrics.samples import effective_size
from nugen_gan.validation.metrics.significance import kolmogorov_tail
from nugen_gan.validation.metrics.strata import Strata

__all__ = ["largest_difference", "rank_test"]

Floats = NDArray[np.float64]


def rank_test(
    values: tuple[Floats, Floats], weights: tuple[Floats, Floats], strata: Strata
) -> tuple[float, float]:
    """Test whether a variable has one distribution in both samples at given energy.

    Of the ranks among the events of about the same energy, so that a different flux is no
    difference.

    Parameters
    ----------
    values, weights : of both samples, shapes (N1,) and (N2,)
    strata : intervals of energy of these events

    Returns
    -------
    The largest difference of the cumulative distributions, and the probability that two samples of
    one distribution have a larger one.
    """
    distance = largest_difference(*strata.ranks(*values), *weights)
    sizes = effective_size(weights[0]), effective_size(weights[1])
    return distance, kolmogorov_tail(distance, sizes[0] * sizes[1] / (sizes[0] + sizes[1]))


def largest_difference(first: Floats, second: Floats, weight1: Floats, weight2: Floats) -> float:
    """Largest difference of two weighted cumulative distributions."""
    pooled = np.concatenate([first, second])
    steps = np.concatenate([weight1 / weight1.sum(), -weight2 / weight2.sum()])
    order = np.argsort(pooled)
    ordered = pooled[order]
    # Between equal values there is no place to compare at.
    last = np.append(ordered[1:] != ordered[:-1], True)
    return float(np.abs(np.cumsum(steps[order])[last]).max())
