"""Base events reweighted as events of a new process: how a transfer gets by with few events.

A new sample is too small to train a GAN on without overfitting.  But the ratio of its distribution
to the base's is smooth and has a known form (:mod:`nugen_gan.density_ratio.network`): a thousand
events measure it.  Base events accepted by this ratio are events of the new distribution, as many
as one likes (as in DCTR, Andreassen and Nachman, arXiv:1907.08209, and discriminator rejection
sampling, Azadi et al., arXiv:1810.06758).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from nugen_gan.density_ratio.fit import Progress, RatioOptions, fit_ratio, thinned
from nugen_gan.density_ratio.network import RatioShape, Refiner, one_stage_later, rounded
from nugen_gan.density_ratio.smearing import SHARE
from nugen_gan.density_ratio.threshold_shift import Shift, best_shift
from nugen_gan.events.table import EventTable
from nugen_gan.gan.deadline import NONE, Deadline
from nugen_gan.model.model import Model
from nugen_gan.streams import derived_seed
from nugen_gan.training.recipe import ratio_recipe, with_recipe
from nugen_gan.training.refine import (
    FITTING_SHARE,
    MOST_COPIES,
    affordable_copies,
    copies_for,
    network_inputs,
    proposals,
)

__all__ = ["Reweighting", "adopted", "learn_reweighting", "reweighting_options"]

Floats = NDArray[np.float64]

# From so many events on, the ratio may leave the form that physics suggests.
ENOUGH_TO_BE_FREE = 30_000
# With fewer than this, more members average out what each says too boldly.
FEW = 3_000
# Base events, about, that tell how to shift them.
SHIFT_EVENTS = 60_000
# Proposals, about, by which the share of accepted ones is counted.
COUNTED = 30_000
# Proposals for each event that a ratio is learned from, if they are not more than these: with
# three for each, their statistical fluctuation adds a half to that of the events.
PROPOSED_EACH, MOST_PROPOSED = 12, 1_200_000


def adopted(base: Model, process_of: EventTable) -> Model:
    """Return the base as a model of another process, over the energies of these events.

    For a lepton of another mass its events keep omega and Q2.
    """
    own, new = base.process.lepton_mass, process_of.process.lepton_mass
    same = base if own == new else base.with_(
        shifts=(*base.shifts, Shift(0.0, own)),
        refiner=None if base.refiner is None else one_stage_later(base.refiner),
    )  # fmt: skip
    return same.with_(
        process=process_of.process,
        energy_range=process_of.energy_range(),
        condition_range=base.known_range,
        cross_section=process_of.cross_section,
        replicas=(),
        training={},
        metrics={},
    )


@dataclass(frozen=True)
class Reweighting:
    """A base whose events become those of another process by a learned density ratio.

    Attributes
    ----------
    base : the base without its refiner, as a model of the new process, its events shifted
    refiner : which of its events are events of the new distribution; continues the base's refiner
    acceptance : share of the base's events that are accepted
    recipe : how the refiner was learned
    """

    base: Model
    refiner: Refiner
    acceptance: float
    recipe: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def model(self) -> Model:
        """Return the base with the new refiner: already a model of the new distribution."""
        record = {
            "acceptance": round(self.acceptance, 4),
            "shrinkage": round(float(self.refiner.shrinkage), 4),
        }
        made = self.base.with_(refiner=self.refiner, metrics={"refiner": record})
        return with_recipe(made, "ratio", self.recipe)


def reweighting_options(events: int, steps: int | None = None) -> RatioOptions:
    """Defaults by the number of events; measured: docs/transfer.md."""
    free, few = events >= ENOUGH_TO_BE_FREE, events < FEW
    steps = steps or int(np.clip(1500 * (events / 10_000) ** 0.4, 600, 2000))
    return RatioOptions(
        RatioShape(8 if few else 5, free=free),
        steps,
        batch_size=2048 if free else 1024,
        learning_rate=3e-3,
        weight_decay=0.1 if few else 0.01,
        distilled=steps if free else 0,
        together=free,
    )


def proposed_each(events: int) -> int:
    """How many of the base's events to draw at the energy of each of so many events."""
    return max(copies_for(events), min(PROPOSED_EACH, MOST_PROPOSED // max(events, 1)))


def learn_reweighting(
    base: Model,
    events: EventTable,
    seed: int,
    groups: NDArray[np.int64] | None = None,
    steps: int | None = None,
    members: int | None = None,
    shift: float | None = None,
    progress: Progress | None = None,
    deadline: Deadline = NONE,
) -> Reweighting:
    """Learn to reweight a base to the distribution of these events.

    Parameters
    ----------
    base : a model of its own process
    events : of the new process
    seed : of everything random
    groups : see :func:`~nugen_gan.density_ratio.fit.fit_ratio`
    steps, members : how many of each; by the number of events if absent
    shift : of omega [GeV] of the base's events; found here if absent
    progress : called with the fraction done
    deadline : of all of it
    """
    options = reweighting_options(len(events), steps)
    if members is not None:
        options = replace(options, shape=replace(options.shape, members=members))
    if shift is None:
        shift = _shift(base, events, seed)
    plain = adopted(base, events).with_(
        refiner=None,
        moved_share=base.moved_share or SHARE,
        shifts=(*base.shifts, Shift(shift, base.process.lepton_mass)),
    )
    each = max(1, affordable_copies(plain, events, proposed_each(len(events)), deadline))
    proposed = proposals(plain, events, derived_seed(seed, "proposals"), each)
    refiner = fit_ratio(
        network_inputs(plain, events),
        proposed,
        options,
        seed,
        groups=groups,
        before=base.refiner,
        hyperons=events.process.is_antineutrino,
        progress=progress,
        deadline=deadline.part(FITTING_SHARE),
    )
    some = thinned(proposed, COUNTED)
    with torch.no_grad():
        acceptance = float(torch.exp(rounded(refiner).log_acceptance(some)).mean())
    recipe = ratio_recipe(options, len(events), each)
    return Reweighting(plain, refiner, acceptance, recipe=recipe)


def _shift(base: Model, events: EventTable, seed: int) -> float:
    copies = int(np.clip(SHIFT_EVENTS // len(events), 1, MOST_COPIES))
    enu = np.repeat(events.enu[:SHIFT_EVENTS], copies)
    own = derived_seed(seed, "threshold shift")
    made = adopted(base, events).sample(enu, seed=own, allow_extrapolation=True)
    mass = events.process.lepton_mass
    return best_shift(events.enu, events.derived().omega, enu, made.derived().omega, mass)
