"""Other ways to train the networks, each against the default: averages, batches, penalties, sizes.

    python benchmarks/training_ways.py numu_C12_train.root --steps 3000 --ways 0,4,5

The last 150,000 events measure, the others train.  A row for each way: minutes, what a refiner
still finds to correct (its gain of the log likelihood of unseen events, in nats: less is better)
and n_eq on the unseen events.  The refiner that every training ends with is left out.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

import nugen_gan
from nugen_gan.density_ratio.fit import RatioOptions, fit_ratio, likelihood_gain
from nugen_gan.density_ratio.network import RatioShape
from nugen_gan.events.table import EventTable
from nugen_gan.gan.definition import FeatureDefinition
from nugen_gan.gan.ema import follow
from nugen_gan.gan.features import FEATURES, Scaling
from nugen_gan.gan.heldout import HeldOutTest
from nugen_gan.gan.loop import Setting, fit
from nugen_gan.gan.networks import N_CONDITIONS, Architecture, Critic, Generator, ResidualMLP
from nugen_gan.gan.options import TrainingOptions
from nugen_gan.gan.sample import TrainingSample, split_events
from nugen_gan.gan.state import TrainState
from nugen_gan.model.model import Model
from nugen_gan.model.proposal import Proposal
from nugen_gan.model.steps import Step
from nugen_gan.training.refine import proposed, rows_of
from nugen_gan.validation.metrics.equivalent import equivalent_sample_size
from nugen_gan.validation.metrics.map3d import map3d

UNSEEN = 150_000
COPIES = 2
# Of the refiner that measures.
LEARNED_FROM, REFINER = 150_000, RatioOptions(RatioShape(1), 1200, batch_size=2048)
# Gamma is lowered in so many stages where it falls.
STAGES = 10
# Decays of the averages that are followed beside the default's.
# (Until step 9,000 that is 9 / step, whatever its decay.)
AVERAGES = {"average of 100 steps": 0.99, "no average": 0.0}


class ProjectionCritic(nn.Module):
    """A critic that sees the condition only in a product with what it sees in the event."""

    def __init__(self, architecture: Architecture, features: int, products: int = 64) -> None:
        super().__init__()
        sizes = architecture.critic_width, architecture.critic_blocks
        self.seen = ResidualMLP(features, products, *sizes)
        self.given = ResidualMLP(N_CONDITIONS, products, products, 1)

    def forward(self, features: Tensor, condition: Tensor | None = None) -> Tensor:
        """Return the score, (N,), as :class:`~nugen_gan.gan.networks.Critic` does."""
        x = features if condition is None else torch.cat([features, condition], dim=1)
        split = x.shape[1] - N_CONDITIONS
        score: Tensor = (self.seen(x[:, :split]) * self.given(x[:, split:])).mean(dim=1)
        return score


@dataclass(frozen=True)
class Way:
    """What differs from the default.

    Attributes
    ----------
    changes : of the options
    gamma_falls : from this to the default's
    critic : class of the critic
    averages : follow other averages, too
    """

    changes: dict[str, Any]
    gamma_falls: float | None = None
    critic: Callable[[Architecture, int], nn.Module] = Critic
    averages: bool = False


WIDE = {"width": 192, "critic_width": 192}
WAYS = {
    "default": Way({}, averages=True),
    "another seed": Way({"seed": 12}),
    "quarter of the steps, batch 8192, twice the rate": Way(
        {"batch_size": 8192, "learning_rate": 1e-3, "steps": 0.25}
    ),
    "half the learning rate": Way({"learning_rate": 2.5e-4}),
    "twice the learning rate": Way({"learning_rate": 1e-3}),
    "gamma 0.05": Way({"gamma": 0.05}),
    "gamma 1": Way({"gamma": 1.0}),
    "gamma falls from 2 to 0.2": Way({}, gamma_falls=2.0),
    "projection critic": Way({}, critic=ProjectionCritic),
    "critic 192 wide": Way({"architecture": Architecture(critic_width=192)}),
    "both networks 192 wide": Way({"architecture": Architecture(**WIDE)}),
    "generator of 4 blocks": Way({"architecture": Architecture(blocks=4)}),
}


def trained(
    way: Way, events: EventTable, steps: int, seed: int
) -> Iterator[tuple[str, Model, float]]:
    """Train; yields for each average: what it is, the model and the seconds."""
    fraction = way.changes.get("steps", 1.0)
    changes = {"seed": seed, **way.changes, "steps": round(steps * fraction)}
    training, held_out = split_events(events, 0.1, seed)
    options = replace(TrainingOptions(), **changes).resolved(len(training))
    span, known = events.energy_range(), FeatureDefinition()
    sample = TrainingSample.of(training, span, known)
    mass, scaling = events.process.lepton_mass, Scaling.fit(sample.features, known)
    torch.manual_seed(options.seed)
    generator = Generator(options.architecture)
    critic = way.critic(options.architecture, len(FEATURES))
    setting = Setting(options, sample, scaling, mass, span, HeldOutTest.of(held_out))
    state = TrainState.new(options, generator, critic)  # type: ignore[arg-type]
    others = {name: _zeros(generator) for name in AVERAGES} if way.averages else {}
    started = time.monotonic()
    for stage, last in _stages(setting, way):
        for status in fit(state, stage):
            for name, average in others.items():
                follow(average, state.generator, AVERAGES[name], status.step - 1)
            if status.step == last:
                break
    seconds = time.monotonic() - started
    yield "", _model(events, options, state.average, critic, scaling), seconds
    for name, average in others.items():
        yield f", {name}", _model(events, options, average, critic, scaling), seconds


def _stages(setting: Setting, way: Way) -> Iterator[tuple[Setting, int]]:
    """Settings, and the step at which each ends."""
    steps, gamma = setting.options.steps or 0, setting.options.gamma
    if way.gamma_falls is None:
        yield setting, steps + 1
        return
    for stage, value in enumerate(np.geomspace(way.gamma_falls, gamma, STAGES)):
        options = replace(setting.options, gamma=float(value))
        yield replace(setting, options=options), steps * (stage + 1) // STAGES


def _zeros(generator: Generator) -> Generator:
    other = Generator(Architecture(generator.inward.out_features, len(generator.blocks)))
    return other.requires_grad_(False)


def _model(
    events: EventTable, options: TrainingOptions, generator: Generator, critic: nn.Module,
    scaling: Scaling,
) -> Model:  # fmt: skip
    mass, energy_range = events.process.lepton_mass, events.energy_range()
    return nugen_gan.load_model("numu_cc_C12").with_(
        process=events.process,
        energy_range=energy_range,
        proposal=Proposal(
            options.architecture,
            generator.eval().requires_grad_(False),
            critic,  # type: ignore[arg-type]
            scaling,
            energy_range,
            mass,
        ),
        steps=(Step(mass),),
        replicas=(),
    )


def measured(
    model: Model, events: EventTable, unseen: EventTable, seed: int, steps: int
) -> tuple[Any, ...]:
    """Gain of a refiner and its error, n_eq on unseen events."""
    training, held_out = split_events(events[:LEARNED_FROM], 0.1, seed)
    parts = (training, held_out, unseen)
    drawn = [rows_of(model, proposed(model, some, seed + k, 2))[-1] for k, some in enumerate(parts)]
    rows = [rows_of(model, some)[-1] for some in parts]
    options = replace(REFINER, steps=steps)
    refiner = fit_ratio(rows[0], drawn[0], options, seed, held_out=(rows[1], drawn[1]))
    gain, error = likelihood_gain(refiner, rows[2], drawn[2])
    generated = model.sample(np.tile(unseen.enu, COPIES), seed=seed)
    return gain, error, equivalent_sample_size(map3d(unseen, generated, seed=seed))


def main() -> None:
    """Print a row for each way."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table", type=Path, help="a file of events")
    parser.add_argument("--steps", type=int, default=3000, help="of the networks")
    parser.add_argument("--refiner-steps", type=int, default=1200, help="of what measures them")
    parser.add_argument("--validation", type=int, help="events that measure; a fifth if absent")
    parser.add_argument("--ways", help="numbers of the ways, from 0, as 0,3,5; all if absent")
    parser.add_argument("--seed", type=int, default=1, help="of everything random")
    given = parser.parse_args()
    events = nugen_gan.read(given.table)
    unseen_size = given.validation or min(UNSEEN, len(events) // 5)
    unseen, rest = events[-unseen_size:], events[:-unseen_size]
    names = list(WAYS)
    chosen = [names[int(k)] for k in given.ways.split(",")] if given.ways else names
    print("| way | minutes | left to correct [nats] | n_eq |\n|---|---|---|---|", flush=True)
    for name in chosen:
        for what, model, seconds in trained(WAYS[name], rest, given.steps, given.seed):
            gain, error, size = measured(model, rest, unseen, given.seed, given.refiner_steps)
            print(
                f"| {name}{what} | {seconds / 60:.1f} | {gain:.5f} +- {error:.5f} "
                f"| {size.value:,.0f} ({size.low:,.0f} - {size.high:,.0f}) |",
                flush=True,
            )


if __name__ == "__main__":
    main()
