"""The azimuth of the lepton, which an event table does not hold and most dialects want.

It is uniform and independent of everything else.  It is drawn block by block from the seed
of the events and the number of the block, so that the same events have the same azimuths in
every dialect, however they are cut into chunks.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nugen_gan.events.provenance import Provenance
from nugen_gan.events.table import EventTable
from nugen_gan.streams import numpy_stream

__all__ = ["BLOCK", "azimuths", "lepton_momentum", "seed_of"]

Floats = NDArray[np.float64]
# Events in a block: part of the definition of the azimuths.
BLOCK = 50_000


def seed_of(provenance: Provenance) -> int:
    """Seed of the events' random numbers; 0 where there is none."""
    seed = provenance.parameters.get("seed", 0)
    return seed if isinstance(seed, int) and seed >= 0 else 0


def azimuths(seed: int, block: int, count: int) -> Floats:
    """Azimuths [rad] of the first ``count`` events of block number ``block``; shape (count,)."""
    return numpy_stream(seed, "azimuth", block).uniform(0.0, 2.0 * np.pi, count)


def lepton_momentum(table: EventTable, phi: Floats) -> tuple[Floats, Floats, Floats]:
    """Momentum (px, py, pz) of the lepton [GeV], the neutrino along +z; each of shape (N,)."""
    across, along = table.lepton_momentum()
    return across * np.cos(phi), across * np.sin(phi), along
