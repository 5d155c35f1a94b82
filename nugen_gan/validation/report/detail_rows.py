"""The rows of the measures of :mod:`nugen_gan.validation.details`, in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import comb

from nugen_gan.validation.details import Details
from nugen_gan.validation.metrics.band import EXPECTED, Coverage
from nugen_gan.validation.metrics.channel_shapes import ChannelShapes
from nugen_gan.validation.metrics.pull_ratio import PullRatio
from nugen_gan.validation.metrics.significance import normal_tail, smallest, two_sided
from nugen_gan.validation.metrics.structures import TOLERANCE, NarrowStructures, Structure
from nugen_gan.validation.report.hadron_rows import hadron_rows
from nugen_gan.validation.report.judging import Finding, Row, Verdict
from nugen_gan.validation.report.lepton_rows import lepton_rows
from nugen_gan.validation.report.verdict import (
    NotMeasured,
    missing,
    neighbours_row,
    value_text,
)

__all__ = ["detail_rows", "structure_text"]

# Ratios to the floor up to which a difference is small.
SMALL_RATIO = 1.25
# Share of normal numbers beyond two standard deviations.
BEYOND_TWO = 0.0455

SYMBOLS = {"Delta": "Δ", "omega": "ω"}


def detail_rows(details: Details) -> Iterator[Finding | Row]:
    """Yield one row for each measure, not yet judged where it has a p value."""
    yield from lepton_rows(details.lepton)
    yield _structures(details.structures)
    for region in details.regions:
        yield _region(region.name, region.result)
    yield _channel_shapes(details.channel_shapes)
    if details.coverage is not None:
        yield _coverage(details.coverage)
    if details.neighbours is not None:
        yield neighbours_row(details.neighbours)
    if details.hadrons is not None:
        yield from hadron_rows(details.hadrons)


def structure_text(entry: Structure) -> str:
    """Name a structure briefly, such as ``Δ position in W at 2 GeV``."""
    peak, variable = (SYMBOLS.get(text, text) for text in (entry.peak, entry.variable))
    return f"{peak} {entry.quantity} in {variable} at {entry.energy:g} GeV"


def _structures(result: NarrowStructures | NotMeasured) -> Finding | Row:
    name, target = "Narrow structures: peaks in W and ω", "95 % within errors"
    if isinstance(result, NotMeasured):
        return missing(name, target, result)
    count = len(result.entries)
    if not count:
        text = "The reference has no quasielastic or Δ peak at the energies looked at."
        return Row(name, "no peaks", target, Verdict.NONE, text)
    worst = result.worst
    brief = structure_text(worst).replace(f" {worst.quantity}", "")
    text = (
        f"Worst: {structure_text(worst)}, off by {1e3 * worst.difference:+.0f} ± "
        f"{1e3 * worst.error:.1f} MeV."
    )
    # Either many are somewhat off, or one is far off.
    failing = _chance(count - result.agreeing, count)
    p_value = smallest((failing, smallest(entry.p_value for entry in result.entries)))
    return Finding(
        name, f"{result.agreeing} of {count}, worst: {brief}", target, p_value,
        abs(worst.difference) < TOLERANCE, f"{1e3 * TOLERANCE:g} MeV", text, text,
    )  # fmt: skip


def _chance(failing: int, count: int) -> float:
    """Probability that as many or more of a perfect model's peaks are off by two errors."""
    return sum(
        comb(count, k) * BEYOND_TWO**k * (1.0 - BEYOND_TWO) ** (count - k)
        for k in range(failing, count + 1)
    )


def _region(name: str, result: PullRatio | NotMeasured) -> Finding | Row:
    if isinstance(result, NotMeasured):
        return missing(name, "1 (floor)", result)
    return _ratio(name, result, 1)


def _channel_shapes(result: ChannelShapes | NotMeasured) -> Finding | Row:
    name = "Worst channel, MAP-3D over floor"
    if isinstance(result, NotMeasured):
        return missing(name, "1 (floor)", result)
    worst = result.worst
    found = _ratio(name, worst, len(result.channels))
    return replace(found, value=f"{found.value} ({worst.name})")


def _ratio(name: str, ratio: PullRatio, looked_at: int) -> Finding:
    """Judge a ratio, the worst of ``looked_at``."""
    return Finding(
        name, value_text(ratio.value, ratio.uncertainty), "1 (floor)",
        min(1.0, looked_at * normal_tail(ratio.significance)), ratio.value < SMALL_RATIO,
        f"{100 * (SMALL_RATIO - 1.0):.0f} % above the floor",
        "As close as two samples of the original generator, within errors.",
        f"Pulls are {100 * (ratio.value - 1.0):.0f} % larger than statistics explains.",
    )  # fmt: skip


def _coverage(result: Coverage | NotMeasured) -> Finding | Row:
    name, target = "Coverage of the uncertainty band", "0.68"
    if isinstance(result, NotMeasured):
        return missing(name, target, result)
    deviation = (result.value - EXPECTED) / result.uncertainty
    if deviation > 0.0:
        text = "The band is wider than needed: its uncertainty is on the safe side."
    else:
        text = "The band is too narrow: the model is further off than its replicas tell."
    return Finding(
        name, value_text(result.value, result.uncertainty), target, two_sided(deviation),
        result.value > 0.5, "coverage above 0.5",
        "The band of the replicas is as wide as the model is uncertain.", text,
    )  # fmt: skip
