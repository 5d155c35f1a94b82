"""Blocks of events and the random numbers of each: the meaning of a seed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nugen_gan.streams import counter_stream

if TYPE_CHECKING:
    from nugen_gan.hadrons.tiles import Uniform

__all__ = [
    "BLOCK",
    "ENERGY_STREAM",
    "ENERGY_TOLERANCE",
    "EVENT_STREAM",
    "LEPTON_STREAM",
    "RETRY_STREAM",
    "block_uniforms",
    "pieces",
]

# Events per block: part of the meaning of a seed, so it must never change.
BLOCK = 8192
# Which stream of random numbers a draw belongs to; attempts after the first: RETRY_STREAM + n.
EVENT_STREAM, ENERGY_STREAM, RETRY_STREAM = 0, 1, 2
# Beyond those of all attempts: of hadrons, and of the fast sampler.
HADRON_STREAM, LEPTON_STREAM = 1_000_000, 2_000_000
# Tables hold energies as float32: 20 GeV may come back as 20.000001.
ENERGY_TOLERANCE = 1e-6


def pieces(first: int, count: int) -> Iterator[tuple[int, int, slice]]:
    """Events number ``first`` and on, block by block: the block, where in it, and which they are.

    The slice counts from 0, the first of the events.
    """
    start = 0
    while start < count:
        block, offset = divmod(first + start, BLOCK)
        stop = min(count, start + BLOCK - offset)
        yield block, offset, slice(start, stop)
        start = stop


def block_uniforms(seed: int, block: int, offset: int, count: int) -> Uniform:
    """Random numbers of the hadrons of some rows of a block; at each stage all rows' are drawn."""

    def uniform(stage: int, numbers: int) -> NDArray[np.float64]:
        random = counter_stream(seed, HADRON_STREAM, block, stage)
        return random.random((numbers, BLOCK))[:, offset : offset + count]

    return uniform
