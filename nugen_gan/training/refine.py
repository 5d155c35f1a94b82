"""The last step of every training: learn which of the generator's events to accept."""

from __future__ import annotations

import time

import numpy as np
from torch import Tensor

from nugen_gan.density_ratio.fit import Progress, RatioOptions, fit_ratio, likelihood_gain
from nugen_gan.density_ratio.inputs import table_inputs
from nugen_gan.density_ratio.network import RatioShape, rounded
from nugen_gan.density_ratio.smearing import SHARE
from nugen_gan.events.table import EventTable
from nugen_gan.gan.deadline import NONE, Deadline
from nugen_gan.model.model import Model
from nugen_gan.model.sampler import BLOCK
from nugen_gan.streams import derived_seed
from nugen_gan.training.recipe import ratio_recipe, with_recipe

__all__ = ["network_inputs", "ratio_options", "refined"]

# Proposals that a fit sees at least, and copies of one energy at most.
PROPOSALS, MOST_COPIES = 300_000, 50
# From so many events on, one member with held-out events does; below, folds share the events.
# So many also teach a refiner to refuse moved proposals.
LARGE = 150_000
# Of the time that is left: what is used for proposals, and then for learning from them.  With less
# than so many seconds nothing is begun.
PROPOSALS_SHARE, FITTING_SHARE, LEAST_TIME = 0.2, 0.85, 0.5


def network_inputs(model: Model, events: EventTable) -> Tensor:
    """Rows of events as a model's networks see them: :mod:`nugen_gan.density_ratio.inputs`."""
    return table_inputs(events, model.scaling, model.known_range, model.shifts)


def copies_for(events: int) -> int:
    """How many proposals to draw at the energy of each of so many events."""
    return int(np.clip(PROPOSALS // max(events, 1), 2, MOST_COPIES))


def ratio_options(events: int, steps: int | None = None) -> RatioOptions:
    """Defaults by the number of events."""
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
    progress: Progress | None = None,
    deadline: Deadline = NONE,
) -> Model:
    """Return the model with a refiner, if held-out events are more likely with it.

    Parameters
    ----------
    model : whose generator makes the proposals
    training, held_out : events of the law to be reached
    seed : of everything random
    steps : of each member of the refiner; by the number of events if absent, 0 for no refiner
    progress : called with the fraction done
    deadline : of all of it; without time for proposals there is no refiner
    """
    if steps == 0:
        return model.with_(refiner=None, moved_share=0.0)
    large = len(training) >= LARGE
    plain = model.with_(refiner=None, moved_share=SHARE if large else model.moved_share)
    copies = affordable_copies(plain, training, copies_for(len(training)), deadline)
    if not copies or deadline.left() < LEAST_TIME:
        deadline.cut["refiner"] = "left out: no time for it"
        return model.with_(refiner=None, moved_share=0.0)
    drawn = [
        proposals(plain, events, derived_seed(seed, "proposals", part), copies)
        for part, events in (("training", training), ("held out", held_out))
    ]
    given = [network_inputs(model, events) for events in (training, held_out)]
    options = ratio_options(len(training), steps)
    alone = options.shape.members == 1
    refiner = fit_ratio(
        given[0],
        drawn[0],
        options,
        seed,
        held_out=(given[1], drawn[1]) if alone else None,
        hyperons=training.process.is_antineutrino,
        progress=progress,
        deadline=deadline.part(FITTING_SHARE),
    )
    rounded(refiner)
    gain, error = likelihood_gain(refiner, given[1], drawn[1])
    record = {"log_likelihood_gain": round(gain, 5), "error": round(error, 5)}
    kept = gain > 0.0
    metrics = {**model.metrics, "refiner": record | {"kept": kept}}
    steps_taken = ratio_recipe(options, len(training), copies) | {"kept": kept}
    if not kept:
        made = model.with_(refiner=None, moved_share=0.0, metrics=metrics)
    else:
        made = plain.with_(refiner=refiner, metrics=metrics)
    return with_recipe(made, "refiner", steps_taken)


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
    """Events per second that a model makes at such energies."""
    some = np.resize(events.enu, BLOCK)
    started = time.monotonic()
    model.sampler.sample(some, seed=0, allow_extrapolation=True)
    return BLOCK / max(time.monotonic() - started, 1e-6)


def proposals(model: Model, events: EventTable, seed: int, copies: int) -> Tensor:
    """Rows of what the model makes at the energies of these events, each so many times."""
    drawn = model.sampler.sample(np.repeat(events.enu, copies), seed=seed, allow_extrapolation=True)
    return network_inputs(model, drawn)
