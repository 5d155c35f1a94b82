"""From numbers to verdicts: one rule for every row, and the headline from the rows.

A row *agrees* if its deviation is within statistical errors: the corrected p value (see
:mod:`nugen_gan.validation.metrics.significance`) is at least 0.05.  How large the deviation is does
not matter for that; and a significant one is not excused for being small, but called *small* if it
is below the tolerance that the row states.  With ten million events everything is significant.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from nugen_gan.validation.metrics.significance import ALPHA, BEYOND_DOUBT, holm

__all__ = ["Finding", "Row", "Verdict", "count_judged", "headline", "judge", "p_text"]

# So many names of rows fit a headline.
NAMED = 3


class Verdict(Enum):
    """How a measure came out; the value is the word shown."""

    AGREES = "agrees"
    SMALL = "small difference"
    UNCLEAR = "may differ"
    DIFFERS = "differs"
    NONE = "not measured"


@dataclass(frozen=True, slots=True)
class Finding:
    """A row before it is judged together with all others.

    Attributes
    ----------
    measure, value, target : name, result, what a perfect model has
    p_value : probability that a perfect model deviates as much
    small : whether the deviation is below the tolerance
    tolerance : that, in words
    agrees, differs : the meaning in either case
    """

    measure: str
    value: str
    target: str
    p_value: float
    small: bool
    tolerance: str
    agrees: str
    differs: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table.

    Attributes
    ----------
    measure, value, target : name, result, what a perfect model has
    verdict, meaning : how it came out, and what that means
    p_value, p_corrected : probability that a perfect model deviates as much in this row, and the
        same corrected for the number of rows; None where a row has no such probability
    """

    measure: str
    value: str
    target: str
    verdict: Verdict
    meaning: str
    p_value: float | None = None
    p_corrected: float | None = None


def judge(found: Iterable[Finding | Row], *, independent: bool = True) -> tuple[Row, ...]:
    """Turn findings into rows; what is a row already is left as it is.

    Parameters
    ----------
    found : all that one table shows
    independent : False if the samples share events: then nothing can be said to agree
    """
    found = tuple(found)
    findings = [entry for entry in found if isinstance(entry, Finding)]
    corrected = iter(holm([finding.p_value for finding in findings]))
    rows = (
        entry if isinstance(entry, Row) else _row(entry, next(corrected), len(findings))
        for entry in found
    )
    return tuple(row if independent else _unless_shared(row) for row in rows)


def count_judged(found: Iterable[Finding | Row]) -> int:
    """How many rows share the 5 % of false alarms."""
    return sum(isinstance(entry, Finding) for entry in found)


def p_text(p_value: float | None) -> str:
    """Two digits at most, such as ``0.13`` or ``8e-10``."""
    if p_value is None:
        return ""
    return "< 1e-99" if p_value < 1e-99 else f"{p_value:.2g}"


def headline(rows: Sequence[Row]) -> str:
    """One or two sentences on the verdicts, made from nothing but these."""
    groups = {verdict: [row for row in rows if row.verdict is verdict] for verdict in Verdict}
    missing = len(groups[Verdict.NONE])
    judged = len(rows) - missing
    tail = f" {missing} could not be measured." if missing else ""
    # Without a row that has a p value, nothing was compared.
    if not any(row.p_value is not None for row in rows if row.verdict is not Verdict.NONE):
        text = "Nothing can be said about agreement: too few events for any comparison."
        if groups[Verdict.DIFFERS]:
            text += f" {_named('Differs', groups[Verdict.DIFFERS])}"
        return text
    if len(groups[Verdict.AGREES]) == judged:
        return f"All {judged} measures agree with the reference within statistical errors." + tail
    texts = [f"{len(groups[Verdict.AGREES])} of {judged} measures agree with the reference."]
    for verdict, label in (
        (Verdict.DIFFERS, "{} differ"), (Verdict.UNCLEAR, "{} may differ"),
        (Verdict.SMALL, "{} show a significant but small difference"),
    ):  # fmt: skip
        if groups[verdict]:
            number = len(groups[verdict])
            said = label.format(number)
            if number == 1:
                said = said.replace(" differ", " differs").replace("show ", "shows ")
            texts.append(_named(said.replace("may differs", "may differ"), groups[verdict]))
    return " ".join(texts) + tail


def _named(label: str, rows: list[Row]) -> str:
    """Name the rows, those with the smallest p first."""
    first = sorted(rows, key=lambda row: row.p_value or 0.0)[:NAMED]
    more = "; ..." if len(rows) > NAMED else ""
    return f"{label}: " + "; ".join(f"{row.measure} ({row.value})" for row in first) + more + "."


def _row(finding: Finding, corrected: float, judged: int) -> Row:
    p_value = finding.p_value
    if corrected >= ALPHA:
        verdict, meaning = Verdict.AGREES, finding.agrees
        if p_value < ALPHA:
            meaning += (
                f" (p = {p_text(p_value)} is no evidence where {judged} measures are looked at.)"
            )
    elif finding.small:
        verdict = Verdict.SMALL
        meaning = f"{finding.differs} Significant, but below the tolerance, {finding.tolerance}."
    elif corrected >= BEYOND_DOUBT:
        verdict = Verdict.UNCLEAR
        meaning = f"{finding.differs} Not beyond doubt: more reference events would tell."
    else:
        verdict, meaning = Verdict.DIFFERS, finding.differs
    return Row(finding.measure, finding.value, finding.target, verdict, meaning, p_value, corrected)


def _unless_shared(row: Row) -> Row:
    if row.verdict is not Verdict.AGREES or row.p_value is None:
        return row
    meaning = "No measure of agreement: the samples share events."
    return dataclasses.replace(row, verdict=Verdict.NONE, meaning=meaning)
