"""What hadrons depend on: energy, transfers, invariant mass and channel of an event, as numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nugen_gan.events.table import EventTable
from nugen_gan.hadrons.transfer_frame import Transfer
from nugen_gan.physics.masses import NUCLEON_MASS
from nugen_gan.physics.process import Channel

__all__ = ["CHANNELS", "CONDITIONS", "conditions"]

CHANNELS = tuple(int(channel) for channel in Channel)
# Peaks of W [GeV] and their widths, about which it is looked at closely.
PEAKS = ((0.94, 0.03), (1.232, 0.1))
CONDITIONS = 4 + len(PEAKS) + len(CHANNELS)


def conditions(table: EventTable, transfer: Transfer) -> NDArray[np.float32]:
    """Inputs of all networks of the hadrons, shape (N, CONDITIONS), of order one."""
    omega, q = np.maximum(transfer.omega, 1e-4), transfer.q
    w2 = NUCLEON_MASS**2 + 2.0 * NUCLEON_MASS * omega + omega**2 - q**2
    w = np.sign(w2) * np.sqrt(abs(w2))
    columns = [
        np.log(table.enu) - 0.7, np.log(omega) + 0.5, np.log(q), 2.0 * (omega / table.enu) - 0.7,
        *(0.5 * np.arcsinh((w - centre) / width) for centre, width in PEAKS),
        *(table.channel == channel for channel in CHANNELS),
    ]  # fmt: skip
    return np.stack(columns, axis=1).astype(np.float32)
