"""Bootstrap replicas: what the model would have become with another sample of the same size.

Each replica repeats what depends on the events, learning how the base differs from them, on a
bootstrap of the sample.  The networks are shared: they only make proposals.  A replica is a
refiner of its own, fitted to the model's refiner times the ratio of the two replays.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from nugen_gan.events import EventTable
from nugen_gan.gan.ratio import RatioShape, Refiner, rounded
from nugen_gan.model import Model
from nugen_gan.refinement import network_inputs
from nugen_gan.replay import Replay, learn_replay, similar_energies

__all__ = ["bootstrap_replicas"]

PROPOSALS, STEPS, BATCH = 200_000, 1500, 2048


def bootstrap_replicas(
    model: Model,
    start: Model,
    replay: Replay | None,
    training: EventTable,
    replicas: int,
    seed: int,
    say: Callable[[str], None],
) -> Model:
    """Return the model with bootstrap replicas.

    Parameters
    ----------
    model : fine-tuned
    start : the base, as a model of the new process
    replay : with which the model was made; learned here if it was made without
    training : the events it was made of
    replicas : how many
    seed : of everything random
    say : called with a text as each replica begins
    """
    replay = replay or learn_replay(start, training, seed)
    enu = similar_energies(training.enu, PROPOSALS, seed)
    plain = model.with_(refiner=None)
    inputs = network_inputs(model, plain.sample(enu, seed=seed + 23, allow_extrapolation=True))
    with torch.no_grad():
        shared = -replay.log_ratio(inputs)
        if model.refiner is not None:
            shared = shared + model.refiner(inputs)
    made = []
    for k in range(1, replicas + 1):
        say(f"replica {k} of {replicas}")
        rows = np.random.default_rng([seed, 9, k]).integers(len(training), size=len(training))
        other = learn_replay(start, training[rows], seed + 1000 * k, groups=rows)
        with torch.no_grad():
            wanted = shared + other.log_ratio(inputs)
        made.append(_fitted(model, inputs, wanted, seed + k))
    return model.with_(replicas=tuple(made))


def _fitted(model: Model, inputs: Tensor, wanted: Tensor, seed: int) -> Refiner:
    """Fit one network to log ratios (N,) at inputs (N, F + 3), by least squares."""
    shape = (
        RatioShape(1)
        if model.refiner is None
        else RatioShape(1, model.refiner.shape.width, model.refiner.shape.blocks)
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        refiner = Refiner(shape)
    random = torch.Generator().manual_seed(seed)
    optimiser = torch.optim.Adam(refiner.parameters(), lr=3e-3, fused=True)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, STEPS, 1e-5)
    # What is refused anyway need not be known well.
    bounded = wanted.clamp(min=-6.0)
    for _ in range(STEPS):
        rows = torch.randint(len(inputs), (BATCH,), generator=random)
        loss = (refiner(inputs[rows]) - bounded[rows]).square().mean()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        schedule.step()
    refiner.set_ceiling(inputs)
    return rounded(refiner).eval().requires_grad_(False)
