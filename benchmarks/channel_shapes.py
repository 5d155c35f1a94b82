"""MAP-3D over floor of each channel, for several generated samples.

    python benchmarks/channel_shapes.py MODEL REFERENCE --copies 6 --seed 1

A report judges one sample of a model, and with 200,000 events the chance of that sample moves a
channel by 0.02 to 0.04.  The mean over several samples tells the model from its chance; that of the
reference is left.
"""

import argparse

import numpy as np

import nugen_gan
from nugen_gan.validation.metrics.channel_shapes import channel_shapes


def main() -> None:
    """Print a row for each channel."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", help="a model folder, or the name of a bundled model")
    parser.add_argument(
        "reference", help="events that the model was not trained on: a file, or a bundled sample"
    )
    parser.add_argument("--copies", type=int, default=6, help="samples of the model")
    parser.add_argument("--seed", type=int, default=1, help="of everything random")
    given = parser.parse_args()
    model, reference = nugen_gan.load_model(given.model), nugen_gan.read(given.reference)
    found: dict[str, list[float]] = {}
    for seed in range(given.seed, given.seed + given.copies):
        made = model.sample(reference.enu, seed=seed, allow_extrapolation=True)
        shapes = channel_shapes(reference, made, energy_range=model.energy_range, seed=given.seed)
        for channel in shapes.channels:
            found.setdefault(channel.name, []).append(channel.value)
    print("| channel | mean over floor | from sample to sample | lowest and highest |")
    print("|---|---|---|---|")
    for name, values in found.items():
        row = f"| {name} | {np.mean(values):.3f} | {np.std(values, ddof=1):.3f} |"
        print(row, f"{min(values):.3f}, {max(values):.3f} |")


if __name__ == "__main__":
    main()
