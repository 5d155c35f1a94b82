"""Fluxes of two columns, energy and flux, which may mean three things.

Points of a curve (as GENIE reads such files), centres of bins, or their lower edges (as the
MiniBooNE table that comes with GENIE): the last differs from the others by half a bin.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nugen_gan.errors import UsageError
from nugen_gan.physics.flux import Flux, PointsFlux, histogram_flux

__all__ = ["flux_of_points"]

Floats = NDArray[np.float64]
# The readings are the same for all purposes if their mean energies agree this well.
IMMATERIAL = 0.01


def flux_of_points(
    energies: Floats, values: Floats, place: str, width: str, name: str
) -> tuple[Flux, tuple[str, ...]]:
    """Flux of two columns, and what was assumed.

    Parameters
    ----------
    energies : first column [GeV], shape (N,)
    values : second column, shape (N,)
    place : what the energies are: ``POINTS`` of a curve with straight lines between them,
        ``CENTRES`` of bins of one width, lower ``EDGES`` of bins; "" where nobody said
    width : what the values of bins are: ``WIDTH`` for densities, ``NOWIDTH`` for counts, or ""
    name : of the file, for messages

    Raises
    ------
    UsageError
        if energies do not increase, or a choice is missing that makes a difference: one of more
        than a percent of the mean energy, or between counts and densities.
    """
    if place == "EDGES" and width == "WIDTH" and (np.diff(energies) == 0.0).any():
        kept = np.append(np.diff(energies) != 0.0, True)
        flux, how = flux_of_points(energies[kept], values[kept], place, width, name)
        left_out = ", ".join(f"{energy:g} GeV" for energy in energies[~kept][:5])
        return flux, (*how, f"bins without width hold no flux and are left out: at {left_out}")
    wrong = np.flatnonzero(~(np.diff(energies) > 0.0))
    if len(energies) < 2 or wrong.size:
        where = "".join(f": {energies[i + 1]:g} follows {energies[i]:g} GeV" for i in wrong[:1])
        raise UsageError(f"flux file {name}: two or more energies that increase are needed{where}")
    even = np.allclose(np.diff(energies), energies[1] - energies[0], rtol=1e-3)
    if not place:
        return _assumed(energies, values, width, even, name)
    if place == "EDGES":
        return _lower_edges(energies, values, width, even, name), ()
    if not even and place == "CENTRES":
        raise UsageError(
            f"the energies of {name} are not evenly spaced, so that their bins do not follow from "
            "centres. Write rows of three numbers, E_low E_high flux"
        )
    if place == "CENTRES":
        half = 0.5 * (energies[1] - energies[0])
        edges = np.append(energies - half, energies[-1] + half)
        return histogram_flux(np.where(np.abs(edges) < 1e-9, 0.0, edges), values), ()
    if not even and width == "NOWIDTH":
        raise UsageError(
            "points of a curve are densities: leave out NOWIDTH, or write "
            f"'{name},EDGES,NOWIDTH' if the energies are edges of bins with counts"
        )
    return PointsFlux(tuple(energies.tolist()), tuple(values.tolist())), ()


def _assumed(
    energies: Floats, values: Floats, width: str, even: bool, name: str
) -> tuple[Flux, tuple[str, ...]]:
    """Points of a curve, if no other reading differs much."""
    points = PointsFlux(tuple(energies.tolist()), tuple(values.tolist()))
    bins = _lower_edges(energies, values, width or "WIDTH", even, name)
    mean, other = (flux.mean_energy() for flux in (points, bins))
    if abs(other / mean - 1.0) > IMMATERIAL or not (even or width == "WIDTH"):
        raise UsageError(
            f"{name} has two columns, and does not tell what its energies are: the mean energy is "
            f"{mean:.4g} GeV if they are points of a curve, {other:.4g} GeV if they are lower "
            f"edges of bins. Write '{name},POINTS' (as GENIE reads it), '{name},CENTRES' or "
            f"'{name},EDGES', with ',WIDTH' behind it if contents of bins are densities and "
            "',NOWIDTH' if they are counts"
        )
    return points, (
        "energies are taken as points of a curve, with straight lines between them (read as lower "
        f"edges of bins, the mean energy would be {other:.4g} instead of {mean:.4g} GeV)",
    )


def _lower_edges(energies: Floats, values: Floats, width: str, even: bool, name: str) -> Flux:
    """Bins from each energy to the next; the last is as wide as the one before."""
    if not even and not width:
        raise UsageError(
            f"the bins of {name} differ in width. Write '{name},EDGES,WIDTH' if their contents are "
            f"densities, '{name},EDGES,NOWIDTH' if they are counts"
        )
    edges = np.append(energies, 2.0 * energies[-1] - energies[-2])
    return histogram_flux(edges, values * np.diff(edges) if width == "WIDTH" else values)
