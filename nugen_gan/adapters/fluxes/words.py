"""Fluxes as people hand them over: words, ROOT histograms, text files.

What a file leaves open is either asked for or assumed; what was assumed is told in words, beside
the flux.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nugen_gan.adapters.fluxes.card import card_flux, is_card, nuwro_line
from nugen_gan.adapters.fluxes.checks import check_flux
from nugen_gan.adapters.fluxes.columns import choose_columns
from nugen_gan.adapters.fluxes.histogram import read_root_flux
from nugen_gan.adapters.fluxes.points import flux_of_points
from nugen_gan.adapters.fluxes.text import read_table
from nugen_gan.adapters.fluxes.units import UNIT_WORDS, energy_unit, units_in
from nugen_gan.errors import UsageError
from nugen_gan.physics.flux import (
    Flux,
    HistogramFlux,
    MonoFlux,
    PowerLawFlux,
    UniformFlux,
    histogram_flux,
)
from nugen_gan.storage.text import read_text_file

__all__ = ["ReadFlux", "parse_flux", "read_flux"]

Floats = NDArray[np.float64]
ALLOWED = (
    "Allowed are 'uniform', 'powerlaw:ALPHA', 'mono:E', "
    "'FILE.root[,HISTOGRAM][,WIDTH|NOWIDTH][,GEV|MEV]', NuWro's 'E1 E2 b1 b2 ...' (MeV), and a "
    "text file: rows 'E_low E_high flux', rows 'E flux', rows of more numbers with names above "
    "them ('FILE.txt[,COLUMN]'), or beam parameters of NuWro"
)
WIDTHS, PLACES = ("WIDTH", "NOWIDTH"), ("POINTS", "CENTRES", "EDGES")


@dataclass(frozen=True, slots=True)
class ReadFlux:
    """A flux, and what had to be assumed to understand it, in words."""

    flux: Flux
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Asked:
    """A file and the words behind it; ``part`` is a histogram or a column."""

    path: str
    part: str
    width: str
    place: str
    unit: str

    @property
    def name(self) -> str:
        """File and histogram, without the choices."""
        return ",".join(part for part in (self.path, self.part) if part)


def parse_flux(
    text: str, energy_range: tuple[float, float] | None = None, probe: int | None = None
) -> Flux:
    """Read a flux from the words of a command line; parameters as :func:`read_flux`."""
    return read_flux(text, energy_range, probe).flux


def read_flux(
    text: str, energy_range: tuple[float, float] | None = None, probe: int | None = None
) -> ReadFlux:
    """Read a flux from the words of a command line, and say what was assumed.

    Parameters
    ----------
    text : ``uniform``; ``powerlaw:1`` for a density E^-1; ``mono:1``; ``flux.root,numu`` for a
        TH1 or a graph; a text file, with the column of the flux if it has several; NuWro's ``E1
        E2 b1 b2 ...`` in MeV
    energy_range : lowest and highest energy to keep [GeV]; needed for the first two
    probe : PDG code of the neutrino whose flux is meant, where a file has several

    Notes
    -----
    Whether the content of a bin is a count or a density is not written in a file.  With bins of one
    width it does not matter.  With bins of different widths ``WIDTH`` says that contents are
    densities, to be multiplied by the width, and ``NOWIDTH`` that they are counts.  Two columns may
    be points of a curve, centres or lower edges of bins; see
    :func:`nugen_gan.adapters.fluxes.points.flux_of_points`.  ``GEV`` and ``MEV`` say the unit of
    energies; else the file may (the title of the axis, the names of columns); else they are GeV, if
    they are below 500.

    Raises
    ------
    UsageError
        if the text is not understood, a choice is missing, or nothing is in the range.
    FormatError
        if a file cannot be read.
    """
    word, _, argument = text.partition(":")
    if word.lower() in ("uniform", "powerlaw", "mono"):
        return ReadFlux(_shape(word.lower(), argument, text, energy_range))
    numbers = _numbers(text)
    if len(numbers) > 1:
        found = ReadFlux(nuwro_line(numbers, "this line"), ("NuWro's line of bins, in MeV",))
    else:
        found = _from_file(_asked(text), probe, energy_range)
    if energy_range is None:
        return found
    return ReadFlux(found.flux.restricted(*energy_range), found.notes)


def _shape(word: str, argument: str, text: str, energy_range: tuple[float, float] | None) -> Flux:
    if word == "mono":
        flux = MonoFlux(_number(argument, text))
        return flux if energy_range is None else flux.restricted(*energy_range)
    if energy_range is None:
        raise UsageError(f"flux {text!r} needs an energy range: --energy LOW,HIGH in GeV")
    if word == "uniform":
        if argument:
            raise UsageError(f"flux {text!r}: 'uniform' takes no number. {ALLOWED}.")
        return UniformFlux(*energy_range)
    return PowerLawFlux(_number(argument, text), *energy_range)


def _number(argument: str, text: str) -> float:
    try:
        return float(argument)
    except ValueError as error:
        raise UsageError(f"flux {text!r} is not understood. {ALLOWED}.") from error


def _numbers(text: str) -> list[float]:
    """All words as numbers, or none at all."""
    try:
        return [float(word) for word in text.split()]
    except ValueError:
        return []


def _asked(text: str) -> _Asked:
    """Take ``FILE[,HISTOGRAM][,CHOICE]...`` apart; a file's name may have commas itself."""
    parts = text.split(",")
    ends = [end for end in range(len(parts), 0, -1) if Path(",".join(parts[:end])).is_file()]
    if not ends:
        raise UsageError(f"flux {text!r}: there is no file {parts[0]}. {ALLOWED}.")
    rest = [word.strip() for word in parts[ends[0] :]]
    choices = (WIDTHS, PLACES, UNIT_WORDS)
    said = [[word.upper() for word in rest if word.upper() in allowed] for allowed in choices]
    names = [word for word in rest if not any(word.upper() in allowed for allowed in choices)]
    if max(map(len, (names, *said))) > 1:
        raise UsageError(f"flux {text!r} is not understood. {ALLOWED}.")
    path = ",".join(parts[: ends[0]])
    return _Asked(path, *(words[0] if words else "" for words in (names, *said)))


def _from_file(
    asked: _Asked, probe: int | None, energy_range: tuple[float, float] | None
) -> ReadFlux:
    path = Path(asked.path)
    with path.open("rb") as stream:
        is_root = stream.read(4) == b"root"
    if is_root or path.suffix == ".root":
        found = read_root_flux(path, asked.part)
        points = len(found.energies) == len(found.values)
        if asked.place and not points:
            raise UsageError(f"{asked.place} is for text of two columns; {path} is a ROOT file")
        name = f"{path},{found.name}"
        asked = replace(asked, part=found.name, place="POINTS" if points else "")
        return _flux(found.energies, found.values, (found.axis,), asked, name, energy_range,
                     found.notes)  # fmt: skip
    text = read_text_file(path, "flux file")
    if is_card(text):
        return _from_card(*card_flux(text, path, probe), asked)
    table = read_table(text, path)
    if len(table.rows) == 1 and table.rows.shape[1] > 3 and not asked.part:
        line = nuwro_line(table.rows[0].tolist(), f"flux file {path}")
        return _from_card(line, (), asked)
    columns = choose_columns(table, asked.part, probe, asked.path)
    if len(columns.energies) == len(columns.values):
        asked = replace(asked, place=asked.place or columns.place)
    elif asked.place:
        raise UsageError(
            f"{asked.place} is for text of two columns; {path} has three, E_low E_high flux"
        )
    return _flux(columns.energies, columns.values, columns.texts, asked, asked.name, energy_range,
                 columns.notes)  # fmt: skip


def _from_card(flux: Flux, notes: tuple[str, ...], asked: _Asked) -> ReadFlux:
    if asked.unit == "GEV":
        raise UsageError(f"{asked.path} is a beam of NuWro's, which is in MeV: leave out GEV")
    return ReadFlux(flux, ("NuWro's beam parameters, in MeV (histograms in GeV)", *notes))


def _flux(
    energies: Floats, values: Floats, texts: Sequence[str], asked: _Asked, name: str,
    energy_range: tuple[float, float] | None, notes: tuple[str, ...],
) -> ReadFlux:  # fmt: skip
    """Bins if there is one more energy than there are values, else points."""
    bins = len(energies) == len(values) + 1
    check_flux(energies, values, name)
    filled = np.flatnonzero(values)
    spanned = energies[filled[0] : filled[-1] + 1 + bins]
    spanned = np.append(spanned, energies[-1])
    scale, unit = energy_unit(spanned, asked.unit, units_in(texts), name, energy_range)
    notes = (*notes, *unit)
    if not bins:
        flux, how = flux_of_points(scale * energies, values, asked.place, asked.width, name)
        return ReadFlux(flux, (*notes, *how))
    edges, contents, left_out = _without_empty(scale * energies, values, asked.width, name)
    if asked.width:
        meaning = "densities" if asked.width == "WIDTH" else "counts"
        notes = (*notes, f"contents of bins are {meaning}, as {asked.width} says")
    return ReadFlux(_histogram(edges, contents, asked.width, name), (*notes, *left_out))


def _without_empty(
    edges: Floats, contents: Floats, choice: str, name: str
) -> tuple[Floats, Floats, tuple[str, ...]]:
    """Leave out bins of width zero, in which a density has no flux."""
    empty = np.diff(edges) <= 0.0
    if not empty.any():
        return edges, contents, ()
    counted = np.flatnonzero(empty & (contents > 0.0))
    places = ", ".join(f"{i + 1} (at {edges[i]:g} GeV)" for i in np.flatnonzero(empty)[:5])
    if counted.size and choice != "WIDTH":
        i = int(counted[0])
        raise UsageError(
            f"flux {name}: bin {i + 1} has no width ({edges[i]:g} to {edges[i + 1]:g} GeV) and a "
            f"content of {contents[i]:g}, which as a count has no energies. If contents are "
            f"densities write '{name},WIDTH', and the bin is left out; else correct the file"
        )
    kept = np.append(True, ~empty)
    note = f"bins without width hold no flux and are left out: {places}"
    return edges[kept], contents[~empty], (note,)


def _histogram(edges: Floats, contents: Floats, choice: str, name: str) -> HistogramFlux:
    widths = np.diff(edges)
    if not choice and not np.allclose(widths, widths[0], rtol=1e-3):
        raise UsageError(
            f"the bins of {name} differ in width ({widths.min():g} to {widths.max():g} GeV), and "
            f"a histogram does not tell what its contents are. Write '{name},WIDTH' if they are "
            f"densities (per GeV or per any fixed energy), '{name},NOWIDTH' if they are counts "
            "per bin"
        )
    return histogram_flux(edges, contents * widths if choice == "WIDTH" else contents)
