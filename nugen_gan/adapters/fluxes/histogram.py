"""Fluxes in ROOT files: histograms and graphs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nugen_gan.errors import FormatError, UsageError

__all__ = ["RootFlux", "read_root_flux"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RootFlux:
    """A histogram of one dimension, or a graph.

    Attributes
    ----------
    name : of the object in the file
    energies : edges of the bins, or energies of the points
    values : contents of the bins, one fewer than edges, or of the points
    axis : title of the axis of energies
    notes : what was chosen and left out, in words
    """

    name: str
    energies: Floats
    values: Floats
    axis: str
    notes: tuple[str, ...]


def read_root_flux(path: Path, name: str) -> RootFlux:
    """Read the histogram or graph of that name, or the only one that there is.

    Raises
    ------
    UsageError
        if there is none, or several and no name.
    FormatError
        if the file cannot be read.
    """
    import uproot

    try:
        with uproot.open(path) as file:
            kinds = {key.split(";")[0]: kind for key, kind in file.classnames().items()}
            chosen = _choose(kinds, name.split(";")[0], path)
            notes = () if name else (f"{chosen} is the only histogram in {path}",)
            return _read(file[chosen], chosen, notes)
    except UsageError:
        raise
    except Exception as error:  # whatever a damaged file makes uproot raise
        raise FormatError(f"flux file {path} cannot be read as a ROOT file: {error}") from error


def _choose(kinds: dict[str, str], name: str, path: Path) -> str:
    usable = sorted(key for key, kind in kinds.items() if kind.startswith(("TH1", "TGraph")))
    if name in usable:
        return name
    if not name and len(usable) == 1:
        return usable[0]
    problem = f"no histogram {name!r}" if name else "several objects: name one"
    if name in kinds:
        problem = f"{name!r}, which is a {kinds[name]}: a flux has one dimension"
    elif not usable:
        problem = "no histogram"
    raise UsageError(
        f"{path} has {problem}, as in FILE.root,HISTOGRAM. Its histograms: "
        f"{', '.join(usable) or 'none'}"
    )


def _read(found: Any, name: str, notes: tuple[str, ...]) -> RootFlux:
    if found.classname.startswith("TGraph"):
        energies, values = (np.asarray(found.values(axis), np.float64) for axis in ("x", "y"))
        order = np.argsort(energies, kind="stable")
        return RootFlux(name, energies[order], values[order], "", notes)
    contents, edges = (np.asarray(part, np.float64) for part in found.to_numpy())
    outside = np.asarray(found.values(flow=True), np.float64)[[0, -1]]
    total = contents.sum()
    for content, what in zip(outside, ("below", "above"), strict=True):
        if content != 0.0 and total > 0.0:
            share = f"{content / (content + total):.2g} of all that is in {name}"
            notes = (*notes, f"what lies {what} its bins is left out: {share}")
    return RootFlux(name, edges, contents, str(found.member("fXaxis").member("fTitle")), notes)
