"""Learning a density ratio: members on folds of the sample, each stopped at its best."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import softplus

from nugen_gan.gan.ratio import RatioNet, RatioShape, Refiner

__all__ = ["RatioOptions", "fit_ratio", "likelihood_gain"]

Progress = Callable[[float], None]

# Proposals, at most about, by which a member is stopped.
CHECKED = 50_000


@dataclass(frozen=True, slots=True)
class RatioOptions:
    """How to learn a ratio.

    Attributes
    ----------
    shape : of the networks; with two members or more each leaves out another fold of the events
    steps, batch_size : of each member; a batch holds so many events of each kind
    learning_rate : of Adam, at its highest; a cosine leads to zero
    weight_decay : pulls the ratio towards one
    checks : how often the held-out events are asked
    """

    shape: RatioShape
    steps: int
    batch_size: int = 1024
    learning_rate: float = 3e-3
    weight_decay: float = 0.01
    checks: int = 40


def fit_ratio(
    events: Tensor,
    proposals: Tensor,
    options: RatioOptions,
    seed: int,
    *,
    held_out: tuple[Tensor, Tensor] | None = None,
    groups: NDArray[np.int64] | None = None,
    known: Refiner | None = None,
    progress: Progress | None = None,
) -> Refiner:
    """Learn the law of ``events`` over that of ``proposals``.

    Parameters
    ----------
    events : standardised features and condition (N, F + 3)
    proposals : the same of events to be accepted (R N, F + 3): the R rows of event i, at its
        energy, are i R to i R + R - 1
    options : how
    seed : of everything random
    held_out : (events, proposals) that stop a single member; several need none
    groups : number of the group of each event, (N,), where some must stay in one fold, as the
        copies of one event in a bootstrap must
    known : a refiner known before; what is learned is the ratio to what it accepts
    progress : called with the fraction done
    """
    copies, members = len(proposals) // len(events), options.shape.members
    if held_out is None and members < 2:
        raise ValueError("a single member needs held-out events")
    groups = np.arange(len(events)) if groups is None else groups
    shuffled = np.random.default_rng([seed, 5]).permutation(int(groups.max()) + 1)
    fold = shuffled[groups] % max(members, 2)
    # Weights drawn here are replaced below; the caller's random numbers stay as they are.
    with torch.random.fork_rng(devices=[]):
        refiner = Refiner(options.shape)
    events, proposals = _with_known(events, known), _with_known(proposals, known)
    if held_out is not None:
        held_out = _with_known(held_out[0], known), _with_known(held_out[1], known)
    for k in range(members):
        train = test = np.ones(len(events), dtype=bool)
        if held_out is None:
            train, test = fold != k, fold == k
            checks = _rows(events, test), _rows(proposals, np.repeat(test, copies))
        else:
            checks = held_out
        part = _rows(events, train), _rows(proposals, np.repeat(train, copies))
        checks = checks[0], checks[1][:: max(1, len(checks[1]) // CHECKED)]

        def member_progress(done: float, k: int = k) -> None:
            if progress is not None:
                progress((k + done) / members)

        refiner.members[k] = _fit_member(part, checks, options, seed + 101 * k, member_progress)
    refiner.set_ceiling(proposals[:, :-1])
    return refiner.eval().requires_grad_(False)


@torch.no_grad()
def _with_known(inputs: Tensor, known: Refiner | None) -> Tensor:
    """Append the known log ratio as a last column, zero if there is none."""
    last = torch.zeros(len(inputs)) if known is None else known.log_acceptance(inputs)
    return torch.cat([inputs, last[:, None]], dim=1)


def _scores(net: RatioNet, inputs: Tensor) -> Tensor:
    scores: Tensor = net(inputs[:, :-1]) + inputs[:, -1]
    return scores


def _rows(tensor: Tensor, chosen: NDArray[np.bool_]) -> Tensor:
    return tensor if chosen.all() else tensor[torch.from_numpy(chosen)]


def _fit_member(
    part: tuple[Tensor, Tensor],
    checks: tuple[Tensor, Tensor],
    options: RatioOptions,
    seed: int,
    progress: Progress,
) -> RatioNet:
    events, proposals = part
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = RatioNet(options.shape)
    random = torch.Generator().manual_seed(seed)
    optimiser = torch.optim.AdamW(
        net.parameters(), lr=options.learning_rate, weight_decay=options.weight_decay, fused=True
    )
    size = min(options.batch_size, len(events))
    best, best_loss = copy.deepcopy(net.state_dict()), _loss(net, *checks)
    for step in range(1, options.steps + 1):
        for group in optimiser.param_groups:
            group["lr"] = _rate(options, step)
        real = events[torch.randint(len(events), (size,), generator=random)]
        other = proposals[torch.randint(len(proposals), (size,), generator=random)]
        scores = _scores(net, torch.cat([real, other]))
        loss = softplus(-scores[:size]).mean() + softplus(scores[size:]).mean()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        if step % max(25, options.steps // options.checks) == 0 or step == options.steps:
            held = _loss(net, *checks)
            if held < best_loss:
                best, best_loss = copy.deepcopy(net.state_dict()), held
            progress(step / options.steps)
    net.load_state_dict(best)
    return net


def _rate(options: RatioOptions, step: int) -> float:
    warm = min(1.0, step / 50)
    return options.learning_rate * warm * 0.5 * (1 + math.cos(math.pi * step / options.steps))


@torch.no_grad()
def _loss(net: RatioNet, events: Tensor, proposals: Tensor) -> float:
    real, other = softplus(-_scores(net, events)).mean(), softplus(_scores(net, proposals)).mean()
    return float(real + other)


@torch.no_grad()
def likelihood_gain(refiner: Refiner, events: Tensor, proposals: Tensor) -> tuple[float, float]:
    """Mean gain of the log likelihood of ``events`` by the ratio, and its error [nats]."""
    real, other = refiner(events).double(), refiner(proposals).double()
    gain = real.mean() - torch.log(torch.exp(other).mean())
    return float(gain), float(real.std() / math.sqrt(max(len(real), 2)))
