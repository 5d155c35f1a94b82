"""HEPEVT text as blocks of whole events."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nugen_gan.errors import FormatError, NugenError
from nugen_gan.storage.compressed import open_unpacked, reading

__all__ = ["blocks", "is_hepevt"]

Counts = NDArray[np.int64]
Indices = NDArray[np.int64]
ROW = np.dtype(
    [("status", "i8"), ("pdg", "i8"), ("mother", "i8"), ("mother2", "i8"), ("daughter", "i8"),
     ("daughter2", "i8"), ("px", "f8"), ("py", "f8"), ("pz", "f8"), ("e", "f8"), ("m", "f8"),
     ("x", "f8"), ("y", "f8"), ("z", "f8"), ("t", "f8")]
)  # fmt: skip
# Characters read at a time, and particles that no event has.
SIZE, MOST = 1 << 22, 100_000
HEAD = re.compile(rb"\s*\d+\s+\d+\s*")


def is_hepevt(path: Path) -> bool:
    """True if a line of two whole numbers and a row of fifteen are at the start; never raises."""
    try:
        with reading(path), open_unpacked(path) as stream:
            head, row = (stream.readline(1000) for _ in range(2))
        start = HEAD.fullmatch(head) is not None and bool(row.strip())
        return start and len(_rows([row.decode("ascii")])) == 1
    except (NugenError, ValueError, OverflowError):
        return False


def blocks(path: Path, rows_of: int | None = None) -> Iterator[tuple[Counts, NDArray[Any]]]:
    """Yield numbers of particles of whole events, and their rows.

    ``rows_of`` is how many blocks get their rows; all if absent.
    """
    number, tail = 0, ""
    waiting: list[str] = []
    with reading(path), open_unpacked(path) as stream:
        for more in itertools.chain(iter(lambda: stream.read(SIZE), b""), [b"\n"]):
            *whole, tail = (tail + _ascii(more, path)).split("\n")
            waiting += filter(str.strip, whole)
            counts, heads, used = _walk(waiting, path)
            if not len(counts):
                continue
            body = list(waiting[:used])
            waiting = waiting[used:]
            wanted = rows_of is None or number < rows_of
            yield counts, _body(body, heads, path) if wanted else np.zeros(0, ROW)
            number += 1
    if waiting:
        raise FormatError(
            f"{path} is truncated: its last event has fewer rows than it says. Copy or make it "
            "again."
        )


def _ascii(text: bytes, path: Path) -> str:
    try:
        return text.decode("ascii").replace("\r", "")
    except UnicodeDecodeError as error:
        raise FormatError(f"{path} is damaged: it holds bytes that are not text.") from error


def _walk(text: Sequence[str], path: Path) -> tuple[Counts, Indices, int]:
    """Numbers of particles of the whole events, their first lines, and where they end.

    Only the number in one event's first line tells where the next one is.
    """
    counts, heads, place = [], [], 0
    while place < len(text):
        words = text[place].split()
        number = int(words[1]) if len(words) == 2 and words[1].isdecimal() else -1
        if not (0 <= number < MOST and words[0].lstrip("-").isdecimal()):
            raise FormatError(
                f"{path}: {text[place][:60]!r} stands where an event must begin, with its number "
                "and that of its particles. The file is damaged."
            )
        if place + number >= len(text):
            break
        counts.append(number)
        heads.append(place)
        place += number + 1
    return np.array(counts, np.int64), np.array(heads, np.int64), place


def _body(text: list[str], heads: Indices, path: Path) -> NDArray[Any]:
    """Rows of particles, from the lines of whole events."""
    keep = np.ones(len(text), np.bool_)
    keep[heads] = False
    try:
        return _rows(list(itertools.compress(text, keep.tolist())))
    except (ValueError, OverflowError) as error:
        raise FormatError(
            f"{path}: a row of a particle is not fifteen numbers ({error}). The file is damaged."
        ) from error


def _rows(text: list[str]) -> NDArray[Any]:
    """Rows of :data:`ROW`; raises ValueError if they are something else."""
    return np.loadtxt(text, dtype=ROW, comments=None, ndmin=1) if text else np.zeros(0, ROW)
