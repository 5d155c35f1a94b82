"""The training loop: read it in one sitting."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nugen_gan.gan.ema import follow
from nugen_gan.gan.features import Scaling, condition, raw_features
from nugen_gan.gan.heldout import HeldOutTest
from nugen_gan.gan.losses import critic_loss, generator_loss
from nugen_gan.gan.networks import Generator
from nugen_gan.gan.options import TrainingOptions
from nugen_gan.gan.sample import TrainingSample
from nugen_gan.gan.state import TrainState
from nugen_gan.streams import derived_seed

__all__ = ["Status", "fit", "fraction_done", "proxy_sampler"]


@dataclass(frozen=True, slots=True)
class Status:
    """How a training stands after a step.

    Attributes
    ----------
    step, steps : done and planned
    elapsed : seconds
    done : fraction of the training, from 0 to 1, by steps or by the time limit
    learning_rate : of this step
    critic_loss, generator_loss, gradient : of this step; None between evaluations
    pull : mean squared pull on held-out events; None between evaluations
    best_pull, best_step : the best so far
    """

    step: int
    steps: int
    elapsed: float
    done: float
    learning_rate: float
    critic_loss: float | None
    generator_loss: float | None
    gradient: float | None
    pull: float | None
    best_pull: float
    best_step: int

    def figures(self) -> dict[str, float]:
        """What a monitor is told of it: all numbers that are known."""
        values = {name: getattr(self, name) for name in self.__slots__ if name != "done"}
        if not self.best_step:
            del values["best_pull"], values["best_step"]
        return {name: value for name, value in values.items() if value is not None}

    def as_line(self) -> str:
        """One line of a log, in JSON."""
        names = ("step", "elapsed", "learning_rate", "critic_loss", "generator_loss", "gradient",
                 "pull", "best_pull", "best_step")  # fmt: skip
        line = {name: getattr(self, name) for name in names}
        return json.dumps(line | {"time": time.strftime("%Y-%m-%dT%H:%M:%S")}) + "\n"


@dataclass(frozen=True, slots=True)
class Setting:
    """What stays the same throughout a training."""

    options: TrainingOptions  # resolved
    sample: TrainingSample
    scaling: Scaling
    mass: float  # of the lepton [GeV]
    energy_range: tuple[float, float]  # [GeV]
    held_out: HeldOutTest


def fit(state: TrainState, setting: Setting) -> Iterator[Status]:
    """Train ``state`` in place until its steps or its time are used up.

    Whoever iterates has the status after each step, when the state is whole; who stops iterating
    ends the training there.
    """
    options, progress = setting.options, state.progress
    assert options.steps is not None
    assert options.evaluate_every is not None
    real_features = setting.scaling.apply(setting.sample.features)
    before, started = progress.elapsed, time.monotonic()
    while (done := fraction_done(options, progress.step, progress.elapsed)) < 1.0:
        rate = _learning_rate(options, progress.step, done)
        losses = _step(state, setting, real_features, rate)
        progress.step += 1
        progress.elapsed = before + time.monotonic() - started
        done = fraction_done(options, progress.step, progress.elapsed)
        pull = None
        if progress.step % options.evaluate_every == 0 or done >= 1.0:
            pull = setting.held_out(proxy_sampler(state.average, setting))
            state.remember_best(pull)
        shown = [None if pull is None else loss.item() for loss in losses]
        yield Status(
            step=progress.step,
            steps=options.steps,
            elapsed=progress.elapsed,
            done=done,
            learning_rate=rate,
            critic_loss=shown[0],
            generator_loss=shown[1],
            gradient=shown[2],
            pull=pull,
            best_pull=progress.best_pull,
            best_step=progress.best_step,
        )


def _step(
    state: TrainState, setting: Setting, real_features: Tensor, rate: float
) -> tuple[Tensor, Tensor, Tensor]:
    """One step of the critic and one of the generator, on the same events."""
    options, sample = setting.options, setting.sample
    assert options.batch_size is not None
    for optimiser in (state.critic_optimiser, state.generator_optimiser):
        for group in optimiser.param_groups:
            group["lr"] = rate
    device, size = sample.enu.device, options.batch_size
    rows = torch.randint(len(sample), (size,), generator=state.random, device=device)
    noise = torch.randn(size, state.generator.latent, generator=state.random, device=device)
    real, energy_condition = real_features[rows], sample.condition[rows]
    proxies = setting.scaling.unscale_proxies(state.generator(noise, energy_condition))
    features = raw_features(sample.enu[rows], proxies, setting.mass, setting.scaling.definition)
    fake = setting.scaling.apply(features)

    loss, gradient = critic_loss(state.critic, real, fake.detach(), energy_condition, options.gamma)
    _descend(state.critic_optimiser, loss)

    # The generator's loss must not reach the critic's weights.
    trainable = [weight for weight in state.critic.parameters() if weight.requires_grad]
    for weight in trainable:
        weight.requires_grad_(False)
    other_loss = generator_loss(state.critic, real, fake, energy_condition)
    _descend(state.generator_optimiser, other_loss)
    for weight in trainable:
        weight.requires_grad_(True)

    follow(state.average, state.generator, options.ema_decay, state.progress.step)
    return loss.detach(), other_loss.detach(), gradient


def _descend(optimiser: torch.optim.Optimizer, loss: Tensor) -> None:
    optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    optimiser.step()


def fraction_done(options: TrainingOptions, step: int, elapsed: float) -> float:
    """How far a training is, from 0 to 1, by its steps or by the time limit.

    Parameters
    ----------
    options : resolved
    step, elapsed : steps and seconds so far
    """
    assert options.steps is not None
    by_time = elapsed / options.time_limit if options.time_limit else 0.0
    return min(1.0, max(step / options.steps, by_time))


def _learning_rate(options: TrainingOptions, step: int, done: float) -> float:
    """Linear warm-up, then a cosine down to a small fraction of the highest rate."""
    warm = min(1.0, (step + 1) / options.warmup) if options.warmup else 1.0
    final = options.final_learning_rate
    return (
        options.learning_rate * warm * (final + (1 - final) * 0.5 * (1 + math.cos(math.pi * done)))
    )


def proxy_sampler(
    generator: Generator, setting: Setting
) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    """Return a function from energies [GeV] (M,) to proxies (M, 2), the same at each call."""

    @torch.no_grad()
    def sample(enu: NDArray[np.float64]) -> NDArray[np.float64]:
        device = setting.sample.enu.device
        seed = derived_seed(setting.options.seed, "held-out noise")
        random = torch.Generator(device=device).manual_seed(seed)
        parts = []
        for start in range(0, len(enu), 16384):
            energy = torch.from_numpy(enu[start : start + 16384])
            given = condition(energy, setting.energy_range).float().to(device)
            noise = torch.randn(len(energy), generator.latent, generator=random, device=device)
            scaled = generator(noise, given)
            parts.append(setting.scaling.unscale_proxies(scaled).double().cpu().numpy())
        return np.concatenate(parts)

    return sample
