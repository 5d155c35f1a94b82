"""Rows in tiles of one size, and the random numbers that belong to each row.

Events must be the same however they are cut into chunks.  So every matrix product has the same
shape, for one of another shape may round differently, and every event of a block has its own
random numbers at each stage, whatever the others need.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

__all__ = ["TILE", "Uniform", "independent", "tiles"]

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
# Rows that go through the networks together: few enough for the caches of a processor.
TILE = 512
# Uniform random numbers in [0, 1), as a function of the stage and how many each event needs; of
# shape (numbers, N).
Uniform = Callable[[int, int], Floats]


def tiles(rows: Rows) -> Iterator[tuple[Rows, int]]:
    """Yield rows in tiles, the last one filled up with its first row, and how many are real."""
    for first in range(0, len(rows), TILE):
        part = rows[first : first + TILE]
        filled = np.concatenate([part, np.full(TILE - len(part), part[0])])
        yield filled, len(part)


def independent(random: np.random.Generator, events: int) -> Uniform:
    """Random numbers for so many events, which are never cut otherwise."""
    return lambda stage, numbers: random.random((numbers, events))
