"""Fluxes as people hand them over: words, ROOT histograms, text tables."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nugen_gan.errors import FormatError, UsageError
from nugen_gan.flux import Flux, HistogramFlux, PowerLawFlux, UniformFlux, histogram_flux

__all__ = ["parse_flux"]

Floats = NDArray[np.float64]
ALLOWED = (
    "Allowed are 'uniform', 'powerlaw:ALPHA', 'FILE.root,HISTOGRAM[,WIDTH|NOWIDTH]', and a text "
    "file with rows 'E_low E_high flux' (GeV)"
)


def parse_flux(text: str, energy_range: tuple[float, float] | None = None) -> Flux:
    """Read a flux from the words of a command line.

    Parameters
    ----------
    text : ``uniform``; ``powerlaw:1`` for a density E^-1; ``flux.root,numu`` for a TH1;
        a text file with three columns
    energy_range : lowest and highest energy to keep [GeV]; needed for the first two

    Notes
    -----
    Whether the content of a histogram is a count or a density is not written in it.  With bins
    of one width it does not matter.  With bins of different widths ``WIDTH`` says that contents
    are densities, to be multiplied by the width, and ``NOWIDTH`` that they are counts.

    Raises
    ------
    UsageError
        if the text is not understood, the choice is missing, or nothing is in the range.
    FormatError
        if a file cannot be read.
    """
    word, _, argument = text.partition(":")
    if word.lower() in ("uniform", "powerlaw"):
        return _shape(word.lower(), argument, text, energy_range)
    path, *rest = text.split(",")
    if not Path(path).is_file():
        raise UsageError(f"flux {text!r}: there is no file {path}. {ALLOWED}.")
    choice = rest.pop().upper() if rest and rest[-1].upper() in ("WIDTH", "NOWIDTH") else ""
    if len(rest) > 1:
        raise UsageError(f"flux {text!r} is not understood. {ALLOWED}.")
    read = _from_root(Path(path), rest[0]) if rest else _from_text(Path(path))
    flux = _histogram(*read, choice, ",".join([path, *rest]))
    return flux if energy_range is None else flux.restricted(*energy_range)


def _shape(
    word: str, argument: str, text: str, energy_range: tuple[float, float] | None
) -> PowerLawFlux:
    if energy_range is None:
        raise UsageError(f"flux {text!r} needs an energy range: --energy LOW,HIGH in GeV")
    if word == "uniform" and not argument:
        return UniformFlux(*energy_range)
    try:
        return PowerLawFlux(float(argument), *energy_range)
    except ValueError as error:
        raise UsageError(f"flux {text!r} is not understood. {ALLOWED}.") from error


def _from_root(path: Path, name: str) -> tuple[Floats, Floats]:
    """Edges and contents of a TH1."""
    import uproot

    try:
        with uproot.open(path) as file:
            kinds = {key.split(";")[0]: kind for key, kind in file.classnames().items()}
            histograms = sorted(key for key, kind in kinds.items() if kind.startswith("TH1"))
            if name not in histograms:
                raise UsageError(
                    f"{path} has no histogram {name!r}. It has: {', '.join(histograms) or 'none'}"
                )
            contents, edges = file[name].to_numpy()
    except UsageError:
        raise
    except Exception as error:  # whatever a damaged file makes uproot raise
        raise FormatError(f"flux file {path} cannot be read as a ROOT file: {error}") from error
    return np.asarray(edges, np.float64), np.asarray(contents, np.float64)


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


def _from_text(path: Path) -> tuple[Floats, Floats]:
    """Edges and contents of a table of three columns."""
    try:
        text = path.read_text(encoding="utf-8")
        lines = (line.split("#")[0].replace(",", " ").split() for line in text.splitlines())
        rows = np.array([[float(word) for word in line] for line in lines if line])
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise FormatError(f"flux file {path} is not a table of numbers: {error}") from error
    if rows.ndim != 2 or rows.shape[1] != 3:
        raise FormatError(f"flux file {path}: rows of three numbers, E_low E_high flux, are needed")
    if not np.allclose(rows[1:, 0], rows[:-1, 1], rtol=1e-6):
        raise FormatError(f"flux file {path}: each row must begin where the last one ended")
    return np.concatenate([rows[:, 0], rows[-1:, 1]]), rows[:, 2]
