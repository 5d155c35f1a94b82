"""How good the hadrons of a model are, observable by observable, beside two yardsticks.

    python benchmarks/hadrons.py numu_cc_C12 numu_C12_val.root
    python benchmarks/hadrons.py numu_cc_Ar40 numu_Ar40_val.root --hot-deck numu_Ar40_100k.root

The reference is cut in two halves.  The model makes events at the energies of the second half, and
these are compared with the first half.  The earth mover's distance of each observable is divided by
its floor, which two samples of the generator have of each other on average (the halves, shuffled
together and cut four times).  Beside it: chi2 per cell of the topologies in ten bins of energy, the
bias of mean energies, and the AUC of boosted trees that see the lepton, all observables and numbers
of particles.  ``--hot-deck`` does the same with the hadrons of the nearest events of a library.
"""

import argparse
import time

import numpy as np
from numpy.typing import NDArray

import nugen_gan
from nugen_gan.events.particles import flat, possible
from nugen_gan.events.table import EventTable
from nugen_gan.validation.hadrons.classifier import hadron_classifier
from nugen_gan.validation.hadrons.multiplicities import number_of
from nugen_gan.validation.hadrons.samples import HadronSample, HadronSamples
from nugen_gan.validation.hadrons.topologies import Topology
from nugen_gan.validation.hot_deck import HotDeck

Floats = NDArray[np.float64]
RANGES = ((0.2, 1.0), (1.0, 5.0), (5.0, 20.0))
# Fewer values in a range tell nothing; quantiles at which two distributions are compared.
FEWEST, QUANTILES = 100, (np.arange(2000) + 0.5) / 2000
SHUFFLES = 4


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", help="a bundled model, or a model folder")
    parser.add_argument("reference", help="events with hadrons that the model has not seen")
    parser.add_argument("--events", type=int, default=60_000, help="of each sample, at most")
    parser.add_argument("--hot-deck", metavar="FILE", help="library of a hot deck to compare with")
    parser.add_argument("--seed", type=int, default=1, help="of everything random")
    given = parser.parse_args()
    model, reference = nugen_gan.load_model(given.model), nugen_gan.read(given.reference)
    if reference.particles is None:
        parser.error(f"{given.reference} has no hadrons")
    n = min(given.events, len(reference) // 2)
    first, second = reference[:n], reference[n : 2 * n]
    started = time.process_time()
    made = model.sample(np.clip(second.enu, *model.energy_range), seed=given.seed)
    seconds = time.process_time() - started
    if made.particles is None:
        parser.error(f"{given.model} makes no hadrons")
    samples = {given.model: made, "two samples of the generator": second}
    if given.hot_deck:
        library = nugen_gan.read(given.hot_deck)
        samples[f"hot deck of {len(library):,d}"] = HotDeck.of(library).sample(second)
    print(f"{n:,d} events of each sample; made at {n / seconds:,.0f} events per CPU second; "
          f"impossible events: {int((~possible(flat(made.particles))).sum())}\n")  # fmt: skip
    _summary(samples, first)
    _observables(made, first, second)


def _summary(samples: dict[str, EventTable], reference: EventTable) -> None:
    low_to_high = "; ".join(f"{low:g}-{high:g}" for low, high in RANGES)
    print(f"| sample | classifier AUC (all; {low_to_high} GeV) | topologies, chi2 per cell "
          "| bias of mean E_avail, visible mass [%] |\n|---|---|---|---|")  # fmt: skip
    for name, events in samples.items():
        pair = HadronSamples.of(reference, events)
        auc = hadron_classifier(pair, seed=1, energy_ranges=RANGES)
        parts = ", ".join(f"{part.value:.3f}" for part in auc.by_energy)
        ours, theirs = pair.generated, pair.reference
        bias = [100 * (np.nanmean(ours.values[k]) / np.nanmean(theirs.values[k]) - 1)
                for k in ("available", "w_visible")]  # fmt: skip
        print(f"| {name} | {auc.value:.4f} +- {auc.uncertainty:.4f}; {parts} "
              f"| {_topologies(ours, theirs):.2f} | {bias[0]:+.2f}, {bias[1]:+.2f} |")  # fmt: skip


def _topologies(ours: HadronSample, theirs: HadronSample) -> float:
    """Chi2 per cell of topologies in bins of energy, cells of more than 20 events."""
    edges = [np.geomspace(0.2, 20.0, 11), np.arange(len(Topology) + 1) - 0.5]
    counts = [np.histogram2d(s.events.enu, s.topology, edges)[0] for s in (ours, theirs)]
    total, some = counts[0] + counts[1], counts[0] + counts[1] > 20
    share = [counts[i].sum() / total.sum() for i in (0, 1)]
    difference = counts[0] * share[1] - counts[1] * share[0]
    pull2 = difference[some] ** 2 / (total[some] * share[0] * share[1])
    return float(pull2.mean())


def _observables(made: EventTable, first: EventTable, second: EventTable) -> None:
    """Earth mover's distances over their floors."""
    columns = [_columns(table) for table in (made, first, second)]
    print("\n| observable | " + " | ".join(f"{low:g}-{high:g} GeV" for low, high in RANGES) + " |")
    print("|---" * (1 + len(RANGES)) + "|")
    for name in columns[0]:
        cells = [_cell(name, columns, (made, first, second), bounds) for bounds in RANGES]
        print(f"| {name} | {' | '.join(cells)} |")


def _columns(table: EventTable) -> dict[str, Floats]:
    sample = HadronSample.of(table)
    numbers = {f"number of {k}": v.astype(float) for k, v in number_of(sample.state).items()}
    return sample.values | numbers


def _cell(
    name: str, columns: list[dict[str, Floats]], tables: tuple[EventTable, ...],
    bounds: tuple[float, float],
) -> str:  # fmt: skip
    made, first, second = (
        values[name][(t.enu >= bounds[0]) & (t.enu < bounds[1]) & np.isfinite(values[name])]
        for values, t in zip(columns, tables, strict=True)
    )
    n = min(len(made), len(first), len(second))
    if n < FEWEST:
        return "-"
    rng, both = np.random.default_rng(1), np.concatenate([first[:n], second[:n]])
    floors = []
    for _ in range(SHUFFLES):
        both = rng.permutation(both)
        floors.append(_distance(both[:n], both[n:]))
    floor = float(np.mean(floors))
    return f"{_distance(made[:n], first[:n]) / floor:.1f}" if floor > 0.0 else "-"


def _distance(one: Floats, other: Floats) -> float:
    return float(abs(np.quantile(one, QUANTILES) - np.quantile(other, QUANTILES)).mean())


if __name__ == "__main__":
    main()
