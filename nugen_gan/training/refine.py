"""The last step of every training: learn which of the generator's events to accept."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
from torch import Tensor

from nugen_gan.density_ratio.fit import RatioOptions, fit_ratio, likelihood_gain
from nugen_gan.density_ratio.network import DensityRatio, RatioShape, rounded
from nugen_gan.events.table import EventTable
from nugen_gan.gan.deadline import NONE, Deadline
from nugen_gan.model.blocks import BLOCK
from nugen_gan.model.model import Model
from nugen_gan.model.proposal import Proposal
from nugen_gan.model.sampler import EventSampler
from nugen_gan.model.steps import table_rows
from nugen_gan.monitor import SILENT, Monitor, monitored
from nugen_gan.streams import derived_seed
from nugen_gan.training import recipe as recipes
from nugen_gan.training.recipe import Recipe, ratio_recipe, with_recipe

__all__ = ["proposed", "ratio_options", "refined", "rows_of"]

# From so many events on, one member with held-out events does; below, folds share the events.
# So many also teach a ratio to reject smeared proposals.
LARGE = 150_000
# Of the time that is left: what is used for proposals, and then for learning from them.  With less
# than so many seconds nothing is begun.
PROPOSALS_SHARE, FITTING_SHARE, LEAST_TIME = 0.2, 0.85, 0.5


def rows_of(model: Model, events: EventTable) -> list[Tensor]:
    """Rows of events after each step of a model, (N, COLUMNS), as its networks see them."""
    made = model.proposal
    return table_rows(events, made.scaling, made.condition_range, model.steps)


def ratio_options(
    events: int, steps: int | None = None, recipe: Recipe | None = None
) -> RatioOptions:
    """Those of the recipe, or defaults by the number of events."""
    given = (recipe or recipes.USUAL).refiner
    if given is not None:
        return given if steps is None else replace(given, steps=steps)
    if events >= LARGE:
        one = RatioShape(1)
        return RatioOptions(one, steps or 12_000, batch_size=4096, learning_rate=2e-3)
    return RatioOptions(RatioShape(3), steps or 1500, batch_size=1024, learning_rate=3e-3)


def refined(
    model: Model,
    training: EventTable,
    held_out: EventTable,
    seed: int,
    steps: int | None = None,
    monitor: Monitor = SILENT,
    deadline: Deadline = NONE,
    recipe: Recipe | None = None,
) -> Model:
    """Return the model with a density ratio, if held-out events are more likely with it.

    Parameters
    ----------
    model : whose generator makes the proposals, all of which are accepted
    training, held_out : events of the distribution to be reached
    seed : of everything random
    steps : of each member of the ratio; by the number of events if absent, 0 for no ratio
    monitor : is told of this stage
    deadline : of all of it; without time for proposals there is no ratio
    recipe : the constants
    """
    recipe = recipe or recipes.USUAL
    if steps == 0:
        return _accepting(model, None, model.proposal.with_(smearing=0.0))
    with monitored(monitor, "learning which events to accept", 1.0):
        return _with_ratio(model, (training, held_out), seed, steps, monitor, deadline, recipe)


def _with_ratio(
    model: Model,
    parts: tuple[EventTable, EventTable],
    seed: int,
    steps: int | None,
    monitor: Monitor,
    deadline: Deadline,
    recipe: Recipe,
) -> Model:
    """As :func:`refined`, of training and held-out events."""
    training, held_out = parts
    as_it_is = _accepting(model, None, model.proposal.with_(smearing=0.0))
    made = model.proposal
    if len(training) >= LARGE:
        made = made.with_(smearing=recipe.smearing, reach=recipe.reach)
    plain = _accepting(model, None, made)
    copies = affordable_copies(plain, training, recipe.copies(len(training)), deadline)
    if not copies or deadline.left() < LEAST_TIME:
        deadline.cut["refiner"] = "left out: no time for it"
        return as_it_is
    drawn = [
        rows_of(plain, proposed(plain, events, derived_seed(seed, "proposals", part), copies))[-1]
        for part, events in (("training", training), ("held out", held_out))
    ]
    given = [rows_of(model, events)[-1] for events in (training, held_out)]
    options = ratio_options(len(training), steps, recipe)
    hyperons = training.process.is_antineutrino
    options = replace(options, shape=replace(options.shape, hyperons=hyperons))
    alone = options.shape.members == 1
    ratio = fit_ratio(
        given[0],
        drawn[0],
        options,
        seed,
        held_out=(given[1], drawn[1]) if alone else None,
        monitor=monitor,
        deadline=deadline.part(FITTING_SHARE),
    )
    rounded(ratio)
    gain, error = likelihood_gain(ratio, given[1], drawn[1])
    record = {"log_likelihood_gain": round(gain, 5), "error": round(error, 5)}
    kept = gain > 0.0
    metrics = {**model.metrics, "refiner": record | {"kept": kept}}
    steps_taken = ratio_recipe(options, len(training), copies) | {"kept": kept}
    better = _accepting(plain, ratio, made) if kept else as_it_is
    return with_recipe(better.with_(metrics=metrics), "refiner", steps_taken)


def _accepting(model: Model, ratio: DensityRatio | None, proposal: Proposal) -> Model:
    """The model with this ratio in its last step, and these proposals."""
    last = replace(model.steps[-1], ratio=ratio)
    return model.with_(steps=(*model.steps[:-1], last), proposal=proposal)


def affordable_copies(model: Model, events: EventTable, copies: int, deadline: Deadline) -> int:
    """How many proposals for each event there is time for, of so many; measured on some."""
    if not deadline.limited:
        return copies
    possible = sampling_speed(model, events) * PROPOSALS_SHARE * deadline.left()
    found = min(copies, int(possible / max(len(events), 1)))
    if found < copies:
        deadline.cut["proposals"] = f"{found} of {copies} for each event"
    return found


def sampling_speed(model: Model, events: EventTable) -> float:
    """Proposals per second that a model makes at such energies."""
    some = np.resize(events.enu, BLOCK)
    started = time.monotonic()
    EventSampler(model, accept_all=True).sample(some, seed=0, allow_extrapolation=True)
    return BLOCK / max(time.monotonic() - started, 1e-6)


def proposed(model: Model, events: EventTable, seed: int, copies: int) -> EventTable:
    """What the model proposes at the energies of these events, each so many times."""
    enu = np.repeat(events.enu, copies)
    return EventSampler(model, accept_all=True).sample(enu, seed=seed, allow_extrapolation=True)
