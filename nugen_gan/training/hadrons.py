"""The hadrons of a model: learned from the events, if these have any."""

from __future__ import annotations

from dataclasses import asdict

from nugen_gan.errors import UsageError
from nugen_gan.events.table import EventTable
from nugen_gan.gan.deadline import Deadline
from nugen_gan.gan.sample import sample_digest, unweighted
from nugen_gan.hadrons.fit import fit_hadrons
from nugen_gan.hadrons.model import HadronModel
from nugen_gan.model.model import Model
from nugen_gan.monitor import Monitor
from nugen_gan.training.recipe import Recipe, with_recipe

__all__ = ["check_hadrons_from", "with_hadrons"]


def check_hadrons_from(events: EventTable, hadrons_from: EventTable | None) -> None:
    """Raise UsageError if hadrons cannot be learned from events beside those of the lepton."""
    if hadrons_from is None:
        return
    if hadrons_from.process != events.process:
        raise UsageError(
            f"the events to learn the hadrons from are {hadrons_from.process.name}, those of the "
            f"lepton {events.process.name}. Give events of the same process"
        )
    if hadrons_from.particles is None:
        raise UsageError("the events to learn the hadrons from have none: the lepton only")


def with_hadrons(
    model: Model,
    events: EventTable,
    seed: int,
    recipe: Recipe,
    monitor: Monitor,
    deadline: Deadline,
    start: HadronModel | None = None,
) -> Model:
    """Return the model with hadrons as in these events; without any where these have none.

    Parameters
    ----------
    model : of the leptons
    events : what to learn from
    seed : of everything random
    recipe : with the options, or None for those that the number of events gives
    monitor : is told how far it is
    deadline : of all of it
    start : the hadrons of a base to begin with
    """
    if events.particles is None:
        return model.with_(hadrons=None)
    events = unweighted(events, seed)
    options = recipe.hadron_options(len(events), transfer=start is not None)
    hadrons = fit_hadrons(
        events, options=options, seed=seed, start=start, monitor=monitor, deadline=deadline
    )
    values = asdict(options) | {"shape": hadrons.shape.as_dict(), "events": len(events)}
    values["sample_sha256"] = sample_digest(events)
    return with_recipe(model, "hadrons", values).with_(hadrons=hadrons)
