"""Named streams of random numbers: all that is random in the package is drawn from one of these.

A stream is a seed and a path of names and numbers, such as ``(1, "replica", 3, "folds")``.  Streams
of different paths or seeds are independent: the path is the spawn key of numpy's ``SeedSequence``
(numpy documentation, *Parallel random number generation*), so that no sum of seed and number ever
meets another seed.
"""

from __future__ import annotations

from zlib import crc32

import numpy as np

__all__ = ["counter_stream", "derived_seed", "numpy_stream"]


def numpy_stream(seed: int, *path: str | int) -> np.random.Generator:
    """Return the generator of a stream."""
    return np.random.default_rng(_sequence(seed, path))


def derived_seed(seed: int, *path: str | int) -> int:
    """Return a seed of its own for what takes one, such as torch: a whole number below 2^63."""
    low, high = _sequence(seed, path).generate_state(2, np.uint32).tolist()
    return int(low | (high & 0x7FFFFFFF) << 32)


def counter_stream(seed: int, *key: int) -> np.random.Generator:
    """Return a counter-based generator (Philox) of the numbers in a key, such as stream and block.

    Generated events are made of these: numbers of one block do not depend on those of others.
    """
    sequence = np.random.SeedSequence(seed, spawn_key=key)
    return np.random.Generator(np.random.Philox(sequence))


def _sequence(seed: int, path: tuple[str | int, ...]) -> np.random.SeedSequence:
    # A name and a number of the same value must differ: names count from 2^32.
    key = tuple(part if isinstance(part, int) else crc32(part.encode()) + 2**32 for part in path)
    return np.random.SeedSequence(seed, spawn_key=key)
