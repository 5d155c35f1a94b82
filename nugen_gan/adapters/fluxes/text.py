"""Text files of fluxes: from lines to a table of numbers, and the text above it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nugen_gan.errors import FormatError

__all__ = ["TextTable", "read_table"]

Floats = NDArray[np.float64]
# Fortran writes double precision as 0.291D-8.
EXPONENT = re.compile(r"(?<=[\d.])[dD](?=[+-]?\d)")
COMMENT = re.compile(r"#|!|//")
NUMBER = re.compile(
    r"[+-]?(\d+(?:\.\d*)?|\.\d+)([eE][+-]?\d+)?|[+-]?(nan|inf|infinity)", re.IGNORECASE
)
# A number with a comma in it: 0,25 of a German spreadsheet, or 1,000 of an English one.
WITH_COMMA = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?")
# Is such a comma a decimal one for certain?  Not in 1,000.
DECIMAL = re.compile(r"[+-]?(0*,\d+|\d{4,},\d+|\d*,(\d{1,2}|\d{4,}))([eE][+-]?\d+)?")
# ``0.00 - 0.05``, ``0.00- 0.05`` and ``0.00-0.05`` for a bin; ``1 -2`` are two numbers.
RANGE = re.compile(
    r"(?<![\w.+-])(\d+(?:\.\d*)?|\.\d+)(?:\s+-\s+|-\s*)(?=(?:\d+(?:\.\d*)?|\.\d+)(?![\w.]))"
)
NUMERIC = frozenset("0123456789 \t.,;eE+-")
POINTS_HELP = "Write numbers with decimal points, without commas in them"


@dataclass(frozen=True, slots=True)
class TextTable:
    """A table of numbers in a text file.

    Attributes
    ----------
    rows : shape (N, columns)
    lines : number of each row's line in the file
    head : lines of text and comments above it, the nearest first
    """

    rows: Floats
    lines: tuple[int, ...]
    head: tuple[str, ...]


def read_table(text: str, path: Path) -> TextTable:
    """Find the table in a text: rows of numbers, with lines of text above them passed over.

    Comments begin with ``#``, ``!`` or ``//``; numbers are separated by blanks, tabs, commas or
    semicolons; with semicolons or tabs they may have decimal commas.

    Raises
    ------
    FormatError
        if there is none, rows differ in length, or a line among them is no row of numbers.
    """
    bodies: list[tuple[int, list[str]]] = []
    head: list[str] = []
    doubtful: list[tuple[int, list[str]]] = []
    lines = [EXPONENT.sub("E", line).strip() for line in text.split("\n")]
    commas = _decimal_commas(lines, path)
    for number, line in enumerate(lines, 1):
        body, mark, comment = _parted(line)
        words = _words(body, commas)
        wrong = sum(not _is_number(word) for word in words)
        if words and (bodies or not wrong):
            bodies.append((number, words))
        elif words:
            head.append(line)
            if 2 * wrong <= len(words):
                doubtful.append((number, words))
        elif mark and not bodies:
            head.append(comment)
    if not bodies:
        raise FormatError(f"flux file {path} is not a table of numbers: it has none")
    for number, words in doubtful:
        _check_no_row(number, words, len(bodies[0][1]), path)
    rows = [_row(number, words, path) for number, words in bodies]
    widths = sorted({len(row) for row in rows})
    if len(widths) > 1:
        number, odd = next((n, r) for (n, _), r in zip(bodies, rows, strict=True)
                           if len(r) != len(rows[0]))  # fmt: skip
        raise FormatError(
            f"flux file {path}: rows of three numbers, E_low E_high flux, of two, E flux, or of "
            f"more with names above them, all of one length, are needed; found rows of "
            f"{', '.join(map(str, widths))} (line {number} has {len(odd)})"
        )
    nearest = tuple(line[:500] for line in head[:-200:-1])
    return TextTable(np.array(rows), tuple(number for number, _ in bodies), nearest)


def _parted(line: str) -> tuple[str, str, str]:
    """What is before the mark of a comment, the mark, and what is behind it."""
    match = COMMENT.search(line)
    if not match:
        return line, "", ""
    return line[: match.start()].strip(), match[0], line[match.end() :].strip("#!/ \t")


def _words(body: str, commas: bool) -> list[str]:
    """The numbers of a line, or what stands in their places."""
    if commas and re.search(r"[;\t]", body):
        body = body.replace(",", ".")
    words = RANGE.sub(r"\1 ", re.sub(r"[,;]", " ", body)).split()
    return [word[1:-1] if re.fullmatch(r'"[^"]*"|\'[^\']*\'', word) else word for word in words]


def _row(number: int, words: Sequence[str], path: Path) -> list[float]:
    for word in words:
        if not _is_number(word):
            raise FormatError(
                f"flux file {path} is not a table of numbers: line {number} has {word[:40]!r}. "
                "Begin lines of text with #, and give a file one table"
            )
    return [float(word) for word in words]


def _is_number(word: str) -> bool:
    return NUMBER.fullmatch(word) is not None


def _check_no_row(number: int, words: Sequence[str], width: int, path: Path) -> None:
    """Refuse a line above the table that is a row of it with an error in it."""
    if len(words) == width:
        wrong = next(word for word in words if not _is_number(word))
        raise FormatError(
            f"flux file {path} is not a table of numbers: line {number} has {wrong[:40]!r} among "
            "numbers. If it is a line of text, begin it with #"
        )


def _decimal_commas(lines: Sequence[str], path: Path) -> bool:
    """Whether commas are decimal ones; refused where they may be that or something else."""
    rows = [_parted(line)[0] for line in lines]
    rows = [row for row in rows if NUMERIC.issuperset(row) and re.search(r"\d", row)]
    cells: list[str] = []
    for row in rows:
        parts = [part.strip() for part in re.split(r"[;\t]", row)]
        if len(parts) == 1:
            parts = row.split()
            mixed = len(parts) > 1 and any(map(WITH_COMMA.fullmatch, parts))
            whole = all(WITH_COMMA.fullmatch(p) or _is_number(p) for p in parts)
            if mixed and whole and "." not in row:
                raise FormatError(
                    f"flux file {path}: in {row[:40]!r} commas may separate numbers or be decimal "
                    f"ones. {POINTS_HELP}"
                )
            continue
        with_comma = [part for part in parts if WITH_COMMA.fullmatch(part)]
        if "." in row and re.search(r"\d,\d", row):
            raise FormatError(
                f"flux file {path}: {row[:40]!r} has points and commas in numbers. {POINTS_HELP}"
            )
        cells += with_comma
    if cells and not any(map(DECIMAL.fullmatch, cells)):
        raise FormatError(
            f"flux file {path}: the comma in {cells[0]!r} may be a decimal one or separate "
            f"thousands. {POINTS_HELP}"
        )
    return bool(cells)
