"""The azimuth of the lepton, which an event table does not hold and most dialects want.

It is uniform and independent of everything else.  It is drawn block by block from the seed
of the events and the number of the block, so that the same events have the same azimuths in
every dialect, however they are cut into chunks.  A file that is a part of a larger run tells its
first event: azimuths and numbers of its events are those that the whole run has there.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nugen_gan.events.provenance import Provenance
from nugen_gan.events.table import EventTable
from nugen_gan.streams import numpy_stream

__all__ = [
    "BLOCK",
    "FIRST_EVENT",
    "Origin",
    "azimuths",
    "event_numbers",
    "lepton_momentum",
    "origin_of",
]

Floats = NDArray[np.float64]
# Events in a block: part of the definition of the azimuths.
BLOCK = 50_000
# What a part of a larger run is told by, among the parameters of its provenance.
FIRST_EVENT = "first_event"
# Event numbers of most dialects are signed integers of 32 bits: beyond them they begin again.
MOST_NUMBERS = 2**31


class Origin(NamedTuple):
    """Where the random numbers of a file's events begin.

    Attributes
    ----------
    seed : of the events
    first : number of the file's first event in the run of that seed
    """

    seed: int
    first: int = 0


def origin_of(provenance: Provenance) -> Origin:
    """Seed of the events and the number of the first one, as far as they are known; else 0."""
    known = (provenance.parameters.get(name, 0) for name in ("seed", FIRST_EVENT))
    seed, first = (x if isinstance(x, int) and 0 <= x < 2**63 else 0 for x in known)
    return Origin(seed, first)


def azimuths(origin: Origin, block: int, count: int) -> Floats:
    """Azimuths [rad] of the first ``count`` events of the file's block ``block``; (count,)."""
    # The blocks of the run and those of the file need not begin together.
    number, skipped = divmod(origin.first + block * BLOCK, BLOCK)
    parts = []
    while count > 0:
        last = min(skipped + count, BLOCK)
        stream = numpy_stream(origin.seed, "azimuth", number)
        parts.append(stream.uniform(0.0, 2.0 * np.pi, last)[skipped:])
        count, number, skipped = count - (last - skipped), number + 1, 0
    return np.concatenate(parts) if parts else np.empty(0)


def event_numbers(first: int, count: int) -> NDArray[np.int64]:
    """Numbers of events as files hold them, from that of the first in its run on; (count,)."""
    return (first + np.arange(count)) % MOST_NUMBERS


def lepton_momentum(table: EventTable, phi: Floats) -> tuple[Floats, Floats, Floats]:
    """Momentum (px, py, pz) of the lepton [GeV], the neutrino along +z; each of shape (N,)."""
    across, along = table.lepton_momentum()
    return across * np.cos(phi), across * np.sin(phi), along
