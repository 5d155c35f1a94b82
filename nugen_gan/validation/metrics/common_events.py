"""Events that two samples have in common: such samples agree whatever the model is worth."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nugen_gan.events.table import EventTable

__all__ = ["NOT_INDEPENDENT", "WORTH_A_NOTE", "common_share"]

# Two events equal in energy, lepton energy and angle are hardly ever two: shares above these
# are remarked upon, and make agreement meaningless.
WORTH_A_NOTE = 0.01
NOT_INDEPENDENT = 0.10


def common_share(first: EventTable, second: EventTable) -> float:
    """Share of the smaller sample that is in the other as well, number for number.

    Parameters
    ----------
    first, second : samples at disk precision
    """
    smaller = min(len(first), len(second))
    if not smaller:
        return 0.0
    keys = _keys(first), _keys(second)
    return min(1.0, float(np.isin(keys[0], keys[1]).sum()) / smaller)


def _keys(events: EventTable) -> NDArray[np.uint64]:
    """One number made from the bits of energy, lepton energy and angle of each event."""
    columns = np.stack([events.enu, events.elep, events.costheta], axis=1).astype(np.float32)
    # Adding zero makes -0.0 and 0.0 the same bits.
    bits = np.ascontiguousarray(columns + np.float32(0.0)).view(np.uint32).astype(np.uint64)
    # Odd multipliers: arithmetic modulo 2^64 loses nothing, and hardly ever makes two alike.
    mixed = bits[:, 0] * np.uint64(0x9E3779B97F4A7C15) + bits[:, 1]
    return mixed * np.uint64(0xC2B2AE3D27D4EB4F) + bits[:, 2]
