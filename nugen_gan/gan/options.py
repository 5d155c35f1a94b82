"""The settings of a training, and defaults that follow from the size of the sample."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from nugen_gan.gan.limits import check, check_device_name
from nugen_gan.gan.networks import Architecture

__all__ = ["TrainingOptions"]


@dataclass(frozen=True, slots=True)
class TrainingOptions:
    """How to train.  ``None`` means: choose by the number of training events.

    Attributes
    ----------
    steps : optimiser steps of each network
    batch_size : events of each kind in a step
    learning_rate : of Adam, at its highest
    warmup : steps over which the learning rate rises
    final_learning_rate : where the cosine ends, relative to the highest
    gamma : weight of the gradient penalties, on standardised features
    ema_decay : of the moving average of the generator's weights, which is what ships
    held_out : fraction of the events (at most 100,000) that only choose the best snapshot
    evaluate_every : steps between evaluations on held-out events
    time_limit : seconds after which training must have annealed and ended; None for no limit
    seed : of everything random
    device : "cpu", "cuda", "mps"
    architecture : sizes of the networks
    refiner_steps : of the refiner that is learned last; 0 for a model without one

    Examples
    --------
    >>> import nugen_gan
    >>> nugen_gan.TrainOptions(time_limit=3600.0, seed=1).seed
    1
    >>> nugen_gan.TrainOptions(steps=0)
    Traceback (most recent call last):
        ...
    nugen_gan.errors.UsageError: steps is 0; ...
    """

    steps: int | None = None
    batch_size: int | None = None
    learning_rate: float = 5e-4
    warmup: int = 200
    final_learning_rate: float = 0.02
    gamma: float = 0.2
    ema_decay: float = 0.999
    held_out: float = 0.1
    evaluate_every: int | None = None
    time_limit: float | None = None
    seed: int = 0
    device: str = "cpu"
    architecture: Architecture = field(default_factory=Architecture)
    refiner_steps: int | None = None

    def __post_init__(self) -> None:
        for name, value in (
            ("steps", self.steps),
            ("batch size", self.batch_size),
            ("learning rate", self.learning_rate),
            ("warmup", self.warmup),
            ("final learning rate", self.final_learning_rate),
            ("gamma", self.gamma),
            ("decay of the average", self.ema_decay),
            ("held-out fraction", self.held_out),
            ("steps between evaluations", self.evaluate_every),
            ("time limit", self.time_limit),
            ("seed", self.seed),
            ("refiner steps", self.refiner_steps),
        ):
            if value is not None:
                check(name, value)
        check_device_name(self.device)

    def resolved(self, events: int) -> TrainingOptions:
        """Fill in what is None for a training part of so many events.

        More events are worth more steps, with the cube root of their number: 900 steps for
        1,000 events, 2,000 for 10,000, 8,000 for 600,000.
        """
        steps = self.steps or int(round(2000 * (events / 10_000) ** (1 / 3), -2)) or 100
        batch_size = self.batch_size or min(2048, 2 ** int(math.log2(max(events, 2))))
        every = self.evaluate_every or max(1, min(250, steps // 20))
        return replace(self, steps=steps, batch_size=batch_size, evaluate_every=every)

    def as_dict(self) -> dict[str, Any]:
        """Plain values for a JSON file."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> TrainingOptions:
        """Inverse of :meth:`as_dict`."""
        rest = {name: value for name, value in values.items() if name != "architecture"}
        return cls(**rest, architecture=Architecture(**values["architecture"]))
