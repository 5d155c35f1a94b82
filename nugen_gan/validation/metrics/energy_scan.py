"""MAP-3D over its floor against neutrino energy, in bins narrow enough to show oddities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nugen_gan.events.table import EventTable
from nugen_gan.validation.metrics.binning import ENERGY_RANGE, Binning
from nugen_gan.validation.metrics.map3d import EnergyBin, map3d

__all__ = ["EnergyScan", "ScanBin", "energy_scan"]

BINS = 40
# Fewer bins of the histogram than this at one energy make no average worth a point.
SMALLEST_BINS = 10
# The floor is an average over this many splits: so much smaller is the variance of its noise.
SPLITS = 16


@dataclass(frozen=True, slots=True)
class ScanBin:
    """One neutrino energy.

    Attributes
    ----------
    low, high : edges of the energy bin [GeV]
    value, uncertainty : mean absolute pull over its floor; nan with fewer than 10 bins
    bins : bins that count
    """

    low: float
    high: float
    value: float
    uncertainty: float
    bins: int


@dataclass(frozen=True, slots=True)
class EnergyScan:
    """Result of :func:`energy_scan`: ``bins`` in the order of energy."""

    bins: tuple[ScanBin, ...]


def energy_scan(
    reference: EventTable,
    generated: EventTable,
    *,
    energy_range: tuple[float, float] = ENERGY_RANGE,
    seed: int = 0,
) -> EnergyScan:
    """Compute MAP-3D over floor in 40 logarithmic energy bins, 25 times 20 bins in each.

    Parameters
    ----------
    energy_range : first and last edge of the energy bins [GeV]
    seed : for the random halves of the floor

    Raises
    ------
    TooFewEventsError
        if fewer than 30 bins in all have enough events.
    """
    binning = Binning.coarse(energy_range, BINS)
    result = map3d(reference, generated, binning=binning, seed=seed)
    return EnergyScan(tuple(_ratio(entry) for entry in result.by_energy))


def _ratio(entry: EnergyBin) -> ScanBin:
    if entry.bins < SMALLEST_BINS or not entry.floor > 0.0:
        return ScanBin(entry.low, entry.high, float("nan"), float("nan"), entry.bins)
    error = entry.uncertainty * float(np.sqrt(1.0 + 1.0 / SPLITS))
    return ScanBin(
        entry.low, entry.high, entry.value / entry.floor, error / entry.floor, entry.bins
    )
