"""Events as the networks of the hadrons learn them: each particle with the state before it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nugen_gan.events.particles import Flat, flat
from nugen_gan.events.table import EventTable
from nugen_gan.hadrons import chain
from nugen_gan.hadrons.conditions import CONDITIONS, conditions
from nugen_gan.hadrons.content import Catalogue, Counts, counted
from nugen_gan.hadrons.transfer_frame import Transfer
from nugen_gan.physics import species
from nugen_gan.physics.process import Channel

__all__ = [
    "EVENT_INPUTS",
    "Known",
    "Steps",
    "event_inputs",
    "known_events",
    "overdraft_of",
    "steps_of",
]

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
# Numbers of :func:`event_inputs`.
EVENT_INPUTS = CONDITIONS + chain.GROUPS + 1
# The missing energy may be this far below zero [GeV]; NuWro's is in 0.1 % of carbon's DIS events.
OVERSPENT = 2e-3
# Share of the events that may have less than what hadrons may take beyond the transfer.
OVERDRAWN = 5e-3


@dataclass(frozen=True)
class Known:
    """Events of which a catalogue knows all particles.

    Attributes
    ----------
    table : N events
    counts : particles of each species, (N, S)
    conditions : (N, CONDITIONS)
    transfer : energy and momentum transfers
    left_out : events of the sample that are not among them, by reason
    overdraft : energy that hadrons may take beyond the energy transfer [GeV]
    """

    table: EventTable
    counts: Counts
    conditions: Singles
    transfer: Transfer
    left_out: dict[str, int]
    overdraft: float = 0.0

    @property
    def budget(self) -> Floats:
        """Energy that the hadrons may take [GeV], shape (N,)."""
        return self.transfer.omega + self.overdraft


def overdraft_of(table: EventTable, catalogue: Catalogue) -> float:
    """Energy that hadrons take beyond the energy transfer [GeV]: 0 where next to none do.

    NuWro's keep to it.  GENIE's may carry away the binding and the motion of the struck nucleon.
    """
    _, complete, spent = _spending(table, catalogue)
    missing = table.enu - table.elep - spent
    lowest = float(np.quantile(missing[complete], OVERDRAWN)) if complete.any() else 0.0
    return float(np.ceil(-1e3 * lowest) * 1e-3) if lowest < -OVERSPENT else 0.0


def known_events(table: EventTable, catalogue: Catalogue, overdraft: float = 0.0) -> Known:
    """Those events of a table whose particles are all in a catalogue, and their energy there."""
    counts, complete, spent = _spending(table, catalogue)
    known = complete & (catalogue.entry_of(counts) >= 0)
    enough = spent <= table.enu - table.elep + overdraft + OVERSPENT
    keep = known & enough
    left_out = {
        "rare particles": int((~known).sum()),
        "too much energy": int((known & ~enough).sum()),
    }
    picked = table[keep]
    transfer = Transfer.of(picked)
    return Known(picked, counts[keep], conditions(picked, transfer), transfer, left_out, overdraft)


def _spending(table: EventTable, catalogue: Catalogue) -> tuple[Counts, NDArray[np.bool_], Floats]:
    """Particles of each species (N, S), whether these are all, (N,), and their energy, (N,)."""
    those = flat(table.particles)
    counts, complete = counted(those, catalogue.order)
    return counts, complete, counts @ catalogue.cost + _kinetic(those)


def _kinetic(those: Flat) -> Floats:
    """Sum of kinetic energies of the particles of each event, but for nuclei's, (N,)."""
    mass = species.mass(those.pdg)
    momentum2 = those.px**2 + those.py**2 + those.pz**2
    taken = momentum2 / (np.sqrt(momentum2 + mass**2) + mass)
    return those.sums(np.where(species.is_nucleus_code(those.pdg), 0.0, taken))


def event_inputs(those: Singles, counts: Counts, catalogue: Catalogue) -> Singles:
    """What the momenta depend on, from conditions and multiplicities, (N, inputs)."""
    numbers = chain.groups(counts, catalogue)
    total = counts.sum(axis=1, keepdims=True)
    return np.concatenate([those, 0.4 * numbers, 0.2 * total], axis=1, dtype=np.float32)


@dataclass(frozen=True)
class Steps:
    """All particles of some events, in the order of the chain, with the state before each.

    Attributes
    ----------
    event : number of the event of each particle, shape (M,)
    kind : species by its place in the catalogue's order, shape (M,)
    to_come : particles yet to come by group, (M, 6)
    energy, left : kinetic energy and momentum left, shape (M,) and (M, 3)
    before : momentum of the particle before, if of the same species, (M, 3)
    taken, momentum : what the particle takes, shape (M,) and (M, 3)
    coherent : whether the event is coherent, shape (M,)
    """

    event: Counts
    kind: Counts
    to_come: Counts
    energy: Floats
    left: Floats
    before: Floats
    taken: Floats
    momentum: Floats
    coherent: NDArray[np.bool_]

    @property
    def last(self) -> NDArray[np.bool_]:
        """True for the last particle of each event, shape (M,)."""
        return np.asarray(self.to_come.sum(axis=1) == 1)


def steps_of(known: Known, catalogue: Catalogue) -> Steps:
    """The steps of the chain that make these events."""
    those = flat(known.table.particles)
    place = {code: k for k, code in enumerate(catalogue.order.tolist())}
    kinds = np.array([place.get(code, -1) for code in np.unique(those.pdg).tolist()])
    kind = kinds[np.searchsorted(np.unique(those.pdg), those.pdg)]
    event, keep = those.event(), kind >= 0
    momentum = known.transfer.into(those.momenta(), event)
    size = np.sqrt((momentum**2).sum(axis=1))
    order = np.lexsort((-size, kind, event))
    order = order[keep[order]]
    kind, event, momentum, size = kind[order], event[order], momentum[order], size[order]
    mass = catalogue.mass[kind]
    taken = size**2 / (np.sqrt(size**2 + mass**2) + mass)
    counts, total = known.counts, known.counts.sum(axis=1)
    starts = np.cumsum(total) - total
    energy = (known.budget - counts @ catalogue.cost)[event] - _before(taken, starts[event])
    left = -_before(momentum, starts[event])
    left[:, 2] += known.transfer.q[event]
    same = np.zeros(len(kind), bool)
    same[1:] = (kind[1:] == kind[:-1]) & (event[1:] == event[:-1])
    before = np.where(same[:, None], np.roll(momentum, 1, axis=0), 0.0)
    coherent = known.table.channel[event] == Channel.COH
    to_come = _to_come(kind, event, counts, catalogue)
    return Steps(
        event, kind, to_come, np.maximum(energy, 0.0), left, before, taken, momentum, coherent
    )


def _before(values: Floats, start: Counts) -> Floats:
    """Sum over the particles of the same event that come before, shape of ``values``."""
    running = np.cumsum(values, axis=0) - values
    return np.asarray(running - running[start])


def _to_come(kind: Counts, event: Counts, counts: Counts, catalogue: Catalogue) -> Counts:
    """Particles yet to come by group, itself among them, (M, 6)."""
    group = np.repeat([0, 1, 2, 3, 4, 5], [1, 1, 1, len(catalogue.codes), 1, 1])
    one = np.zeros((len(kind), 6), np.int64)
    one[np.arange(len(kind)), group[kind]] = 1
    total = counts.sum(axis=1)
    start = (np.cumsum(total) - total)[event]
    running = np.cumsum(one, axis=0) - one
    return np.asarray(chain.groups(counts, catalogue)[event] - (running - running[start]))
