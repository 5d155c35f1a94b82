"""Equivalent sample size with many generated events for each of the reference.

    python benchmarks/equivalent_size.py MODEL REFERENCE --copies 10 --seed 1

One sample of a model is one draw: the more events it has, the less its own chance hides a small
bias.  What is left is the chance in the reference, which no number of copies takes away.  With
--members 1 only the first ensemble member of the last density ratio is used: what averaging them
is worth.
"""

import argparse
from dataclasses import replace

import numpy as np
import torch

import nugen_gan
from nugen_gan.density_ratio.inputs import CONDITION
from nugen_gan.density_ratio.network import DensityRatio
from nugen_gan.events.table import EventTable
from nugen_gan.model.model import Model
from nugen_gan.model.steps import log_ratio
from nugen_gan.training.refine import proposed, rows_of
from nugen_gan.validation.metrics.binning import Binning
from nugen_gan.validation.metrics.equivalent import equivalent_sample_size
from nugen_gan.validation.metrics.map3d import map3d, map3d_floor


def main() -> None:
    """Print a row for each number of copies."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", help="a model folder, or the name of a bundled model")
    parser.add_argument(
        "reference", help="events that the model was not trained on: a file, or a bundled sample"
    )
    parser.add_argument("--copies", type=int, default=10, help="generated for each event")
    parser.add_argument("--members", type=int, help="of the ensemble; all if absent")
    parser.add_argument("--seed", type=int, default=1, help="of everything random")
    given = parser.parse_args()
    model, reference = nugen_gan.load_model(given.model), nugen_gan.read(given.reference)
    if given.members is not None:
        model = with_members(model, reference, given.members)
    binning = Binning.standard(reference.energy_range())
    floor = map3d_floor(reference, binning=binning, shared_energies=True)
    print("| copies | excess of <pull^2> | n_eq | one sigma |\n|---|---|---|---|")
    made: list[EventTable] = []
    for number in range(given.copies):
        seed = given.seed + number
        made.append(model.sample(reference.enu, seed=seed, allow_extrapolation=True))
        generated = EventTable.concatenate(made)
        found = map3d(reference, generated, binning=binning, floor=floor, seed=given.seed)
        size = equivalent_sample_size(found)
        value = f"> {size.value:,.0f} (95 %)" if size.is_limit else f"{size.value:,.0f}"
        high = "no limit" if np.isinf(size.high) else f"{size.high:,.0f}"
        print(
            f"| {number + 1} | {found.excess:.4f} +- {found.excess_uncertainty:.4f} | {value} "
            f"| {size.low:,.0f} to {high} |",
            flush=True,
        )


def with_members(model: Model, like: EventTable, members: int) -> Model:
    """The model with the first members of its last ratio alone, at energies like these."""
    known = model.steps[-1].ratio
    assert known is not None
    alone = DensityRatio(replace(known.shape, members=members))
    alone.members = known.members[:members]
    alone.shrinkage.copy_(known.shrinkage)
    steps = (*model.steps[:-1], replace(model.steps[-1], ratio=alone))
    rows = rows_of(model, proposed(model, like[:50_000], 3, 4))
    with torch.no_grad():
        alone.set_ceiling(log_ratio(steps, rows), rows[-1][:, CONDITION.start])
    alone.eval().requires_grad_(False)
    return model.with_(steps=steps)


if __name__ == "__main__":
    main()
