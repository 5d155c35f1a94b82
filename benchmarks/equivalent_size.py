"""Equivalent sample size with many generated events for each of the reference.

    python benchmarks/equivalent_size.py MODEL REFERENCE --copies 10 --seed 1

One sample of a model is one draw: the more events it has, the less its own chance hides a small
bias.  What is left is the chance in the reference, which no number of copies takes away.
"""

import argparse

import numpy as np

import nugen_gan
from nugen_gan.events import EventTable
from nugen_gan.validation.binning import Binning
from nugen_gan.validation.equivalent import equivalent_sample_size
from nugen_gan.validation.map3d import map3d, map3d_floor


def main() -> None:
    """Print a row for each number of copies."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("reference")
    parser.add_argument("--copies", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    model, reference = nugen_gan.load_model(given.model), nugen_gan.read(given.reference)
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


if __name__ == "__main__":
    main()
