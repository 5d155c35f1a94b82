"""Two samples made comparable, and the random halves that floors are computed from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nugen_gan.errors import UsageError
from nugen_gan.events.table import EventTable

__all__ = ["Samples", "TooFewEventsError", "effective_size", "prepare", "random_half"]

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


class TooFewEventsError(UsageError):
    """A sample too small for a metric to mean anything.

    Attributes
    ----------
    found : events of the smaller sample
    needed : events that each sample should have, roughly
    """

    def __init__(self, metric: str, found: int, needed: int) -> None:
        super().__init__(
            f"{metric} needs about {needed:,d} reference and as many generated events; the "
            f"smaller sample has {found:,d}. Use a larger reference sample."
        )
        self.found = found
        self.needed = needed


@dataclass(frozen=True, slots=True)
class Samples:
    """Reference and generated events at disk precision, each in the order of their energy.

    Attributes
    ----------
    reference, generated : physical events only; weights have mean 1
    shared_energies : both have the same neutrino energies, one by one
    unphysical : generated events left out because no lepton can have such kinematics
    """

    reference: EventTable
    generated: EventTable
    shared_energies: bool
    unphysical: int

    @property
    def smaller(self) -> int:
        """Number of events of the smaller sample."""
        return min(len(self.reference), len(self.generated))


def prepare(reference: EventTable, generated: EventTable) -> Samples:
    """Make two samples comparable.

    Both are rounded to float32, as files are: otherwise the coarse grid of cos(theta) near 1
    would give the reference away.  Where an unphysical event is left out and the two samples
    share their energies, its partner goes too, so that they still do.
    """
    bad = ~generated.is_physical()
    first, second = _in_order(reference), _in_order(generated)
    shared = bool(np.array_equal(first.enu, second.enu))
    keep = second.is_physical()
    if not keep.all():
        first, second = (first[keep] if shared else first), second[keep]
    return Samples(_unit_mean(first), _unit_mean(second), shared, int(bad.sum()))


def effective_size(weight: Floats) -> float:
    """Number of unweighted events with the same statistical error, (sum w)^2 / sum w^2."""
    squares = float(np.sum(weight**2))
    return float(np.sum(weight)) ** 2 / squares if squares > 0.0 else 0.0


def random_half(n: int, rng: np.random.Generator, *, neighbours: bool) -> Mask:
    """Choose half of ``n`` events in the order of their energy: a mask of shape (n,).

    Parameters
    ----------
    neighbours : take one of each two neighbours, so that both halves have the same energies up
        to the tiny distance between neighbours.  Right for the floor of two samples that share
        their energies: their spectra do not fluctuate against each other either.
    """
    if not neighbours:
        return np.asarray(rng.permutation(n) < n // 2)
    mask = np.zeros(n, dtype=np.bool_)
    first = rng.random(n // 2) < 0.5
    mask[0 : 2 * (n // 2) : 2] = first
    mask[1 : 2 * (n // 2) : 2] = ~first
    return mask


def _in_order(table: EventTable) -> EventTable:
    stored = table.stored()
    return stored[np.argsort(stored.enu, kind="stable")]


def _unit_mean(table: EventTable) -> EventTable:
    weight = table.weight
    if not len(table) or not weight.sum() > 0.0:
        return table
    # Equal weights become exactly 1, which is how the metrics know unweighted events.
    uniform = weight.min() == weight.max()
    return table.with_(weight=np.ones_like(weight) if uniform else weight / weight.mean())
