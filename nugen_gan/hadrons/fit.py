"""Learning the hadrons by likelihood: every conditional of the chain is a classifier."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from nugen_gan.errors import UsageError
from nugen_gan.events.particles import Flat, flat
from nugen_gan.events.table import EventTable
from nugen_gan.gan.deadline import NONE, Deadline
from nugen_gan.gan.ema import follow
from nugen_gan.hadrons.content import NUCLEONS, PIONS, Catalogue
from nugen_gan.hadrons.model import HadronModel
from nugen_gan.hadrons.networks import MomentumNetworks, MultiplicityNetworks
from nugen_gan.hadrons.rows import MomentumRows, edges_for, momentum_rows, multiplicity_rows
from nugen_gan.hadrons.samples import Known, known_events, overdraft_of, steps_of
from nugen_gan.hadrons.shape import HadronShape
from nugen_gan.hadrons.transplant import widened
from nugen_gan.monitor import SILENT, Monitor, monitored
from nugen_gan.streams import derived_seed, numpy_stream

__all__ = ["HadronOptions", "fit_hadrons"]

N = TypeVar("N", bound=nn.Module)
# Particles that go through the networks together where nothing is learned.
PART = 16_384
# Evaluations on held-out events in a training.
EVALUATIONS = 25


@dataclass(frozen=True, slots=True)
class HadronOptions:
    """How the hadrons are learned.

    Attributes
    ----------
    momentum_steps, multiplicity_steps : of the networks of each
    batch_size : particles or events in a step, at most
    learning_rate, last_rate : where a cosine begins and ends
    weight_decay : of the optimiser
    ema_decay : of the average of the weights, which is what is kept
    least : events with a combination of rare particles, at least, for it to be learned
    held_out : share of the events that choose the best average
    shape : sizes of the networks
    """

    momentum_steps: int = 12_000
    multiplicity_steps: int = 2000
    batch_size: int = 4096
    learning_rate: float = 2e-3
    last_rate: float = 2e-5
    weight_decay: float = 1e-4
    ema_decay: float = 0.998
    least: int = 10
    held_out: float = 0.05
    shape: HadronShape = field(default_factory=HadronShape)

    @classmethod
    def by_number(cls, events: int, *, transfer: bool = False) -> HadronOptions:
        """Defaults for so many events, to learn from scratch or beginning with another model."""
        share = float(np.clip(events / 400_000, 1e-3, 1.0))
        if transfer:
            steps = int(round(6000 * share**0.4, -1))
            return cls(steps, steps // 2, learning_rate=1e-3)
        return cls(int(round(12_000 * share**0.6, -1)), int(round(1500 * share**0.5, -1)))


def fit_hadrons(
    events: EventTable,
    *,
    options: HadronOptions | None = None,
    seed: int,
    start: HadronModel | None = None,
    monitor: Monitor = SILENT,
    deadline: Deadline = NONE,
) -> HadronModel:
    """Learn the hadrons of some events.

    Parameters
    ----------
    events : events with ``particles``
    options : how
    seed : of everything random
    start : a model of other events to begin with; its species and bins are kept, new ones added
    monitor : is told how far the training is
    deadline : of all of it

    Raises
    ------
    UsageError
        if the events have no hadrons, or too few that could be learned.
    """
    if events.particles is None:
        raise UsageError("the events have no hadrons: there is nothing to learn from")
    options = options or HadronOptions()
    those = flat(events.particles)
    if start is not None:
        start = widened(start, those, _largest(those), options.least)
    catalogue = start.catalogue if start else Catalogue.found(those, options.least)
    held = numpy_stream(seed, "hadrons held out").random(len(events)) < options.held_out
    overdraft = overdraft_of(events, catalogue)
    known, test = (known_events(events[part], catalogue, overdraft) for part in (~held, held))
    if min(len(known.table), len(test.table)) < 2:
        raise UsageError(f"the hadrons of {len(known.table)} events cannot be learned: too few")
    shape = start.shape if start else replace(options.shape, most=_largest(those))
    multiplicities = _fit_multiplicities(
        (known, test), catalogue, shape, options, seed, start, monitor, deadline.part(0.2)
    )
    momenta, edges = _fit_momenta(
        (known, test), catalogue, shape, options, seed, start, monitor, deadline
    )
    tensors = {**multiplicities.state_dict(), **momenta.state_dict()}
    halves = {name: value.half().numpy() for name, value in tensors.items()}
    lost = {why: number / len(events) for why, number in _added(known, test).items()}
    return HadronModel(events.process, catalogue, shape, edges, halves, lost, overdraft)


def _largest(those: Flat) -> tuple[int, ...]:
    """Largest numbers of pi+, pi0, pi-, protons and neutrons of an event."""
    return tuple(int(those.number(those.pdg == c).max(initial=0)) for c in (*PIONS, *NUCLEONS))


def _added(known: Known, test: Known) -> dict[str, int]:
    return {why: number + test.left_out[why] for why, number in known.left_out.items()}


def _fit_multiplicities(
    samples: tuple[Known, Known], catalogue: Catalogue, shape: HadronShape, options: HadronOptions,
    seed: int, start: HadronModel | None, monitor: Monitor, deadline: Deadline,
) -> MultiplicityNetworks:  # fmt: skip
    (inputs, targets), check = (multiplicity_rows(s, catalogue, shape) for s in samples)
    network = _made(lambda: MultiplicityNetworks(catalogue, shape), seed, start)
    random = numpy_stream(seed, "multiplicities")
    size = min(options.batch_size, len(targets[0]))

    def loss() -> Tensor:
        index = torch.from_numpy(random.integers(len(targets[0]), size=size))
        return network.loss([x[index] for x in inputs], [t[index] for t in targets])

    def held(average: MultiplicityNetworks) -> float:
        return float(average.loss(*check))

    with monitored(monitor, "learning multiplicities", options.multiplicity_steps, "steps"):
        return _learn(network, loss, held, options.multiplicity_steps, options, monitor, deadline)


def _fit_momenta(
    samples: tuple[Known, Known], catalogue: Catalogue, shape: HadronShape, options: HadronOptions,
    seed: int, start: HadronModel | None, monitor: Monitor, deadline: Deadline,
) -> tuple[MomentumNetworks, Any]:  # fmt: skip
    steps, test = (steps_of(sample, catalogue) for sample in samples)
    edges = edges_for(steps, shape)
    if start is not None:
        # Where energies are counted otherwise, the missing energy needs bins of its own.
        same = start.overdraft == samples[0].overdraft
        edges = start.edges if same else replace(start.edges, last=edges.last)
    sides = [momentum_rows(samples[0], steps, catalogue, edges, mirrored=m) for m in (False, True)]
    check = momentum_rows(samples[1], test, catalogue, edges)
    network = _made(lambda: MomentumNetworks(len(catalogue.order), shape), seed, start)
    random = numpy_stream(seed, "hadron momenta")
    size = min(options.batch_size, len(sides[0]))

    def loss() -> Tensor:
        side = sides[int(random.integers(2))]
        return network.loss(side.at(torch.from_numpy(random.integers(len(side), size=size))))

    with monitored(monitor, "learning hadron momenta", options.momentum_steps, "steps"):
        network = _learn(
            network, loss, lambda average: _mean_loss(average, check), options.momentum_steps,
            options, monitor, deadline,
        )  # fmt: skip
    return network, edges


def _made(make: Callable[[], N], seed: int, start: HadronModel | None) -> N:
    """A new network, or that of the model to begin with; the caller's random numbers stay."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derived_seed(seed, "hadron weights"))
        network = make()
    if start is not None:
        names = network.state_dict()
        network.load_state_dict({n: torch.from_numpy(start.tensors[n]).float() for n in names})
    return network


def _mean_loss(network: MomentumNetworks, rows: MomentumRows) -> float:
    total = 0.0
    for first in range(0, len(rows), PART):
        index = torch.arange(first, min(first + PART, len(rows)))
        total += float(network.loss(rows.at(index))) * len(index)
    return total / len(rows)


def _learn(
    network: N, loss: Callable[[], Tensor], held: Callable[[N], float], steps: int,
    options: HadronOptions, monitor: Monitor, deadline: Deadline,
) -> N:  # fmt: skip
    """Follow the gradient; return the average of the weights that is best on held-out events."""
    highest, last = options.learning_rate, options.last_rate
    optimiser = torch.optim.AdamW(
        network.parameters(), lr=highest, weight_decay=options.weight_decay
    )
    average = copy.deepcopy(network)
    with torch.no_grad():
        best, best_loss = copy.deepcopy(network.state_dict()), held(network)
    for step in range(1, steps + 1):
        place = deadline.place(step, steps)
        cosine = 0.5 * (1.0 + np.cos(np.pi * place / steps))
        rate = (last + (highest - last) * cosine) * min(1.0, step / 100.0)
        for group in optimiser.param_groups:
            group["lr"] = rate
        value = loss()
        optimiser.zero_grad()
        value.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimiser.step()
        follow(average, network, options.ema_decay, step - 1)
        if step % max(1, steps // EVALUATIONS) == 0 or place >= steps:
            with torch.no_grad():
                found = held(average)
            if found < best_loss:
                best, best_loss = copy.deepcopy(average.state_dict()), found
            monitor.advanced(step)
        if place >= steps:
            deadline.record("hadrons", step, steps)
            break
    network.load_state_dict(best)
    return network
