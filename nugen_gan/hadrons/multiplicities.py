"""How many particles of each species leave the nucleus: a chain of classifiers.

First an entry of the catalogue of rare particles is drawn, then the numbers of pi+, pi0, pi-,
protons and neutrons, each given the event and what has been drawn before.  No draw may leave a
remnant that cannot be: its mass number and charge are not negative, and the charge is not above
the mass number.  A coherent event has one pion, and the nucleus stays whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nugen_gan.hadrons.conditions import CONDITIONS
from nugen_gan.hadrons.content import NUCLEONS, PIONS, Catalogue, Counts
from nugen_gan.hadrons.tiles import Uniform, tiles
from nugen_gan.perceptron import Perceptron, Singles, draw
from nugen_gan.physics.process import Process

__all__ = ["ATTEMPTS", "FORBIDDEN", "Multiplicities", "head_inputs", "head_names", "targets_of"]

Floats = NDArray[np.float64]
# How often a content is drawn again that takes more energy than there is.
ATTEMPTS = 20
FORBIDDEN = np.float32(-1e30)


def head_names() -> tuple[str, ...]:
    """Names of the classifiers in the order of the chain."""
    return ("rare", *(f"n{code}" for code in (*PIONS, *NUCLEONS)))


def head_inputs(rare_species: int) -> tuple[int, ...]:
    """Number of inputs of each classifier: the event's, and what has been drawn before."""
    before = CONDITIONS + rare_species
    return (CONDITIONS, *(before + k for k in range(len(PIONS) + len(NUCLEONS))))


def inputs_of(conditions: Singles, rare: Singles, drawn: Sequence[Any]) -> Singles:
    """Inputs of the classifier that follows what has been drawn, (N, inputs)."""
    numbers = [0.3 * np.asarray(count, np.float32)[:, None] for count in drawn]
    return np.concatenate([conditions, rare, *numbers], axis=1, dtype=np.float32)


def targets_of(counts: Counts, catalogue: Catalogue) -> list[Counts]:
    """What each classifier should have drawn, for events of these counts (N, S)."""
    rare = len(catalogue.codes)
    places = [0, 1, 2, 3 + rare, 4 + rare]
    return [catalogue.entry_of(counts), *(counts[:, place] for place in places)]


@dataclass(frozen=True)
class Multiplicities:
    """The chain of classifiers, ready to draw.

    Attributes
    ----------
    process : whose remnants must be possible
    catalogue : of rare combinations
    heads : the classifiers in the order of :func:`head_names`
    """

    process: Process
    catalogue: Catalogue
    heads: tuple[Perceptron, ...]

    @classmethod
    def of(
        cls, process: Process, catalogue: Catalogue, tensors: Mapping[str, Any]
    ) -> Multiplicities:
        """From the tensors of the networks by name."""
        heads = tuple(Perceptron.of(tensors, f"{name}.") for name in head_names())
        return cls(process, catalogue, heads)

    def draw(
        self, conditions: Singles, omega: Floats, coherent: NDArray[np.bool_], uniform: Uniform
    ) -> Counts:
        """Draw the particles of N events, (N, S) in the order of the catalogue.

        Parameters
        ----------
        conditions : (N, CONDITIONS)
        omega : energy transfers [GeV], shape (N,)
        coherent : events that leave the nucleus whole, shape (N,)
        uniform : source of random numbers, stages 0 to ATTEMPTS - 1
        """
        counts = np.zeros((len(omega), len(self.catalogue.order)), np.int64)
        pion = 0 if self.process.probe > 0 else 2
        counts[coherent & (omega > self.catalogue.mass[pion]), pion] = 1
        waiting = np.flatnonzero(~coherent)
        for attempt in range(ATTEMPTS):
            if not len(waiting):
                break
            numbers = uniform(attempt, len(self.heads))
            unfit = []
            for rows, real in tiles(waiting):
                drawn, possible = self._attempt(conditions[rows], numbers[:, rows])
                fits = possible & (drawn @ self.catalogue.cost < omega[rows])
                counts[rows[:real][fits[:real]]] = drawn[:real][fits[:real]]
                unfit.append(rows[:real][~fits[:real]])
            waiting = np.concatenate(unfit)
        return counts  # what never fitted is left without hadrons

    def _attempt(self, conditions: Singles, uniform: Floats) -> tuple[Counts, NDArray[np.bool_]]:
        """One draw for each event, (N, S), and whether its remnant is possible, (N,)."""
        n, cat = len(conditions), self.catalogue
        counts = np.zeros((n, len(cat.order)), np.int64)
        charge = np.full(n, self.process.z + (1 if self.process.probe > 0 else -1))
        nucleons = np.full(n, self.process.a)
        entry = draw(self.heads[0](conditions), uniform[0])
        counts[:, cat.rare] = cat.table[entry]
        charge -= cat.table[entry] @ cat.charge[cat.rare]
        nucleons -= cat.table[entry] @ cat.baryon_number[cat.rare]
        rare = counts[:, cat.rare].astype(np.float32)
        drawn: list[Counts] = []
        protons = len(cat.order) - 2
        places = [*range(len(PIONS)), protons, protons + 1]
        for head, place, numbers in zip(self.heads[1:], places, uniform[1:], strict=True):
            logits = head(inputs_of(conditions, rare, drawn))
            number = np.arange(logits.shape[1])
            if place >= protons:
                # Protons come first: they must leave a charge that the nucleons can carry.
                most = np.minimum(charge, nucleons) if place == protons else nucleons - charge
                logits[number > np.maximum(most, 0)[:, None]] = FORBIDDEN
            number = draw(logits, numbers)
            counts[:, place] = number
            drawn.append(number)
            charge -= number * cat.charge[place]
            nucleons -= number * cat.baryon_number[place]
        return counts, (charge >= 0) & (nucleons >= charge)
