"""Numbers that cannot be a flux, found before anything is made of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nugen_gan.errors import UsageError

__all__ = ["check_flux"]

Floats = NDArray[np.float64]
# Whatever its unit, no flux is larger, and sums of larger numbers overflow.
LARGEST = 1e200


def check_flux(energies: Floats, values: Floats, name: str) -> None:
    """Raise UsageError if numbers are no flux, and say which.

    Parameters
    ----------
    energies : edges of bins, one more than there are values, or one energy for each value
    values : of the flux, in bins or at points
    name : of the file and what is in it, for messages
    """
    bins = len(energies) == len(values) + 1

    def place(i: int) -> str:
        where = f"{energies[i]:g} to {energies[i + 1]:g}" if bins else f"at {energies[i]:g}"
        return f"{'bin' if bins else 'point'} {i + 1} ({where})"

    wrong = np.flatnonzero(~np.isfinite(energies) | (energies < 0.0))
    if wrong.size:
        i = int(wrong[0])
        raise UsageError(
            f"flux {name}: {'edge' if bins else 'energy'} {i + 1} is {energies[i]:g}; energies "
            "are finite and not negative"
        )
    if bins and (np.diff(energies) < 0.0).any():
        i = int(np.flatnonzero(np.diff(energies) < 0.0)[0])
        raise UsageError(f"flux {name}: the edges of {place(i)} do not increase")
    wrong = np.flatnonzero(~((values < LARGEST) & (values >= 0.0)))
    if wrong.size:
        more = f" (and {wrong.size - 1} more)" if wrong.size > 1 else ""
        i = int(wrong[0])
        raise UsageError(
            f"flux {name}: {place(i)} has a flux of {values[i]:g}{more}; a flux is finite and not "
            "negative. Correct the file, or set it to 0 if it is noise"
        )
    if not values.any():
        what = "bins" if bins else "points"
        raise UsageError(f"flux {name} is zero in all its {len(values)} {what}")
