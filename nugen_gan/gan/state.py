"""Everything that a training is at one moment, and its snapshot on disk.

A snapshot holds the networks, the average, the best average so far, the optimisers' moments and
the state of the random numbers: training resumed from it continues to the same bits.
"""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from nugen_gan.errors import ModelError
from nugen_gan.gan.finite import not_finite
from nugen_gan.gan.networks import Critic, Generator
from nugen_gan.gan.options import TrainingOptions
from nugen_gan.storage.atomic import atomic_path
from nugen_gan.streams import derived_seed

__all__ = ["Progress", "TrainState"]


@dataclass(slots=True)
class Progress:
    """How far a training has come.

    Attributes
    ----------
    step : optimiser steps done
    elapsed : seconds of training so far, earlier sessions included
    best_pull : smallest mean squared pull on held-out events so far
    best_step : step at which it was reached
    """

    step: int = 0
    elapsed: float = 0.0
    best_pull: float = float("inf")
    best_step: int = 0


@dataclass(slots=True)
class TrainState:
    """Networks, optimisers, averages, random numbers, progress."""

    generator: Generator
    critic: Critic
    average: Generator
    best: dict[str, Tensor]
    generator_optimiser: torch.optim.Optimizer
    critic_optimiser: torch.optim.Optimizer
    random: torch.Generator
    progress: Progress = field(default_factory=Progress)

    @classmethod
    def new(cls, options: TrainingOptions, generator: Generator, critic: Critic) -> TrainState:
        """Start from these networks; they are trained in place."""
        average = copy.deepcopy(generator).requires_grad_(False)
        device = torch.device(options.device)
        return cls(
            generator,
            critic,
            average,
            _copied(average),
            _adam(generator, options),
            _adam(critic, options),
            torch.Generator(device=device).manual_seed(derived_seed(options.seed, "gan batches")),
        )

    def remember_best(self, pull: float) -> None:
        """Keep the average as the best one if it is."""
        if pull < self.progress.best_pull:
            self.progress.best_pull, self.progress.best_step = pull, self.progress.step
            self.best = _copied(self.average)

    def save(self, path: Path, record: dict[str, Any]) -> None:
        """Write a snapshot; ``record`` (plain values) is stored beside the state."""
        tensors: dict[str, Tensor] = {"random": self.random.get_state()}
        for name, module in self._modules().items():
            tensors |= _named(name, module.state_dict())
        tensors |= _named("best", self.best)
        for name, optimiser in self._optimisers().items():
            for index, moments in optimiser.state_dict()["state"].items():
                tensors |= _named(f"{name}.{index}", moments)
        progress = self.progress
        numbers = {
            "step": progress.step,
            "elapsed": progress.elapsed,
            "best_pull": progress.best_pull,
            "best_step": progress.best_step,
        }
        plain = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
        texts = {"progress": json.dumps(numbers), "record": json.dumps(record)}
        # Not save_file, which reports a full disk by an error of its own kind.
        with atomic_path(path) as temporary:
            temporary.write_bytes(save(plain, texts))

    def load(self, path: Path) -> None:
        """Restore a snapshot into this state, which must have the same architecture."""
        tensors, metadata = read_snapshot(path)
        try:
            if wrong := not_finite(tensors):
                raise ValueError(wrong)
            for name, module in self._modules().items():
                module.load_state_dict(_stripped(name, tensors))
            self.best = _stripped("best", tensors)
            self.random.set_state(tensors["random"])
            for name, optimiser in self._optimisers().items():
                moments = _stripped(name, tensors)
                _restore_moments(optimiser, moments)
            self.progress = _progress(metadata["progress"])
        except (KeyError, RuntimeError, TypeError, ValueError, RecursionError) as error:
            raise ModelError(
                f"snapshot {path} does not fit this training: {error}. Start anew with --overwrite."
            ) from error

    def _modules(self) -> dict[str, nn.Module]:
        return {"generator": self.generator, "critic": self.critic, "average": self.average}

    def _optimisers(self) -> dict[str, torch.optim.Optimizer]:
        return {
            "generator_optimiser": self.generator_optimiser,
            "critic_optimiser": self.critic_optimiser,
        }


def read_snapshot(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Return the tensors and the metadata of a snapshot; raises ModelError if it is damaged."""
    try:
        with safe_open(path, "pt") as stream:
            tensors = {name: stream.get_tensor(name) for name in stream.keys()}  # noqa: SIM118
            return tensors, dict(stream.metadata() or {})
    except (OSError, SafetensorError) as error:
        raise ModelError(
            f"snapshot {path} cannot be read ({error}). Remove its folder and train again."
        ) from error


def _progress(text: str) -> Progress:
    progress = Progress(**json.loads(text))
    counts = progress.step, progress.best_step
    times = progress.elapsed, progress.best_pull
    if not all(isinstance(n, int) and n >= 0 for n in counts) or not all(x >= 0.0 for x in times):
        raise ValueError(f"it says that it is at step {progress.step}")
    return progress


def _adam(network: nn.Module, options: TrainingOptions) -> torch.optim.Optimizer:
    trainable = [p for p in network.parameters() if p.requires_grad]
    return torch.optim.Adam(
        trainable, lr=options.learning_rate, betas=(0.0, 0.99), fused=options.device != "mps"
    )


def _restore_moments(optimiser: torch.optim.Optimizer, moments: dict[str, Tensor]) -> None:
    state = optimiser.state_dict()
    state["state"] = {}
    for name, value in moments.items():
        index, _, key = name.partition(".")
        state["state"].setdefault(int(index), {})[key] = value
    optimiser.load_state_dict(state)


def _copied(module: nn.Module) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in module.state_dict().items()}


def _named(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {f"{prefix}.{name}": value for name, value in tensors.items()}


def _stripped(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    start = prefix + "."
    return {n.removeprefix(start): v for n, v in tensors.items() if n.startswith(start)}
