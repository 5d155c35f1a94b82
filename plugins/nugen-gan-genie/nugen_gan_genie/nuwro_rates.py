"""Flux and event rate of a file of NuWro's form."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nugen_gan.adapters.nuwro.beam import beams
from nugen_gan.adapters.nuwro.files import TREE, inspect
from nugen_gan.errors import UsageError
from nugen_gan.physics.cross_section import UNIT_38
from nugen_gan.storage import root as root_io
from nugen_gan_genie.fluxes import histogram_of

__all__ = ["nuwro_rates"]

Floats = NDArray[np.float64]


def nuwro_rates(
    path: Path, given: tuple[Floats, Floats] | None = None
) -> tuple[tuple[Floats, Floats], Floats]:
    """Flux per GeV, events per GeV [1e-38 cm^2 per nucleon], and the edges of their bins [GeV].

    The events are counted in the bins of the flux; the ratio of the two integrals over energy is
    the ``weight`` of the file.  Of several kinds of neutrinos all are in one histogram.

    Parameters
    ----------
    path : of the file
    given : contents and edges [GeV] of the flux; that of the file's parameters if absent

    Raises
    ------
    UsageError
        if the parameters do not tell the flux, or events lie outside of a given one.
    """
    file = inspect(path)
    contents, edges = given or _flux(path)
    counts, outside = np.zeros(len(contents)), 0
    for block in root_io.blocks(path, TREE, ("in.t",), "ak"):
        import awkward as ak

        enu = ak.to_numpy(ak.firsts(block["in.t"])) * 1e-3
        inside = np.histogram(enu, edges)[0]
        counts += inside
        outside += len(enu) - int(inside.sum())
    if outside > 1e-3 * file.entries:
        raise UsageError(
            f"{outside:,d} of {file.entries:,d} events of {path} lie outside of the flux, "
            f"{edges[0]:g} to {edges[-1]:g} GeV: is it the flux of this file, in GeV?"
        )
    widths = np.diff(edges)
    density = contents / contents.sum() / widths
    rate = counts / counts.sum() * file.mean_weight / UNIT_38 / widths
    return (density, rate), edges


def _flux(path: Path) -> tuple[Floats, Floats]:
    found = beams(inspect(path).parameters, path)
    if not found or any(flux is None for _, flux in found.values()):
        raise UsageError(
            f"the parameters in {path} do not tell its flux: give it with -F FILE,HISTOGRAM"
        )
    parts = [(share, histogram_of(flux)) for share, flux in found.values() if flux is not None]
    edges = np.unique(np.concatenate([part[1] for _, part in parts]))
    total = np.zeros(len(edges) - 1)
    for share, (contents, own) in parts:
        below = np.concatenate([[0.0], np.cumsum(contents)]) / contents.sum()
        total += share * np.diff(np.interp(edges, own, below))
    return total, edges
