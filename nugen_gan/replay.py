"""Base events replayed as events of a new law: how a transfer gets by with few events.

A new sample is too small to train a GAN on without learning it by heart.  But the ratio of its
law to the base's is smooth and has a known form (:mod:`nugen_gan.gan.ratio`): a thousand events
measure it.  Base events accepted by this ratio are events of the new law, as many as one likes,
and on these the networks are trained.

The base makes no events where its law vanishes, below the removal energy of its nucleus for one,
and no ratio can put them there.  So a few of the base's events are moved at random before they
are weighed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nugen_gan.events import EventTable
from nugen_gan.gan.ratio import RatioShape, Refiner
from nugen_gan.gan.ratio_training import RatioOptions, fit_ratio
from nugen_gan.kinematics import decode, encode
from nugen_gan.model import Model
from nugen_gan.refinement import copies_for, network_inputs

__all__ = ["Replay", "adopted", "learn_replay", "similar_energies"]

Floats = NDArray[np.float64]

# This share of the proposals is moved: in omega by up to so much [GeV], down or up, and in the
# second proxy by a Gaussian of this width.
MOVED, DOWN, UP, SPREAD = 0.12, 0.05, 0.02, 0.3
# From so many events on, the ratio may leave the form that physics suggests.
ENOUGH_TO_BE_FREE = 30_000
# Proposals for each event drawn, and events of neighbouring energies drawn together.
CHOICE, PART = 8, 2000


def adopted(base: Model, process_of: EventTable) -> Model:
    """Return the base as a model of another process, over the energies of these events."""
    return base.with_(
        process=process_of.process,
        energy_range=process_of.energy_range(),
        condition_range=base.known_range,
        cross_section=process_of.cross_section,
        replicas=(),
    )


@dataclass(frozen=True)
class Replay:
    """Events of the new law, made of the base's.

    Attributes
    ----------
    base : the base without its refiner, as a model of the new process
    known : the base's refiner, where it has one
    ratio : the rest of the ratio of the new law to that of the proposals
    """

    base: Model
    known: Refiner | None
    ratio: Refiner

    @torch.no_grad()
    def log_ratio(self, inputs: Tensor) -> Tensor:
        """Log ratio of the new law to that of the proposals, (N,), at inputs (N, F + 3)."""
        rest: Tensor = self.ratio(inputs)
        return rest if self.known is None else rest + self.known.log_acceptance(inputs)

    def draw(self, enu: Floats, seed: int) -> EventTable:
        """Return as many events of the new law as there are energies [GeV], at such energies.

        Proposals are resampled by their weights, many to one, so that hardly any comes twice; in
        narrow parts of the energies the number of events is kept.
        """
        parts = []
        for number, some in enumerate(np.array_split(np.sort(enu), max(1, len(enu) // PART))):
            proposed = propose(self.base, np.repeat(some, CHOICE), seed + 7919 * number)
            weight = torch.exp(self.log_ratio(network_inputs(self.base, proposed))).numpy()
            parts.append(proposed[_resampled(weight, len(some), seed + number)])
        drawn = EventTable.concatenate(parts)
        return drawn[np.random.default_rng([seed, 6]).permutation(len(drawn))]


def _resampled(weight: NDArray[np.float32], n: int, seed: int) -> NDArray[np.int64]:
    """Choose ``n`` rows in proportion to their weights, each as evenly as can be."""
    total = np.cumsum(weight.astype(np.float64))
    comb = (np.arange(n) + np.random.default_rng([seed, 10]).random()) / n
    rows = np.searchsorted(total, comb * total[-1])
    return np.asarray(np.minimum(rows, len(weight) - 1))


def propose(base: Model, enu: Floats, seed: int) -> EventTable:
    """Return base events at these energies [GeV], a few of them moved."""
    events = base.sample(enu, seed=seed, allow_extrapolation=True)
    random, mass = np.random.default_rng([seed, 7]), base.process.lepton_mass
    omega = enu - events.elep
    moved_omega = omega + random.uniform(-DOWN, UP, len(enu))
    picked = random.random(len(enu)) < MOVED
    picked &= (moved_omega > 0.0) & (moved_omega < enu - mass)
    elep, costheta = events.elep.copy(), events.costheta.copy()
    elep[picked] = (enu - moved_omega)[picked]
    first, second = encode(enu[picked], elep[picked], costheta[picked], mass)
    second = second + SPREAD * random.standard_normal(len(second))
    elep[picked], costheta[picked] = decode(enu[picked], first, second, mass)
    return events.with_(elep=elep, costheta=costheta)


def replay_options(events: int) -> RatioOptions:
    """Defaults by the number of events."""
    free = events >= ENOUGH_TO_BE_FREE
    steps = int(np.clip(1500 * (events / 10_000) ** 0.15, 1000, 2500))
    return RatioOptions(
        RatioShape(3, free=free), steps, batch_size=2048 if free else 1024, learning_rate=3e-3
    )


def learn_replay(
    base: Model,
    events: EventTable,
    seed: int,
    groups: NDArray[np.int64] | None = None,
    progress: Callable[[float], None] | None = None,
) -> Replay:
    """Learn to replay an adopted base as events of the law of these.

    Parameters
    ----------
    base : the base, as a model of the process of the events; see :func:`adopted`
    events : of the new law
    seed : of everything random
    groups : see :func:`~nugen_gan.gan.ratio_training.fit_ratio`
    progress : called with the fraction done
    """
    copies, plain = copies_for(len(events)), base.with_(refiner=None)
    proposals = network_inputs(base, propose(plain, np.repeat(events.enu, copies), seed + 3))
    given = network_inputs(base, events)
    options = replay_options(len(events))
    ratio = fit_ratio(
        given, proposals, options, seed, groups=groups, known=base.refiner, progress=progress
    )
    return Replay(plain, base.refiner, ratio)


def similar_energies(enu: Floats, n: int, seed: int) -> Floats:
    """Draw ``n`` energies from the spectrum of these, interpolated between neighbours."""
    return np.asarray(np.quantile(enu, np.random.default_rng([seed, 8]).random(n)))
