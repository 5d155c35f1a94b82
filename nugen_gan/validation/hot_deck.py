"""Hot deck: hadrons for any lepton from the most similar event of a library.

A yardstick, not a model: it invents nothing, and its events repeat those of the library.  What a
model of the hadrons is worth shows in how it compares with a library of its own training events.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nugen_gan.errors import MissingExtraError, UsageError
from nugen_gan.events.particles import flat, particles
from nugen_gan.events.table import EventTable
from nugen_gan.validation.hadrons.final_state import FinalState

__all__ = ["HotDeck"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# Energies below this [GeV] are alike.
SMALLEST = 1e-3
# Bisections of the common factor of the momenta, from 0 to the largest factor.
BISECTIONS, LARGEST = 40, 4.0


@dataclass(frozen=True, slots=True)
class HotDeck:
    """A library of events with hadrons.

    Attributes
    ----------
    library : its events
    trees : for each channel its search tree and the numbers of its events
    """

    library: EventTable
    trees: dict[int, tuple[Any, Integers]]

    @classmethod
    def of(cls, library: EventTable) -> HotDeck:
        """Prepare the search among events with particles.

        Raises
        ------
        UsageError
            if they have no particles, or if there are no events.
        MissingExtraError
            if scipy is not installed.
        """
        try:
            from scipy.spatial import cKDTree
        except ImportError as error:
            raise MissingExtraError("scipy", "report", "the search for similar events") from error
        if library.particles is None or not len(library):
            raise UsageError("a hot deck needs events with hadrons, and there are none")
        points, trees = _coordinates(library), {}
        for code in np.unique(library.channel).tolist():
            members = np.flatnonzero(library.channel == code)
            trees[int(code)] = cKDTree(points[members]), members
        return cls(library, trees)

    def donors(self, leptons: EventTable) -> Integers:
        """Number of the library's nearest event in (channel, log omega, log |q|), shape (N,).

        Of a channel that the library does not have, the nearest of its largest channel.
        """
        points = _coordinates(leptons)
        found = np.zeros(len(leptons), dtype=np.int64)
        largest = max(self.trees.values(), key=lambda entry: entry[1].size)
        for code in np.unique(leptons.channel).tolist():
            tree, members = self.trees.get(int(code), largest)
            mine = leptons.channel == code
            found[mine] = members[tree.query(points[mine])[1]]
        return found

    def sample(self, leptons: EventTable) -> EventTable:
        """Give each lepton the hadrons of its donor, turned to its q and rescaled.

        All momenta of an event are multiplied by one factor, so that the hadrons leave as much of
        the energy transfer unaccounted for as those of the donor did.

        Parameters
        ----------
        leptons : events of which everything but the particles is kept
        """
        donors = self.library[self.donors(leptons)]
        state = FinalState.of(donors)
        target = FinalState.of(leptons.with_(particles=donors.particles))
        momentum = np.zeros_like(state.momentum)
        for old, new in zip(state.axes(), target.axes(), strict=True):
            along = np.einsum("ij,ij->i", old[state.event], state.momentum)
            momentum += along[:, None] * new[state.event]
        # The energy that the momenta carry has to change by as much as omega does.
        wanted = state.total(state.kinetic) + target.omega - state.omega
        momentum *= _factor(state, wanted)[state.event][:, None]
        energy = np.sqrt(state.mass**2 + np.einsum("ij,ij->i", momentum, momentum))
        counts, (px, py, pz) = flat(donors.particles).counts, momentum.T
        return leptons.with_(particles=particles(counts, state.pdg, px, py, pz, energy))


def _coordinates(events: EventTable) -> Floats:
    """Logarithms of the energy and momentum transfer, shape (N, 2)."""
    more = events.derived()
    omega = np.clip(more.omega, 0.0, None)
    momentum = np.sqrt(np.clip(more.q2 + omega**2, 0.0, None))
    return np.asarray(np.log(np.column_stack([omega, momentum]) + SMALLEST))


def _factor(state: FinalState, wanted: Floats) -> Floats:
    """Factor of the momenta that gives the particles a sum of kinetic energies, shape (N,).

    Found by bisection: the sum grows with the factor.  0 where less than nothing is wanted.
    """
    squares = np.einsum("ij,ij->i", state.momentum, state.momentum)
    low, high = np.zeros(state.events), np.full(state.events, LARGEST)
    for _ in range(BISECTIONS):
        middle = 0.5 * (low + high)
        energy = np.sqrt(state.mass**2 + middle[state.event] ** 2 * squares)
        enough = state.total(energy - state.mass) > wanted
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return np.asarray(0.5 * (low + high))
