"""Shares of kinds of events, such as channels or topologies, in two samples."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nugen_gan.errors import MissingExtraError
from nugen_gan.validation.metrics.binning import Counts
from nugen_gan.validation.metrics.map3d import SMALLEST_COUNT
from nugen_gan.validation.metrics.strata import Strata

__all__ = ["chi2_tail", "counts_by_energy", "fractions", "pearson", "share_difference"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# Expected events of a kind in the smaller sample for its share to be near normal.
SMALLEST_SHARE = 15.0


def counts_by_energy(
    kind: Integers, kinds: int, enu: Floats, weight: Floats, edges: Floats
) -> Counts:
    """Sums of weights and of their squares, shape (kinds, energy bins).

    Parameters
    ----------
    kind : of each event, from 0 to ``kinds`` - 1, shape (N,)
    enu, weight : neutrino energies [GeV] and weights, shape (N,)
    edges : of the energy bins [GeV]
    """
    shape = (kinds, len(edges) - 1)
    energy = np.clip(np.searchsorted(edges, enu, side="right") - 1, 0, shape[1] - 1)
    flat = Counts.of(kind * shape[1] + energy, weight, shape[0] * shape[1])
    return Counts(flat.sum.reshape(shape), flat.squares.reshape(shape))


def fractions(counts: Counts) -> tuple[Floats, Floats]:
    """Share of each kind in each energy bin and its binomial error; nan in empty bins."""
    total = counts.sum.sum(axis=0)
    safe = np.where(total > 0.0, total, np.nan)
    fraction = counts.sum / safe
    # binomial: f (1 - f) / n, with the effective number of events n
    entries = safe**2 / np.where(total > 0.0, counts.squares.sum(axis=0), np.nan)
    return fraction, np.sqrt(fraction * (1.0 - fraction) / entries)


def pearson(first: Counts, second: Counts) -> tuple[float, int]:
    """Pearson's chi2 of all energy bins, kinds too rare to count joined into one; its degrees."""
    chi2, degrees = 0.0, 0
    for bin_ in range(first.sum.shape[1]):
        columns = [c[:, bin_] for c in (*first, *second)]
        total1, total2 = float(columns[0].sum()), float(columns[2].sum())
        if min(total1, total2) < 2 * SMALLEST_COUNT:
            continue
        rare = (columns[0] + columns[2]) * min(total1, total2) / (total1 + total2) < SMALLEST_COUNT
        n1, v1, n2, v2 = (np.append(c[~rare], c[rare].sum()) for c in columns)
        scale = total1 / total2
        unweighted = np.array_equal(n1, v1) and np.array_equal(n2, v2)
        variance = scale * (n1 + n2) if unweighted else v1 + scale**2 * v2
        filled = variance > 0.0
        chi2 += float(np.sum((n1 - scale * n2)[filled] ** 2 / variance[filled]))
        degrees += int(filled.sum()) - 1
    return chi2, degrees


def chi2_tail(chi2: float, degrees: int, what: str) -> float:
    """Probability above ``chi2``; nan without degrees of freedom.

    Raises
    ------
    MissingExtraError
        if scipy, which ``what`` needs it for, is not installed.
    """
    try:
        from scipy.special import chdtrc
    except ImportError as error:
        raise MissingExtraError("scipy", "report", what) from error
    return float(chdtrc(degrees, chi2)) if degrees else float("nan")


def share_difference(
    mine: tuple[NDArray[np.bool_], NDArray[np.bool_]],
    weights: tuple[Floats, Floats],
    strata: Strata,
) -> tuple[float, float, float] | None:
    """Difference of the shares of one kind of events, at equal neutrino energies.

    Averaged over the intervals as the most precise test weighs them: that of Cochran, Mantel and
    Haenszel.

    Parameters
    ----------
    mine : which events of both samples are of the kind, shapes (N1,) and (N2,)
    weights : of the same shapes
    strata : intervals of energy

    Returns
    -------
    Share in the first sample, second minus first, and the statistical error of that; None where
    too few events are of the kind, or too few are not.
    """
    index = strata.first, strata.second
    totals = [_sums(i, w, strata.count) for i, w in zip(index, weights, strict=True)]
    counts = [_sums(i[m], w[m], strata.count)[0]
              for i, m, w in zip(index, mine, weights, strict=True)]  # fmt: skip
    (total1, squares1), (total2, squares2) = totals
    filled = (total1 > 0.0) & (total2 > 0.0)
    total1, total2, count1, count2 = (x[filled] for x in (total1, total2, *counts))
    # Effective numbers of events; without weights, the numbers themselves.
    size1, size2 = total1**2 / squares1[filled], total2**2 / squares2[filled]
    share1, share2 = count1 / total1, count2 / total2
    pooled = (size1 * share1 + size2 * share2) / (size1 + size2)
    smaller = min(size1.sum(), size2.sum()) / (size1.sum() + size2.sum())
    expected = smaller * (size1 + size2)
    if min((expected * pooled).sum(), (expected * (1.0 - pooled)).sum()) < SMALLEST_SHARE:
        return None
    weight = size1 * size2 / (size1 + size2)
    weight /= weight.sum()
    scatter = pooled * (1.0 - pooled) * (size1 + size2) / np.maximum(size1 + size2 - 1.0, 1.0)
    error = float(np.sqrt(np.sum(weight**2 * scatter * (1.0 / size1 + 1.0 / size2))))
    if not error > 0.0:
        return None
    difference = float(np.sum(weight * (share2 - share1)))
    return float(np.sum(weight * share1)), difference, error


def _sums(index: NDArray[np.int64], weight: Floats, count: int) -> tuple[Floats, Floats]:
    """Sum of weights and of their squares in each interval, each of shape (count,)."""
    total = np.bincount(index, weight, minlength=count).astype(np.float64)
    return total, np.bincount(index, weight**2, minlength=count).astype(np.float64)
