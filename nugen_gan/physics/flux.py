"""Neutrino fluxes: shapes in energy, never absolute numbers.

A flux here is a relative density per GeV.  Event energies follow flux times sigma(enu); see
:class:`~nugen_gan.physics.spectrum.Spectrum`.

The file is a little long: every kind of flux is a few lines of the same idea, side by side.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nugen_gan.errors import UsageError

__all__ = [
    "Flux",
    "HistogramFlux",
    "MonoFlux",
    "PointsFlux",
    "PowerLawFlux",
    "UniformFlux",
    "common_flux",
    "flux_from_dict",
    "histogram_flux",
    "restricted_flux",
]

Floats = NDArray[np.float64]


class Flux(ABC):
    """A relative flux density on a finite energy range.

    Examples
    --------
    >>> import nugen_gan
    >>> nugen_gan.Flux.uniform(0.2, 10.0).energy_range
    (0.2, 10.0)
    >>> flux = nugen_gan.Flux.histogram([0.2, 0.5, 1.0, 2.0], [1.0, 3.0, 2.0])
    >>> done = nugen_gan.generate("numu_cc_C12", 1000, "a.table.root", flux=flux, seed=1)
    >>> done.energies
    'histogram flux times sigma(E) in 0.2-2 GeV'

    A flux in a file is given by its name: ``flux="flux.root,numu"``.
    """

    @staticmethod
    def mono(energy: float) -> MonoFlux:
        """Return a flux of one energy [GeV]."""
        return MonoFlux(energy)

    @staticmethod
    def uniform(low: float, high: float) -> UniformFlux:
        """Return the flux that is the same everywhere between two energies [GeV]."""
        return UniformFlux(low, high)

    @staticmethod
    def power_law(alpha: float, low: float, high: float) -> PowerLawFlux:
        """Return a flux proportional to enu^-alpha between two energies [GeV]."""
        return PowerLawFlux(alpha, low, high)

    @staticmethod
    def histogram(edges: Iterable[float], contents: Iterable[float]) -> HistogramFlux:
        """Return a flux in bins: n + 1 edges [GeV], and the flux *in* each of n bins."""
        return histogram_flux(edges, contents)

    @staticmethod
    def points(energies: Iterable[float], densities: Iterable[float]) -> PointsFlux:
        """Return straight lines between densities at n energies [GeV]."""
        return PointsFlux(tuple(map(float, energies)), tuple(map(float, densities)))

    @property
    @abstractmethod
    def energy_range(self) -> tuple[float, float]:
        """Lowest and highest energy with any flux [GeV]."""

    @abstractmethod
    def density(self, enu: Floats) -> Floats:
        """Flux per GeV, in arbitrary units, at ``enu`` [GeV]; shape of ``enu``."""

    @abstractmethod
    def cumulative(self, enu: Floats) -> Floats:
        """Fraction of the flux below ``enu`` [GeV]; shape of ``enu``."""

    def knots(self) -> Floats:
        """Energies [GeV] at which the density may jump, ends included."""
        return np.array(self.energy_range)

    def fractions(self, edges: ArrayLike) -> Floats:
        """Fraction of the flux in each bin of ``edges`` [GeV]; shape (len(edges) - 1,)."""
        return np.diff(self.cumulative(np.asarray(edges, np.float64)))

    def restricted(self, low: float, high: float) -> Flux:
        """The same flux between two energies [GeV] alone."""
        edges = self.knots()
        return histogram_flux(edges.tolist(), self.fractions(edges).tolist()).restricted(low, high)

    def mean_energy(self) -> float:
        """Flux-averaged energy [GeV]."""
        low, high = self.energy_range
        if low == high:
            return low
        edges = np.unique(np.concatenate([self.knots(), np.linspace(low, high, 4001)]))
        return float(self.fractions(edges) @ (0.5 * (edges[1:] + edges[:-1])))

    @abstractmethod
    def as_dict(self) -> dict[str, Any]:
        """Plain values for a JSON file: ``kind`` and its parameters."""


@dataclass(frozen=True)
class MonoFlux(Flux):
    """One energy [GeV]."""

    energy: float

    def __post_init__(self) -> None:
        if not (np.isfinite(self.energy) and self.energy > 0.0):
            raise UsageError(f"energy {self.energy:g} GeV: a positive number is needed")

    @property
    def energy_range(self) -> tuple[float, float]:
        """Twice the same energy [GeV]."""
        return (self.energy, self.energy)

    def density(self, enu: Floats) -> Floats:
        """1 at the energy, 0 elsewhere (a density only in name)."""
        return np.where(enu == self.energy, 1.0, 0.0)

    def cumulative(self, enu: Floats) -> Floats:
        """0 below the energy, 1 above it."""
        return np.where(enu > self.energy, 1.0, 0.0)

    def as_dict(self) -> dict[str, Any]:
        """Plain values for a JSON file."""
        return {"kind": "mono", "energy": self.energy}

    def restricted(self, low: float, high: float) -> Flux:
        """The flux itself if its energy is in the range; an error otherwise."""
        if not low <= self.energy <= high:
            raise UsageError(f"the flux of {self.energy:g} GeV has nothing in {low:g}-{high:g} GeV")
        return self


# Largest logarithm of how much a power law changes over its range.
STEEPEST = 500.0


@dataclass(frozen=True)
class PowerLawFlux(Flux):
    """Density proportional to enu^-alpha between two energies [GeV]."""

    alpha: float
    low: float
    high: float

    def __post_init__(self) -> None:
        _check_range(self.low, self.high)
        if not np.isfinite(self.alpha):
            raise UsageError(f"power law with exponent {self.alpha}: a number is needed")
        if abs(1.0 - self.alpha) * np.log(self.high / self.low) > STEEPEST:
            raise UsageError(
                f"power law with exponent {self.alpha:g} from {self.low:g} to {self.high:g} GeV: "
                "all of the flux is at one end. Give one energy instead, or a smaller exponent"
            )

    @property
    def energy_range(self) -> tuple[float, float]:
        """Lowest and highest energy [GeV]."""
        return (self.low, self.high)

    def density(self, enu: Floats) -> Floats:
        """enu^-alpha inside the range, 0 outside."""
        inside = (enu >= self.low) & (enu <= self.high)
        return np.where(inside, (np.clip(enu, self.low, self.high) / self.low) ** -self.alpha, 0.0)

    def cumulative(self, enu: Floats) -> Floats:
        """Integral of the density from ``low``, over that of the whole range."""
        ratio, end = np.clip(enu, self.low, self.high) / self.low, self.high / self.low
        power = 1.0 - self.alpha
        if abs(power) < 1e-9:
            return np.asarray(np.log(ratio) / np.log(end))
        return np.asarray((ratio**power - 1.0) / (end**power - 1.0))

    def as_dict(self) -> dict[str, Any]:
        """Plain values for a JSON file."""
        return {"kind": "powerlaw", "alpha": self.alpha, "low": self.low, "high": self.high}

    def restricted(self, low: float, high: float) -> Flux:
        """The same power law between the smaller upper and the larger lower end."""
        return PowerLawFlux(self.alpha, max(low, self.low), min(high, self.high))


class UniformFlux(PowerLawFlux):
    """The same density everywhere between two energies [GeV]."""

    def __init__(self, low: float, high: float) -> None:
        super().__init__(0.0, low, high)

    def as_dict(self) -> dict[str, Any]:
        """Plain values for a JSON file."""
        return {"kind": "uniform", "low": self.low, "high": self.high}

    def restricted(self, low: float, high: float) -> Flux:
        """The uniform flux between the smaller upper and the larger lower end."""
        return UniformFlux(max(low, self.low), min(high, self.high))


@dataclass(frozen=True)
class HistogramFlux(Flux):
    """Flux in bins, constant inside a bin.

    Attributes
    ----------
    edges : bin edges [GeV], increasing, n + 1 of them
    contents : flux *in* each bin (a count, not a density), n of them
    """

    edges: tuple[float, ...]
    contents: tuple[float, ...]

    def __post_init__(self) -> None:
        edges, contents = np.array(self.edges), np.array(self.contents)
        if len(edges) != len(contents) + 1 or len(contents) < 1:
            raise UsageError(f"{len(contents)} flux bins need {len(contents) + 1} edges, "
                             f"found {len(edges)}")  # fmt: skip
        if not (np.isfinite(edges).all() and (np.diff(edges) > 0).all() and edges[0] >= 0.0):
            raise UsageError("flux bin edges must be positive and increase")
        if not (np.isfinite(contents).all() and (contents >= 0).all() and contents.sum() > 0):
            raise UsageError("flux contents must not be negative, and not all zero")

    @property
    def energy_range(self) -> tuple[float, float]:
        """Ends of the bins that are not empty [GeV]."""
        filled = np.flatnonzero(np.array(self.contents))
        return (float(self.edges[filled[0]]), float(self.edges[filled[-1] + 1]))

    def knots(self) -> Floats:
        """All bin edges [GeV]."""
        return np.array(self.edges)

    def density(self, enu: Floats) -> Floats:
        """Content over width of the bin that holds ``enu``, 0 outside."""
        edges, contents = np.array(self.edges), np.array(self.contents)
        index = np.searchsorted(edges, enu, side="right") - 1
        inside = (index >= 0) & (index < len(contents))
        return np.where(
            inside, (contents / np.diff(edges))[np.clip(index, 0, len(contents) - 1)], 0
        )

    def cumulative(self, enu: Floats) -> Floats:
        """Linear interpolation of the summed contents."""
        total = np.concatenate([[0.0], np.cumsum(self.contents)])
        return np.asarray(np.interp(enu, self.edges, total / total[-1]))

    def restricted(self, low: float, high: float) -> HistogramFlux:
        """The same flux between two energies [GeV] alone; bins are cut where they straddle."""
        _check_range(low, high, zero=True)
        edges = np.array(self.edges)
        kept = np.unique(np.clip(edges, max(low, edges[0]), min(high, edges[-1])))
        if kept.size < 2 or not self.fractions(kept).sum() > 0.0:
            raise UsageError(
                f"the flux has nothing between {low:g} and {high:g} GeV: "
                f"it spans {self.energy_range[0]:g}-{self.energy_range[1]:g} GeV"
            )
        return HistogramFlux(tuple(kept.tolist()), tuple(self.fractions(kept).tolist()))

    def as_dict(self) -> dict[str, Any]:
        """Plain values for a JSON file."""
        return {"kind": "histogram", "edges": list(self.edges), "contents": list(self.contents)}


@dataclass(frozen=True)
class PointsFlux(Flux):
    """Flux density at some energies, straight lines between them, nothing outside.

    Attributes
    ----------
    energies : [GeV], increasing, n of them
    densities : flux per GeV there, in arbitrary units, n of them
    """

    energies: tuple[float, ...]
    densities: tuple[float, ...]

    def __post_init__(self) -> None:
        energies, densities = np.array(self.energies), np.array(self.densities)
        if len(energies) != len(densities) or len(energies) < 2:
            raise UsageError("a flux of points needs two or more, each of an energy and a flux")
        if not (np.isfinite(energies).all() and (np.diff(energies) > 0).all() and energies[0] >= 0):
            raise UsageError("energies of flux points must be positive and increase")
        if not (np.isfinite(densities).all() and (densities >= 0).all() and densities.sum() > 0):
            raise UsageError("flux points must not be negative, and not all zero")

    @property
    def energy_range(self) -> tuple[float, float]:
        """Ends of the stretches that are not empty [GeV]."""
        filled = np.flatnonzero(self._areas())
        return (float(self.energies[filled[0]]), float(self.energies[filled[-1] + 1]))

    def knots(self) -> Floats:
        """The energies of all points [GeV]."""
        return np.array(self.energies)

    def density(self, enu: Floats) -> Floats:
        """Linear interpolation between the points, 0 outside."""
        return np.asarray(np.interp(enu, self.energies, self.densities, left=0.0, right=0.0))

    def cumulative(self, enu: Floats) -> Floats:
        """Integral of the straight lines from the first point, over that of all."""
        energies, areas = np.array(self.energies), self._areas()
        inside = np.clip(enu, energies[0], energies[-1])
        index = np.clip(np.searchsorted(energies, inside, side="right") - 1, 0, len(areas) - 1)
        start = np.array(self.densities)[index]
        part = 0.5 * (inside - energies[index]) * (start + self.density(inside))
        below = np.concatenate([[0.0], np.cumsum(areas)])
        return np.asarray((below[index] + part) / below[-1])

    def restricted(self, low: float, high: float) -> PointsFlux:
        """The same flux between two energies [GeV] alone, with points at the new ends."""
        _check_range(low, high, zero=True)
        energies = np.array(self.energies)
        kept = np.unique(np.clip(energies, max(low, energies[0]), min(high, energies[-1])))
        if kept.size < 2 or not self.density(kept).sum() > 0.0:
            raise UsageError(
                f"the flux has nothing between {low:g} and {high:g} GeV: "
                f"it spans {self.energy_range[0]:g}-{self.energy_range[1]:g} GeV"
            )
        return PointsFlux(tuple(kept.tolist()), tuple(self.density(kept).tolist()))

    def as_dict(self) -> dict[str, Any]:
        """Plain values for a JSON file."""
        return {
            "kind": "points",
            "energies": list(self.energies),
            "densities": list(self.densities),
        }

    def _areas(self) -> Floats:
        """Flux between neighbouring points, n - 1 numbers."""
        densities = np.array(self.densities)
        return np.asarray(np.diff(np.array(self.energies)) * 0.5 * (densities[1:] + densities[:-1]))


def _check_range(low: float, high: float, zero: bool = False) -> None:
    positive = low > 0.0 or (zero and low == 0.0)
    if not (np.isfinite(low) and np.isfinite(high) and positive and low < high):
        raise UsageError(
            f"energy range {low:g} to {high:g} GeV: two positive energies are needed, "
            "the smaller one first"
        )


def histogram_flux(edges: Iterable[float], contents: Iterable[float]) -> HistogramFlux:
    """Build a :class:`HistogramFlux` from any sequences of numbers."""
    return HistogramFlux(tuple(float(x) for x in edges), tuple(float(x) for x in contents))


def flux_from_dict(record: Mapping[str, Any]) -> Flux:
    """Inverse of :meth:`Flux.as_dict`.

    Raises
    ------
    UsageError, KeyError, TypeError, ValueError
        if the values are no flux.
    """
    kind = record["kind"]
    if kind == "mono":
        return MonoFlux(float(record["energy"]))
    if kind == "uniform":
        return UniformFlux(float(record["low"]), float(record["high"]))
    if kind == "powerlaw":
        return PowerLawFlux(float(record["alpha"]), float(record["low"]), float(record["high"]))
    if kind == "histogram":
        return histogram_flux(record["edges"], record["contents"])
    if kind == "points":
        return PointsFlux(tuple(map(float, record["energies"])),
                          tuple(map(float, record["densities"])))  # fmt: skip
    raise UsageError(f"a flux of the kind {kind!r} is not known")


def common_flux(fluxes: Iterable[Flux | None]) -> Flux | None:
    """The flux that all of these are; None if they differ, one is unknown or there are none."""
    known = list(fluxes)
    return known[0] if known and all(flux == known[0] for flux in known) else None


def restricted_flux(flux: Flux | None, energy_range: tuple[float, float] | None) -> Flux | None:
    """The flux of the events that a cut in energy leaves.

    Parameters
    ----------
    flux : of all events; None where unknown
    energy_range : smallest and largest energy left [GeV], the smallest may be 0; all if absent

    Returns
    -------
    None also where the flux has nothing in the range, and so is not that of the events.
    """
    if flux is None or energy_range is None:
        return flux
    low, high = flux.energy_range
    if energy_range[0] <= low and high <= energy_range[1]:
        return flux
    try:
        return flux.restricted(max(energy_range[0], low), min(energy_range[1], high))
    except UsageError:
        return None
