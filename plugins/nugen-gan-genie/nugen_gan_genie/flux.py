"""The flux of gevgen's ``-f`` and ``-e``."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from nugen_gan.adapters.fluxes.words import read_flux
from nugen_gan.errors import UsageError
from nugen_gan.physics.flux import Flux, MonoFlux, UniformFlux
from nugen_gan_genie.formula import Formula

__all__ = ["asked_flux"]

# Points of a formula.
POINTS = 2001


def asked_flux(energy: str, flux: str | None, probe: int, notes: list[str]) -> Flux:
    """Return the flux that was asked for.

    Parameters
    ----------
    energy : of ``-e``: E, or E1,E2 [GeV]
    flux : of ``-f``: a formula, a text file, ``file.root,histogram``, or POWERLAW:alpha
    probe : PDG code of the neutrino
    notes : takes what should be known

    Raises
    ------
    UsageError
        if they are not understood.
    """
    try:
        limits = [float(part) for part in energy.split(",")]
    except ValueError:
        limits = []
    if not (len(limits) in (1, 2) and all(x >= 0.0 for x in limits) and limits[-1] > 0.0):
        raise UsageError(f"-e {energy}: one energy or a range is needed, such as 1 or 0.5,5 [GeV]")
    if len(limits) == 1:
        if flux is not None:
            raise UsageError("-f needs a range of energies, -e E1,E2")
        return MonoFlux(limits[0])
    low, high = limits
    if not low < high:
        raise UsageError(f"-e {energy}: the smaller energy comes first")
    if flux is None:
        notes.append(
            f"-e {energy} without -f: GENIE would run at {low:g} GeV alone; here the flux is flat "
            "between the two"
        )
        return UniformFlux(low, high) if low > 0.0 else _flat(high)
    file = flux.split(",")[0]
    if Path(file).is_file() or file.endswith((".root", ".txt", ".dat")):
        found = read_flux(_as_genie_reads(flux, file), None, probe)
        notes += found.notes
        first, last = found.flux.energy_range
        return found.flux.restricted(max(low, first), min(high, last))
    if flux.upper().startswith("POWERLAW:"):
        return read_flux(flux.lower(), (low, high), probe).flux
    return _of_formula(flux, low, high)


def _as_genie_reads(flux: str, file: str) -> str:
    """Say what a file leaves open as GENIE takes it: densities in bins, points of a curve."""
    words = {word.upper() for word in flux.split(",")[1:]}
    if file.endswith(".root"):
        return flux if words & {"WIDTH", "NOWIDTH"} else f"{flux},WIDTH"
    return flux if words else f"{flux},POINTS"


def _flat(high: float) -> Flux:
    return Flux.histogram([0.0, high], [1.0])


def _of_formula(text: str, low: float, high: float) -> Flux:
    x = np.linspace(low, high, POINTS)
    value = Formula(text)(x)
    if not np.isfinite(value[1:]).all() or (value[1:] < 0.0).any() or not value[1:].any():
        raise UsageError(
            f"the flux {text!r} is negative, infinite or zero in {low:g} to {high:g} GeV"
        )
    keep = x > 0.0
    return Flux.points(x[keep].tolist(), np.maximum(value[keep], 0.0).tolist())
