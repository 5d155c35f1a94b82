"""Base events reweighted as events of a new process: how a transfer gets by with few events.

A new sample is too small to train a GAN on without overfitting.  But the ratio of its distribution
to the base's is smooth and has a known form (:mod:`nugen_gan.density_ratio.network`): a thousand
events measure it.  Base events accepted by this ratio are events of the new distribution, as many
as one likes (as in DCTR, Andreassen and Nachman, arXiv:1907.08209, and discriminator rejection
sampling, Azadi et al., arXiv:1810.06758).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nugen_gan.density_ratio.distillation import in_parts
from nugen_gan.density_ratio.fit import RatioOptions, fit_ratio, thinned
from nugen_gan.density_ratio.network import RatioShape, rounded
from nugen_gan.density_ratio.threshold_shift import best_shift
from nugen_gan.events.table import EventTable
from nugen_gan.gan.deadline import NONE, Deadline
from nugen_gan.model.model import Model
from nugen_gan.model.steps import Step, log_acceptance, log_ratio, same_mass, seen_by_next
from nugen_gan.monitor import SILENT, Monitor
from nugen_gan.streams import derived_seed
from nugen_gan.training import recipe as recipes
from nugen_gan.training.recipe import Recipe, ratio_recipe, with_recipe
from nugen_gan.training.refine import (
    FITTING_SHARE,
    affordable_copies,
    proposed,
    rows_of,
)

__all__ = ["Reweighting", "adopted", "learn_reweighting", "reweighting_options"]

Floats = NDArray[np.float64]

# From so many events on, the ratio may leave the form that physics suggests.
ENOUGH_TO_BE_FREE = 30_000
# With fewer than this, more ensemble members average out how much each overfits.
FEW = 3_000
# Proposals, about, by which the share of accepted ones is counted.
COUNTED = 30_000


def adopted(base: Model, process_of: EventTable, recipe: Recipe | None = None) -> Model:
    """Return the base as a model of another process, over the energies of these events.

    For a lepton of another mass its events keep omega and Q2.
    """
    mass, power = process_of.process.lepton_mass, (recipe or recipes.USUAL).lepton_power
    known = same_mass(base.steps[-1].lepton_mass, mass)
    steps = base.steps if known else (*base.steps, Step(mass, power=power))
    return _of_process(base, process_of, steps)


def _of_process(base: Model, events: EventTable, steps: tuple[Step, ...]) -> Model:
    """The networks of the base, with these steps, as a model of the process of these events."""
    return base.with_(
        process=events.process,
        energy_range=events.energy_range(),
        steps=steps,
        cross_section=events.cross_section,
        replicas=(),
        training={},
        metrics={},
    )


@dataclass(frozen=True)
class Reweighting:
    """A base whose events become those of another process by one more step.

    Attributes
    ----------
    model : the base with that step: already a model of the new distribution
    acceptance : share of the proposals that are accepted
    """

    model: Model
    acceptance: float

    @property
    def step(self) -> Step:
        """What was learned."""
        return self.model.steps[-1]


def reweighting_options(
    events: int, steps: int | None = None, recipe: Recipe | None = None
) -> RatioOptions:
    """Those of the recipe, or defaults by the number of events; measured: docs/transfer.md."""
    given = (recipe or recipes.USUAL).reweighting
    if given is not None:
        return given if steps is None else replace(given, steps=steps)
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


def learn_reweighting(
    base: Model,
    events: EventTable,
    seed: int,
    groups: NDArray[np.int64] | None = None,
    steps: int | None = None,
    members: int | None = None,
    shift: float | None = None,
    monitor: Monitor = SILENT,
    deadline: Deadline = NONE,
    recipe: Recipe | None = None,
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
    monitor : is told the fraction done, of a stage that the caller began
    deadline : of all of it
    recipe : the constants
    """
    recipe = recipe or recipes.USUAL
    options = reweighting_options(len(events), steps, recipe)
    if members is not None:
        options = replace(options, shape=replace(options.shape, members=members))
    shape = replace(
        options.shape,
        hyperons=events.process.is_antineutrino,
        continues=any(step.ratio is not None for step in base.steps),
    )
    options = replace(options, shape=shape)
    found = _shift(base, events, seed, recipe) if shift is None else shift
    softness, power = recipe.shift.softness, recipe.lepton_power
    step = Step(events.process.lepton_mass, found, softness=softness, power=power)
    made = base.proposal
    if not made.smearing:
        made = made.with_(smearing=recipe.smearing, reach=recipe.reach)
    plain = _of_process(base, events, (*base.steps, step)).with_(proposal=made)
    each = max(1, affordable_copies(plain, events, recipe.transfer_copies(len(events)), deadline))
    table = proposed(plain, events, derived_seed(seed, "proposals"), each)
    rows = rows_of(plain, table)
    ratio = fit_ratio(
        _seen(base, rows_of(plain, events)),
        _seen(base, rows),
        options,
        seed,
        groups=groups,
        monitor=monitor,
        deadline=deadline.part(FITTING_SHARE),
    )
    chain = (*base.steps, replace(step, ratio=rounded(ratio)))
    with torch.no_grad():
        some = log_acceptance(chain, [thinned(part, COUNTED) for part in rows])
    assert some is not None
    acceptance = float(torch.exp(some).mean())
    record = {"acceptance": round(acceptance, 4), "shrinkage": round(float(ratio.shrinkage), 4)}
    model = plain.with_(steps=chain, metrics={"refiner": record})
    if shift is None:
        model = with_recipe(model, "threshold_shift", recipe.shift.as_dict())
    model = with_recipe(model, "ratio", ratio_recipe(options, len(events), each))
    return Reweighting(model, acceptance)


@torch.no_grad()
def _seen(base: Model, rows: list[Tensor]) -> Tensor:
    """What the ratio of a step after those of the base sees."""
    known = in_parts(lambda *some: log_ratio(base.steps, some), *rows[:-1])
    return seen_by_next(base.steps, rows, known)


def _shift(base: Model, events: EventTable, seed: int, recipe: Recipe) -> float:
    options = recipe.shift
    copies = int(np.clip(options.base_events // len(events), 1, options.most_copies))
    enu = np.repeat(events.enu[: options.base_events], copies)
    own = derived_seed(seed, "threshold shift")
    made = adopted(base, events, recipe).sample(enu, seed=own, allow_extrapolation=True)
    ours, theirs, mass = events.derived().omega, made.derived().omega, events.process.lepton_mass
    return best_shift(events.enu, ours, enu, theirs, mass, options)
