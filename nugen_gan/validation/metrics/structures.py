"""Narrow structures: the quasielastic and the Delta peak, where a smooth model would blur them.

W = sqrt(M^2 + 2 M omega - Q2) is that on a free nucleon at rest: binding and motion of the
nucleons shift and widen the peaks.  In omega a peak lies where its W lies at the Q2 that occur;
at 2 GeV and above the inclusive spectrum has no separate Delta peak.  At every energy the peak
in omega is therefore that of the events with W in the window of the structure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nugen_gan.events.table import EventTable
from nugen_gan.validation.metrics.peaks import Peak, PeakWindow, find_peak
from nugen_gan.validation.metrics.samples import TooFewEventsError, prepare
from nugen_gan.validation.metrics.significance import two_sided

__all__ = ["ENERGIES", "TOLERANCE", "NarrowStructures", "Structure", "narrow_structures"]

Floats = NDArray[np.float64]
# Values and weights of the events of one sample.
Sample = tuple[Floats, Floats]

ENERGIES = (0.5, 0.7, 1.0, 2.0, 3.0, 6.0)  # GeV
# How far from such an energy events may be, relative.
ENERGY_WINDOW = 0.05
# In W [GeV]: window of the structure, half the window of its width, smoothing.
PEAKS = {"QE": ((0.88, 1.02), 0.08, 0.020), "Delta": ((1.10, 1.36), 0.12, 0.030)}
# In omega the smoothing follows the spectrum: this share of its interquartile range.
OMEGA_SMOOTHING = 0.25
# Events of each sample in the window of a structure.
SMALLEST_COUNT = 200
NEEDED = 50_000
# Significant differences below this [GeV] are called small.
TOLERANCE = 0.005


@dataclass(frozen=True, slots=True)
class Structure:
    """One number of one peak, all in GeV.

    Attributes
    ----------
    peak : "QE" or "Delta"
    variable : "W" or "omega"
    quantity : "position" or "width"
    energy : neutrino energy
    reference, reference_error, generated, generated_error : the number in both samples
    allowed : largest difference that agrees, two statistical errors of both samples
    agrees : whether the difference is within that
    """

    peak: str
    variable: str
    quantity: str
    energy: float
    reference: float
    reference_error: float
    generated: float
    generated_error: float
    allowed: float
    agrees: bool

    @property
    def difference(self) -> float:
        """Generated minus reference."""
        return self.generated - self.reference

    @property
    def significance(self) -> float:
        """The difference in statistical errors, both samples' added."""
        if not self.error > 0.0:
            return 0.0 if self.difference == 0.0 else float("inf")
        return abs(self.difference) / self.error

    @property
    def error(self) -> float:
        """Statistical error of the difference."""
        return float(np.hypot(self.reference_error, self.generated_error))

    @property
    def p_value(self) -> float:
        """Probability that a perfect model differs as much."""
        return two_sided(self.significance)


@dataclass(frozen=True, slots=True)
class NarrowStructures:
    """Result of :func:`narrow_structures`: all numbers of all peaks found."""

    entries: tuple[Structure, ...]

    @property
    def agreeing(self) -> int:
        """How many entries agree."""
        return sum(entry.agrees for entry in self.entries)

    @property
    def worst(self) -> Structure:
        """The entry whose difference is the largest in units of its error."""
        return max(self.entries, key=lambda entry: entry.significance)


def narrow_structures(
    reference: EventTable,
    generated: EventTable,
    *,
    energy_range: tuple[float, float],
    seed: int = 0,
) -> NarrowStructures:
    """Compare the peaks at six energies, those within the range.

    A structure counts where the W spectrum of the reference has a maximum inside its window; the
    result is empty if none does.

    Parameters
    ----------
    energy_range : lowest and highest neutrino energy [GeV]
    seed : of the bootstrap errors

    Raises
    ------
    TooFewEventsError
        if no window has 200 events of each sample.
    """
    samples = prepare(reference, generated)
    rng = np.random.default_rng([seed, 7])
    low, high = energy_range
    entries: list[Structure] = []
    enough = 0
    energies = [energy for energy in ENERGIES if low <= energy <= high]
    for energy in energies:
        pair = [_variables(t, energy) for t in (samples.reference, samples.generated)]
        for name, (window, reach, smoothing) in PEAKS.items():
            inside = [(w >= window[0]) & (w <= window[1]) for w, _, _ in pair]
            if min(int(mask.sum()) for mask in inside) < SMALLEST_COUNT:
                continue
            enough += 1
            in_w = [(w, weight) for w, _, weight in pair]
            first = find_peak(*in_w[0], PeakWindow(window, window, smoothing), rng)
            if first.at_edge:
                continue
            around = (first.position - reach, first.position + reach)
            entries += _compare(
                (name, "W", energy), in_w, PeakWindow(window, around, smoothing), rng
            )
            in_omega = [
                (omega[mask], weight[mask])
                for (_, omega, weight), mask in zip(pair, inside, strict=True)
            ]
            entries += _compare((name, "omega", energy), in_omega, _omega_window(in_omega[0]), rng)
    if energies and not enough:
        needed = max(NEEDED, 2 * samples.smaller)
        raise TooFewEventsError("the comparison of peaks", samples.smaller, needed)
    return NarrowStructures(tuple(entries))


def _variables(table: EventTable, energy: float) -> tuple[Floats, Floats, Floats]:
    """W [GeV], omega [GeV] and weight of the events around an energy."""
    near = table[np.abs(table.enu / energy - 1.0) <= ENERGY_WINDOW]
    more = near.derived()
    return np.sqrt(np.clip(more.w2, 0.0, None)), more.omega, near.weight


def _omega_window(reference: Sample) -> PeakWindow:
    """The central 90 % of the reference events, for both samples."""
    low, lower, upper, high = np.quantile(reference[0], [0.05, 0.25, 0.75, 0.95]).tolist()
    return PeakWindow((low, high), (low, high), OMEGA_SMOOTHING * (upper - lower))


def _compare(
    what: tuple[str, str, float],
    samples: list[Sample],
    window: PeakWindow,
    rng: np.random.Generator,
) -> Iterator[Structure]:
    first, second = (find_peak(*sample, window, rng) for sample in samples)
    yield _structure(what, "position", _position(first), _position(second))
    yield _structure(
        what, "width", (first.width, first.width_error), (second.width, second.width_error)
    )


def _position(peak: Peak) -> tuple[float, float]:
    return peak.position, peak.position_error


def _structure(
    what: tuple[str, str, float],
    quantity: str,
    reference: tuple[float, float],
    generated: tuple[float, float],
) -> Structure:
    name, variable, energy = what
    allowed = 2.0 * float(np.hypot(reference[1], generated[1]))
    agrees = abs(generated[0] - reference[0]) <= allowed
    return Structure(name, variable, quantity, energy, *reference, *generated, allowed, agrees)
