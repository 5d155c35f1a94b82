"""How often `validate` notices hadrons that are wrong in one way, and by which row.

    python benchmarks/wrong_hadrons.py numu_C12_train.root --events 2000 10000 --pairs 20

Of two disjoint slices of one table, the second gets wrong hadrons: 5 % of the pions twice, the
protons of each event turned about q by a random angle, the hadrons exchanged at random between the
events of one topology, or between neighbours in energy among these.  Printed is how many of the
pairs the row named for it notices, and how many any row of the hadrons.  No classifier is run.
"""

import argparse
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

import nugen_gan
from nugen_gan.events.particles import flat, particles
from nugen_gan.events.table import EventTable
from nugen_gan.monitor import SILENT
from nugen_gan.validation.hadrons.final_state import CHARGED_PIONS, NEUTRAL_PION, PROTON, FinalState
from nugen_gan.validation.hadrons.measure import measure_hadrons
from nugen_gan.validation.hadrons.topologies import topologies
from nugen_gan.validation.measure import ranges_within
from nugen_gan.validation.report.hadron_rows import MULTIPLICITY_ROWS, SPECTRUM_ROWS, hadron_rows
from nugen_gan.validation.report.judging import Verdict, judge

Indices = NDArray[np.int64]


def more_pions(events: EventTable, share: float = 0.05, seed: int = 1) -> EventTable:
    """Every pion twice with this probability."""
    those = flat(events.particles)
    pion = np.isin(those.pdg, (*CHARGED_PIONS, NEUTRAL_PION))
    twice = pion & (np.random.default_rng(seed).random(pion.size) < share)
    index = np.repeat(np.arange(pion.size), 1 + twice)
    columns: list[Any] = [column[index] for column in those[1:]]
    return events.with_(particles=particles(those.counts + those.number(twice), *columns))


def protons_turned(events: EventTable, seed: int = 1) -> EventTable:
    """The protons of each event turned about q by a random angle: no imbalance of their own."""
    state, those = FinalState.of(events), flat(events.particles)
    angle = np.random.default_rng(seed).uniform(0.0, 2.0 * np.pi, len(events))[state.event]
    across, out, along = (axis[state.event] for axis in state.axes())
    a, b, c = (np.einsum("ij,ij->i", x, state.momentum)[:, None] for x in (across, out, along))
    cos, sin = np.cos(angle)[:, None], np.sin(angle)[:, None]
    turned = (a * cos - b * sin) * across + (a * sin + b * cos) * out + c * along
    momentum = np.where(state.any_of(PROTON)[:, None], turned, state.momentum)
    px, py, pz = momentum.T
    return events.with_(particles=particles(those.counts, those.pdg, px, py, pz, state.energy))


def shuffled(events: EventTable, seed: int = 1) -> EventTable:
    """Hadrons exchanged at random between the events of one topology."""
    rng = np.random.default_rng(seed)
    return _exchanged(events, lambda members: np.asarray(rng.permutation(members)))


def shuffled_nearby(events: EventTable) -> EventTable:
    """Hadrons exchanged between events of one topology that are neighbours in energy."""
    nearest = np.argsort(np.argsort(events.enu))
    return _exchanged(events, lambda members: _next(members, nearest[members]))


def _exchanged(events: EventTable, donors: Callable[[Indices], Indices]) -> EventTable:
    """Give the events of each topology the hadrons of others of them."""
    topology, source = topologies(FinalState.of(events)), np.arange(len(events))
    for code in np.unique(topology):
        members = np.flatnonzero(topology == code)
        source[members] = donors(members)
    return events.with_(particles=events[source].particles)


def _next(members: Indices, rank: Indices) -> Indices:
    """For each of them the one before it in this order; for the first, the last."""
    order = np.argsort(rank)
    found = np.empty_like(members)
    found[order] = np.roll(members[order], 1)
    return found


WRONG: dict[str, tuple[Callable[[EventTable], EventTable], str]] = {
    "5 % more pions": (more_pions, MULTIPLICITY_ROWS["pions"]),
    "protons turned about q": (protons_turned, SPECTRUM_ROWS["imbalance"]),
    "exchanged in the topology": (shuffled, SPECTRUM_ROWS["missing"]),
    "exchanged with a neighbour": (shuffled_nearby, SPECTRUM_ROWS["missing"]),
}


def main() -> None:
    """Print a row for each wrong sample and number of events."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table", help="events of one process with hadrons")
    parser.add_argument("--events", type=int, nargs="+", default=[10_000], help="in each sample")
    parser.add_argument("--pairs", type=int, default=20, help="of samples")
    parser.add_argument("--seed", type=int, default=1, help="of the choice of the events")
    given = parser.parse_args()
    events = nugen_gan.read(given.table)
    print("| wrong | events | noticed by its row | by any row of the hadrons | row |")
    print("|---|---|---|---|---|")
    for name, (wrong, row) in WRONG.items():
        for size in given.events:
            random, mine, any_ = np.random.default_rng(given.seed), 0, 0
            for pair in range(given.pairs):
                chosen = random.permutation(len(events))[: 2 * size]
                found = _noticed(events[chosen[:size]], wrong(events[chosen[size:]]), pair)
                mine, any_ = mine + (row in found), any_ + bool(found)
            shares = f"{mine} of {given.pairs} | {any_} of {given.pairs}"
            print(f"| {name} | {size:,d} | {shares} | {row} |", flush=True)


def _noticed(reference: EventTable, generated: EventTable, seed: int) -> set[str]:
    """Rows of the hadrons that do not agree, judged together."""
    energies = reference.energy_range()
    found = measure_hadrons(
        reference, generated, energies, ranges_within(energies), seed,
        classifier=(False, None), training=None, monitor=SILENT,
    )  # fmt: skip
    fine = (Verdict.AGREES, Verdict.NONE)
    return {row.measure for row in judge(hadron_rows(found)) if row.verdict not in fine}


if __name__ == "__main__":
    main()
