"""One network in place of several: it learns what they say together.

An average of networks is better than each of them, since the statistical fluctuations that each
learns are not common to them, and costs as many times more in every event that is made.  But what
they say does not fluctuate, so one network of the same size learns it from all the events there
are, as closely as one likes (Hinton, Vinyals and Dean, *Distilling the Knowledge in a Neural
Network*, 2015, arXiv:1503.02531).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from nugen_gan.gan.deadline import NONE, Deadline
from nugen_gan.monitor import SILENT, Monitor
from nugen_gan.streams import derived_seed

__all__ = ["cosine", "in_parts", "learn", "set_rate"]

LEARNING_RATE, LAST_RATE = 3e-3, 1e-5
REPORTED = 25  # steps
# Rows that go through networks together, for the sake of memory.
PART = 300_000


def learn(
    network: nn.Module,
    loss: Callable[[torch.Generator], Tensor],
    steps: int,
    seed: int,
    monitor: Monitor = SILENT,
    deadline: Deadline = NONE,
) -> None:
    """Adam on a loss without noise, a cosine leads its rate to zero.

    Parameters
    ----------
    network : whose weights are changed
    loss : of some rows, drawn with the generator given
    steps : of the optimiser
    seed : of the rows
    monitor : is told the fraction done, of a stage that the caller began
    deadline : of all the steps
    """
    random = torch.Generator().manual_seed(derived_seed(seed, "distillation"))
    optimiser = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE, fused=True)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps, LAST_RATE)
    for step in range(1, steps + 1):
        value = loss(random)
        optimiser.zero_grad(set_to_none=True)
        value.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
        place = deadline.place(step, steps)
        if deadline.limited:
            set_rate(optimiser, LAST_RATE + (LEARNING_RATE - LAST_RATE) * cosine(place / steps))
        if step % REPORTED == 0 or place >= steps:
            monitor.advanced(place / steps)
        if place >= steps:
            deadline.record("one network for all", step, steps)
            break


def cosine(done: float) -> float:
    """From one to zero."""
    return 0.5 * (1.0 + math.cos(math.pi * done))


def set_rate(optimiser: torch.optim.Optimizer, rate: float) -> None:
    """Set the learning rate of all weights."""
    for group in optimiser.param_groups:
        group["lr"] = rate


@torch.no_grad()
def in_parts(said: Callable[..., Tensor], *rows: Tensor) -> Tensor:
    """What is said of many rows, asked of some at a time."""
    parts = [slice(first, first + PART) for first in range(0, len(rows[0]), PART)]
    return torch.cat([said(*(tensor[part] for tensor in rows)) for part in parts])
