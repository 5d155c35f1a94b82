"""How deep to freeze: the same fine-tuning once for each number of frozen layers.

    python examples/studies/freezing_depth.py numubar_C12_10k.root --depths 0 1 2 3 4 --seed 1

Every depth learns from the same events and is measured on the same others, a fifth, which none has
seen.  The statistical fluctuation of the latter is common to all depths, so that depths differ by
less than their errors, unless they really differ.  Printed beside them are the transfer that leaves
the networks alone, which is the default, and the base as it is.
"""

import argparse
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import nugen_gan
from nugen_gan.events.table import EventTable
from nugen_gan.gan.freezing import frozen_at, frozen_layers, trainable_weights
from nugen_gan.gan.sample import split_events, unweighted
from nugen_gan.model.model import Model
from nugen_gan.training.measure import Measure, measured
from nugen_gan.transfer.finetune import FinetuneOptions, finetune
from nugen_gan.transfer.reweighting import adopted

HELD_OUT = 0.2
ROW = "| {:>14} | {:>17} | {:>17} | {:>7} |"


def main(words: Sequence[str] | None = None) -> None:
    """Print a row for each depth, for the networks left alone, and for the base."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("events", type=Path)
    parser.add_argument("--base", default="numu_cc_C12")
    parser.add_argument("--depths", type=int, nargs="+", default=list(range(6)))
    parser.add_argument("--steps", type=int, help="of the networks; by the number of events")
    parser.add_argument("--refiner-steps", type=int, help="of each member of the density ratio")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(words)
    base = nugen_gan.load_model(given.base)
    networks = base.proposal
    most = frozen_layers(networks.generator)
    if not all(0 <= depth <= most for depth in given.depths):
        parser.error(f"depths {given.depths}: the base {base.name} allows 0 to {most}")
    training, unseen = split_events(
        unweighted(nugen_gan.read(given.events), given.seed), HELD_OUT, given.seed
    )
    alone = FinetuneOptions(seed=given.seed, networks=False, refiner_steps=given.refiner_steps)
    print(ROW.format("frozen layers", "trainable weights", "mean squared pull", "seconds"))
    print(ROW.format("---", "---", "---", "---"))
    for depth in given.depths:
        options = replace(alone, networks=True, steps=given.steps)
        row(str(depth), training, unseen, base, options, frozen_at(networks.critic, depth))
    row("networks alone", training, unseen, base, alone)
    print(said("base", "", measured(adopted(base, unseen), unseen, given.seed), ""), flush=True)


def row(
    name: str,
    training: EventTable,
    unseen: EventTable,
    base: Model,
    options: FinetuneOptions,
    depths: tuple[int, int] | None = None,
) -> None:
    """Fine-tune, measure, print."""
    started, weights = time.monotonic(), 0
    if depths is not None:
        networks = base.proposal
        weights = sum(trainable_weights(networks.generator, networks.critic, depths))
        options = replace(options, freeze_generator=depths[0], freeze_critic=depths[1])
    model = finetune(training, base, options=options)
    seconds = f"{time.monotonic() - started:.0f}"
    found = measured(model, unseen, options.seed)
    print(said(name, f"{weights:,d}", found, seconds), flush=True)


def said(name: str, weights: str, found: Measure, seconds: str) -> str:
    """One row of the table."""
    return ROW.format(name, weights, f"{found.pull:.3f} +- {found.error:.3f}", seconds)


if __name__ == "__main__":
    main()
