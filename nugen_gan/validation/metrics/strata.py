"""One variable of two samples, with its dependence on the neutrino energy taken out.

Events are compared with those of about the same energy only.  The pooled events of both samples
are cut into narrow intervals of energy; inside each, a value is replaced by its rank among all
(between 0 and 1) or by its distance to their median.  Then all energies can be taken together:
two samples of one distribution agree, even if more of the one are at high energy.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Strata"]

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Pair = tuple[Floats, Floats]

# Pooled events of an interval, and the largest number of intervals.
EVENTS = 100
MOST = 100
# Bins of energy that are cut further by another variable.
ENERGY_BINS = 10


@dataclass(frozen=True, slots=True)
class Strata:
    """Which interval of energy each event of two samples is in.

    Attributes
    ----------
    enu : energies of the pooled events [GeV], shape (N1 + N2,)
    first, second : number of the interval of each event, shapes (N1,) and (N2,)
    count : how many intervals there are
    """

    enu: Floats
    first: Indices
    second: Indices
    count: int

    @classmethod
    def of(cls, first: Floats, second: Floats) -> Strata:
        """Cut the energies [GeV] of two samples, shapes (N1,) and (N2,), into intervals."""
        pooled = np.concatenate([first, second])
        count = int(np.clip(pooled.size // EVENTS, 1, MOST))
        # A single energy, repeated, is one interval.
        inner = np.unique(np.quantile(pooled, np.linspace(0.0, 1.0, count + 1)[1:-1]))
        inner = inner[inner > pooled.min()]
        index = np.searchsorted(inner, pooled, side="right").astype(np.int64)
        return cls(pooled, index[: first.size], index[first.size :], inner.size + 1)

    @classmethod
    def nested(cls, enu: Pair, other: Pair) -> Strata:
        """Cut the energies into ten bins, and each into intervals of another variable.

        For what depends on the other variable more than on the energy.

        Parameters
        ----------
        enu, other : energies [GeV] and the variable of both samples, shapes (N1,) and (N2,)
        """
        pooled = np.concatenate(enu)
        inner = np.unique(np.quantile(pooled, np.linspace(0.0, 1.0, ENERGY_BINS + 1)[1:-1]))
        inner = inner[inner > pooled.min()]
        energy = np.searchsorted(inner, pooled, side="right")
        order = np.lexsort((np.concatenate(other), energy))
        sizes = np.bincount(energy, minlength=inner.size + 1)
        cuts = np.maximum(sizes // EVENTS, 1)
        # Place of each event among those of its energy bin, in the order of the other variable.
        place = np.arange(pooled.size) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        bin_ = energy[order]
        index = np.empty(pooled.size, dtype=np.int64)
        index[order] = (np.cumsum(cuts) - cuts)[bin_] + place * cuts[bin_] // sizes[bin_]
        return cls(pooled, index[: enu[0].size], index[enu[0].size :], int(cuts.sum()))

    def residuals(self, first: Floats, second: Floats) -> tuple[Floats, Floats]:
        """Each value minus the median at its energy, interpolated between the intervals."""
        pooled = np.concatenate([first, second])
        energy = np.log(self.enu)
        groups = [chosen for chosen in self._groups() if chosen.size]
        at = [float(energy[chosen].mean()) for chosen in groups]
        medians = [float(np.median(pooled[chosen])) for chosen in groups]
        residuals = pooled - np.interp(energy, at, medians)
        return residuals[: first.size], residuals[first.size :]

    def ranks(self, first: Floats, second: Floats) -> tuple[Floats, Floats]:
        """Share of the pooled events of the interval below each value; ties share the middle."""
        pooled = np.concatenate([first, second])
        ranks = np.empty_like(pooled)
        for chosen in self._groups():
            ranks[chosen] = _midranks(pooled[chosen])
        return ranks[: first.size], ranks[first.size :]

    def _groups(self) -> list[Indices]:
        """Which of the pooled events are in each interval."""
        interval = np.concatenate([self.first, self.second])
        ends = np.cumsum(np.bincount(interval, minlength=self.count))
        return np.split(np.argsort(interval, kind="stable"), ends[:-1])


def _midranks(values: Floats) -> Floats:
    ordered = np.sort(values)
    both = np.searchsorted(ordered, values, "left") + np.searchsorted(ordered, values, "right")
    return np.asarray(0.5 * both / max(values.size, 1), dtype=np.float64)
