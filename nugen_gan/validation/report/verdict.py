"""What the numbers mean, in words: the rows of the report's tables."""

# ruff: noqa: RUF001 - Greek letters and signs of mathematics are meant
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from nugen_gan.validation.metrics.c2st import Auc, C2st
from nugen_gan.validation.metrics.channels import ChannelFractions
from nugen_gan.validation.metrics.emd import EmdRatio
from nugen_gan.validation.metrics.equivalent import EquivalentSampleSize
from nugen_gan.validation.metrics.map3d import Map3D
from nugen_gan.validation.metrics.neighbours import NearestNeighbours
from nugen_gan.validation.metrics.significance import gamma_tail, normal_tail
from nugen_gan.validation.report.judging import Finding, Row, Verdict

__all__ = [
    "Measured",
    "NotMeasured",
    "Row",
    "Verdict",
    "auc_row",
    "count_text",
    "missing",
    "n_eq_row",
    "n_eq_text",
    "neighbours_row",
    "rows",
    "unphysical_row",
    "value_text",
]


@dataclass(frozen=True, slots=True)
class NotMeasured:
    """A metric that could not be had, and why; ``needed`` events would do (0: not known)."""

    reason: str
    needed: int = 0


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


def rows(measured: Measured) -> Iterator[Finding | Row]:
    """Yield the rows for one set of metrics, not yet judged where they have a p value."""
    yield _map3d(measured.map3d)
    yield n_eq_row(measured.n_eq, measured.map3d, measured.events[0])
    yield auc_row(measured.auc)
    yield from _emd(measured.emd)
    yield _channels(measured.channels)


def missing(measure: str, target: str, why: NotMeasured) -> Row:
    """Return the row of a metric that could not be had."""
    text = f"not enough events (needs {why.needed:,d})" if why.needed else "not measured"
    return Row(measure, text, target, Verdict.NONE, why.reason)


def _map3d(result: Map3D | NotMeasured) -> Finding | Row:
    name = "MAP-3D, mean |pull| in (E_ν, T_ℓ fraction, θ)"
    if isinstance(result, NotMeasured):
        return missing(name, "floor 0.80", result)
    bias = np.sqrt(max(result.excess, 0.0))
    return Finding(
        name, value_text(result.value, result.uncertainty),
        f"floor {value_text(result.floor.value, result.floor.uncertainty)}",
        normal_tail(result.significance), result.value < 1.15 * result.floor.value,
        "15 % above the floor",
        "Generated events scatter around the reference as independent ones would.",
        f"{result.significance:.1f} σ above the floor: bins are off by typically {bias:.2g} of "
        "the statistical error of this comparison.",
    )  # fmt: skip


def n_eq_row(
    size: EquivalentSampleSize | NotMeasured,
    pull: Map3D | NotMeasured,
    reference: int,
    name: str = "Equivalent sample size n_eq",
) -> Finding | Row:
    """Return the row of an equivalent sample size, not yet judged.

    Parameters
    ----------
    size, pull : the number, and MAP-3D that it is from
    reference : number of reference events
    """
    target = "as large as possible"
    if isinstance(size, NotMeasured) or isinstance(pull, NotMeasured):
        reason = size if isinstance(size, NotMeasured) else NotMeasured("")
        return missing(name, target, reason)
    if size.is_limit:
        agrees = "No bias seen; a larger reference sample could tell more."
    else:
        agrees = "A bias may be there, but is within the statistical error."
    floor = pull.floor.mean_square
    return Finding(
        name, n_eq_text(size), target,
        gamma_tail(pull.mean_square / floor, pull.excess_uncertainty / floor),
        size.value >= 0.1 * reference, "a tenth of the reference", agrees,
        f"The model describes the truth as well as {count_text(size.value)} events of the "
        "original generator do.",
    )  # fmt: skip


def auc_row(
    auc: C2st | Auc | NotMeasured, name: str = "Classifier test, area under ROC curve"
) -> Finding | Row:
    """Return the row of a classifier test, not yet judged."""
    target = "0.5"
    if isinstance(auc, NotMeasured):
        return missing(name, target, auc)
    excess = auc.value - 0.5
    p_value = (
        normal_tail(excess / auc.uncertainty) if auc.uncertainty > 0.0 else 1.0 * (excess <= 0)
    )
    return Finding(
        name, value_text(auc.value, auc.uncertainty), target, p_value, auc.value < 0.55, "0.55",
        "A classifier cannot tell generated from reference events.",
        f"Shown one event of each, a classifier names the generated one in {auc.value:.1%}.",
    )  # fmt: skip


def _emd(ratios: tuple[EmdRatio, ...] | NotMeasured) -> Iterator[Finding | Row]:
    name, target = "Earth mover's distance", "1 (floor)"
    if isinstance(ratios, NotMeasured):
        yield missing(name, target, ratios)
        return
    names = {"E_lep": "E_ℓ", "theta": "θ", "Q2": "Q²", "W": "W"}
    for ratio in ratios:
        yield Finding(
            f"{name} of {names[ratio.variable]}, over floor",
            value_text(ratio.value, ratio.uncertainty), target,
            ratio.p_value, ratio.value < 2.0, "twice the floor",
            "As close as two samples of the original generator.",
            f"The spectra are {ratio.value:.2g} times as far apart as statistics explains.",
        )  # fmt: skip


def _channels(result: ChannelFractions | NotMeasured) -> Finding | Row:
    name, target = "Channel fractions, χ² per degree of freedom", "1"
    if isinstance(result, NotMeasured):
        return missing(name, target, result)
    if not result.has_channels:
        text = "The generated events carry no reaction channel."
        return Row(name, "not measured", target, Verdict.NONE, text)
    if not result.degrees:
        text = "Every energy has a single channel."
        return Row(name, "not measured", target, Verdict.NONE, text)
    shift = float(np.nanmax(np.abs(result.generated - result.reference)))
    return Finding(
        name, value_text(result.value, result.uncertainty), target, result.p_value,
        shift < 0.03, "3 percentage points", "Each channel has its share at every energy.",
        f"Fractions differ by up to {100 * shift:.1f} percentage points.",
    )  # fmt: skip


def unphysical_row(count: int) -> Row:
    """Return the row of the events with impossible kinematics."""
    name, target = "Events with impossible kinematics", "0"
    if not count:
        return Row(name, "0", target, Verdict.AGREES, "Every event has allowed kinematics.")
    text = "These events were left out of all other measures."
    return Row(name, f"{count:,d}", target, Verdict.DIFFERS, text)


def neighbours_row(
    result: NearestNeighbours | NotMeasured,
    name: str = "Distance to training events, over fresh ones",
) -> Finding | Row:
    """Return the row of the distances to training events, not yet judged."""
    target = "1"
    if isinstance(result, NotMeasured):
        return missing(name, target, result)
    if result.value < 1.0:
        text = "Generated events lie closer to the training events than fresh ones do."
    else:
        text = "Generated events lie further from the training events: spread, not memorised."
    return Finding(
        name, value_text(result.value, result.uncertainty), target, result.p_value,
        abs(result.value - 1.0) < 0.1, "10 %",
        "Generated events are as far from the training events as fresh ones: no memorising.",
        text,
    )  # fmt: skip
