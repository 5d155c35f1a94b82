"""What the numbers mean, in words: the rows of the report's tables."""

# ruff: noqa: RUF001 - Greek letters and signs of mathematics are meant
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

import numpy as np

from nugen_gan.validation.c2st import Auc, C2st
from nugen_gan.validation.channels import ChannelFractions
from nugen_gan.validation.emd import EmdRatio
from nugen_gan.validation.equivalent import EquivalentSampleSize
from nugen_gan.validation.map3d import Map3D

__all__ = [
    "Measured",
    "NotMeasured",
    "Row",
    "Verdict",
    "count_text",
    "missing",
    "n_eq_text",
    "rows",
    "unphysical_row",
    "value_text",
]

# Deviations below this many standard deviations are no evidence of a difference.
SIGNIFICANT = 2.0
# Distances have a tail upwards: a few per cent of perfect models lie above 2.
SIGNIFICANT_DISTANCE = 3.0


class Verdict(Enum):
    """How a measure came out; the value is the word shown."""

    AGREES = "agrees"
    SMALL = "small difference"
    DIFFERS = "differs"
    NONE = "not measured"


@dataclass(frozen=True, slots=True)
class NotMeasured:
    """A metric that could not be had, and why; ``needed`` events would do (0: not known)."""

    reason: str
    needed: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table: what was measured, the result, what a perfect model has, the meaning."""

    measure: str
    value: str
    target: str
    verdict: Verdict
    meaning: str


@dataclass(frozen=True, slots=True)
class Measured:
    """All metrics at the neutrino energies ``low`` to ``high`` [GeV].

    Attributes
    ----------
    events : reference events and generated events
    map3d, n_eq, auc, emd, channels : the metrics, or why they are missing
    """

    low: float
    high: float
    events: tuple[int, int]
    map3d: Map3D | NotMeasured
    n_eq: EquivalentSampleSize | NotMeasured
    auc: C2st | Auc | NotMeasured
    emd: tuple[EmdRatio, ...] | NotMeasured
    channels: ChannelFractions | NotMeasured


def value_text(value: float, uncertainty: float) -> str:
    """Value ± uncertainty, both with two digits of the uncertainty."""
    if not (np.isfinite(uncertainty) and uncertainty > 0.0):
        return f"{value:.3g}"
    digits = int(np.clip(1 - np.floor(np.log10(uncertainty)), 0, 6))
    return f"{value:.{digits}f} ± {uncertainty:.{digits}f}"


def count_text(number: float) -> str:
    """Number of events with two or three digits, such as ``340,000`` or ``1.2 million``."""
    if not np.isfinite(number):
        return "∞"
    digits = 1 - int(np.floor(np.log10(max(abs(number), 1.0))))
    rounded = round(number, digits)
    return f"{rounded / 1e6:g} million" if rounded >= 1e6 else f"{rounded:,.0f}"


def n_eq_text(size: EquivalentSampleSize) -> str:
    """Equivalent sample size with its interval, or its limit."""
    if size.is_limit:
        return f"> {count_text(size.value)} (95 % CL)"
    # "3.1 (1.9 to 8.9) million" is shorter than the word three times.
    texts = [count_text(number) for number in (size.value, size.low, size.high)]
    unit = " million" if all(text.endswith(" million") for text in texts) else ""
    value, low, high = (text.removesuffix(unit) for text in texts)
    return f"{value} ({low} – {high}){unit}"


def rows(measured: Measured) -> Iterator[Row]:
    """Yield the rows for one set of metrics."""
    yield _map3d(measured.map3d)
    yield _n_eq(measured.n_eq, measured.map3d, measured.events[0])
    yield _auc(measured.auc)
    yield from _emd(measured.emd)
    yield _channels(measured.channels)


def missing(measure: str, target: str, why: NotMeasured) -> Row:
    """Return the row of a metric that could not be had."""
    text = f"not enough events (needs {why.needed:,d})" if why.needed else "not measured"
    return Row(measure, text, target, Verdict.NONE, why.reason)


def _map3d(result: Map3D | NotMeasured) -> Row:
    name = "MAP-3D, mean |pull| in (E_ν, T_ℓ fraction, θ)"
    if isinstance(result, NotMeasured):
        return missing(name, "floor 0.80", result)
    value = value_text(result.value, result.uncertainty)
    target = f"floor {value_text(result.floor.value, result.floor.uncertainty)}"
    if result.significance < SIGNIFICANT:
        text = "Generated events scatter around the reference as independent ones would."
        return Row(name, value, target, Verdict.AGREES, text)
    verdict = Verdict.SMALL if result.value < 1.15 * result.floor.value else Verdict.DIFFERS
    bias = np.sqrt(max(result.excess, 0.0))
    text = (
        f"{result.significance:.1f} σ above the floor: bins are off by typically {bias:.2g} of "
        "the statistical error of this comparison."
    )
    return Row(name, value, target, verdict, text)


def _n_eq(
    size: EquivalentSampleSize | NotMeasured, pull: Map3D | NotMeasured, reference: int
) -> Row:
    name, target = "Equivalent sample size n_eq", "as large as possible"
    if isinstance(size, NotMeasured) or isinstance(pull, NotMeasured):
        reason = size if isinstance(size, NotMeasured) else NotMeasured("")
        return missing(name, target, reason)
    if size.is_limit:
        text = "No bias seen; a larger reference sample could tell more."
        return Row(name, n_eq_text(size), target, Verdict.AGREES, text)
    if pull.excess < SIGNIFICANT * pull.excess_uncertainty:
        text = "A bias is seen at less than two standard deviations."
        return Row(name, n_eq_text(size), target, Verdict.AGREES, text)
    verdict = Verdict.DIFFERS if size.value < 0.1 * reference else Verdict.SMALL
    text = (
        f"The model describes the truth as well as {count_text(size.value)} events of the "
        "original generator do."
    )
    return Row(name, n_eq_text(size), target, verdict, text)


def _auc(auc: C2st | Auc | NotMeasured) -> Row:
    name, target = "Classifier test, area under ROC curve", "0.5"
    if isinstance(auc, NotMeasured):
        return missing(name, target, auc)
    value = value_text(auc.value, auc.uncertainty)
    if auc.value - 0.5 < SIGNIFICANT * auc.uncertainty:
        text = "A classifier cannot tell generated from reference events."
        return Row(name, value, target, Verdict.AGREES, text)
    if auc.value < 0.55:
        text = "A classifier does hardly better than guessing."
        return Row(name, value, target, Verdict.SMALL, text)
    text = f"Shown one event of each, a classifier names the generated one in {auc.value:.0%}."
    return Row(name, value, target, Verdict.DIFFERS, text)


def _emd(ratios: tuple[EmdRatio, ...] | NotMeasured) -> Iterator[Row]:
    name, target = "Earth mover's distance", "1 (floor)"
    if isinstance(ratios, NotMeasured):
        yield missing(name, target, ratios)
        return
    names = {"E_lep": "E_ℓ", "theta": "θ", "Q2": "Q²", "W": "W"}
    for ratio in ratios:
        value = value_text(ratio.value, ratio.uncertainty)
        if ratio.value - 1.0 < SIGNIFICANT_DISTANCE * ratio.uncertainty:
            verdict, text = Verdict.AGREES, "As close as two samples of the original generator."
        else:
            verdict = Verdict.SMALL if ratio.value < 2.0 else Verdict.DIFFERS
            text = f"The spectra are {ratio.value:.2g} times as far apart as chance explains."
        yield Row(f"{name} of {names[ratio.variable]}, over floor", value, target, verdict, text)


def _channels(result: ChannelFractions | NotMeasured) -> Row:
    name, target = "Channel fractions, χ² per degree of freedom", "1"
    if isinstance(result, NotMeasured):
        return missing(name, target, result)
    if not result.has_channels:
        text = "The generated events carry no reaction channel."
        return Row(name, "not measured", target, Verdict.NONE, text)
    value = f"{value_text(result.value, result.uncertainty)} (p = {result.p_value:.2g})"
    if result.p_value > 0.01:
        text = "Each channel has its share at every energy."
        return Row(name, value, target, Verdict.AGREES, text)
    shift = float(np.nanmax(np.abs(result.generated - result.reference)))
    text = f"Fractions differ by up to {100 * shift:.1f} percentage points."
    return Row(name, value, target, Verdict.SMALL if shift < 0.03 else Verdict.DIFFERS, text)


def unphysical_row(count: int) -> Row:
    """Return the row of the events with impossible kinematics."""
    name, target = "Events with impossible kinematics", "0"
    if not count:
        return Row(name, "0", target, Verdict.AGREES, "Every event has allowed kinematics.")
    text = "These events were left out of all other measures."
    return Row(name, f"{count:,d}", target, Verdict.DIFFERS, text)
