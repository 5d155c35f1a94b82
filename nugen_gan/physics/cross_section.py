"""Total charged-current cross sections sigma(enu), in cm^2 per nucleus.

A file of events holds them implicitly: the number of events in an energy bin is sigma there
times the *exposure*, targets times neutrinos per area, in that bin.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nugen_gan.errors import EnergyRangeError, FormatError
from nugen_gan.physics.flux import Flux
from nugen_gan.physics.process import Process, mass_number

__all__ = ["UNIT_38", "CrossSection", "CrossSectionCounter", "Run"]

Floats = NDArray[np.float64]
UNIT_38 = 1e-38  # cm^2, the unit in which the field quotes neutrino cross sections


@dataclass(frozen=True)
class CrossSection:
    """sigma(enu) as averages in energy bins, over a flat flux in each bin.

    Between bins a continuous curve, linear in sigma / enu over log(enu), is adjusted so that
    its own bin averages are these.  Where the curve itself is known, at the edges of the bins,
    it consists of straight lines between those points: see :meth:`from_points`.

    Attributes
    ----------
    edges : bin edges [GeV], n + 1 increasing numbers; two equal ones for a single energy
    values : cm^2 per nucleus, n numbers
    errors : statistical errors, same unit; NaN where the source gives none
    source : where it comes from, in words
    at_edges : sigma at the edges, n + 1 numbers, same unit; empty where only averages are known
    """

    edges: tuple[float, ...]
    values: tuple[float, ...]
    errors: tuple[float, ...]
    source: str = ""
    at_edges: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        edges, values, points = (
            np.array(x) for x in (self.edges, self.values, self.at_edges or (0.0,))
        )
        n = len(values)
        single = n == 1 and len(edges) == 2 and edges[0] == edges[1]
        if n < 1 or len(edges) != n + 1 or len(self.errors) != n:
            raise FormatError(f"a cross section of {n} bins needs {n + 1} edges and {n} errors")
        if not (np.isfinite(edges).all() and ((np.diff(edges) > 0).all() or single)):
            raise FormatError("energies of a cross section must increase")
        if not (np.isfinite(values).all() and (values >= 0).all() and values.max() > 0):
            raise FormatError("a cross section must be finite, positive, and not zero everywhere")
        if self.at_edges and len(points) != n + 1:
            raise FormatError(f"a cross section of {n} bins has {n + 1} edges, not {len(points)}")
        if not (np.isfinite(points).all() and (points >= 0).all()):
            raise FormatError("a cross section must be finite and positive at every point")

    @classmethod
    def from_points(cls, enu: ArrayLike, sigma: ArrayLike, source: str = "") -> CrossSection:
        """Return the curve through some points, straight between neighbours.

        Parameters
        ----------
        enu : energies [GeV], shape (N,), increasing
        sigma : cm^2 per nucleus at these energies, shape (N,)
        source : where it comes from, in words

        Raises
        ------
        FormatError
            if energies do not increase, or sigma is negative, infinite or zero everywhere.
        """
        edges, points = np.asarray(enu, np.float64), np.asarray(sigma, np.float64)
        if edges.ndim != 1 or edges.shape != points.shape or not edges.size:
            raise FormatError("a curve of cross sections needs as many energies as values")
        if not (np.diff(edges) > 0.0).all():
            raise FormatError("energies of a cross section must increase")
        if len(edges) == 1:
            edges, points = np.repeat(edges, 2), np.repeat(points, 2)
        values = 0.5 * (points[1:] + points[:-1])
        return cls(
            tuple(edges.tolist()), tuple(values.tolist()), (np.nan,) * len(values), source,
            tuple(points.tolist()),
        )  # fmt: skip

    def points(self, at_least: int = 1000) -> tuple[Floats, Floats]:
        """Energies [GeV] and sigma [cm^2 per nucleus] between which straight lines will do.

        The very points that the curve was made of or, for bins, its own nodes and a logarithmic
        grid of ``at_least`` energies.
        """
        if self.at_edges:
            first = 1 if self.edges[0] == self.edges[-1] else 0
            return np.array(self.edges[first:]), np.array(self.at_edges[first:])
        low, high = self.energy_range
        if low == high:
            return np.array([low]), np.array(self.values)
        grid = np.geomspace(max(low, 1e-3 * high), high, at_least)
        nodes = np.exp(self._curve[0])
        energy = np.unique(np.concatenate([[low, high], grid[1:-1], nodes]))
        energy = energy[(energy >= low) & (energy <= high)]
        return energy, self(energy)

    @property
    def extent(self) -> str:
        """How many bins or points there are and what they cover, in words."""
        points = len(self.points()[0]) if self.at_edges else 0
        kind, number = ("point", points) if points else ("bin", len(self.values))
        low, high = self.energy_range
        return f"{number} {kind}{'' if number == 1 else 's'}, {low:g}-{high:g} GeV"

    @property
    def energy_range(self) -> tuple[float, float]:
        """Lowest and highest energy [GeV]."""
        return (self.edges[0], self.edges[-1])

    def __call__(self, enu: ArrayLike) -> Floats:
        """Sigma [cm^2 per nucleus] at ``enu`` [GeV]; raises EnergyRangeError outside the range."""
        energy = np.asarray(enu, np.float64)
        low, high = self.energy_range
        slack = 1e-6 * high
        if energy.size and not (energy.min() >= low - slack and energy.max() <= high + slack):
            raise EnergyRangeError(
                f"cross section asked for at {energy.min():g}-{energy.max():g} GeV, "
                f"known at {low:g}-{high:g} GeV"
            )
        if self.at_edges:
            return np.asarray(np.interp(energy, self.edges, self.at_edges))
        nodes, reduced = self._curve
        return energy * np.interp(np.log(np.clip(energy, 1e-9, None)), nodes, reduced)

    @cached_property
    def _curve(self) -> tuple[Floats, Floats]:
        """Nodes in log(enu) and sigma / enu there."""
        edges, values = np.array(self.edges), np.array(self.values)
        centres = 0.5 * (edges[1:] + edges[:-1])
        if len(values) == 1:
            return np.log(centres), values / centres
        reduced = values / centres
        for _ in range(4):
            average = _bin_averages(edges, *_with_ends(edges, centres, reduced))
            factor = np.divide(values, average, out=np.ones_like(values), where=average > 0)
            # A noisy bin must not make its neighbours swing.
            reduced = reduced * np.clip(factor, 0.8, 1.25)
        return _with_ends(edges, centres, reduced)

    def per_nucleon(self, process: Process) -> CrossSection:
        """The same, divided by the number of nucleons of the target."""
        return self.scaled(1.0 / process.a)

    def scaled(self, factor: float) -> CrossSection:
        """The same, times a number."""
        return CrossSection(
            self.edges, tuple(factor * v for v in self.values),
            tuple(factor * e for e in self.errors), self.source,
            tuple(factor * p for p in self.at_edges),
        )  # fmt: skip

    def as_dict(self) -> dict[str, Any]:
        """Plain values for a JSON file; a missing error is null there."""
        record: dict[str, Any] = {
            "unit": "cm2 per nucleus",
            "edges_GeV": list(self.edges),
            "values": list(self.values),
            "errors": [e if np.isfinite(e) else None for e in self.errors],
            "source": self.source,
        }
        if self.at_edges:
            record["at_edges"] = list(self.at_edges)
        return record

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> CrossSection:
        """Inverse of :meth:`as_dict`."""
        errors = (np.nan if e is None else float(e) for e in record["errors"])
        return cls(
            tuple(map(float, record["edges_GeV"])), tuple(map(float, record["values"])),
            tuple(errors), str(record.get("source", "")),
            tuple(map(float, record.get("at_edges", ()))),
        )  # fmt: skip


def _with_ends(edges: Floats, centres: Floats, reduced: Floats) -> tuple[Floats, Floats]:
    """Add nodes at the two ends, on the straight lines through the nearest two."""
    nodes = np.log(centres)
    first = np.log(edges[0]) if edges[0] > 0 else nodes[0] - 1.0
    last = np.log(edges[-1])
    slope = (reduced[1] - reduced[0]) / (nodes[1] - nodes[0])
    start = max(0.0, reduced[0] + slope * (first - nodes[0]))
    slope = (reduced[-1] - reduced[-2]) / (nodes[-1] - nodes[-2])
    stop = max(0.0, reduced[-1] + slope * (last - nodes[-1]))
    return (
        np.concatenate([[first], nodes, [last]]),
        np.concatenate([[start], reduced, [stop]]),
    )


def _bin_averages(edges: Floats, nodes: Floats, reduced: Floats, points: int = 16) -> Floats:
    fractions = (np.arange(points) + 0.5) / points
    energy = edges[:-1, None] + np.diff(edges)[:, None] * fractions
    return np.asarray((energy * np.interp(np.log(energy), nodes, reduced)).mean(axis=1))


@dataclass(frozen=True)
class Run:
    """What a generator's run says about the normalisation of its events.

    Attributes
    ----------
    events : number of events of the run, of all kinds; the sum of weights where they have any
    cross_section : total over all of these kinds, averaged over flux and nucleons
        [cm^2 per nucleon]
    beams : PDG code of each probe -> (its fraction of the flux, its flux or None where only
        the normalisation is known, not the shape)
    atoms : PDG code of each target nucleus -> number of such atoms in a molecule
    """

    events: float
    cross_section: float
    beams: Mapping[int, tuple[float, Flux | None]]
    atoms: Mapping[int, float]

    def knows(self, process: Process) -> bool:
        """True if the run had this probe and this target."""
        return process.probe in self.beams and process.target in self.atoms

    def exposure(self, process: Process, edges: Floats) -> Floats:
        """Events per cm^2 of cross section per nucleus, in each energy bin; shape (n,).

        Sum over processes and bins of exposure times sigma is ``events``.
        """
        flux = self.beams[process.probe][1]
        if flux is None:
            raise ValueError("the exposure in bins of energy needs the shape of the flux")
        total = self.total_exposure(process)
        if flux.energy_range[0] == flux.energy_range[1]:
            return np.full(len(edges) - 1, total)
        return total * flux.fractions(edges)

    def total_exposure(self, process: Process) -> float:
        """Events per cm^2 of flux-averaged cross section per nucleus."""
        nucleons = sum(n * mass_number(target) for target, n in self.atoms.items())
        per_atom = self.events / self.cross_section * self.atoms[process.target] / nucleons
        return per_atom * self.beams[process.probe][0]


class CrossSectionCounter:
    """Collects the energies of selected events, chunk by chunk, and turns them into sigma.

    sigma(bin) = events(bin) / exposure(bin).  Several runs add up their exposures.
    """

    # Neighbouring bins are joined until each holds this many events: 20 % statistical error.
    SMALLEST_COUNT = 25

    def __init__(self, process: Process, runs: Sequence[Run]) -> None:
        self.process = process
        self.runs = [run for run in runs if run.knows(process)]
        fluxes = [run.beams[process.probe][1] for run in self.runs]
        knots = [_knots(flux) for flux in fluxes if flux is not None]
        self._edges = np.array([0.0, np.inf])
        if knots and len(knots) == len(fluxes):
            self._edges = _bins(knots)
        self._counts: Floats = np.zeros(len(self._edges) - 1)
        self._squares: Floats = np.zeros(len(self._edges) - 1)

    def add(self, enu: Floats, weight: Floats) -> None:
        """Count events: energies [GeV] and relative weights, shape (N,)."""
        if len(self._edges) == 2:
            self._counts += weight.sum()
            self._squares += (weight**2).sum()
        else:
            # Rounding may put an event a hair outside the flux; it is counted all the same.
            slack = 1e-6 * self._edges[-1]
            first, last = self._edges[0], self._edges[-1]
            inside = (enu >= first - slack) & (enu <= last + slack)
            energy = np.clip(enu[inside], first, last)
            self._counts += np.histogram(energy, self._edges, weights=weight[inside])[0]
            self._squares += np.histogram(energy, self._edges, weights=weight[inside] ** 2)[0]

    def flux_average(self) -> float | None:
        """Cross section averaged over the flux of all runs [cm^2 per nucleus], if known."""
        exposure = sum(run.total_exposure(self.process) for run in self.runs)
        return float(self._counts.sum()) / exposure if exposure > 0 else None

    def result(self) -> CrossSection | None:
        """Return sigma(enu), or None if the runs do not tell the normalisation."""
        if not self.runs or np.isinf(self._edges[-1]) or not self._counts.sum() > 0:
            return None
        exposure = np.sum([run.exposure(self.process, self._edges) for run in self.runs], axis=0)
        centres = 0.5 * (self._edges[1:] + self._edges[:-1])
        edges, columns = _joined(
            self._edges,
            np.stack([self._counts, self._squares, exposure, exposure * centres]),
            self.SMALLEST_COUNT,
        )
        counts, squares, exposed, energy = columns
        # Joined bins average over the flux within.  To what a flat flux would give they go as
        # sigma proportional to the energy does: a factor of one for bins that were not joined.
        flat = 0.5 * (np.array(edges[1:]) + np.array(edges[:-1])) * exposed / energy
        values, errors = flat * counts / exposed, flat * np.sqrt(squares) / exposed
        return CrossSection(
            tuple(edges), tuple(values.tolist()), tuple(errors.tolist()), "events over exposure"
        )


def _knots(flux: Flux) -> Floats:
    """Knots of a flux within its energy range: without the empty bins at the two ends."""
    low, high = flux.energy_range
    knots = flux.knots()
    return knots[(knots >= low) & (knots <= high)]


def _bins(knots: Sequence[Floats], at_least: int = 20) -> Floats:
    """Bins for several fluxes: all their edges, or a logarithmic grid if they have too few."""
    edges = np.unique(np.concatenate(knots))
    if len(edges) == 1:
        return np.repeat(edges, 2)
    if len(edges) - 1 < at_least:
        low = edges[0] if edges[0] > 0 else 1e-3 * edges[-1]
        edges = np.unique(np.concatenate([edges, np.geomspace(low, edges[-1], at_least + 1)]))
        close = np.diff(edges) < 1e-6 * edges[-1]
        edges = edges[np.concatenate([[True], ~close])]
    return edges


def _joined(edges: Floats, columns: Floats, smallest: float) -> tuple[list[float], Floats]:
    """Join neighbouring bins until each has enough events and some exposure.

    ``columns`` are sums in each bin, shape (k, n): counts first, exposure third.
    """
    nothing = np.zeros(len(columns))
    new_edges, sums = [float(edges[0])], [nothing]
    for i in range(len(edges) - 1):
        if sums[-1][0] >= smallest and sums[-1][2] > 0.0:
            new_edges.append(float(edges[i]))
            sums.append(nothing)
        sums[-1] = sums[-1] + columns[:, i]
    if len(sums) > 1 and not (sums[-1][0] >= smallest and sums[-1][2] > 0.0):
        last = sums.pop()
        sums[-1] = sums[-1] + last
        new_edges.pop()
    new_edges.append(float(edges[-1]))
    return new_edges, np.stack(sums, axis=1)
