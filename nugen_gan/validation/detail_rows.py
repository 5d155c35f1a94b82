"""The rows of the measures of :mod:`nugen_gan.validation.details`, in words."""

from __future__ import annotations

from collections.abc import Iterator
from math import comb

from nugen_gan.validation.band import EXPECTED, Coverage
from nugen_gan.validation.channel_shapes import ChannelShapes
from nugen_gan.validation.details import Details
from nugen_gan.validation.neighbours import NearestNeighbours
from nugen_gan.validation.pull_ratio import PullRatio
from nugen_gan.validation.structures import NarrowStructures, Structure
from nugen_gan.validation.verdict import (
    SIGNIFICANT,
    NotMeasured,
    Row,
    Verdict,
    missing,
    value_text,
)

__all__ = ["detail_rows", "structure_text"]

# Ratios to the floor that are good enough, and up to which a difference is small.
REGION_TARGET, CHANNEL_TARGET, SMALL_RATIO = 1.1, 1.05, 1.25
# The worst of several channels is further off by chance than a single one.
SIGNIFICANT_WORST = 3.0
# Share of normal numbers beyond two standard deviations; of dozens, hardly any is beyond four.
BEYOND_TWO = 0.0455
SIGNIFICANT_PEAK = 4.0
UNLIKELY = 0.01

SYMBOLS = {"Delta": "Δ", "omega": "ω"}


def detail_rows(details: Details) -> Iterator[Row]:
    """Yield one row for each measure."""
    yield _structures(details.structures)
    for region in details.regions:
        yield _region(region.name, region.result)
    yield _channel_shapes(details.channel_shapes)
    if details.coverage is not None:
        yield _coverage(details.coverage)
    if details.neighbours is not None:
        yield _neighbours(details.neighbours)


def structure_text(entry: Structure) -> str:
    """Name a structure briefly, such as ``Δ position in W at 2 GeV``."""
    peak, variable = (SYMBOLS.get(text, text) for text in (entry.peak, entry.variable))
    return f"{peak} {entry.quantity} in {variable} at {entry.energy:g} GeV"


def _structures(result: NarrowStructures | NotMeasured) -> Row:
    name, target = "Narrow structures: peaks in W and ω", "all but 5 % by chance"
    if isinstance(result, NotMeasured):
        return missing(name, target, result)
    count = len(result.entries)
    if not count:
        text = "The reference has no quasielastic or Δ peak at the energies looked at."
        return Row(name, "no peaks", target, Verdict.NONE, text)
    worst = result.worst
    brief = structure_text(worst).replace(f" {worst.quantity}", "")
    value = f"{result.agreeing} of {count}, worst: {brief}"
    text = (
        f"Worst: {structure_text(worst)}, off by {1e3 * worst.difference:+.0f} MeV "
        f"({1e3 * worst.allowed:.0f} MeV allowed)."
    )
    failing = count - result.agreeing
    far = any(not e.agrees and e.significance > SIGNIFICANT_PEAK for e in result.entries)
    if _chance(failing, count) > UNLIKELY and not far:
        return Row(name, value, target, Verdict.AGREES, text)
    verdict = Verdict.SMALL if failing <= 0.2 * count and worst.excess < 4.0 else Verdict.DIFFERS
    return Row(name, value, target, verdict, text)


def _chance(failing: int, count: int) -> float:
    """Probability that as many or more of a perfect model's peaks are off by two errors."""
    return sum(
        comb(count, k) * BEYOND_TWO**k * (1.0 - BEYOND_TWO) ** (count - k)
        for k in range(failing, count + 1)
    )


def _region(name: str, result: PullRatio | NotMeasured) -> Row:
    target = f"≤ {REGION_TARGET:g} (floor 1)"
    if isinstance(result, NotMeasured):
        return missing(name, target, result)
    return _ratio_row(name, result, (REGION_TARGET, SIGNIFICANT), target)


def _channel_shapes(result: ChannelShapes | NotMeasured) -> Row:
    name, target = "Worst channel, MAP-3D over floor", f"≤ {CHANNEL_TARGET:g} (floor 1)"
    if isinstance(result, NotMeasured):
        return missing(name, target, result)
    worst = result.worst
    row = _ratio_row(name, worst, (CHANNEL_TARGET, SIGNIFICANT_WORST), target)
    return Row(name, f"{row.value} ({worst.name})", target, row.verdict, row.meaning)


def _ratio_row(name: str, ratio: PullRatio, limits: tuple[float, float], target: str) -> Row:
    """Judge a ratio by its target and by how many errors above 1 are no evidence."""
    value = value_text(ratio.value, ratio.uncertainty)
    if ratio.significance < limits[1]:
        text = "As close as two samples of the original generator, within errors."
        return Row(name, value, target, Verdict.AGREES, text)
    text = f"Pulls are {100 * (ratio.value - 1.0):.0f} % larger than chance explains"
    if ratio.value <= limits[0]:
        return Row(name, value, target, Verdict.AGREES, f"{text}: within the target.")
    verdict = Verdict.SMALL if ratio.value < SMALL_RATIO else Verdict.DIFFERS
    return Row(name, value, target, verdict, f"{text}.")


def _coverage(result: Coverage | NotMeasured) -> Row:
    name, target = "Coverage of the uncertainty band", "0.68"
    if isinstance(result, NotMeasured):
        return missing(name, target, result)
    value = value_text(result.value, result.uncertainty)
    deviation = (result.value - EXPECTED) / result.uncertainty
    if abs(deviation) < SIGNIFICANT:
        text = "The band of the replicas is as wide as the model is uncertain."
        return Row(name, value, target, Verdict.AGREES, text)
    if deviation > 0.0:
        text = "The band is wider than needed: its uncertainty is on the safe side."
        return Row(name, value, target, Verdict.SMALL, text)
    text = "The band is too narrow: the model is further off than its replicas tell."
    return Row(name, value, target, Verdict.SMALL if result.value > 0.5 else Verdict.DIFFERS, text)


def _neighbours(result: NearestNeighbours | NotMeasured) -> Row:
    name, target = "Distance to training events, over fresh ones", "1"
    if isinstance(result, NotMeasured):
        return missing(name, target, result)
    value = f"{value_text(result.value, result.uncertainty)} (p = {result.p_value:.2g})"
    if result.p_value > UNLIKELY:
        text = "Generated events are as far from the training events as fresh ones: no memorising."
        return Row(name, value, target, Verdict.AGREES, text)
    verdict = Verdict.SMALL if abs(result.value - 1.0) < 0.1 else Verdict.DIFFERS
    if result.value < 1.0:
        text = "Generated events lie closer to the training events than fresh ones do."
    else:
        text = "Generated events lie further from the training events: spread, not memorised."
    return Row(name, value, target, verdict, text)
