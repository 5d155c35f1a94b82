"""What the defaults of `train` give for samples of different size.

    python benchmarks/training_size.py TABLE VALIDATION SIZE [SIZE ...] [--cross-section FILE]

Trains from scratch on the first SIZE events of TABLE with all defaults, and prints for each the
steps, the minutes, MAP-3D over its floor and the equivalent sample size against VALIDATION.
"""

import argparse
from pathlib import Path

import nugen_gan
from nugen_gan.gan.options import TrainingOptions
from nugen_gan.validation.metrics.equivalent import equivalent_sample_size
from nugen_gan.validation.metrics.map3d import map3d


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table", type=Path, help="events to train on")
    parser.add_argument("validation", type=Path, help="others, to measure on")
    parser.add_argument("sizes", type=int, nargs="+", help="numbers of events")
    parser.add_argument("--cross-section", type=Path, help="companion table of sigma(E)")
    parser.add_argument("--steps", type=int, help="of each network; by the events if absent")
    parser.add_argument("--seed", type=int, default=1, help="of everything random")
    given = parser.parse_args()
    events = nugen_gan.read(given.table, cross_section=given.cross_section)
    reference = nugen_gan.read(given.validation)
    print("   events   steps  minutes  MAP-3D/floor       n_eq")
    for size in given.sizes:
        options = TrainingOptions(seed=given.seed, steps=given.steps, refiner_steps=given.steps)
        model = nugen_gan.train(events[:size], options=options)
        low, high = model.energy_range
        inside = reference[(reference.enu >= low) & (reference.enu <= high)]
        result = map3d(inside, model.sample(inside.enu, seed=given.seed))
        size_text = f"{equivalent_sample_size(result).value:,.0f}"
        print(
            f"{min(size, len(events)):9,d} {model.training['steps']:7,d} "
            f"{model.training['seconds'] / 60:8.1f} {result.value / result.floor.value:13.3f} "
            f"{size_text:>10}",
            flush=True,
        )


if __name__ == "__main__":
    main()
