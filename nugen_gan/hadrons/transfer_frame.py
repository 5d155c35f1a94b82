"""The frame of the momentum transfer: z along q, the lepton in the x-z plane.

In an event table the neutrino is along z.  Both frames have the same y axis: one is turned about it
into the other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nugen_gan.events.table import EventTable

__all__ = ["Transfer"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Transfer:
    """Energy and momentum transfers of N events.

    Attributes
    ----------
    omega, q : energy transfer and size of the momentum transfer [GeV], shape (N,)
    cos, sin : of the angle between q and the neutrino, shape (N,)
    """

    omega: Floats
    q: Floats
    cos: Floats
    sin: Floats

    @classmethod
    def of(cls, table: EventTable) -> Transfer:
        """The transfers of a table's events."""
        across, forward = table.lepton_momentum()
        along = table.enu - forward
        q = np.maximum(np.hypot(across, along), 1e-9)
        return cls(table.enu - table.elep, q, along / q, across / q)

    def into(self, momenta: Floats, event: NDArray[np.int64]) -> Floats:
        """Momenta of particles in this frame, from those in the table's; shape (M, 3).

        Parameters
        ----------
        momenta : in the frame of the table [GeV], shape (M, 3)
        event : number of the event of each particle, shape (M,)
        """
        return _turned(momenta, self.cos[event], self.sin[event])

    def back(self, momenta: Floats, event: NDArray[np.int64]) -> Floats:
        """The inverse of :meth:`into`."""
        return _turned(momenta, self.cos[event], -self.sin[event])


def _turned(momenta: Floats, cos: Floats, sin: Floats) -> Floats:
    # The lepton is at x >= 0, so q points to x <= 0.
    x, y, z = momenta.T
    return np.stack([cos * x + sin * z, y, cos * z - sin * x], axis=1)
