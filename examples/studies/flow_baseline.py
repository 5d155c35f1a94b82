"""A conditional normalising flow on the same two numbers as the GAN, for comparison.

The density of the standardised proxies at a neutrino energy, as a neural spline flow (Durkan et
al., arXiv:1906.04032) trained by maximum likelihood.  Needs `pip install zuko`.
"""

import copy
import json
import math
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
import zuko
from numpy.typing import ArrayLike
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

from nugen_gan.events.table import EventTable
from nugen_gan.gan.ema import follow
from nugen_gan.gan.features import condition
from nugen_gan.gan.sample import split_events
from nugen_gan.physics.kinematics import decode
from nugen_gan.physics.process import Channel, Process
from nugen_gan.storage.atomic import atomic_path

# Rows per pass when sampling: bounds the memory.
BLOCK = 32_768
# The splines act within +-5 standard deviations; the few proxies beyond (leptons at an edge of
# phase space, to the precision of the file) would rule the gradients.
WIDEST = 5.0


@dataclass(frozen=True)
class FlowOptions:
    """How to train a flow.

    Attributes
    ----------
    steps : of Adam; by the number of events if absent, with the same law as the GAN's
    batch_size : events in a step
    learning_rate : at its highest; it falls as a cosine
    ema_decay : of the moving average of the weights, which is what is kept
    patience : fraction of the steps without a better held-out likelihood that ends training
    time_limit : seconds after which training must have annealed and ended
    seed : of everything random
    """

    steps: int | None = None
    batch_size: int = 512
    learning_rate: float = 1e-3
    ema_decay: float = 0.99
    patience: float = 0.3
    time_limit: float = 120.0
    seed: int = 0


@dataclass(frozen=True)
class FlowModel:
    """A trained flow, with the methods that the metrics ask of a model.

    Attributes
    ----------
    process, energy_range : as of a :class:`nugen_gan.Model`
    mean, scale : of the proxies, shape (2,)
    flow : density of standardised proxies, given the condition
    """

    process: Process
    energy_range: tuple[float, float]
    mean: Tensor
    scale: Tensor
    flow: torch.nn.Module

    @torch.no_grad()
    def sample(
        self, enu: ArrayLike, *, seed: int | None = None, allow_extrapolation: bool = False
    ) -> EventTable:
        """One event at each neutrino energy [GeV]; the channel is not modelled."""
        energies = np.asarray(enu, dtype=np.float64)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0 if seed is None else seed)
            parts = [
                self.flow(self._condition(energies[i : i + BLOCK])).sample()
                for i in range(0, len(energies), BLOCK)
            ]
        wide = (torch.cat(parts).double() * self.scale + self.mean).numpy()
        elep, costheta = decode(energies, wide[:, 0], wide[:, 1], self.process.lepton_mass)
        channel = np.full(len(energies), Channel.OTHER)
        return EventTable(self.process, energies, elep, costheta, channel, np.ones(len(energies)))

    def inputs(self, events: EventTable) -> tuple[Tensor, Tensor]:
        """Standardised proxies (N, 2) and condition (N, 3) of events, float32."""
        scaled = (torch.from_numpy(events.proxies()) - self.mean) / self.scale
        return scaled.clamp(-WIDEST, WIDEST).float(), self._condition(events.enu)

    def _condition(self, enu: np.ndarray) -> Tensor:
        return condition(torch.from_numpy(enu), self.energy_range).float()

    def save(self, path: Path) -> None:
        """Write weights and description to a safetensors file."""
        tensors = {f"flow.{k}": v.contiguous() for k, v in self.flow.state_dict().items()}
        tensors |= {"mean": self.mean, "scale": self.scale}
        what = {"process": asdict(self.process), "energy_range": self.energy_range}
        with atomic_path(path) as temporary:
            save_file(tensors, temporary, {"model": json.dumps(what)})

    @classmethod
    def load(cls, path: Path) -> "FlowModel":
        """Inverse of :meth:`save`."""
        with safe_open(path, "pt") as stream:
            tensors = {name: stream.get_tensor(name) for name in stream.keys()}  # noqa: SIM118
            what = json.loads(stream.metadata()["model"])
        flow = new_flow()
        weights = {k.removeprefix("flow."): v for k, v in tensors.items() if k.startswith("flow.")}
        flow.load_state_dict(weights)
        low, high = what["energy_range"]
        process = Process(what["process"]["probe"], what["process"]["target"])
        return cls(process, (low, high), tensors["mean"], tensors["scale"], flow)


def new_flow() -> torch.nn.Module:
    """Untrained flow: about as many weights as the GAN's generator."""
    sizes = {"transforms": 4, "hidden_features": (64, 64), "bins": 10}
    flow: torch.nn.Module = zuko.flows.NSF(features=2, context=3, **sizes)
    return flow


def train_flow(
    events: EventTable, energy_range: tuple[float, float], options: FlowOptions
) -> tuple[FlowModel, list[list[float]]]:
    """Train from scratch; returns the model and [elapsed, epochs, held-out -log L] as it went."""
    proxies = torch.from_numpy(events.proxies())
    mean, scale = proxies.mean(dim=0), proxies.std(dim=0)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(options.seed)
        flow = new_flow()
    return _fit(FlowModel(events.process, energy_range, mean, scale, flow), events, options)


def finetune_flow(
    base: FlowModel, events: EventTable, options: FlowOptions
) -> tuple[FlowModel, list[list[float]]]:
    """Train all weights of a trained flow on: its scaling and energy condition stay."""
    start = replace(
        base, process=events.process, flow=copy.deepcopy(base.flow).requires_grad_(True)
    )
    return _fit(start, events, options)


def _fit(
    model: FlowModel, events: EventTable, options: FlowOptions
) -> tuple[FlowModel, list[list[float]]]:
    """Maximise the likelihood; keep the average of weights that is best on held-out events."""
    training, held_out = split_events(events, 0.1, options.seed)
    proxies, given = model.inputs(training)
    check = model.inputs(held_out)
    steps = options.steps or int(round(2000 * (len(training) / 10_000) ** (1 / 3), -2)) or 100
    every, size = max(1, steps // 50), min(options.batch_size, len(training))
    random = torch.Generator().manual_seed(options.seed)
    flow, average = model.flow, copy.deepcopy(model.flow)
    adam = torch.optim.Adam(flow.parameters(), lr=options.learning_rate)
    best, best_step = copy.deepcopy(average), 0
    smallest, history = _loss(average, *check), []
    started, step, done = time.monotonic(), 0, 0.0
    while done < 1.0 and step - best_step <= options.patience * steps + every:
        rate = options.learning_rate * min(1.0, (step + 1) / 50)
        for group in adam.param_groups:
            group["lr"] = rate * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * done)))
        rows = torch.randint(len(proxies), (size,), generator=random)
        _step(flow, adam, proxies[rows], given[rows])
        follow(average, flow, options.ema_decay, step)
        step += 1
        elapsed = time.monotonic() - started
        done = max(step / steps, elapsed / options.time_limit)
        if step % every == 0 or done >= 1.0:
            loss = _loss(average, *check)
            history.append([elapsed, step * size / len(proxies), loss])
            if loss < smallest:
                smallest, best_step, best = loss, step, copy.deepcopy(average)
    return replace(model, flow=best.requires_grad_(False)), history


def _step(flow: torch.nn.Module, adam: torch.optim.Adam, proxies: Tensor, given: Tensor) -> None:
    adam.zero_grad(set_to_none=True)
    (-flow(given).log_prob(proxies).mean()).backward()
    torch.nn.utils.clip_grad_norm_(flow.parameters(), 5.0)
    adam.step()


@torch.no_grad()
def _loss(flow: torch.nn.Module, proxies: Tensor, given: Tensor) -> float:
    """Mean of -log L over at most 20,000 events."""
    return float(-flow(given[:20_000]).log_prob(proxies[:20_000]).mean())
