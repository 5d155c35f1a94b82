"""The unit of a cross section, from the words of a table's comment lines.

Only a unit that is understood whole is used: a number, if there is one, an area, and what it is
per.  ``1e-39 cm2 per nucleon``, ``10^{-38} cm^2/nucleus``, ``pb per atom`` are; a power of ten that
was passed over would be a factor of 1e38.
"""

from __future__ import annotations

import re
from pathlib import Path

from nugen_gan.errors import FormatError, UsageError
from nugen_gan.physics.cross_section import CrossSection
from nugen_gan.physics.process import Process

__all__ = ["LARGEST", "check_size", "unit_of"]

# cm^2 per nucleus: no charged-current cross section is above the first, even on uranium at the
# highest energies of cosmic neutrinos, and none is below the second wherever it matters.
LARGEST, SMALLEST = 1e-30, 1e-48

BARN = 1e-24  # cm^2
AREAS = {
    "b": BARN, "barn": BARN, "mb": 1e-3 * BARN, "ub": 1e-6 * BARN, "\u00b5b": 1e-6 * BARN,
    "\u03bcb": 1e-6 * BARN, "nb": 1e-9 * BARN, "pb": 1e-12 * BARN, "fb": 1e-15 * BARN,
    "ab": 1e-18 * BARN, "millibarn": 1e-3 * BARN, "microbarn": 1e-6 * BARN,
    "nanobarn": 1e-9 * BARN, "picobarn": 1e-12 * BARN, "femtobarn": 1e-15 * BARN,
}  # fmt: skip
SQUARES = {"cm": 1.0, "m": 1e4, "mm": 1e-2, "fm": 1e-26}
# An area: a length squared in any spelling, or a kind of barn.
AREA = (
    r"(?:(?P<length>cm|mm|fm|m)\s*(?:(?:\^|\*\*)?\s*(?:\{\s*2\s*\}|\(\s*2\s*\)|2(?![0-9.]))|\u00b2)"
    r"|(?P<barn>" + "|".join(sorted(AREAS, key=len, reverse=True)) + r")(?![A-Za-z0-9^]))"
)
FACTOR = (
    r"(?:(?P<power>(?:1(?:\.0*)?\s*(?:\*|x|\u00d7|\u00b7|\\times|\\cdot)\s*)?"
    r"10\s*(?:\^|\*\*)?\s*[{(]?\s*(?P<exponent>[-\u2212][0-9]+)\s*[})]?)"
    r"|(?P<superscript>10[\u207b][\u2070\u00b9\u00b2\u00b3\u2074-\u2079]+)"
    r"|(?P<number>[0-9]+(?:\.[0-9]*)?(?:[eEdD][-+]?[0-9]+)?))"
)
BEFORE = re.compile(FACTOR + r"\s*(?:\*|x|\u00d7|\u00b7|\\times|\\cdot|\\,|~)?\s*$")
# A power of ten, or a logarithm, that is no part of a unit.
POWER = r"(?<![\w.])[0-9.]+[eEdD][-+]?[0-9]{2}|10\s*(?:\^|\*\*)|10\u207b|\blog(?:10)?\b"
# What makes another quantity of a cross section, or another number of it, wherever it stands.
OTHER = re.compile(
    r"(?:/|\bover\s|_over_)\s*E(?:_?nu|\b)|(?:per|/)\s*GeV|GeV\s*(?:\^|\*\*)?\s*[{(]?\s*[-\u2212\u207b]\s*1"
    r"|\bmultipl|\bdivide|\btimes\b(?<!\\times)",
    re.IGNORECASE,
)
# A sign of multiplication: a number before it counts.
TIMES = re.compile(r"(?:\\times|\\cdot|[*\u00d7\u00b7]|(?<![A-Za-z])x)\s*$")
PER = re.compile(
    r"\s*(?:per|/)\s*(?:target\s+)?(?P<what>nucleon|nucleus|nuclei|atom)s?(?![A-Za-z])",
    re.IGNORECASE,
)
LATEX = str.maketrans({"$": " "})
SUPERSCRIPTS = str.maketrans("\u207b\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079",
                             "-0123456789")  # fmt: skip


def unit_of(comments: str, path: Path, process: Process) -> float:
    """Factor from the unit of a table to cm^2 per nucleus.

    Parameters
    ----------
    comments : the comment lines of the table
    path : the table, for messages
    process : its target tells how many nucleons there are

    Raises
    ------
    UsageError
        if no unit is stated, or one that is not understood whole, or two different ones.
    """
    found: dict[tuple[float, str], str] = {}
    for line in comments.splitlines():
        text = re.sub(r"\\(?:mathrm|text|rm)\s*\{([^}]*)\}", r"\1", line.translate(LATEX))
        unused = text
        for area in re.finditer(r"(?<![A-Za-z])" + AREA, text, re.IGNORECASE):
            if other := OTHER.search(text):
                raise _misunderstood(path, text[max(other.start() - 30, 0) :].strip(" #")[:60])
            found[_whole(text, area, path)] = text[max(area.start() - 15, 0) : area.end() + 25]
            factor = BEFORE.search(text[: area.start()])
            unused = unused.replace(factor[0], " ") if factor else unused
        if power := re.search(POWER, unused):
            raise _misunderstood(path, text[max(power.start() - 30, 0) :].strip(" #")[:60])
    scales, scopes = {scale for scale, _ in found}, {scope for _, scope in found if scope}
    if not scopes:
        elsewhere = {_scope(match) for match in PER.finditer(comments)}
        scopes = elsewhere or set()
    if not scales or not scopes:
        missing = "its unit" if not scales else "whether it is per nucleon or per nucleus"
        raise UsageError(
            f"{path} does not state {missing}. Add a comment line such as "
            "'# E_low[GeV] E_high[GeV] sigma[1e-38 cm2 per nucleon]'; allowed are cm2, m2, pb "
            "and the like, with or without a number such as 1e-38 before, per nucleon and per "
            "nucleus"
        )
    if len(scales) > 1 or len(scopes) > 1:
        listing = ", ".join(repr(text.strip()) for text in found.values())
        raise UsageError(
            f"{path} states several units: {listing}. Leave that of the cross section only."
        )
    return scales.pop() * (process.a if scopes.pop() == "nucleon" else 1)


def check_size(path: Path, sigma: CrossSection) -> CrossSection:
    """Return a cross section that is of a possible size.

    Raises
    ------
    FormatError
        if it is not: then its unit is not what the file says.
    """
    largest = max(*sigma.values, *sigma.at_edges, 0.0)
    if SMALLEST < largest < LARGEST:
        return sigma
    word, limit = ("above", LARGEST) if largest >= LARGEST else ("below", SMALLEST)
    raise FormatError(
        f"{path}: its largest cross section is {largest:.4g} cm2 per nucleus; that of a neutrino "
        f"is never {word} {limit:g}. The unit is another one than the file says: give the right "
        "one."
    )


def _whole(text: str, area: re.Match[str], path: Path) -> tuple[float, str]:
    """Scale [cm^2] and what it is per ("" if not said) of a unit around an area."""
    before, after = text[: area.start()], text[area.end() :]
    scale = SQUARES[area["length"].lower()] if area["length"] else AREAS[area["barn"].lower()]
    factor = BEFORE.search(before)
    rest = before
    if factor:
        rest = before[: factor.start()]
        scale *= _number(factor)
    per = PER.match(after)
    tail = after[per.end() :] if per else after
    # Directly before there may be a bracket, a word, or a list's comma, but nothing of a number.
    clean_before = re.search(r"(?:^|[\[(,;:=|/]|[A-Za-z_\])]\s|\s#|#)\s*$", rest) is not None
    if (
        TIMES.search(rest)
        or re.search(r"[0-9^*{}+.\u2212-]\s*$", rest)
        or (rest.rstrip()[-1:] == "/")
    ):
        clean_before = False
    clean_after = re.match(r"\s*(?:$|[\]),;.:|#]|\((?!\s*[0-9])|(?!per\b|/)\s[A-Za-z=-])", tail)
    if re.match(r"\s*[\])]?\s*(?:per\b|/|\*|\^)", tail) and not (
        per is None and PER.match(tail.lstrip(" ])"))
    ):
        clean_after = None
    if per is None and re.match(r"\s*[A-Za-z]", tail):
        clean_after = None
    if not clean_before or not clean_after or not scale > 0.0:
        raise _misunderstood(path, text[max(area.start() - 20, 0) : area.end() + 40].strip(" #"))
    if per is None and (later := PER.match(tail.lstrip(" ])"))):
        return scale, _scope(later)
    return scale, _scope(per) if per else ""


def _misunderstood(path: Path, quoted: str) -> UsageError:
    return UsageError(
        f"{path}: the unit in {quoted!r} is not understood. Write one like '1e-38 cm2 per "
        "nucleon' or 'pb per nucleus': a number, an area, and per nucleon or per nucleus."
    )


def _number(factor: re.Match[str]) -> float:
    if factor["exponent"]:
        return float("1e" + factor["exponent"].replace("\u2212", "-"))
    if factor["superscript"]:
        return float("1e" + factor["superscript"][2:].translate(SUPERSCRIPTS))
    return float(re.sub("[dD]", "e", factor["number"]))


def _scope(match: re.Match[str]) -> str:
    return "nucleon" if match["what"].lower() == "nucleon" else "nucleus"
