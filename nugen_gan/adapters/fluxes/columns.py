"""Which columns of a table are its energies and the flux of the neutrino that is meant.

Releases have several species side by side, with their names above them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nugen_gan.adapters.fluxes.text import TextTable
from nugen_gan.adapters.fluxes.units import units_in
from nugen_gan.errors import FormatError, UsageError
from nugen_gan.physics.process import PROBE_NAMES

__all__ = ["Columns", "choose_columns", "species_of"]

Floats = NDArray[np.float64]
FLAVOURS = {"e": 12, "mu": 14, "m": 14, "tau": 16, "t": 16,
            "electron": 12, "muon": 14}  # fmt: skip
SPECIES = (
    re.compile(r"(?P<anti>anti|bar|a)?nu(?P<bar>bar|b)?(?P<flavour>e|mu|tau|m|t)(?P<end>bar|b)?"),
    re.compile(
        r"(?P<anti>anti)?(?P<flavour>electron|muon|tau)(?P<bar>anti)?neutrinos?(?P<end>bar)?"
    ),
)
# Greek letters nu, mu, the sign micro, tau; a bar above a letter.
GREEK = {"\u03bd": "nu", "\u03bc": "mu", "\u00b5": "mu", "\u03c4": "tau", "\u0304": "bar",
         "\u0305": "bar"}  # fmt: skip
AROUND = re.compile(r"^(?:flux|phi|f)(?:of)?|(?:flux|phi|content|density)(?:es|s)?$")
ENERGY = r"(?:neutrino|nu)?(?:e|en|enu|ev|energy|energies|x|bin)?"
LOW, HIGH, MIDDLE = ("lo|low|lower|min|left|start|from", "hi|high|upper|up|max|right|end|to",
                     "mid|middle|centre|center|cent|mean|avg|average")  # fmt: skip
TAIL = r"(?:edge|limit|bound|e|en|energy|bin)?"
ROLES = {
    "low": re.compile(f"{ENERGY}(?:{LOW}){TAIL}"),
    "high": re.compile(f"{ENERGY}(?:{HIGH}){TAIL}"),
    "middle": re.compile(f"{ENERGY}(?:{MIDDLE}){TAIL}"),
    "energy": re.compile(
        r"(?:neutrino)?(?:e|en|enu|ev|energy|energies|x)(?:nu|bin)?(?:range)?|range"
    ),
    "index": re.compile(r"(?:bin|index|i|n|no|nr|row|)"),
}
GENERIC = re.compile(r"(?:total)?(?:flux|phi|content|contents|value|y|dphide)")


@dataclass(frozen=True, slots=True)
class Columns:
    """What was chosen.

    Attributes
    ----------
    energies : edges of bins, one more than there are values, or one energy for each value
    values : of the flux
    texts : what may tell the unit of the energies
    place : ``EDGES`` or ``CENTRES`` if the names say so of single energies, else ""
    notes : which column was taken, in words
    """

    energies: Floats
    values: Floats
    texts: tuple[str, ...]
    place: str = ""
    notes: tuple[str, ...] = ()


def species_of(name: str) -> int | None:
    """PDG code of the neutrino that a column's name means, as ``numubar`` or ``nu_mu``."""
    text = name.strip().lower()
    for sign, word in GREEK.items():
        text = text.replace(sign, word)
    if text in map(str, PROBE_NAMES):
        return int(text)
    for squeezed in (_squeezed(text), AROUND.sub("", _squeezed(text))):
        for pattern in SPECIES:
            if match := pattern.fullmatch(squeezed):
                anti = sum(bool(match[group]) for group in ("anti", "bar", "end"))
                code = FLAVOURS[match["flavour"]]
                return -code if anti == 1 else code if anti == 0 else None
    return None


def choose_columns(table: TextTable, wanted: str, probe: int | None, name: str) -> Columns:
    """Choose the columns of energies and of one flux.

    Parameters
    ----------
    table : of two columns or more
    wanted : name or number (from 1) of the column of the flux, if the user said so
    probe : PDG code of the neutrino whose flux is meant
    name : of the file, for messages

    Raises
    ------
    UsageError
        if the flux that is meant is not there, or it is not clear which one it is.
    FormatError
        if there are more than three columns without names, or bins that do not follow each
        other.
    """
    names, known = _names(table)
    column = _wanted(table, wanted, names, name) if wanted else None
    if column is None and known:
        column = _by_species(table, probe, names, name)
    if column is None:
        if table.rows.shape[1] > 3:
            raise _unclear(table, wanted, names, name)
        column = table.rows.shape[1] - 1
    if known:
        first = min(i for i, word in enumerate(names) if _is_flux(word))
        used, place = _named_energies(names, range(first), name)
    else:
        first, place = 1, ""
        used = _plain_energies(table, column, name)
    if column in used or column < first:
        raise _unclear(table, wanted, names, name)
    only = len(used) + 1 == len(table.rows[0]) and not (known and species_of(names[column]))
    notes = [] if only else [_taken(column, names)]
    if table.rows[0, used[0]] > table.rows[-1, used[0]]:
        table = TextTable(table.rows[::-1], table.lines[::-1], table.head)
        notes.append("the rows fall in energy, and were turned round")
    energies = table.rows[:, used[0]] if len(used) == 1 else _edges(table, used[0], used[1], name)
    if len(used) == 1 and _like_edges(table, used[0]):
        raise UsageError(
            f"flux file {name}: its columns {used[0] + 1} and {used[0] + 2} read like edges of "
            "bins, and the names above say otherwise. Write them as E_low and E_high"
        )
    texts = tuple(names[i] for i in used) if known else ()
    if not units_in(texts):
        texts = table.head
    return Columns(energies, table.rows[:, column], texts, place, tuple(notes))


def _taken(column: int, names: Sequence[str]) -> str:
    return f"column {column + 1}{f', {names[column]},' if names else ''} is the flux"


def _squeezed(name: str) -> str:
    """Letters and digits of a name in lower case, without units in brackets."""
    plain = re.sub(r"\[[^\]]*\]|\([^)]*\)", "", name.lower())
    plain = re.sub(r"(?<![a-z])[kmgt]ev$|(?<=[^a-z])[kmgt]ev(?![a-z])", "", plain.strip())
    return re.sub(r"[^a-z0-9]", "", plain)


def _role(name: str) -> str:
    """``low``, ``high``, ``middle``, ``energy`` or ``index`` of a column, or ""."""
    squeezed = _squeezed(name)
    return next((role for role, pattern in ROLES.items() if pattern.fullmatch(squeezed)), "")


def _is_flux(name: str) -> bool:
    return species_of(name) is not None or GENERIC.fullmatch(_squeezed(name)) is not None


def _names(table: TextTable) -> tuple[list[str], bool]:
    """Names of the columns, and whether they tell energies from fluxes."""
    labels: list[str] = []
    for line in table.head:
        for words in _splits(line):
            if len(words) != table.rows.shape[1]:
                continue
            if not any(word.endswith((":", ".")) for word in words):  # no sentence
                labels = labels or words
            fluxes = [i for i, word in enumerate(words) if _is_flux(word)]
            before = words[: fluxes[0]] if fluxes else []
            roles = [_role(word) for word in before]
            if any(role not in ("", "index") for role in roles) and all(
                role or not word.strip() for role, word in zip(roles, before, strict=True)
            ):
                return words, True
    return labels, False


def _splits(line: str) -> list[list[str]]:
    """Ways to take a line of names apart."""
    ways = []
    for separator in (";", ",", "\t"):
        if separator in line:
            words = [word.strip().strip("\"'") for word in line.split(separator)]
            ways.append(words[:-1] if words and not words[-1] else words)
    # "E low [GeV]" with blanks: a unit belongs to the word before it.
    joined = re.sub(r"\s+(?=[\[(])", "", line)
    joined = re.sub(r"[\[(][^\])]*[\])]", lambda match: match[0].replace(" ", ""), joined)
    return [*ways, re.sub(r"[,;]", " ", joined).split()]


def _wanted(table: TextTable, wanted: str, names: Sequence[str], name: str) -> int:
    """The column that the user named."""
    if re.fullmatch(r"\d{1,4}", wanted) and wanted not in names:
        if 2 <= int(wanted) <= table.rows.shape[1]:
            return int(wanted) - 1
        raise _unclear(table, wanted, names, name)
    same = [i for i, word in enumerate(names) if _squeezed(word) == _squeezed(wanted)]
    species = species_of(wanted)
    if not same and species is not None:
        same = [i for i, word in enumerate(names) if species_of(word) == species]
    if len(same) != 1:
        raise _unclear(table, wanted, names, name)
    return same[0]


def _by_species(table: TextTable, probe: int | None, names: Sequence[str], name: str) -> int:
    """The column of the probe, or the only one with a flux."""
    found = {i: species_of(word) for i, word in enumerate(names) if _is_flux(word)}
    mine = [i for i, species in found.items() if species is not None and species == probe]
    if len(mine) == 1:
        return mine[0]
    if len(found) == 1 and (probe is None or None in found.values()):
        return next(iter(found))
    asked = "" if probe is None else PROBE_NAMES[probe]
    raise _unclear(table, asked, names, name)


def _unclear(
    table: TextTable, wanted: str, names: Sequence[str], name: str
) -> UsageError | FormatError:
    """The error that lists the columns."""
    columns = table.rows.shape[1]
    listing = "; ".join(
        f"{i + 1} {names[i] if names else 'without a name'} ({table.rows[0, i]:g}, ...)"
        for i in range(columns)
    )
    asked = f"no flux, or no single one, of {wanted!r} among " if wanted else ""
    message = (
        f"flux file {name} has {asked}{columns} columns, and it is not clear which is the flux: "
        f"{listing}. Write the name or the number of a column behind the file, as in "
        f"'{name},{columns}'. Without names, rows of three numbers, E_low E_high flux, or of two, "
        "E flux, are understood"
    )
    return UsageError(message) if wanted or names else FormatError(message)


def _named_energies(names: Sequence[str], before: range, name: str) -> tuple[tuple[int, ...], str]:
    """Columns of energies by their names, lower edges first, and what single ones are."""
    roles = {i: _role(names[i]) for i in before}
    rest = {i: role for i, role in roles.items() if role not in ("", "index")}
    low, high = ([i for i in rest if rest[i] == role] for role in ("low", "high"))
    if len(low) == 1 and len(high) == 1:
        return (low[0], high[0]), ""
    if len(rest) == 2 and set(rest.values()) == {"energy"}:
        return tuple(rest), ""
    if len(rest) == 1 and not high:
        ((column, role),) = rest.items()
        return (column,), {"low": "EDGES", "middle": "CENTRES"}.get(role, "")
    raise UsageError(
        f"flux file {name}: it is not clear which of the columns "
        f"{', '.join(names[i] or str(i + 1) for i in before)} are the energies. Write a file of "
        "three columns, E_low E_high flux"
    )


def _plain_energies(table: TextTable, column: int, name: str) -> tuple[int, ...]:
    """Columns of energies without names: the first two, or the first one."""
    columns = table.rows.shape[1]
    if columns > 2 and (_follow(table, 0, 1) or (columns == 3 and column == 2)):
        return (0, 1)
    if column > 2 and len(table.rows) > 2 and _follow(table, 1, 2):
        return (1, 2)  # behind numbers of the bins
    if column > 1 and len(table.rows) > 2 and (np.diff(table.rows[:, :2], axis=0) > 0.0).all():
        raise UsageError(
            f"flux file {name}: its columns 1 and 2 both rise, and without names above them it is "
            "not clear which are the energies. Write a file of two or three columns"
        )
    return (0,)


def _follow(table: TextTable, low: int, high: int) -> bool:
    """Whether two columns are edges of bins, each beginning where the last one ended."""
    lows, highs = table.rows[:, low], table.rows[:, high]
    return _gap(lows, highs) is None or _gap(lows[::-1], highs[::-1]) is None


def _like_edges(table: TextTable, column: int) -> bool:
    rows = table.rows
    return (
        rows.shape[1] > 2 and len(rows) > 2 and _gap(rows[:, column], rows[:, column + 1]) is None
    )


def _edges(table: TextTable, low: int, high: int, name: str) -> Floats:
    """Edges of bins that follow each other."""
    lows, highs = table.rows[:, low], table.rows[:, high]
    wrong = np.flatnonzero(~(lows <= highs))
    if wrong.size:
        i = int(wrong[0])
        raise FormatError(
            f"flux file {name}, line {table.lines[i]}: the bin {lows[i]:g} to {highs[i]:g} must "
            "have its lower edge first"
        )
    gap = _gap(lows, highs)
    if gap is not None:
        what = "overlap" if lows[gap + 1] < highs[gap] else "leave a gap"
        raise FormatError(
            f"flux file {name}: each row must begin where the last one ended, and the bins "
            f"{lows[gap]:g}-{highs[gap]:g} and {lows[gap + 1]:g}-{highs[gap + 1]:g} {what} (line "
            f"{table.lines[gap + 1]})"
        )
    return np.concatenate([lows, highs[-1:]])


def _gap(lows: Floats, highs: Floats) -> int | None:
    """The first bin behind which the next one does not follow."""
    close = np.isclose(lows[1:], highs[:-1], rtol=1e-6, atol=0.0)
    return None if close.all() else int(np.flatnonzero(~close)[0])
