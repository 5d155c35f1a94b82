"""Files and events that would count twice."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Hashable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nugen_gan.errors import NugenError, UsageError
from nugen_gan.events.selection import RawEvents
from nugen_gan.storage.atomic import sha256
from nugen_gan.storage.compressed import compression_of, open_unpacked, reading

__all__ = ["Repetitions", "check_not_twice"]

# Events that are remembered: eight megabytes.
MOST = 1_000_000
# Two numbers of a lepton and one of a neutrino are never all the same by accident.
FEWEST, PART = 20, 0.01
# Odd numbers with bits all over, by which columns are mixed.
MIXERS = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93)


def check_not_twice(paths: Sequence[Path]) -> None:
    """Refuse a file that is given twice, under whatever names, as a copy, or compressed again.

    Raises
    ------
    UsageError
        if two files hold the same bytes once they are unpacked.
    """
    packed = any(compression_of(path) is not None for path in paths)
    alike: dict[Hashable, list[Path]] = defaultdict(list)
    for path in paths:
        alike[0 if packed else path.stat().st_size].append(path)
    for group in alike.values():
        seen: dict[str, Path] = {}
        for path in group if len(group) > 1 else ():
            first = seen.setdefault(_digest(path, packed), path)
            if first is not path:
                raise UsageError(
                    f"{path} has the same contents as {first}: its events would count twice. "
                    "Give each file once."
                )


def _digest(path: Path, packed: bool) -> str:
    if not packed:
        return sha256(path)
    digest = hashlib.sha256()
    try:
        with reading(path), open_unpacked(path) as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    except NugenError:
        return str(path)  # what is wrong with it will be said when it is read
    return digest.hexdigest()


class Repetitions:
    """Counts events that occur more than once, among the first million."""

    def __init__(self) -> None:
        self._seen: list[NDArray[np.uint64]] = []
        self.events = 0

    def add(self, events: RawEvents) -> None:
        """Look at a chunk of events."""
        good = events.cc & np.isfinite(events.enu + events.elep + events.costheta)
        # A lepton at rest has no angle, and many leptons are at rest in a toy.
        good &= (events.elep > 0.0) & (abs(events.costheta) < 1.0)
        if self.events >= MOST or not good.any():
            return
        mixed = np.zeros(int(good.sum()), np.uint64)
        columns = (events.enu, events.elep, events.costheta, events.target.astype(np.float64))
        with np.errstate(over="ignore"):
            for mixer, column in zip(MIXERS, columns, strict=True):
                bits = np.ascontiguousarray(column[good], np.float64).view(np.uint64)
                mixed = (mixed ^ bits) * np.uint64(mixer)
                mixed ^= mixed >> np.uint64(29)
        self._seen.append(mixed)
        self.events += len(mixed)

    def count(self) -> int:
        """Events that another one before them equals; 0 where they are too few to matter."""
        if not self._seen:
            return 0
        repeated = self.events - len(np.unique(np.concatenate(self._seen)))
        return repeated if repeated >= max(FEWEST, PART * self.events) else 0
