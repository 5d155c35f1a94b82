"""Momenta of the hadrons, drawn one particle after the other by three conditionals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nugen_gan.hadrons import chain
from nugen_gan.hadrons.bins import inside
from nugen_gan.hadrons.content import Catalogue, Counts
from nugen_gan.hadrons.multiplicities import ATTEMPTS, FORBIDDEN
from nugen_gan.hadrons.tiles import Uniform, tiles
from nugen_gan.perceptron import Perceptron, draw

__all__ = ["AZIMUTHS", "Edges", "Momenta"]

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
# Bins of the azimuth.
AZIMUTHS = 48
# Random numbers of a particle: a bin and a place in it for energy, cosine and azimuth.
NUMBERS = 6


@dataclass(frozen=True, slots=True)
class Edges:
    """Edges of the bins.

    Attributes
    ----------
    more, last : of u, before more particles and of the last one
    polar : of v
    """

    more: Floats
    last: Floats
    polar: Floats


@dataclass(frozen=True)
class Momenta:
    """The three conditionals, ready to draw.

    Attributes
    ----------
    catalogue : the species
    edges : of the bins
    first, second, third : of kinetic energy, cosine and azimuth
    overdraft : energy that hadrons may take beyond the energy transfer [GeV]
    """

    catalogue: Catalogue
    edges: Edges
    first: Perceptron
    second: Perceptron
    third: Perceptron
    overdraft: float = 0.0

    @classmethod
    def of(
        cls, catalogue: Catalogue, edges: Edges, tensors: Mapping[str, Any], overdraft: float = 0.0
    ) -> Momenta:
        """From the tensors of the networks by name."""
        first, second, third = (
            Perceptron.of(tensors, f"{name}.") for name in ("first", "second", "third")
        )
        return cls(catalogue, edges, first, second, third, overdraft)

    def draw(
        self, event_inputs: Singles, counts: Counts, omega: Floats, q: Floats,
        coherent: NDArray[np.bool_], uniform: Uniform,
    ) -> tuple[NDArray[np.int64], Floats]:  # fmt: skip
        """Draw the momenta of all particles of N events.

        Parameters
        ----------
        event_inputs : conditions of the events and their multiplicities, (N, inputs)
        counts : particles of each species, (N, S)
        omega, q : energy transfers and sizes of the momentum transfers [GeV], shape (N,)
        coherent : events whose one pion takes all the energy, shape (N,)
        uniform : source of random numbers, from stage ATTEMPTS on

        Returns
        -------
        The species of all particles by their place in the catalogue's order, event by event, (M,),
        and their momenta in the frame of the momentum transfer [GeV], (M, 3).
        """
        n, total = len(omega), counts.sum(axis=1)
        kinds = np.repeat(np.tile(np.arange(counts.shape[1]), n), counts.ravel())
        starts = np.cumsum(total) - total
        energy = omega + self.overdraft - counts @ self.catalogue.cost
        left = np.stack([np.zeros(n), np.zeros(n), q], axis=1)
        before, kind_before = np.zeros((n, 3)), np.full(n, -1)
        to_come = chain.groups(counts, self.catalogue)
        group_of = _group_of(self.catalogue)
        momenta = np.zeros((len(kinds), 3))
        for k in range(int(total.max(initial=0))):
            numbers = uniform(ATTEMPTS + k, NUMBERS)
            for rows, real in tiles(np.flatnonzero(total > k)):
                kind = kinds[starts[rows] + k]
                same = (kind_before[rows] == kind)[:, None]
                p, taken = self._next(
                    event_inputs[rows], kind, to_come[rows], energy[rows], left[rows],
                    np.where(same, before[rows], 0.0), coherent[rows], numbers[:, rows],
                )  # fmt: skip
                rows, p, kind, taken = rows[:real], p[:real], kind[:real], taken[:real]
                momenta[starts[rows] + k] = p
                energy[rows] -= taken
                left[rows] -= p
                before[rows], kind_before[rows] = p, kind
                to_come[rows, group_of[kind]] -= 1
        return kinds, momenta

    def _next(
        self, event_inputs: Singles, kind: Counts, to_come: Counts, energy: Floats, left: Floats,
        before: Floats, coherent: NDArray[np.bool_], uniform: Floats,
    ) -> tuple[Floats, Floats]:  # fmt: skip
        """Momenta and kinetic energies of one more particle of each event."""
        mass = self.catalogue.mass[kind]
        state = chain.state_inputs(kind, to_come, energy, left, before, self.catalogue)
        hidden = self.first.hidden(np.concatenate([event_inputs, state], axis=1))
        last = to_come.sum(axis=1) == 1
        taken = self._energy(self.first.out(hidden), energy, last, uniform[:2])
        taken = np.where(coherent, np.maximum(energy - self.overdraft, 0.0), taken)
        size, size_left = np.sqrt(taken * (taken + 2.0 * mass)), np.sqrt((left**2).sum(axis=1))
        more = chain.second_features(taken, size, energy, size_left)
        inputs = np.concatenate([hidden, more], axis=1)
        bounds = chain.polar_bounds(size, size_left)
        index = draw(_masked(self.second(inputs), self.edges.polar, bounds), uniform[2])
        v = inside(index, uniform[3], self.edges.polar, *bounds)
        cosine = chain.cosine_of(v, size, size_left)
        most = np.concatenate([inputs, chain.third_features(v, cosine, size)], axis=1)
        place = draw(self.third(most), uniform[4]) + uniform[5]
        azimuth = 2.0 * np.pi * place / AZIMUTHS - np.pi
        return chain.Angles.about(left).momentum(size, cosine, azimuth), taken

    def _energy(
        self, logits: Singles, energy: Floats, last: NDArray[np.bool_], uniform: Floats
    ) -> Floats:
        """Kinetic energies, from the logits of both kinds of bins."""
        more = len(self.edges.more) - 1
        low, high = chain.energy_bounds(energy, last)
        u = np.empty(len(energy))
        for which, columns, edges in (
            (~last, slice(0, more), self.edges.more),
            (last, slice(more, None), self.edges.last),
        ):
            bounds = low[which], high[which]
            index = draw(_masked(logits[which, columns], edges, bounds), uniform[0, which])
            u[which] = inside(index, uniform[1, which], edges, *bounds)
        return chain.kinetic(u, energy, last)


def _masked(logits: Singles, edges: Floats, bounds: tuple[Floats, Floats]) -> Singles:
    """Logits without the bins that lie beyond the bounds; the outermost ones reach further."""
    low, high = bounds
    inner = edges[None, 1:-1]
    logits = logits.copy()
    logits[:, :-1][inner < low[:, None]] = FORBIDDEN
    logits[:, 1:][inner > high[:, None]] = FORBIDDEN
    return logits


def _group_of(catalogue: Catalogue) -> Counts:
    """Group of each species: three of pions, one of all rare ones, two of nucleons."""
    rare = len(catalogue.codes)
    return np.array([0, 1, 2, *([3] * rare), 4, 5])
