"""What the networks of the hadrons see of events, and what they should say."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import torch
from torch import Tensor

from nugen_gan.hadrons import chain
from nugen_gan.hadrons.bins import edges_of, index_of
from nugen_gan.hadrons.content import Catalogue
from nugen_gan.hadrons.momenta import AZIMUTHS, Edges
from nugen_gan.hadrons.multiplicities import inputs_of, targets_of
from nugen_gan.hadrons.samples import Known, Steps, event_inputs
from nugen_gan.hadrons.shape import HadronShape
from nugen_gan.physics.process import Channel

__all__ = ["MomentumRows", "edges_for", "momentum_rows", "multiplicity_rows"]


@dataclass(frozen=True)
class MomentumRows:
    """Particles, M of them, as the conditionals of the chain see them.

    Attributes
    ----------
    inputs : of the first network, (M, inputs)
    second, third : what the second and third see beside, (M, SECOND) and (M, THIRD)
    last, coherent : the last particle of its event, or one of a coherent event, (M,)
    energy, polar, azimuth : what the three should say, (M,)
    """

    inputs: Tensor
    second: Tensor
    third: Tensor
    last: Tensor
    coherent: Tensor
    energy: Tensor
    polar: Tensor
    azimuth: Tensor

    def at(self, index: Tensor) -> MomentumRows:
        """Some of the particles."""
        return MomentumRows(*(getattr(self, field.name)[index] for field in fields(self)))

    def __len__(self) -> int:
        return len(self.polar)


def edges_for(steps: Steps, shape: HadronShape) -> Edges:
    """Edges of the bins of the chain's variables, by the particles to learn from."""
    u = chain.energy_variable(np.minimum(steps.taken, steps.energy), steps.energy, steps.last)
    size, left = (np.sqrt((p**2).sum(axis=1)) for p in (steps.momentum, steps.left))
    cosine, _ = chain.Angles.about(steps.left).of(steps.momentum)
    more, last = ~steps.last & ~steps.coherent, steps.last & ~steps.coherent
    return Edges(
        edges_of(u[more], shape.more), edges_of(u[last], shape.last),
        edges_of(chain.polar_variable(size, left, cosine), shape.polar),
    )  # fmt: skip


def momentum_rows(
    known: Known, steps: Steps, catalogue: Catalogue, edges: Edges, *, mirrored: bool = False
) -> MomentumRows:
    """The particles of some events; mirrored in the lepton's plane, which physics does not see."""
    mirror = np.array([1.0, -1.0 if mirrored else 1.0, 1.0])
    left, before, momentum = (mirror * x for x in (steps.left, steps.before, steps.momentum))
    events = event_inputs(known.conditions, known.counts, catalogue)
    state = chain.state_inputs(steps.kind, steps.to_come, steps.energy, left, before, catalogue)
    size, size_left = (np.sqrt((p**2).sum(axis=1)) for p in (momentum, left))
    taken = np.minimum(steps.taken, steps.energy)
    u = chain.energy_variable(taken, steps.energy, steps.last)
    cosine, azimuth = chain.Angles.about(left).of(momentum)
    v = chain.polar_variable(size, size_left, cosine)
    arrays = (
        np.concatenate([events[steps.event], state], axis=1),
        chain.second_features(taken, size, steps.energy, size_left),
        chain.third_features(v, cosine, size),
        steps.last,
        steps.coherent,
        np.where(steps.last, index_of(u, edges.last), index_of(u, edges.more)),
        index_of(v, edges.polar),
        np.floor((azimuth / (2.0 * np.pi) + 0.5) * AZIMUTHS).astype(np.int64) % AZIMUTHS,
    )
    return MomentumRows(*map(torch.from_numpy, arrays))


def multiplicity_rows(
    known: Known, catalogue: Catalogue, shape: HadronShape
) -> tuple[list[Tensor], list[Tensor]]:
    """Inputs of each classifier of the multiplicities, and what it should say.

    Coherent events are left out: they need no classifier.
    """
    free = np.asarray(known.table.channel != Channel.COH)
    counts, given = known.counts[free], known.conditions[free]
    targets = targets_of(counts, catalogue)
    rare = counts[:, catalogue.rare].astype(np.float32)
    inputs = [given, *(inputs_of(given, rare, targets[1:k]) for k in range(1, len(targets)))]
    largest = (len(catalogue.entries) - 1, *shape.most)
    targets = [np.minimum(target, top) for target, top in zip(targets, largest, strict=True)]
    return list(map(torch.from_numpy, inputs)), list(map(torch.from_numpy, targets))
