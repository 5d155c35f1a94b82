"""Learning the fast sampler from weighted events, by likelihood."""

from __future__ import annotations

import copy
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from nugen_gan.gan.deadline import NONE, Deadline
from nugen_gan.gan.ema import follow
from nugen_gan.lepton.inputs import channel_inputs, energy_place, omega_inputs
from nugen_gan.lepton.model import FRACTIONS, LeptonModel
from nugen_gan.lepton.networks import LeptonNetworks
from nugen_gan.lepton.shape import LeptonShape
from nugen_gan.monitor import SILENT, Monitor, monitored
from nugen_gan.streams import derived_seed, numpy_stream

__all__ = ["DistilOptions", "WeightedEvents", "fit_lepton"]

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
# Bins in the logarithm of the energy in each of which the weights are made to be one on average.
ENERGY_BINS = 480
# How smooth the fractions of the channels are: weight of their second differences.
SMOOTHNESS = 0.02
# Rows whose inputs are computed at a time.
PART = 65_536
REPORTS = 200


@dataclass(frozen=True, slots=True)
class DistilOptions:
    """How the fast sampler is learned.

    Attributes
    ----------
    events : weighted events of the model that it learns from
    steps : of the optimiser
    batch_size : events in a step
    learning_rate, last_rate : where a cosine begins and ends
    ema_decay : of the average of the weights, which is what is kept
    shape : sizes of the networks

    Examples
    --------
    >>> import nugen_gan
    >>> nugen_gan.DistilOptions(steps=5000).batch_size
    2048
    """

    events: int = 20_000_000
    steps: int = 25_000
    batch_size: int = 2048
    learning_rate: float = 4e-3
    last_rate: float = 2e-6
    ema_decay: float = 0.999
    shape: LeptonShape = field(default_factory=LeptonShape)

    @classmethod
    def usual(cls, *, transfer: bool) -> DistilOptions:
        """Defaults, to learn from nothing or beginning with the fast sampler of another model."""
        return cls(15_000_000, 12_000, learning_rate=2e-3) if transfer else cls()

    def as_dict(self) -> dict[str, Any]:
        """Plain values for the record of a training."""
        return asdict(self)


@dataclass(frozen=True)
class WeightedEvents:
    """Events of a model before it rejects any: each counts as much as it is likely to be kept.

    Attributes
    ----------
    enu : neutrino energies [GeV], (N,)
    proxies : (N, 2)
    weight : probability to be kept, (N,)
    channels : probabilities of the channels, (N, C)
    """

    enu: Singles
    proxies: Singles
    weight: Singles
    channels: Singles

    def __len__(self) -> int:
        return len(self.enu)

    @classmethod
    def joined(cls, parts: list[WeightedEvents]) -> WeightedEvents:
        """All of some parts."""
        names = ("enu", "proxies", "weight", "channels")
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))

    def balanced(self, energy_range: tuple[float, float]) -> WeightedEvents:
        """The same with weights that are one on average at every energy."""
        place = energy_place(self.enu.astype(np.float64), energy_range)
        at = np.minimum((place * ENERGY_BINS).astype(np.int64), ENERGY_BINS - 1)
        total = np.bincount(at, self.weight, ENERGY_BINS)
        number = np.bincount(at, minlength=ENERGY_BINS)
        mean = np.where(total > 0.0, total, 1.0) / np.maximum(number, 1)
        weight = (self.weight / mean[at]).astype(np.float32)
        return WeightedEvents(self.enu, self.proxies, weight, self.channels)


def fit_lepton(
    events: WeightedEvents,
    *,
    mass: float,
    energy_range: tuple[float, float],
    channels: tuple[int, ...],
    options: DistilOptions,
    seed: int,
    start: LeptonModel | None = None,
    monitor: Monitor = SILENT,
    deadline: Deadline = NONE,
) -> LeptonModel:
    """Learn the leptons and channels of weighted events.

    Parameters
    ----------
    events : at energies all over the range
    mass : of the lepton [GeV]
    energy_range : of the sampler [GeV]
    channels : values of Channel, in the order of the events' probabilities
    options : how
    seed : of everything random
    start : another fast sampler to begin with, where its channels are the same
    monitor : is told how far the training is
    deadline : of it
    """
    events = events.balanced(energy_range)
    known = start if start is not None and start.channels == channels else None
    shape = known.shape if known else options.shape
    network = _network(len(channels), shape, seed, known)
    batches = _Batches(events, mass, energy_range, options.batch_size, seed)
    average = _learn(network, batches, options, monitor, deadline)
    tensors: dict[str, NDArray[Any]] = {
        name: value.half().numpy() for name, value in average.state_dict().items()
    }
    tensors[FRACTIONS] = fractions(events, energy_range, shape.fractions)
    return LeptonModel(mass, energy_range, channels, shape, tensors)


def fractions(events: WeightedEvents, energy_range: tuple[float, float], knots: int) -> Singles:
    """Fit the fractions of the channels by straight lines between knots, (knots, C).

    Least squares in the logarithm of the energy, with a little smoothing.
    """
    place = energy_place(events.enu.astype(np.float64), energy_range) * (knots - 1)
    low = np.clip(place.astype(np.int64), 0, knots - 2)
    hats = ((low, 1.0 - (place - low)), (low + 1, place - low))
    matrix, right = np.zeros((knots, knots)), np.zeros((knots, events.channels.shape[1]))
    for row, part in hats:
        for column, other in hats:
            matrix += np.bincount(
                row * knots + column, events.weight * part * other, knots * knots
            ).reshape(knots, knots)
        for c in range(right.shape[1]):
            right[:, c] += np.bincount(row, events.weight * part * events.channels[:, c], knots)
    bend = np.diff(np.eye(knots), 2, axis=0)
    matrix += (SMOOTHNESS * np.trace(matrix) / knots) * bend.T @ bend + 1e-9 * np.eye(knots)
    found = np.clip(np.linalg.solve(matrix, right), 0.0, None)
    return np.asarray(found / found.sum(axis=1, keepdims=True), np.float32)


class _Batches:
    """Inputs of the networks for random batches of the events."""

    def __init__(
        self, events: WeightedEvents, mass: float, energy_range: tuple[float, float], size: int,
        seed: int,
    ) -> None:  # fmt: skip
        self.events, self.size = events, min(size, len(events))
        self.place = energy_place(events.enu.astype(np.float64), energy_range).astype(np.float32)
        self.omega = np.concatenate([
            omega_inputs(
                events.enu[first : first + PART].astype(np.float64),
                events.proxies[first : first + PART, 0].astype(np.float64), mass,
            )
            for first in range(0, len(events), PART)
        ])  # fmt: skip
        self.below = np.cumsum(events.channels, axis=1)[:, :-1]
        self.random = numpy_stream(seed, "distillation")

    def draw(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Rows of channels and of omega, proxies and weights of as many events.

        Each event is in one of its channels, another one perhaps the next time.
        """
        at = np.sort(self.random.integers(len(self.events), size=self.size))
        uniform = self.random.random((self.size, 1))
        channel = (uniform >= self.below[at]).sum(axis=1)
        rows = channel_inputs(
            self.place[at].astype(np.float64), channel, self.events.channels.shape[1]
        )
        arrays = (rows, self.omega[at], self.events.proxies[at], self.events.weight[at])
        return tuple(map(torch.from_numpy, arrays))  # type: ignore[return-value]


def _network(
    channels: int, shape: LeptonShape, seed: int, start: LeptonModel | None
) -> LeptonNetworks:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derived_seed(seed, "lepton weights"))
        network = LeptonNetworks(channels, shape)
    if start is not None:
        names = network.state_dict()
        network.load_state_dict({n: torch.from_numpy(start.tensors[n]).float() for n in names})
    return network


def _learn(
    network: LeptonNetworks, batches: _Batches, options: DistilOptions, monitor: Monitor,
    deadline: Deadline,
) -> LeptonNetworks:  # fmt: skip
    steps, highest, last = options.steps, options.learning_rate, options.last_rate
    optimiser = torch.optim.Adam(network.parameters(), lr=highest)
    average = copy.deepcopy(network)
    with monitored(monitor, "distilling the fast sampler", steps, "steps"):
        for step in range(1, steps + 1):
            place = deadline.place(step, steps)
            cosine = 0.5 * (1.0 + np.cos(np.pi * place / steps))
            for group in optimiser.param_groups:
                group["lr"] = (last + (highest - last) * cosine) * min(1.0, step / 200.0)
            channel, omega, proxies, weight = batches.draw()
            loss = -(weight * network(channel, omega, proxies)).mean()
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 5.0)
            optimiser.step()
            follow(average, network, options.ema_decay, step - 1)
            if step % max(1, steps // REPORTS) == 0 or place >= steps:
                monitor.advanced(step, loss=float(loss.detach()))
            if place >= steps:
                deadline.record("fast sampler", step, steps)
                break
    return average
