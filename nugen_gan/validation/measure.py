"""All metrics of two samples at once; what cannot be had is said, not raised."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from nugen_gan.events.table import EventTable
from nugen_gan.monitor import Monitor, monitored
from nugen_gan.validation.metrics.binning import Binning
from nugen_gan.validation.metrics.c2st import C2st, c2st
from nugen_gan.validation.metrics.channels import channel_fractions
from nugen_gan.validation.metrics.emd import emd_ratios
from nugen_gan.validation.metrics.equivalent import equivalent_sample_size
from nugen_gan.validation.metrics.map3d import map3d
from nugen_gan.validation.metrics.samples import TooFewEventsError
from nugen_gan.validation.report.verdict import Measured, NotMeasured

__all__ = ["ENERGY_RANGES", "attempt", "auc_from", "measure", "ranges_within"]

T = TypeVar("T")

# Quasielastic, resonance and deep-inelastic region [GeV].
ENERGY_RANGES = ((0.2, 1.0), (1.0, 5.0), (5.0, 20.0))


def measure(
    reference: EventTable,
    generated: EventTable,
    energies: tuple[float, float],
    energy_range: tuple[float, float],
    seed: int,
    classifier: tuple[bool, int | None],
    monitor: Monitor,
) -> Measured:
    """Compute all metrics of two samples.

    Parameters
    ----------
    reference, generated : samples
    energies : neutrino energies that they cover [GeV]
    energy_range : first and last edge of the energy bins [GeV]
    seed : of everything random
    classifier : whether to run the classifier test, and on how many events of each sample
    monitor : is told which metric is computed
    """
    binning = Binning.standard(energy_range)
    with monitored(monitor, "MAP-3D"):
        pull = attempt(partial(map3d, reference, generated, binning=binning, seed=seed))
    size = pull if isinstance(pull, NotMeasured) else equivalent_sample_size(pull)
    pair = reference, generated
    with monitored(monitor, "earth mover's distances"):
        emd = attempt(partial(emd_ratios, *pair, energy_range=energy_range, seed=seed))
    channels = attempt(partial(channel_fractions, reference, generated, energy_range=energy_range))
    auc: C2st | NotMeasured = NotMeasured("The classifier test was switched off.")
    if classifier[0]:
        with monitored(monitor, "classifier test, the longest part"):
            auc = attempt(
                partial(
                    c2st, reference, generated, seed=seed, events=classifier[1],
                    energy_ranges=ranges_within(energy_range),
                )
            )  # fmt: skip
    return Measured(*energies, (len(reference), len(generated)), pull, size, auc, emd, channels)


def attempt(metric: Callable[[], T]) -> T | NotMeasured:
    """Return the metric, or how many events it would need."""
    try:
        return metric()
    except TooFewEventsError as error:
        reason = f"The smaller sample has {error.found:,d} events: use a larger reference."
        return NotMeasured(reason, error.needed)


def auc_from(result: Any, low: float) -> Any:
    """The AUC of the energy range that begins at ``low``."""
    if not isinstance(result, C2st):
        return result
    for auc in result.by_energy:
        if auc.low == low:
            return auc
    return NotMeasured("Too few test events of these energies.", 0)


def ranges_within(energy_range: tuple[float, float]) -> tuple[tuple[float, float], ...]:
    """The energy ranges reported, clipped; none if one of them holds everything."""
    low, high = energy_range
    clipped = ((max(a, low), min(b, high)) for a, b in ENERGY_RANGES)
    found = tuple((a, b) for a, b in clipped if a < b)
    if high > ENERGY_RANGES[-1][1] and low < high:
        found += ((max(ENERGY_RANGES[-1][1], low), high),)
    return found if len(found) > 1 else ()
