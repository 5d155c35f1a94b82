"""Text made of columns of numbers, a whole block of events at a time.

A block is a matrix of characters with one row per event.  Numbers of different lengths are
filled up with NUL characters, which are dropped at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from nugen_gan.errors import UsageError

__all__ = [
    "DECIMALS",
    "by_code",
    "decimal",
    "floats",
    "integers",
    "interleaved",
    "invariant_mass",
    "join",
    "lines",
    "quantised",
    "sums",
]

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Characters = NDArray[np.uint8]

# Digits behind the point of a number in fixed notation: 1e-12 GeV for an energy.
DECIMALS = 12
UNIT = 10**DECIMALS
# Digits are made four at a time, by a table.
GROUP = 10_000
_PADDED = np.array([f"{i:04d}" for i in range(GROUP)], "S4").view(np.uint32)
_STRIPPED = np.array([f"{i}".rjust(4, "\0") for i in range(GROUP)], "S4").view(np.uint32)
_EMPTY = np.uint32(0)
LARGEST = 9.0e6


def quantised(x: Floats) -> Counts:
    """Numbers in units of the last decimal: what :func:`decimal` will write, exactly."""
    if x.size and not np.abs(x).max() < LARGEST:
        raise UsageError(f"a momentum of {np.abs(x).max():g} GeV cannot be written: it is absurd")
    return np.asarray(np.rint(x * UNIT), np.int64)


def decimal(counts: Counts) -> Characters:
    """Numbers in fixed notation from units of the last decimal; shape (N, width)."""
    whole, fraction = np.divmod(np.abs(counts), UNIT)
    sign = np.where(counts < 0, np.uint8(ord("-")), np.uint8(0))[:, None]
    point = np.full((len(counts), 1), ord("."), np.uint8)
    return np.concatenate(
        [sign, integers(whole), point, _characters(_groups(fraction, DECIMALS // 4))], axis=1
    )


def integers(counts: Counts) -> Characters:
    """Numbers that are not negative, without leading zeros; shape (N, width)."""
    largest = int(counts.max()) if len(counts) else 0
    groups, first = [], counts
    texts: list[NDArray[np.uint32]] = []
    while largest >= GROUP:
        first, rest = np.divmod(first, GROUP)
        groups.append((first, rest))
        largest //= GROUP
    texts.append(_STRIPPED[first])
    for before, rest in reversed(groups):
        # Zeros lead only where nothing stands before them; a lone zero there is dropped too.
        texts[-1] = np.where(before > 0, texts[-1], _EMPTY)
        texts.append(np.where(before > 0, _PADDED[rest], _STRIPPED[rest]))
    return _characters(texts)


def floats(x: Floats) -> Characters | bytes:
    """Shortest text that reads back as the same number; one text if all are the same."""
    if len(x) and (x == x[0]).all():
        return f"{float(x[0])!r}".removesuffix(".0").encode()
    text = np.array([repr(value) for value in x.tolist()], "S")
    return text.view(np.uint8).reshape(len(x), -1)


def by_code(codes: NDArray[np.int32], text: Callable[[int], str]) -> Characters:
    """Text of each of some codes, of which few differ; shape (N, width)."""
    if not len(codes):
        return np.zeros((0, 1), np.uint8)
    known, index = np.unique(codes, return_inverse=True)
    texts = np.array([text(code) for code in known.tolist()], "S")
    return texts.view(np.uint8).reshape(len(known), -1)[index]


def invariant_mass(momentum: Sequence[Counts]) -> Counts:
    """Mass of (px, py, pz, E) as printed, negative where it is spacelike, as in HepMC3."""
    px, py, pz, energy = (component / 10.0**DECIMALS for component in momentum)
    square = energy**2 - (px**2 + py**2 + pz**2)
    return quantised(np.sign(square) * np.sqrt(np.abs(square)))


def sums(values: Counts, counts: Counts) -> Counts:
    """Sums over lists that lie one after the other, without rounding; shape of ``counts``."""
    upto = np.concatenate([[0], np.cumsum(values)])
    last = np.cumsum(counts)
    return np.asarray(upto[last] - upto[last - counts])


def join(parts: Sequence[bytes | Characters], rows: int) -> bytes:
    """Put columns side by side; bytes are repeated in every row."""
    flat = lines(parts, rows).ravel()
    return bytes(flat[flat != 0])


def interleaved(groups: Sequence[tuple[Characters, Counts]]) -> bytes:
    """Text of events that have lines of several kinds, first those of the first kind.

    Parameters
    ----------
    groups : for each kind its lines, event by event, and how many of them each of the N events
        has, shape (N,)
    """
    filled = [matrix != 0 for matrix, _ in groups]
    sizes = [sums(full.sum(axis=1), counts)
             for full, (_, counts) in zip(filled, groups, strict=True)]  # fmt: skip
    kinds = np.tile(np.arange(len(groups), dtype=np.uint8), len(sizes[0]))
    kind = np.repeat(kinds, np.stack(sizes, axis=1).ravel())
    text = np.empty(len(kind), np.uint8)
    for number, (full, (matrix, _)) in enumerate(zip(filled, groups, strict=True)):
        text[kind == number] = matrix[full]
    return text.tobytes()


def lines(parts: Sequence[bytes | Characters], rows: int) -> Characters:
    """Columns side by side, not yet packed: NULs fill what is short."""
    widths = [len(part) if isinstance(part, bytes) else part.shape[1] for part in parts]
    matrix = np.empty((rows, sum(widths)), np.uint8)
    start = 0
    for part, width in zip(parts, widths, strict=True):
        column = np.frombuffer(part, np.uint8) if isinstance(part, bytes) else part
        matrix[:, start : start + width] = column
        start += width
    return matrix


def _groups(counts: Counts, number: int) -> list[NDArray[np.uint32]]:
    """That many groups of four digits, the highest first."""
    texts: list[NDArray[np.uint32]] = []
    for _ in range(number):
        counts, rest = np.divmod(counts, GROUP)
        texts.append(_PADDED[rest])
    return texts[::-1]


def _characters(groups: Sequence[NDArray[np.uint32]]) -> Characters:
    stacked = np.ascontiguousarray(np.stack(groups, axis=1))
    return stacked.view(np.uint8).reshape(len(stacked), 4 * len(groups))
