"""Distilling: a fast sampler of a model's leptons, learned from the model itself.

A model accepts some of its generator's events and draws the others again: ten thousands of events a
second.  From millions of its proposals, each counted as much as it is likely to be accepted, a
fast sampler learns the same distribution in a form that needs no second try: millions of events a
second.  The model stays what it is, and the reference that its fast sampler is compared with.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np

from nugen_gan.errors import UsageError
from nugen_gan.gan.deadline import NONE, Deadline
from nugen_gan.lepton.fit import DistilOptions, WeightedEvents, fit_lepton
from nugen_gan.lepton.model import LeptonModel
from nugen_gan.model.folder import check_place
from nugen_gan.model.model import Model, load_model
from nugen_gan.model.proposals import weighted_proposals
from nugen_gan.monitor import SILENT, Monitor, monitored
from nugen_gan.streams import numpy_stream
from nugen_gan.training.recipe import with_recipe

__all__ = ["distil"]

# Proposals that are drawn at a time.
CHUNK = 2048


def distil(
    model: Model | str | os.PathLike[str],
    output: str | os.PathLike[str] | None = None,
    *,
    options: DistilOptions | None = None,
    seed: int = 1,
    start: LeptonModel | None = None,
    overwrite: bool = False,
    monitor: Monitor = SILENT,
    deadline: Deadline = NONE,
) -> Model:
    """Give a model a fast sampler, learned from the model's own events.

    Parameters
    ----------
    model : a model, its folder, or the name of a bundled one
    output : the model folder to write; absent: only return the model
    options : how; the defaults take about ten minutes on one core
    seed : of everything random
    start : the fast sampler of a similar model to begin with
    overwrite : replace an existing model folder
    monitor : is told how far it is
    deadline : of the training

    Returns
    -------
    The same model, whose events :meth:`~nugen_gan.model.model.Model.sample` now makes a hundred
    times as fast.  ``model.without_fast_sampler()`` is as it was.

    Raises
    ------
    OutputError
        if the folder exists or cannot be written.
    UsageError
        if a model is a bootstrap replica.

    Examples
    --------
    So few steps make a poor copy; without these options it takes ten minutes.

    >>> import nugen_gan
    >>> options = nugen_gan.DistilOptions(events=10_000, steps=10)
    >>> nugen_gan.distil("numu_cc_Ar40", "my_fast_argon", options=options).process.name
    'numu_cc_Ar40'
    """
    model = model if isinstance(model, Model) else load_model(model)
    options = options or DistilOptions.usual(transfer=start is not None)
    if model.replica_number:
        raise UsageError("a bootstrap replica is not distilled: its events show an uncertainty")
    if output is not None:
        check_place(Path(output), overwrite=overwrite)
    events = _drawn(model, options.events, seed, monitor)
    lepton = fit_lepton(
        events, mass=model.steps[-1].lepton_mass, energy_range=model.energy_range,
        channels=tuple(model.labels.channels), options=options, seed=seed, start=start,
        monitor=monitor, deadline=deadline,
    )  # fmt: skip
    known = replace(options, events=len(events), shape=lepton.shape).as_dict() | {"seed": seed}
    done = with_recipe(model, "fast_sampler", known).with_(lepton=lepton)
    if output is not None:
        done = done.with_(name=Path(output).name)
        done.save(output, overwrite=overwrite)
    return done


def _drawn(model: Model, events: int, seed: int, monitor: Monitor) -> WeightedEvents:
    """Weighted events of a model at energies whose logarithms are uniform."""
    random = numpy_stream(seed, "distillation events")
    low, high = np.log(model.energy_range)
    parts, chunks = [], max(1, events // CHUNK)
    with monitored(monitor, "drawing events of the model", float(chunks * CHUNK), "events"):
        for number in range(chunks):
            enu = np.exp(random.uniform(low, high, CHUNK))
            parts.append(weighted_proposals(model, enu, random))
            monitor.advanced((number + 1.0) * CHUNK)
    return WeightedEvents.joined(parts)
