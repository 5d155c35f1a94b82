"""The metric by which training chooses its best snapshot.

MAP-3D needs tens of thousands of events to fill its bins.  This one adapts to the sample: cells
of equal population, about 25 held-out events each, cut along the neutrino energy and the two
proxies.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from nugen_gan.events.table import EventTable

__all__ = ["HeldOutTest"]

Floats = NDArray[np.float64]
EVENTS_PER_CELL = 25
MOST_CELLS = 4000
GENERATED_EVENTS = 200_000


class HeldOutTest:
    """Mean squared pull between held-out and generated events in cells of equal population.

    Parameters
    ----------
    enu : neutrino energies of the held-out events [GeV], (N,)
    proxies : their proxies, (N, 2)
    copies : generated events for each held-out one; some 200,000 in all if absent

    Notes
    -----
    With n held-out and m generated events in a cell, R generated for each held-out one, the pull
    is (n - m / R) / sqrt(nbar (1 + 1 / R)), nbar being the mean population of a cell: its square
    is 1 on average for a perfect model.
    """

    def __init__(self, enu: Floats, proxies: Floats, copies: int | None = None) -> None:
        self.copies = copies or int(np.clip(GENERATED_EVENTS // len(enu), 1, 50))
        self.enu = np.repeat(enu, self.copies)
        cells = int(np.clip(len(enu) // EVENTS_PER_CELL, 4, MOST_CELLS))
        # Twice as fine along each proxy as along the energy, where condition and truth agree.
        in_energy = min(max(1, round((cells / 4.0) ** (1.0 / 3.0))), len(np.unique(enu)))
        in_proxy = max(2, round(math.sqrt(cells / in_energy)))
        self._shape = (in_energy, in_proxy, in_proxy)
        self._energy_edges = _inner_quantiles(enu, in_energy)
        energy_bin = np.searchsorted(self._energy_edges, enu)
        self._edges = [_ProxyGrid(proxies[energy_bin == i], in_proxy) for i in range(in_energy)]
        self._expected = self._count(enu, proxies)

    @classmethod
    def of(cls, events: EventTable, copies: int | None = None) -> HeldOutTest:
        """Build from held-out events."""
        return cls(events.enu, events.proxies(), copies)

    @property
    def cells(self) -> int:
        """Number of cells; the statistical error of the pull is about sqrt(2 / cells)."""
        return math.prod(self._shape)

    def __call__(self, sample: Callable[[Floats], Floats]) -> float:
        """Return the mean squared pull of a sampler: enu [GeV] (M,) -> proxies (M, 2)."""
        counted = self._count(self.enu, sample(self.enu)) / self.copies
        variance = self._expected.mean() * (1.0 + 1.0 / self.copies)
        return float(np.mean((counted - self._expected) ** 2 / variance))

    def _count(self, enu: Floats, proxies: Floats) -> Floats:
        energy_bin = np.searchsorted(self._energy_edges, enu)
        counts = [grid.count(proxies[energy_bin == i]) for i, grid in enumerate(self._edges)]
        return np.concatenate(counts)


class _ProxyGrid:
    """Cells of equal population: strips in the first proxy, each cut along the second."""

    def __init__(self, proxies: Floats, n: int) -> None:
        self._n = n
        self._outer = _inner_quantiles(proxies[:, 0], n)
        strip = np.searchsorted(self._outer, proxies[:, 0])
        self._inner = [_inner_quantiles(proxies[strip == j, 1], n) for j in range(n)]

    def count(self, proxies: Floats) -> Floats:
        strip = np.searchsorted(self._outer, proxies[:, 0])
        order = np.argsort(strip, kind="stable")
        bounds = np.searchsorted(strip[order], np.arange(self._n + 1))
        second = proxies[order, 1]
        counts = [
            np.bincount(
                np.searchsorted(self._inner[j], second[bounds[j] : bounds[j + 1]]),
                minlength=self._n,
            )
            for j in range(self._n)
        ]
        return np.concatenate(counts).astype(np.float64)


def _inner_quantiles(values: Floats, n: int) -> Floats:
    """The n - 1 values that divide a sample into n equal parts."""
    if n < 2 or not values.size:
        return np.empty(0)
    return np.quantile(values, np.arange(1, n) / n)
