"""How far a transfer stays from a truth that is known: a bundled model's own events.

    python benchmarks/known_truth.py numubar_cc_C12 numubar_C12_100k.root
    python benchmarks/known_truth.py numu_cc_Ar40 numu_Ar40_100k.root --proposals 3 12 --members 5

The model makes events at the energies of the file, and a transfer from its base is learned from
these.  Since the law of the truth is known, so is what the transfer loses of the mean log
likelihood, in nats: to a few hundredths of what it loses, where unseen events know it to a tenth of
that or not at all.  Printed is what is lost of the lepton, by each way to learn the ratio, and of
the channel at given lepton, by one classifier and by several that share the events.
"""

import argparse
import itertools
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

import nugen_gan
from nugen_gan.channels.fit import Labelled, LabelOptions, train_classifier
from nugen_gan.density_ratio.distillation import in_parts
from nugen_gan.events.table import EventTable
from nugen_gan.model.model import Model
from nugen_gan.model.steps import log_ratio
from nugen_gan.training.recipe import Recipe
from nugen_gan.training.refine import rows_of
from nugen_gan.transfer.reweighting import learn_reweighting, reweighting_options

# Events of the truth that measure, for each of the file, and parts of the energies in which laws
# are compared: each law has its own normalisation at each energy.
COPIES, PARTS = 3, 80
# What is lost at one event is not more, or else rare events would count for all.
MOST = 2.0


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", help="a model folder, or the name of a bundled model")
    parser.add_argument("events", type=Path, help="file whose energies to take")
    parser.add_argument("--proposals", type=int, nargs="+", default=[3, 12], help="for each event")
    parser.add_argument("--members", type=int, nargs="+", default=[3, 5], help="of the ratio")
    parser.add_argument("--steps", type=int, help="of each member; by the events if absent")
    parser.add_argument("--seed", type=int, default=1, help="of everything random")
    given = parser.parse_args()
    truth = nugen_gan.load_model(given.model)
    base = nugen_gan.load_model(truth.training["base"])
    enu = nugen_gan.read(given.events).enu
    training = truth.sample(enu, seed=500 + given.seed)
    test = truth.sample(np.tile(enu, COPIES), seed=900)
    print("| proposals for each event | members | one for all | lost, nats | seconds |")
    print("|---|---|---|---|---|")
    for way in itertools.product(given.proposals, given.members, (False, True)):
        ratio(truth, base, training, test, way, given.seed, given.steps)
    print("\n| labels by | lost, nats |\n|---|---|")
    usual = LabelOptions.by_number(len(training))
    shared = replace(usual, members=4, distilled=1500)
    alone = replace(usual, members=1, distilled=0)
    for name, options in ("one", alone), ("four that share the events", shared):
        labels(truth, base, training, test, name, given.seed, options)


def ratio(
    truth: Model,
    base: Model,
    training: EventTable,
    test: EventTable,
    way: tuple[int, int, bool],
    seed: int,
    steps: int | None = None,
) -> None:
    """Print what one way to learn the ratio loses."""
    proposals, members, distilled = way
    started = time.monotonic()
    options = reweighting_options(len(training), steps)
    options = options if distilled else replace(options, distilled=0)
    # So many proposals for each event, however few or many events there are.
    recipe = Recipe(
        reweighting=options, proposals=0, proposals_each=proposals, most_proposals=10**9
    )
    shift = truth.steps[-1].threshold_shift
    learned = learn_reweighting(
        base, training, seed, members=members, shift=shift, recipe=recipe
    ).model
    seconds = time.monotonic() - started
    lost = lost_of_leptons(truth, learned, test)
    print(f"| {proposals} | {members} | {'yes' if distilled else 'no'} | {lost} "
          f"| {seconds:.0f} |", flush=True)  # fmt: skip


def lost_of_leptons(truth: Model, learned: Model, test: EventTable) -> str:
    """Half the variance of the difference of two log ratios, which is the loss if it is small."""
    rows = rows_of(truth, test)
    known, found = (in_parts(_log_ratio(model), *rows) for model in (truth, learned))
    apart = (found - known).double().numpy()
    low, high = truth.energy_range
    part = (PARTS * np.log(test.enu / low) / np.log(high / low)).astype(int).clip(0, PARTS - 1)
    events = np.maximum(np.bincount(part, minlength=PARTS), 1)
    mean = np.bincount(part, apart, minlength=PARTS) / events
    return _said(np.minimum(0.5 * (apart - mean[part]) ** 2, MOST))


def labels(
    truth: Model,
    base: Model,
    training: EventTable,
    test: EventTable,
    name: str,
    seed: int,
    options: LabelOptions,
) -> None:
    """Print what one way to learn the channels loses."""
    rows = rows_of(truth, training)[-1]
    last = np.random.default_rng(seed).permutation(len(rows)) < len(rows) // 10
    parts = Labelled(rows, training.channel)
    found, _ = train_classifier(parts.at(~last), parts.at(last), seed, options, base.labels)
    checked = rows_of(truth, test)[-1]
    assert found.channels == truth.labels.channels
    is_, said = (in_parts(_logs(one), checked).double() for one in (truth.labels, found))
    print(f"| {name} | {_said((is_.exp() * (is_ - said)).sum(dim=1).numpy())} |", flush=True)


def _log_ratio(model: Model) -> Callable[..., Tensor]:
    return lambda *rows: log_ratio(model.steps, rows)


def _logs(classifier: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    return lambda rows: torch.log_softmax(classifier(rows), dim=1)


def _said(lost: np.ndarray) -> str:
    return f"{lost.mean():.5f} ± {lost.std() / np.sqrt(len(lost)):.5f}"


if __name__ == "__main__":
    main()
