"""Means of a number in two samples, compared at equal neutrino energies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nugen_gan.validation.metrics.significance import two_sided
from nugen_gan.validation.metrics.strata import Strata

__all__ = ["MeanDifference", "mean_difference"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class MeanDifference:
    """A mean in two samples at equal neutrino energies.

    Attributes
    ----------
    mean, difference, error : mean in the first sample, second minus first, and the statistical
        error of that
    """

    mean: float
    difference: float
    error: float

    @property
    def p_value(self) -> float:
        """Probability that two samples of one distribution differ as much."""
        return two_sided(self.difference / self.error) if self.error > 0.0 else 1.0


def mean_difference(
    values: tuple[Floats, Floats], weights: tuple[Floats, Floats], strata: Strata
) -> MeanDifference:
    """Difference of two means, averaged over the intervals of energy.

    Each interval weighs as its difference is precise for equal variances: n1 n2 / (n1 + n2), with
    effective numbers of events.  The variance is that of dealing the pooled events of an interval
    out at random.

    Parameters
    ----------
    values, weights : of both samples, shapes (N1,) and (N2,)
    strata : intervals of energy of these events
    """
    index = strata.first, strata.second
    sums = [_sums(i, v, w, strata.count) for i, v, w in zip(index, values, weights, strict=True)]
    filled = (sums[0][0] > 0.0) & (sums[1][0] > 0.0)
    (total1, squares1, first1, second1), (total2, squares2, first2, second2) = (
        tuple(column[filled] for column in part) for part in sums
    )
    size1, size2 = total1**2 / squares1, total2**2 / squares2
    mean1, mean2 = first1 / total1, first2 / total2
    both = size1 + size2
    pooled = (size1 * mean1 + size2 * mean2) / both
    variance = (size1 * second1 / total1 + size2 * second2 / total2) / both - pooled**2
    variance = np.clip(variance, 0.0, None) * both / np.maximum(both - 1.0, 1.0)
    weight = size1 * size2 / both
    weight = weight / max(weight.sum(), 1e-300)
    error = float(np.sqrt(np.sum(weight**2 * variance * (1.0 / size1 + 1.0 / size2))))
    return MeanDifference(
        float(np.sum(weight * mean1)), float(np.sum(weight * (mean2 - mean1))), error
    )


def _sums(
    index: NDArray[np.int64], values: Floats, weight: Floats, count: int
) -> tuple[Floats, ...]:
    """Sums of w, w^2, w x and w x^2 in each interval, each of shape (count,)."""
    parts = (weight, weight**2, weight * values, weight * values**2)
    return tuple(np.bincount(index, part, minlength=count).astype(np.float64) for part in parts)
