"""Bootstrap replicas: what the model would have become with another sample of the same size.

Each replica repeats what depends on the events, learning how the base differs from them, on a
bootstrap of the sample.  The networks are shared: they only make proposals.  Where they are the
base's own, what was learned is the replica's refiner.  Where they were fine-tuned, its refiner is
fitted to the model's times the ratio of the two replays.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from nugen_gan.density_ratio.distillation import learn
from nugen_gan.density_ratio.fit import Progress
from nugen_gan.density_ratio.network import RatioShape, Refiner, rounded
from nugen_gan.events.table import EventTable
from nugen_gan.gan.deadline import NONE, Deadline
from nugen_gan.model.model import Model
from nugen_gan.streams import derived_seed, numpy_stream
from nugen_gan.training.recipe import with_recipe
from nugen_gan.training.refine import LEAST_TIME, network_inputs
from nugen_gan.transfer.reweighting import Replay, learn_replay, similar_energies

__all__ = ["bootstrap_replicas"]

PROPOSALS, STEPS, BATCH = 200_000, 1500, 2048
# Of each replica: their scatter is what counts, not that each is as good as can be.
MEMBERS = 3


def bootstrap_replicas(
    model: Model,
    base: Model,
    replay: Replay | None,
    training: EventTable,
    replicas: int,
    seed: int,
    say: Callable[[str], None],
    progress: Progress | None = None,
    steps: int | None = None,
    deadline: Deadline = NONE,
) -> Model:
    """Return the model with bootstrap replicas.

    Parameters
    ----------
    model : fine-tuned
    base : what it was fine-tuned from
    replay : with which the model was made; learned here if it was made without
    training : the events it was made of
    replicas : how many
    seed : of everything random
    say : called with a text as each replica begins
    progress : called with the fraction done of each
    steps : of each ratio; by the number of events if absent
    deadline : of all of them; there are fewer if it comes too soon
    """
    replay = replay or learn_replay(base, training, seed, steps=steps)
    as_it_is = model.refiner is replay.refiner
    shared = None if as_it_is else _shared(model, replay, training, seed)
    made = []
    for k in range(1, replicas + 1):
        if deadline.left() < LEAST_TIME:
            deadline.cut["replicas"] = f"{k - 1} of {replicas}"
            break
        say(f"replica {k} of {replicas}")
        own = derived_seed(seed, "replica", k)
        rows = numpy_stream(own, "bootstrap").integers(len(training), size=len(training))
        other = learn_replay(
            base, training[rows], own, rows, steps=steps, members=MEMBERS,
            shift=replay.base.shifts[-1].by, progress=progress,
            deadline=deadline.part(1.0 / (replicas + 1 - k)),
        ).refiner  # fmt: skip
        if shared is not None:
            other = _fitted(shared, other, own)
        made.append(other)
    recipe = {"replicas": len(made), "members": MEMBERS}
    return with_recipe(model, "replicas", recipe).with_(replicas=tuple(made))


@dataclass(frozen=True)
class _Shared:
    """Proposals of trained networks, (N, ...), and what all replicas have in common.

    Attributes
    ----------
    inputs, base_inputs : rows as the model sees them, and as the base's replay does
    known : the model's log ratio over that of its replay, (N,)
    """

    inputs: Tensor
    base_inputs: Tensor
    known: Tensor


@torch.no_grad()
def _shared(model: Model, replay: Replay, training: EventTable, seed: int) -> _Shared:
    enu = similar_energies(training.enu, PROPOSALS, seed)
    plain = model.with_(refiner=None)
    own = derived_seed(seed, "replica proposals")
    drawn = plain.sampler.sample(enu, seed=own, allow_extrapolation=True)
    inputs, base_inputs = network_inputs(model, drawn), network_inputs(replay.base, drawn)
    known = -replay.refiner(base_inputs)
    if model.refiner is not None:
        known = known + model.refiner(inputs)
    return _Shared(inputs, base_inputs, known)


def _fitted(shared: _Shared, replay: Refiner, seed: int) -> Refiner:
    """Fit one network to the model's log ratio times that of two replays, by least squares."""
    inputs = shared.inputs
    with torch.no_grad():
        wanted = shared.known + replay(shared.base_inputs)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derived_seed(seed, "replica weights"))
        refiner = Refiner(RatioShape(1, hyperons=replay.shape.hyperons))
    # What is refused anyway need not be known well.
    bounded = wanted.clamp(min=-6.0)

    def loss(random: torch.Generator) -> Tensor:
        rows = torch.randint(len(inputs), (BATCH,), generator=random)
        wrong: Tensor = refiner(inputs[rows]) - bounded[rows]
        return wrong.square().mean()

    learn(refiner, loss, STEPS, seed)
    refiner.set_ceiling(inputs)
    return rounded(refiner).eval().requires_grad_(False)
