"""Training from scratch: from an event table to a model folder."""

from __future__ import annotations

import copy
import os
import shlex
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from nugen_gan.channels.classifier import ChannelClassifier
from nugen_gan.channels.fit import Labelled, LabelOptions, train_classifier
from nugen_gan.density_ratio.inputs import table_inputs
from nugen_gan.density_ratio.network import rounded
from nugen_gan.errors import UsageError
from nugen_gan.events.generator_settings import generator_settings
from nugen_gan.events.table import EventTable
from nugen_gan.gan.deadline import Deadline
from nugen_gan.gan.definition import FeatureDefinition
from nugen_gan.gan.features import FEATURES, Scaling
from nugen_gan.gan.heldout import HeldOutTest
from nugen_gan.gan.interrupt import DeferredInterrupt
from nugen_gan.gan.limits import check_device_name
from nugen_gan.gan.loop import Setting, fit, fraction_done, proxy_sampler
from nugen_gan.gan.networks import Critic, Generator
from nugen_gan.gan.options import TrainingOptions
from nugen_gan.gan.sample import TrainingSample, sample_digest, split_events, unweighted
from nugen_gan.gan.state import TrainState
from nugen_gan.model.model import Model
from nugen_gan.model.networks import Networks
from nugen_gan.model.proposal import Proposal
from nugen_gan.model.steps import Step
from nugen_gan.monitor import SILENT, Monitor, monitored
from nugen_gan.streams import derived_seed
from nugen_gan.training import recipe as recipes
from nugen_gan.training.hadrons import check_hadrons_from, with_hadrons
from nugen_gan.training.measure import judged
from nugen_gan.training.recipe import Recipe, network_recipe, with_recipe
from nugen_gan.training.refine import ratio_options, refined
from nugen_gan.training.run_folder import RunFolder

__all__ = [
    "Plan",
    "check_device",
    "lineage_step",
    "plan",
    "reproducing",
    "sample_record",
    "train",
]

# Seconds of a time limit that are for measuring and writing, and the most of it.
RESERVE, MOST_RESERVED = 20.0, 0.25
# Of the rest: the share of the networks, then that of channel labels of what is left.  All that is
# left then is the refiner's.
NETWORKS_SHARE, LABELS_SHARE = 0.55, 0.2
# What the lepton gets of the time of events that have hadrons to be learned, too.
LEPTON_SHARE = 0.55


@dataclass(frozen=True, slots=True)
class Plan:
    """What a training would do, for ``--dry-run``.

    Attributes
    ----------
    options : with every default filled in
    training_events, held_out_events : how the sample is divided
    energy_range : of the model [GeV]
    parameters : numbers of weights of generator and critic
    """

    options: TrainingOptions
    training_events: int
    held_out_events: int
    energy_range: tuple[float, float]
    parameters: tuple[int, int]


def plan(events: EventTable, options: TrainingOptions | None = None) -> Plan:
    """Work out what :func:`train` would do with these events, without doing it."""
    options = options or TrainingOptions()
    check_device(options.device)
    training, held_out = split_events(events, options.held_out, options.seed)
    with torch.device("meta"):  # only to be counted
        generator = Generator(options.architecture)
        critic = Critic(options.architecture, len(FEATURES))
    return Plan(
        options.resolved(len(training)),
        len(training),
        len(held_out),
        events.energy_range(),
        (_count(generator), _count(critic)),
    )


def train(
    events: EventTable,
    output: str | os.PathLike[str] | None = None,
    *,
    options: TrainingOptions | None = None,
    resume: bool = False,
    overwrite: bool = False,
    monitor: Monitor = SILENT,
    command: Sequence[str] = (),
    recipe: Recipe | None = None,
    hadrons_from: EventTable | None = None,
) -> Model:
    """Train a model from scratch.

    Parameters
    ----------
    events : charged-current events of one process, at least 100; the model makes hadrons if they
        have any
    output : the model folder to write; absent: only return the model
    options : how to train; the defaults follow from the number of events
    resume : continue from the snapshot that an earlier, interrupted call left
    overwrite : replace an existing model folder
    monitor : is told of each stage; after each step of the networks also the figures of a
        :class:`~nugen_gan.gan.loop.Status`, such as ``step``, ``pull`` and ``best_pull``
    command : the words of the command line that asked for it, for the model card
    recipe : the constants of all stages; the usual ones if absent
    hadrons_from : events of the same process to learn the hadrons from; those of ``events`` if
        absent

    Returns
    -------
    The model with the best average of weights, by events held out from training.

    Notes
    -----
    While it runs, ``<output>.run`` holds the log and the latest snapshot.  If training is
    interrupted, that folder stays and ``resume`` continues to the same bits.  Ctrl-C is obeyed
    after the step under way, with a snapshot of that step.

    Raises
    ------
    EmptySelectionError
        for too few events.
    OutputError
        if the folder exists, holds an unfinished training, or cannot be written.

    Examples
    --------
    So few steps make a poor model; without these options it takes an hour.

    >>> import nugen_gan
    >>> events = nugen_gan.read("numu_cc_Ar40_sample", hadrons=False)[:1000]
    >>> options = nugen_gan.TrainOptions(steps=20, batch_size=128, refiner_steps=20, seed=1)
    >>> nugen_gan.train(events, "my_model", options=options).process.name
    'numu_cc_Ar40'
    >>> nugen_gan.load_model("my_model").name
    'my_model'
    """
    options, recipe = options or TrainingOptions(), recipe or recipes.USUAL
    check_device(options.device)
    check_hadrons_from(events, hadrons_from)
    run = (
        None if output is None else RunFolder.open(Path(output), resume=resume, overwrite=overwrite)
    )
    events = unweighted(events, options.seed)
    sample = sample_record(events)
    digest = sample["sample_sha256"]
    if run is not None and resume:
        options = run.stored_options(options, digest)
    training, held_out = split_events(events, options.held_out, options.seed)
    options = options.resolved(len(training))
    limit = whole = options.time_limit and options.time_limit - _reserve(options.time_limit)
    of_hadrons = events if hadrons_from is None else hadrons_from
    if limit and of_hadrons.particles is not None:
        limit *= LEPTON_SHARE
    of_networks = replace(options, time_limit=limit and NETWORKS_SHARE * limit)
    setting = _setting(events, training, recipe.held_out_test(held_out), of_networks)
    state = TrainState.new(options, *_networks(options))
    if run is not None:
        run.begin(state, resume=resume)
    begun, planned = time.monotonic(), options.steps
    # Earlier sessions count.
    deadline = Deadline.within(limit and max(0.0, limit - state.progress.elapsed))
    before = state.progress.elapsed
    record = {"options": options.as_dict(), "sample_sha256": digest}
    _train_networks(state, setting, run, record, monitor)
    assert planned is not None
    deadline.record("networks", state.progress.step, planned)
    by = recipe.label_options(len(training))
    share = deadline.part(LABELS_SHARE)
    labels = _classifier(training, held_out, setting, by, monitor, share)
    model = _model(events, sample, setting, state, labels, command, options)
    model = with_recipe(model, "networks", network_recipe(options, state.progress.step))
    known = by.as_they_run(len(training), len(labels[0].channels))
    model = with_recipe(model, "channel_labels", known)
    steps = _refiner_steps(options, len(training), recipe)
    model = refined(model, training, held_out, options.seed, steps, monitor, deadline, recipe)
    with monitored(monitor, "measuring on held-out events"):
        found = judged(model, held_out, options.seed)
    rest = Deadline.within(whole and max(0.0, whole - before - (time.monotonic() - begun)))
    model = with_hadrons(model, of_hadrons, options.seed, recipe, monitor, rest)
    deadline.cut.update(rest.cut)
    seconds = round(before + time.monotonic() - begun, 1)
    last = {"seconds": seconds} | ({"cut_short": dict(deadline.cut)} if deadline.cut else {})
    model = model.with_(metrics={**model.metrics, **found}, training={**model.training, **last})
    if run is not None:
        model = run.finish(model, overwrite=overwrite)
    return model


def _train_networks(
    state: TrainState,
    setting: Setting,
    run: RunFolder | None,
    record: Mapping[str, Any],
    monitor: Monitor,
) -> None:
    """Train generator and critic; a run folder keeps a snapshot of what is interrupted."""
    before = state.progress
    try:
        with DeferredInterrupt() as interrupt, monitored(monitor, "training", 1.0):
            monitor.advanced(fraction_done(setting.options, before.step, before.elapsed))
            for status in fit(state, setting):
                if run is not None and status.pull is not None:
                    run.save(state, record)
                    run.log(status)
                monitor.advanced(status.done, **status.figures())
                if interrupt.requested is not None:
                    if run is not None:
                        run.save(state, record)
                    raise interrupt.error()
            if not state.progress.best_step:
                # It was interrupted before the first evaluation, and no time was left.
                state.remember_best(setting.held_out(proxy_sampler(state.average, setting)))
    except BaseException:
        if run is not None:
            run.abandon()
        raise


def _reserve(limit: float) -> float:
    """Seconds that are kept for measuring and writing the finished model."""
    return min(MOST_RESERVED * limit, RESERVE)


def _refiner_steps(options: TrainingOptions, events: int, recipe: Recipe) -> int:
    """Steps of the refiner: as asked, or by default, but no more than the networks were given."""
    assert options.steps is not None
    if options.refiner_steps is not None:
        return options.refiner_steps
    return min(ratio_options(events, recipe=recipe).steps, options.steps)


def _networks(options: TrainingOptions) -> tuple[Generator, Critic]:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derived_seed(options.seed, "gan weights"))
        generator = Generator(options.architecture)
        critic = Critic(options.architecture, len(FEATURES))
    device = torch.device(options.device)
    return generator.to(device), critic.to(device)


def check_device(name: str) -> None:
    """Raise UsageError unless torch can compute on this device."""
    check_device_name(name)
    try:
        torch.zeros(1, device=name)
    except (RuntimeError, AssertionError, ValueError) as error:
        reason = str(error).splitlines()[0].rstrip(".")
        raise UsageError(
            f"device {name!r} cannot be used: {reason}. Torch finds here: {_devices()}."
        ) from error


def _devices() -> str:
    found = ["cpu", *(f"cuda:{number}" for number in range(torch.cuda.device_count()))]
    return ", ".join([*found, "mps"] if torch.backends.mps.is_available() else found)


def _count(network: torch.nn.Module) -> int:
    return sum(weights.numel() for weights in network.parameters())


def _setting(
    events: EventTable, training: EventTable, test: HeldOutTest, options: TrainingOptions
) -> Setting:
    mass, energy_range = events.process.lepton_mass, events.energy_range()
    definition = FeatureDefinition()
    sample = TrainingSample.of(training, energy_range, definition)
    device = torch.device(options.device)
    return Setting(
        options,
        sample.to(device),
        Scaling.fit(sample.features, definition).to(device),
        mass,
        energy_range,
        test,
    )


def _classifier(
    training: EventTable,
    held_out: EventTable,
    setting: Setting,
    options: LabelOptions,
    monitor: Monitor,
    deadline: Deadline,
) -> tuple[ChannelClassifier, dict[str, float]]:
    scaling = setting.scaling.to("cpu")

    def labelled(events: EventTable) -> Labelled:
        return Labelled(table_inputs(events, scaling, setting.energy_range), events.channel)

    with monitored(monitor, "learning the channels", 1.0):
        return train_classifier(
            labelled(training), labelled(held_out), setting.options.seed, options,
            monitor=monitor, deadline=deadline,
        )  # fmt: skip


def reproducing(command: Sequence[str], seed: int) -> str:
    """Return the command that makes the same model from nothing; "" if there was none."""
    if not command:
        return ""
    # A resumed training gives what an uninterrupted one would have given.
    words = [word for word in command if word not in ("--resume", "--overwrite", "--quiet")]
    seeded = any(word == "--seed" or word.startswith("--seed=") for word in words)
    return shlex.join(words if seeded else [*words, "--seed", str(seed)])


def _model(
    events: EventTable,
    sample: Mapping[str, Any],
    setting: Setting,
    state: TrainState,
    labels: tuple[ChannelClassifier, dict[str, float]],
    command: Sequence[str],
    options: TrainingOptions,
) -> Model:
    progress = state.progress
    generator = copy.deepcopy(state.average)
    generator.load_state_dict(state.best)
    classifier, label_quality = labels
    return Model(
        process=events.process,
        energy_range=setting.energy_range,
        networks=Networks(
            Proposal(
                options.architecture,
                rounded(generator.cpu()).eval().requires_grad_(False),
                rounded(state.critic.cpu()).eval().requires_grad_(False),
                setting.scaling.to("cpu"),
                setting.energy_range,
                setting.mass,
            ),
            (Step(setting.mass),),
            rounded(classifier).eval().requires_grad_(False),
        ),
        cross_section=events.cross_section,
        lineage=(lineage_step("train", events, sample, options.seed),),
        training={
            **sample,
            "options": options.as_dict(),
            "seed": options.seed,
            "steps": progress.step,
            "best_step": progress.best_step,
            "seconds": round(progress.elapsed, 1),
            "torch": torch.__version__,
            "command": reproducing(command, options.seed),
        },
        metrics={
            "held_out_mean_squared_pull": round(progress.best_pull, 5),
            "channel_labels": {k: round(v, 5) for k, v in label_quality.items()},
        },
    )


def sample_record(events: EventTable) -> dict[str, Any]:
    """What a model remembers of the sample that it was made of, as plain values."""
    provenance = events.provenance
    return {
        "events": len(events),
        "generator": provenance.generator,
        "settings": generator_settings(provenance),
        "generator_parameters": dict(provenance.parameters),
        "files": provenance.as_dict()["files"],
        "cutflow": [list(step) for step in events.cutflow.steps],
        "sample_sha256": sample_digest(events),
    }


def lineage_step(
    name: str, events: EventTable, sample: Mapping[str, Any], seed: int
) -> dict[str, Any]:
    """One step of a model's lineage: what was done to which events, whose record is known."""
    named = {key: sample[key] for key in ("generator", "events", "sample_sha256")}
    return {"step": name, "process": events.process.name, **named, "seed": seed}
