"""The rows of :mod:`nugen_gan.validation.metrics.lepton_tests`, and which shifts they would see."""

# ruff: noqa: RUF001 - Greek letters and signs of mathematics are meant
from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nugen_gan.validation.metrics.lepton_tests import (
    ALL,
    Distribution,
    Distributions,
    LeptonTests,
    PeakNumber,
    Share,
)
from nugen_gan.validation.metrics.significance import POWER, detectable, smallest
from nugen_gan.validation.report.judging import Finding, Row, Verdict
from nugen_gan.validation.report.verdict import NotMeasured, missing, value_text

__all__ = ["SYMBOLS", "lepton_rows", "power_text"]

SYMBOLS = {"W": "W", "omega": "ω", "Q2": "Q²"}
# Channels with rows of their own; the others share one.
NAMED = ("QE", "RES")
# Below these a significant difference is called small: shifts of 5 MeV, or 3 % of the width
# where that is more; 3 % of the events on the wrong side of some value; 1 % of all events.
SHIFT, RELATIVE_SHIFT, DISTANCE, SHARE = 0.005, 0.03, 0.03, 0.01


def lepton_rows(result: LeptonTests | NotMeasured) -> Iterator[Finding | Row]:
    """Yield the rows, not yet judged."""
    if isinstance(result, NotMeasured):
        yield missing("Lepton in each channel: W, ω, Q²", "0", result)
        return
    widths = {(n.channel, n.variable): n.reference for n in result.peaks if n.quantity == "width"}
    for number in result.peaks:
        yield _peak(number, widths[number.channel, number.variable])
    for test in result.distributions:
        if test.channel in (ALL, *NAMED):
            yield _distributions((test,))
    others = tuple(d for d in result.distributions if d.channel not in (ALL, *NAMED))
    if others:
        yield _distributions(others)
    yield _shares(result)


def power_text(result: LeptonTests | NotMeasured, judged: int) -> str:
    """Say which shifts of the peaks would be seen with these events.

    Parameters
    ----------
    judged : how many rows are judged together
    """
    if isinstance(result, NotMeasured):
        return ""
    texts = [
        f"{_shift(n, judged)} MeV ({n.channel} in {SYMBOLS[n.variable]})"
        for n in result.peaks
        if n.quantity == "median"
    ]
    if not texts:
        return "Too few quasielastic and resonance events to see a shifted peak."
    several = ", ".join(texts)
    cases = f"(in {100 * POWER:g} % of cases)"
    return f"With these events a peak shifted by {several} would be seen {cases}."


def _peak(number: PeakNumber, width: float) -> Finding:
    symbol = SYMBOLS[number.variable]
    tolerance = max(SHIFT, RELATIVE_SHIFT * width)
    what = "position" if number.quantity == "median" else "width"
    text = (
        f"The {what} of the {number.channel} peak in {symbol} is off by "
        f"{1e3 * number.difference:+.3g} MeV; {1e3 * number.reference:.4g} MeV in the reference."
    )
    return Finding(
        f"{number.channel}, {number.quantity} of {symbol} [MeV]",
        _signed(1e3 * number.difference, 1e3 * number.error), "0", number.p_value,
        abs(number.difference) < tolerance, f"{1e3 * tolerance:.2g} MeV",
        f"{1e3 * number.reference:.4g} MeV in the reference; the same within errors.", text,
    )  # fmt: skip


def _distributions(channels: tuple[Distributions, ...]) -> Finding:
    """One row for one channel, or for the worst of several."""
    worst = min(channels, key=lambda channel: channel.p_value)
    test = worst.worst
    if len(channels) > 1 or worst.channel not in (ALL, *NAMED):
        name = f"{', '.join(channel.channel for channel in channels)}: W, ω and Q² (KS)"
        where = f"{worst.channel}, {_where(test)}"
    else:
        name = f"{'All events' if worst.channel == ALL else worst.channel}: W, ω and Q² (KS)"
        where = _where(test)
    return Finding(
        name, f"{test.distance:.3f} ({where})", "0",
        smallest(channel.p_value for channel in channels), test.distance < DISTANCE,
        f"{100 * DISTANCE:g} % of the events", "The same distributions within errors.",
        f"{100 * test.distance:.1f} % of the events are on the wrong side of some value.",
    )  # fmt: skip


def _where(test: Distribution | Share) -> str:
    where = f"{test.low:.3g}–{test.high:.3g} GeV"
    return f"{SYMBOLS[test.variable]}, {where}" if isinstance(test, Distribution) else where


def _shares(result: LeptonTests) -> Finding | Row:
    name = "Share of each channel, worst [%]"
    if not result.has_channels:
        text = "The generated events carry no reaction channel."
        return Row(name, "not measured", "0", Verdict.NONE, text)
    if not result.shares:
        text = "There is a single channel, or too few events of any other."
        return Row(name, "not measured", "0", Verdict.NONE, text)
    worst = min(result.shares, key=lambda share: share.p_value)
    value = _signed(100 * worst.difference, 100 * worst.error)
    return Finding(
        name, f"{worst.channel} {value} ({_where(worst)})", "0",
        smallest(share.p_value for share in result.shares), abs(worst.difference) < SHARE,
        f"{100 * SHARE:g} percentage point", "Each channel has its share within errors.",
        f"The share of {worst.channel} is {100 * worst.reference:.1f} % in the reference and off "
        f"by {100 * worst.difference:+.1f} percentage points.",
    )  # fmt: skip


def _shift(number: PeakNumber, judged: int) -> str:
    """The shift that would be seen, in MeV with two digits."""
    return f"{float(f'{1e3 * detectable(number.error, judged):.2g}'):g}"


def _signed(value: float, error: float) -> str:
    text = value_text(value, error)
    return text if np.signbit(value) else f"+{text}"
