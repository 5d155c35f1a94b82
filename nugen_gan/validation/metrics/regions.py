"""MAP-3D in the corners of phase space that an average over everything hides.

Each region has its own histogram.  Events outside it fill one more bin that does not count, so
that a region with too many or too few events is as visible as one of the wrong shape.
"""

# ruff: noqa: RUF001 - Greek letters are meant
from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from nugen_gan.events.table import EventTable
from nugen_gan.validation.metrics.binning import Binning, energy_edges
from nugen_gan.validation.metrics.map3d import map3d
from nugen_gan.validation.metrics.pull_ratio import PullRatio, over_floor

__all__ = ["FORWARD", "INELASTICITY", "THRESHOLD", "region_binnings", "region_pull"]

Mask = NDArray[np.bool_]

FORWARD = np.deg2rad(10.0)
THRESHOLD = 0.3  # GeV
INELASTICITY = 0.9


def region_binnings(
    energy_range: tuple[float, float], lepton_mass: float
) -> Iterator[tuple[str, Binning]]:
    """Yield name and histogram of each region that the energies and the lepton mass allow.

    Parameters
    ----------
    energy_range : lowest and highest neutrino energy [GeV]
    lepton_mass : of the charged lepton [GeV]
    """
    low, high = energy_range
    edges = energy_edges(energy_range)
    theta = np.append(np.linspace(0.0, FORWARD, 9), np.pi)
    yield "Forward, θ < 10°", Binning(edges, np.linspace(0.0, 1.0, 26), theta, _forward)
    if low < THRESHOLD:
        edges = energy_edges((low, min(high, THRESHOLD)), bins=4)
        kinetic, theta = np.linspace(0.0, 1.0, 17), np.linspace(0.0, np.pi, 13)
        yield "Threshold, E_ν < 0.3 GeV", Binning(edges, kinetic, theta, _threshold)
    # Below this energy even a lepton at rest takes more than a tenth of the energy.
    lowest = lepton_mass / (1.0 - INELASTICITY)
    if high > lowest:
        edges = energy_edges((max(low, lowest), high), bins=5)
        kinetic = np.append(np.linspace(0.0, 1.0 - INELASTICITY, 7), 1.0)
        theta = np.append(np.linspace(0.0, 1.2, 7), np.pi)
        yield "High inelasticity, y > 0.9", Binning(edges, kinetic, theta, _inelastic)


def region_pull(
    reference: EventTable, generated: EventTable, name: str, binning: Binning, *, seed: int = 0
) -> PullRatio:
    """MAP-3D over its floor in one region of :func:`region_binnings`.

    Raises
    ------
    TooFewEventsError
        if fewer than 30 bins of the region have enough events.
    """
    return over_floor(name, map3d(reference, generated, binning=binning, seed=seed))


def _forward(events: EventTable) -> Mask:
    return np.asarray(events.costheta > np.cos(FORWARD))


def _threshold(events: EventTable) -> Mask:
    return np.asarray(events.enu < THRESHOLD)


def _inelastic(events: EventTable) -> Mask:
    return np.asarray(events.derived().omega > INELASTICITY * events.enu)
