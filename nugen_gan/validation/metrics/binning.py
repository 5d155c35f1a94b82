"""The three-dimensional histogram behind MAP-3D, filled by index arithmetic."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from nugen_gan.errors import UsageError
from nugen_gan.events.table import EventTable

__all__ = ["ENERGY_RANGE", "Binning", "Counts", "Histogram", "energy_edges", "position"]

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Region = Callable[[EventTable], NDArray[np.bool_]]

# The range of the published binning [GeV].
ENERGY_RANGE = (0.2, 20.0)


def energy_edges(energy_range: tuple[float, float], bins: int = 10) -> Floats:
    """Edges of logarithmic bins [GeV], shape (bins + 1,); one bin for a single energy.

    Raises
    ------
    UsageError
        if the range is empty or not positive.
    """
    low, high = energy_range
    if not 0.0 < low <= high < np.inf:
        raise UsageError(f"{low:g}-{high:g} GeV is not an energy range: 0 < low <= high is needed")
    if high < 1.001 * low:
        return np.array([0.999 * low, 1.001 * high])
    edges = np.geomspace(low, high, bins + 1)
    edges[[0, -1]] = low, high  # geomspace may miss them by a rounding error
    return edges


class Counts(NamedTuple):
    """Contents of a histogram.

    Attributes
    ----------
    sum : sum of weights in each bin, shape (bins,)
    squares : sum of squared weights, same shape
    """

    sum: Floats
    squares: Floats

    @classmethod
    def of(cls, index: Indices, weight: Floats, bins: int) -> Counts:
        """Fill from the bin index and the weight of each event, shape (N,)."""
        if weight.size and weight.min() == weight.max() == 1.0:
            entries = np.bincount(index, minlength=bins).astype(np.float64)
            return cls(entries, entries)
        total = np.bincount(index, weight, minlength=bins).astype(np.float64)
        squares = np.bincount(index, weight**2, minlength=bins).astype(np.float64)
        return cls(total, squares)


class Histogram(Protocol):
    """Bins that MAP-3D can be computed on: the first axis is the neutrino energy."""

    @property
    def enu(self) -> Floats:
        """Edges in neutrino energy [GeV]."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Bins along each axis."""

    @property
    def cells(self) -> int:
        """Number of bins that count."""

    @property
    def size(self) -> int:
        """Number of bins, with one for events that do not count, if there is one."""

    def index(self, events: EventTable) -> Indices:
        """Bin of each event in the flattened (C order) histogram, shape (N,)."""


@dataclass(frozen=True, slots=True)
class Binning:
    """Bins in (enu, kinetic fraction, theta).

    Attributes
    ----------
    enu : edges in neutrino energy [GeV]
    kinetic : edges in T_lep / (enu - m), from 0 to 1
    theta : edges in the lepton's angle [rad], from 0 to pi
    region : which events belong into the bins, a mask of shape (N,); all if absent.  The others
        share one more bin behind the last, so that they still count in the normalisation
    """

    enu: Floats
    kinetic: Floats
    theta: Floats
    region: Region | None = None

    @classmethod
    def standard(cls, energy_range: tuple[float, float] = ENERGY_RANGE) -> Binning:
        """10 logarithmic bins in energy, 50 in the kinetic fraction, 30 + 10 in theta.

        The bins in theta are uniform from 0 to 1 rad and from 1 to pi.
        """
        theta = np.concatenate([np.linspace(0.0, 1.0, 31), np.linspace(1.0, np.pi, 11)[1:]])
        return cls(energy_edges(energy_range), np.linspace(0.0, 1.0, 51), theta)

    @classmethod
    def coarse(cls, energy_range: tuple[float, float], energy_bins: int) -> Binning:
        """For parts of a sample: 25 bins in the kinetic fraction, 15 + 5 in theta."""
        theta = np.concatenate([np.linspace(0.0, 1.0, 16), np.linspace(1.0, np.pi, 6)[1:]])
        return cls(energy_edges(energy_range, energy_bins), np.linspace(0.0, 1.0, 26), theta)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Bins along each axis."""
        return (len(self.enu) - 1, len(self.kinetic) - 1, len(self.theta) - 1)

    @property
    def cells(self) -> int:
        """Number of bins inside the region."""
        return int(np.prod(self.shape))

    @property
    def size(self) -> int:
        """Total number of bins, with that of the events outside the region."""
        return self.cells + (self.region is not None)

    def index(self, events: EventTable) -> Indices:
        """Bin of each event in the flattened (C order) histogram, shape (N,).

        Values beyond an end count in the first or last bin: the axes cover everything that is
        allowed, so only rounding errors lie there.
        """
        fraction = events.derived().kinetic_fraction
        theta = np.arccos(np.clip(events.costheta, -1.0, 1.0))
        positions = (
            position(events.enu, self.enu),
            position(fraction, self.kinetic),
            position(theta, self.theta),
        )
        index = np.asarray(np.ravel_multi_index(positions, self.shape), dtype=np.int64)
        return index if self.region is None else np.where(self.region(events), index, self.cells)

    def histogram(self, events: EventTable) -> Counts:
        """Fill with all events; flat arrays in C order."""
        return Counts.of(self.index(events), events.weight, self.size)


def position(values: Floats, edges: Floats) -> Indices:
    """Bin of each value, shape (N,); beyond an end the first or the last."""
    found = np.searchsorted(edges, values, side="right") - 1
    return np.asarray(np.clip(found, 0, len(edges) - 2), dtype=np.int64)
