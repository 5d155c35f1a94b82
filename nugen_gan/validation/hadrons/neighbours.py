"""Whether a model repeats the hadrons of its training events."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nugen_gan.events.table import EventTable
from nugen_gan.validation.hadrons.final_state import (
    CHARGED_PIONS,
    NEUTRAL_PION,
    NEUTRON,
    PROTON,
    FinalState,
)
from nugen_gan.validation.metrics.neighbours import NearestNeighbours, nearest_neighbours

__all__ = ["coordinates", "hadron_neighbours"]

Floats = NDArray[np.float64]

KINDS = ((PROTON,), (NEUTRON,), CHARGED_PIONS, (NEUTRAL_PION,))
# Momentum [GeV] at which the coordinates go over from linear to logarithmic.
SCALE = 0.3


def coordinates(events: EventTable) -> Floats:
    """Momenta that distances between the hadrons of two events are measured in, shape (N, 15).

    Of the leading proton, neutron, charged and neutral pion, and of all other particles together,
    each across q in the lepton plane, out of it and along q; 0 where there is none.  Hadrons that
    were only turned to another lepton lie where they were.
    """
    state = FinalState.of(events)
    axes = [axis[state.event] for axis in state.axes()]
    momenta = np.stack([np.einsum("ij,ij->i", a, state.momentum) for a in axes], axis=1)
    rest = np.ones(state.pdg.size, dtype=np.bool_)
    parts = []
    for codes in KINDS:
        number = state.leading(state.any_of(*codes))
        there = number >= 0
        parts.append(np.where(there[:, None], momenta[np.where(there, number, 0)], 0.0)
                     if there.any() else np.zeros((len(events), 3)))  # fmt: skip
        rest[number[there]] = False
    parts.append(state.total(np.where(rest[:, None], momenta, 0.0)))
    return np.arcsinh(np.concatenate(parts, axis=1) / SCALE)


def hadron_neighbours(
    training: EventTable, fresh: EventTable, generated: EventTable, *, seed: int = 0
) -> NearestNeighbours:
    """Compare the hadrons of generated and fresh events by their distance to training events.

    Parameters and errors are those of
    :func:`nugen_gan.validation.metrics.neighbours.nearest_neighbours`, distances those in
    :func:`coordinates`.
    """
    return nearest_neighbours(training, fresh, generated, seed=seed, coordinates=coordinates)
