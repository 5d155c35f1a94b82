"""Total charged-current cross sections sigma(enu), in cm^2 per nucleus.

A file of events holds them implicitly: the number of events in an energy bin is sigma there
times the *exposure*, targets times neutrinos per area, in that bin.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nugen_gan.errors import EnergyRangeError, FormatError, UsageError
from nugen_gan.flux import Flux
from nugen_gan.process import Process, mass_number

__all__ = ["CrossSection", "CrossSectionCounter", "Run", "read_cross_section"]

Floats = NDArray[np.float64]
UNIT_38 = 1e-38  # cm^2, the unit in which the field quotes neutrino cross sections


@dataclass(frozen=True)
class CrossSection:
    """sigma(enu) as averages in energy bins, over a flat flux in each bin.

    Between bins a continuous curve, linear in sigma / enu over log(enu), is adjusted so that
    its own bin averages are these.

    Attributes
    ----------
    edges : bin edges [GeV], n + 1 increasing numbers; two equal ones for a single energy
    values : cm^2 per nucleus, n numbers
    errors : statistical errors, same unit; NaN where the source gives none
    source : where it comes from, in words
    """

    edges: tuple[float, ...]
    values: tuple[float, ...]
    errors: tuple[float, ...]
    source: str = ""

    def __post_init__(self) -> None:
        edges, values = np.array(self.edges), np.array(self.values)
        n = len(values)
        single = n == 1 and len(edges) == 2 and edges[0] == edges[1]
        if n < 1 or len(edges) != n + 1 or len(self.errors) != n:
            raise FormatError(f"a cross section of {n} bins needs {n + 1} edges and {n} errors")
        if not (np.isfinite(edges).all() and ((np.diff(edges) > 0).all() or single)):
            raise FormatError("energies of a cross section must increase")
        if not (np.isfinite(values).all() and (values >= 0).all() and values.max() > 0):
            raise FormatError("a cross section must be finite, positive, and not zero everywhere")

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
        )  # fmt: skip

    def as_dict(self) -> dict[str, Any]:
        """Plain values for a JSON file; a missing error is null there."""
        return {
            "unit": "cm2 per nucleus",
            "edges_GeV": list(self.edges),
            "values": list(self.values),
            "errors": [e if np.isfinite(e) else None for e in self.errors],
            "source": self.source,
        }

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> CrossSection:
        """Inverse of :meth:`as_dict`."""
        errors = (np.nan if e is None else float(e) for e in record["errors"])
        return cls(
            tuple(map(float, record["edges_GeV"])), tuple(map(float, record["values"])),
            tuple(errors), str(record.get("source", "")),
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
        exposure = sum(run.exposure(self.process, self._edges) for run in self.runs)
        edges, columns = _joined(
            self._edges,
            np.stack([self._counts, self._squares, np.asarray(exposure)]),
            self.SMALLEST_COUNT,
        )
        counts, squares, exposed = columns
        values, errors = counts / exposed, np.sqrt(squares) / exposed
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

    ``columns`` are counts, squares and exposure in each bin, shape (3, n).
    """
    new_edges, sums = [float(edges[0])], [np.zeros(3)]
    for i in range(len(edges) - 1):
        if sums[-1][0] >= smallest and sums[-1][2] > 0.0:
            new_edges.append(float(edges[i]))
            sums.append(np.zeros(3))
        sums[-1] = sums[-1] + columns[:, i]
    if len(sums) > 1 and not (sums[-1][0] >= smallest and sums[-1][2] > 0.0):
        last = sums.pop()
        sums[-1] = sums[-1] + last
        new_edges.pop()
    new_edges.append(float(edges[-1]))
    return new_edges, np.stack(sums, axis=1)


def read_cross_section(path: str | Path, process: Process) -> CrossSection:
    """Read a table of sigma(enu) for ``process`` from a text file.

    Three columns ``E_low E_high sigma`` (and a fourth, its error, if there is one), energies in
    GeV.  A comment line must state the unit of sigma: ``cm2`` or ``1e-38 cm2``, and ``per
    nucleon`` or ``per nucleus``.

    Raises
    ------
    FormatError
        if the file cannot be read as such a table.
    UsageError
        if it does not state its unit.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise UsageError(f"cross-section file {path} does not exist") from error
    except (OSError, UnicodeDecodeError) as error:
        raise FormatError(f"cross-section file {path} cannot be read as text: {error}") from error
    comments = " ".join(line for line in text.splitlines() if line.lstrip().startswith("#"))
    scale = _unit(comments, path, process)
    rows = _rows(text, path)
    edges = np.concatenate([rows[:, 0], rows[-1:, 1]])
    if not np.allclose(rows[1:, 0], rows[:-1, 1], rtol=1e-6):
        raise FormatError(f"{path}: each row must begin at the energy where the last one ended")
    errors = rows[:, 3] * scale if rows.shape[1] > 3 else np.full(len(rows), np.nan)
    return CrossSection(
        tuple(edges.tolist()), tuple((rows[:, 2] * scale).tolist()), tuple(errors.tolist()),
        f"table {path.name}",
    )  # fmt: skip


def _rows(text: str, path: Path) -> Floats:
    lines = (line.split("#")[0].replace(",", " ").split() for line in text.splitlines())
    try:
        rows = np.array([[float(x) for x in line] for line in lines if line])
    except ValueError as error:
        raise FormatError(f"{path} is not a table of numbers: {error}") from error
    if rows.ndim != 2 or rows.shape[1] not in (3, 4):
        raise FormatError(
            f"{path}: rows of three numbers, E_low E_high sigma, or four with the error of "
            f"sigma, are needed; found {'no rows' if not rows.size else 'something else'}"
        )
    return rows


def _unit(comments: str, path: Path, process: Process) -> float:
    """Factor from the unit of a table to cm^2 per nucleus."""
    area = re.search(r"(1e-38|10\^?-38)?\s*cm\^?2", comments, re.IGNORECASE)
    per = re.search(r"per\s+(nucleon|nucleus|atom)", comments, re.IGNORECASE)
    if not area or not per:
        raise UsageError(
            f"{path} does not state its unit. Add a comment line such as "
            "'# E_low[GeV] E_high[GeV] sigma[1e-38 cm2 per nucleon]'; allowed are cm2 and "
            "1e-38 cm2, per nucleon and per nucleus"
        )
    return (UNIT_38 if area[1] else 1.0) * (process.a if per[1].lower() == "nucleon" else 1)
