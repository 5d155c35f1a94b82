"""Fluxes as people hand them over: words, ROOT histograms, text files.

What a file leaves open is either asked for or assumed; what was assumed is told in words, beside
the flux.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nugen_gan.errors import FormatError, UsageError
from nugen_gan.flux import Flux, HistogramFlux, MonoFlux, PowerLawFlux, UniformFlux, histogram_flux
from nugen_gan.flux_points import flux_of_points
from nugen_gan.flux_text import nuwro_line, read_text

__all__ = ["ReadFlux", "parse_flux", "read_flux"]

Floats = NDArray[np.float64]
ALLOWED = (
    "Allowed are 'uniform', 'powerlaw:ALPHA', 'mono:E', 'FILE.root,HISTOGRAM[,WIDTH|NOWIDTH]', "
    "NuWro's 'E1 E2 b1 b2 ...' (MeV), and a text file: rows 'E_low E_high flux', rows 'E flux', "
    "or beam parameters of NuWro"
)
WIDTHS, PLACES = ("WIDTH", "NOWIDTH"), ("POINTS", "CENTRES", "EDGES")
# Above this the energies of a file are MeV: no beam of neutrinos that we know reaches 500 GeV.
LARGEST_IN_GEV = 500.0
MEV = 1e-3


@dataclass(frozen=True, slots=True)
class ReadFlux:
    """A flux, and what had to be assumed to understand it, in words."""

    flux: Flux
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Asked:
    """A file and the words behind it."""

    path: str
    histogram: str
    width: str
    place: str

    @property
    def name(self) -> str:
        """File and histogram, without the choices."""
        return ",".join(part for part in (self.path, self.histogram) if part)


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
        TH1; a text file; NuWro's ``E1 E2 b1 b2 ...`` in MeV
    energy_range : lowest and highest energy to keep [GeV]; needed for the first two
    probe : PDG code of the neutrino whose flux is meant, where a file has several

    Notes
    -----
    Whether the content of a bin is a count or a density is not written in a file.  With bins of
    one width it does not matter.  With bins of different widths ``WIDTH`` says that contents are
    densities, to be multiplied by the width, and ``NOWIDTH`` that they are counts.  Two columns
    may be points of a curve, centres or lower edges of bins; see
    :func:`nugen_gan.flux_points.flux_of_points`.  Energies are GeV, but MeV if one is 500 or
    more.

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
        found = _from_file(_asked(text), probe)
    if energy_range is None:
        return found
    return ReadFlux(found.flux.restricted(*energy_range), found.notes)


def _shape(word: str, argument: str, text: str, energy_range: tuple[float, float] | None) -> Flux:
    if word == "mono":
        flux = MonoFlux(_number(argument, text))
        return flux if energy_range is None else flux.restricted(*energy_range)
    if energy_range is None:
        raise UsageError(f"flux {text!r} needs an energy range: --energy LOW,HIGH in GeV")
    if word == "uniform" and not argument:
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
    """Take ``FILE[,HISTOGRAM][,CHOICE]...`` apart."""
    path, *rest = text.split(",")
    if not Path(path).is_file():
        raise UsageError(f"flux {text!r}: there is no file {path}. {ALLOWED}.")
    names = [word for word in rest if word.upper() not in (*WIDTHS, *PLACES)]
    width = [word.upper() for word in rest if word.upper() in WIDTHS]
    place = [word.upper() for word in rest if word.upper() in PLACES]
    if max(len(names), len(width), len(place)) > 1:
        raise UsageError(f"flux {text!r} is not understood. {ALLOWED}.")
    return _Asked(path, *(words[0] if words else "" for words in (names, width, place)))


def _from_file(asked: _Asked, probe: int | None) -> ReadFlux:
    path = Path(asked.path)
    with path.open("rb") as stream:
        is_root = stream.read(4) == b"root"
    if is_root or asked.histogram:
        if asked.place:
            raise UsageError(f"{asked.place} is for text of two columns; {path} is a ROOT file")
        edges, contents = _from_root(path, asked.histogram)
        return _bins(edges, contents, asked)
    content = read_text(path, probe)
    if isinstance(content, Flux):
        return ReadFlux(content, ("NuWro's beam parameters, in MeV (histograms in GeV)",))
    if content.shape[1] == 2:
        scale, notes = _unit(content[:, 0])
        flux, how = flux_of_points(
            scale * content[:, 0], content[:, 1], asked.place, asked.width, asked.name
        )
        return ReadFlux(flux, (*notes, *how))
    if asked.place:
        raise UsageError(
            f"{asked.place} is for text of two columns; {path} has three, E_low E_high flux"
        )
    edges = np.concatenate([content[:, 0], content[-1:, 1]])
    return _bins(edges, content[:, 2], asked)


def _from_root(path: Path, name: str) -> tuple[Floats, Floats]:
    """Edges and contents of a TH1."""
    import uproot

    try:
        with uproot.open(path) as file:
            kinds = {key.split(";")[0]: kind for key, kind in file.classnames().items()}
            histograms = sorted(key for key, kind in kinds.items() if kind.startswith("TH1"))
            if name not in histograms:
                problem = f"no histogram {name!r}" if name else "several objects: name one"
                raise UsageError(
                    f"{path} has {problem}, as in FILE.root,HISTOGRAM. Its histograms: "
                    f"{', '.join(histograms) or 'none'}"
                )
            contents, edges = file[name].to_numpy()
    except UsageError:
        raise
    except Exception as error:  # whatever a damaged file makes uproot raise
        raise FormatError(f"flux file {path} cannot be read as a ROOT file: {error}") from error
    return np.asarray(edges, np.float64), np.asarray(contents, np.float64)


def _unit(energies: Floats) -> tuple[float, tuple[str, ...]]:
    """Factor to GeV, and a note where there was something to decide."""
    largest = float(energies.max())
    if largest < LARGEST_IN_GEV:
        return 1.0, (f"energies up to {largest:g} are taken as GeV",)
    return MEV, (f"energies up to {largest:g} are taken as MeV",)


def _bins(edges: Floats, contents: Floats, asked: _Asked) -> ReadFlux:
    scale, notes = _unit(edges)
    flux = _histogram(scale * edges, contents, asked.width, asked.name)
    if asked.width:
        meaning = "densities" if asked.width == "WIDTH" else "counts"
        notes = (*notes, f"contents of bins are {meaning}, as {asked.width} says")
    return ReadFlux(flux, notes)


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
