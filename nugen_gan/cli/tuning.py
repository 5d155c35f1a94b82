"""The options of ``nugen-gan finetune``, and what they mean for the library."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from nugen_gan.cli.gathered import gathered
from nugen_gan.cli.parameters import Count, device, duration, number
from nugen_gan.errors import UsageError

if TYPE_CHECKING:
    from nugen_gan.model.model import Model
    from nugen_gan.transfer.options import FinetuneOptions

__all__ = ["Tuning", "tuning_options"]


@dataclass(frozen=True, slots=True)
class Tuning:
    """How to fine-tune, as the command line says it; see ``nugen-gan finetune --help``."""

    base: str
    events: int | None
    steps: int | None
    learning_rate: float | None
    gamma: float | None
    batch_size: int | None
    held_out: float | None
    time_limit: float | None
    refiner_steps: int | None
    seed: int | None
    device: str
    networks: bool | None
    freeze: int | None
    freeze_generator: int | None
    freeze_critic: int | None
    ensemble: int

    def options(self, base: Model, seed: int) -> FinetuneOptions:
        """The options of the library; what was not said is left to it."""
        from nugen_gan.transfer.options import FinetuneOptions

        generator, critic = self._depths(base)
        return FinetuneOptions(
            networks=self.networks,
            freeze_generator=generator,
            freeze_critic=critic,
            ensemble=self.ensemble,
            steps=self.steps,
            batch_size=self.batch_size,
            learning_rate=self.learning_rate,
            gamma=self.gamma,
            held_out=self.held_out,
            time_limit=self.time_limit,
            seed=seed,
            device=self.device,
            refiner_steps=self.refiner_steps,
        )

    def _depths(self, base: Model) -> tuple[int, int]:
        """Frozen layers of generator and critic; too many are an error of the library."""
        from nugen_gan.gan.freezing import frozen_at

        if self.freeze is None:
            return self.freeze_generator or 0, self.freeze_critic or 0
        if self.freeze_generator is not None or self.freeze_critic is not None:
            raise UsageError(
                "--freeze is for both networks: leave it out, or --freeze-generator and "
                "--freeze-critic"
            )
        return frozen_at(base.proposal.critic, self.freeze)


tuning_options = gathered(
    "tuning", Tuning,
    click.option("--base", default="numu_cc_C12", help="Model to begin with: a folder or a name."),
    click.option("--events", type=Count(1), help="Use so many events, taken at random, not all."),
    click.option(
        "--steps", type=number("steps"), help="Optimiser steps.  [default: by sample size]"
    ),
    click.option(
        "--learning-rate", type=number("learning rate"),
        help="Highest learning rate of Adam.  [default: see finetune --dry-run]",
    ),
    click.option(
        "--gamma", type=number("gamma"),
        help="Weight of the gradient penalties.  [default: by sample size]",
    ),
    click.option(
        "--batch-size", type=number("batch size"), help="Events per step.  [default: 2048]"
    ),
    click.option(
        "--held-out", type=number("held-out fraction"), default=None,
        help="Fraction of the events that only measure and choose.  [default: 0.1; of more than "
        "20,000 events 2,000]",
    ),
    click.option(
        "--time-limit", type=duration, metavar="TIME",
        help="End within this time, all stages together: 90s, 15m, 2h.",
    ),
    click.option(
        "--refiner-steps", type=number("refiner steps"), metavar="N",
        help="Optimiser steps of each network that learns which events to accept: 200 for a first "
        "look in some twenty seconds; 0 leaves trained networks without.  "
        "[default: by sample size]",
    ),
    click.option("--seed", type=number("seed"), help="Of all random numbers.  [default: drawn]"),
    click.option("--device", type=device, default="cpu", help="cpu, cuda or mps."),
    click.option(
        "--networks/--no-networks", default=None,
        help="Train generator and critic on the events, instead of reweighting the events of "
        "--base.  [default: if one of their options, such as --steps or --freeze, is given, or "
        "too few of the base's events would be accepted]",
    ),
    click.option(
        "--freeze", type=number("frozen layers"), metavar="N",
        help="Leave the first N layers of both networks as they are.  [default: 0]",
    ),
    click.option(
        "--freeze-generator", type=number("frozen layers"), metavar="N",
        help="The same for the generator.",
    ),
    click.option(
        "--freeze-critic", type=number("frozen layers"), metavar="N",
        help="The same for the critic.",
    ),
    click.option(
        "--ensemble", type=number("ensemble"), default=0, metavar="N",
        help="Add N bootstrap replicas: the scatter of their events is the model's uncertainty.  "
        "Not with --networks.",
    ),
)  # fmt: skip
