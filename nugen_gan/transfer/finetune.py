"""Transfer learning: from a base model and few events of another process to a model of that.

By default the networks stay as they are.  What is learned is which of the base's events are events
of the new process: a density ratio in a form known from physics, the most that few events can teach
(:mod:`nugen_gan.transfer.reweighting`).  Where the base makes too few such events, or where it is
asked for, the networks are trained instead: generator and critic from where the base left them,
some of their layers frozen, on the new events (Bonilla et al., arXiv:2508.12987), and then a
refiner of what they make.
"""

from __future__ import annotations

import copy
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from nugen_gan.channels.fit import Labelled, label_recipe, train_classifier
from nugen_gan.density_ratio.fit import Progress
from nugen_gan.density_ratio.network import rounded
from nugen_gan.errors import EnergyRangeError, UsageError
from nugen_gan.events.generator_settings import generator_settings, settings_differences
from nugen_gan.events.table import EventTable
from nugen_gan.gan.deadline import Deadline
from nugen_gan.gan.freezing import freeze, frozen_layers
from nugen_gan.gan.heldout import HeldOutTest
from nugen_gan.gan.limits import check
from nugen_gan.gan.loop import Setting, Status, fit
from nugen_gan.gan.options import TrainingOptions
from nugen_gan.gan.sample import TrainingSample, split_events, unweighted
from nugen_gan.gan.state import TrainState
from nugen_gan.model.folder import check_place
from nugen_gan.model.model import Model, load_model
from nugen_gan.model.steps import Step, without_ratios
from nugen_gan.storage.atomic import atomic_path
from nugen_gan.training.measure import judged
from nugen_gan.training.recipe import network_recipe, with_recipe
from nugen_gan.training.refine import refined, rows_of
from nugen_gan.training.train import check_device, lineage_step, reproducing, sample_record
from nugen_gan.transfer.bootstrap import bootstrap_replicas
from nugen_gan.transfer.reweighting import Reweighting, adopted, learn_reweighting

__all__ = [
    "FinetuneOptions",
    "check_options",
    "check_transfer",
    "differences",
    "empty_energies",
    "finetune",
]

Notice = Callable[[str], None]

# A part of the energy range with fewer events than this is called empty.
FEWEST_EVENTS = 5
ENERGY_PARTS = 20
# The density ratio has little left to do here, less than after a training from scratch.
REFINER_STEPS = 1500
LEARNING_RATE = 2e-4
# Fraction of the events that is held out, and so many are enough where the networks stay: there
# they measure, and choose at most when the channel labels stop: of what 100,000 events of another
# model teach, 2,000 hold back a fiftieth, 10,000 a tenth.
HELD_OUT, MOST_MEASURING = 0.1, 2_000
# Options that only matter if the networks are trained.
OF_NETWORKS = ("steps", "batch_size", "learning_rate", "gamma", "freeze_generator", "freeze_critic")
# Where fewer of the base's events than this are accepted, its networks are trained on.
LEAST_ACCEPTED = 0.06
NO_REPLICAS = "bootstrap replicas are made of the density ratio to a base whose networks stay"


@dataclass(frozen=True, slots=True)
class FinetuneOptions:
    """How to fine-tune.  ``None`` means: choose by the number of events.

    Attributes
    ----------
    networks : train generator and critic on the events, instead of reweighting the base's events;
        absent: if one of the options that only matter then is given, or if too few of the base's
        events would be accepted
    freeze_generator, freeze_critic : leading layers that stay as they are: 1 for the input
        layer, then one for each residual block
    ensemble : bootstrap replicas to add, 0 for none; only where the networks stay
    steps, batch_size, learning_rate, gamma, time_limit, seed, device : of the training; see
        :class:`~nugen_gan.gan.options.TrainingOptions`
    held_out : fraction of the events that only measure and choose; a tenth if absent, and of many
        events less, where networks that stay leave them little to choose
    refiner_steps : of each member of the density ratio; 0 for trained networks alone
    """

    networks: bool | None = None
    freeze_generator: int = 0
    freeze_critic: int = 0
    ensemble: int = 0
    steps: int | None = None
    batch_size: int | None = None
    learning_rate: float | None = None
    gamma: float | None = None
    held_out: float | None = None
    time_limit: float | None = None
    seed: int = 0
    device: str = "cpu"
    refiner_steps: int | None = None

    def __post_init__(self) -> None:
        check("frozen layers", self.freeze_generator, "freeze_generator")
        check("frozen layers", self.freeze_critic, "freeze_critic")
        check("ensemble", self.ensemble)
        # The other options are checked where they are used first, but before any work is done.
        TrainingOptions(
            steps=self.steps, batch_size=self.batch_size,
            gamma=0.0 if self.gamma is None else self.gamma,
            learning_rate=LEARNING_RATE if self.learning_rate is None else self.learning_rate,
            held_out=HELD_OUT if self.held_out is None else self.held_out,
            time_limit=self.time_limit, seed=self.seed, device=self.device,
            refiner_steps=self.refiner_steps,
        )  # fmt: skip

    @property
    def networks_asked(self) -> bool | None:
        """Whether to train generator and critic; None: if the events demand it."""
        if self.networks is not None:
            return self.networks
        return True if self.of_networks else None

    @property
    def of_networks(self) -> list[str]:
        """Names of the options given that only matter if the networks are trained."""
        usual = FinetuneOptions.__dataclass_fields__
        given = [name for name in OF_NETWORKS if getattr(self, name) != usual[name].default]
        return given + (["refiner_steps"] if self.refiner_steps == 0 else [])

    def split(self, events: EventTable) -> tuple[EventTable, EventTable]:
        """Return the events to learn from, and those held out."""
        most = len(events) if self.networks_asked else MOST_MEASURING
        share = min(HELD_OUT, most / max(len(events), 1))
        return split_events(events, share if self.held_out is None else self.held_out, self.seed)

    def resolved(self, events: int) -> FinetuneOptions:
        """Fill in what is None for a training part of so many events."""
        size = float(np.clip(events, 1_000, 100_000))
        return replace(
            self,
            networks=self.networks_asked,
            learning_rate=self.learning_rate or LEARNING_RATE,
            # Measured: docs/transfer.md.
            steps=self.steps or int(round(1000 * (size / 10_000) ** 0.4, -2)),
            batch_size=self.batch_size or 2048,
            # The fewer the events, the smoother the critic must be not to overfit them.
            gamma=4.0 * float(np.sqrt(10_000 / size)) if self.gamma is None else self.gamma,
        )

    def training(self, base: Model, events: int) -> TrainingOptions:
        """The options of the training loop, of resolved ones, for so many events."""
        assert self.batch_size is not None
        assert self.held_out is not None
        assert self.gamma is not None
        assert self.learning_rate is not None
        options = TrainingOptions(
            steps=self.steps,
            batch_size=min(self.batch_size, max(2, events)),
            learning_rate=self.learning_rate,
            warmup=50,
            gamma=self.gamma,
            held_out=self.held_out,
            time_limit=self.time_limit,
            seed=self.seed,
            device=self.device,
            architecture=base.proposal.architecture,
            refiner_steps=self.refiner_steps,
        )
        return options.resolved(events)


def finetune(
    events: EventTable,
    base: Model | str | os.PathLike[str] = "numu_cc_C12",
    output: str | os.PathLike[str] | None = None,
    *,
    options: FinetuneOptions | None = None,
    overwrite: bool = False,
    callback: Callable[[Status], None] | None = None,
    notice: Notice | None = None,
    progress: Progress | None = None,
    command: Sequence[str] = (),
) -> Model:
    """Carry a base model over to the process, target or interaction model of these events.

    Parameters
    ----------
    events : charged-current events of one process, at least 100
    base : a model, its folder, or the name of a bundled one
    output : the model folder to write; absent: only return the model
    options : how; the defaults follow from the number of events
    overwrite : replace an existing model folder
    callback : called with a :class:`~nugen_gan.gan.loop.Status` after every step of the networks
    notice : called with a text as each stage begins, and with what should be known
    progress : called with the fraction done of each ratio that is learned
    command : the words of the command line that asked for it, for the model card

    Returns
    -------
    A model of the process of the events, over their energies.  Its cross section is that of the
    events; without one it knows shapes only.

    Raises
    ------
    EmptySelectionError
        for too few events.
    EnergyRangeError
        for events at energies of which the base knows none.
    OutputError
        if the folder exists or cannot be written.
    UsageError
        if the options do not fit the base.

    Examples
    --------
    So few steps make a poor model; without these options it takes some minutes.

    >>> import nugen_gan
    >>> events = nugen_gan.read("numu_cc_Ar40_sample")[:500]
    >>> options = nugen_gan.FinetuneOptions(replayed_events=1000, refiner_steps=20, seed=1)
    >>> model = nugen_gan.finetune(events, "numu_cc_C12", "my_argon", options=options)
    >>> model.process.name
    'numu_cc_Ar40'
    """
    options, say = options or FinetuneOptions(), notice or _silent
    check_device(options.device)
    base = base if isinstance(base, Model) else load_model(base)
    check_transfer(options, base, events)
    if output is not None:
        check_place(Path(output), overwrite=overwrite)
    started, deadline = time.monotonic(), Deadline.within(options.time_limit)
    events = unweighted(events, options.seed)
    warnings = [*differences(base, events), *empty_energies(events)]
    for text in warnings:
        say(text)
    training, held_out = options.split(events)
    options = replace(options.resolved(len(training)), held_out=len(held_out) / len(events))
    log: list[Status] = []
    start = adopted(base, events)
    work = _Work(base, start, training, held_out, options, say, callback, progress, log, deadline)
    model = work.run()
    sample = sample_record(events)
    step = lineage_step("finetune", events, sample, options.seed) | _named(base)
    model = model.with_(
        training={
            **_record(sample, options, base, started, command, model.training["recipe"]),
            **({"cut_short": dict(deadline.cut)} if deadline.cut else {}),
        },
        lineage=(*base.lineage, step | {"notices": warnings}),
        name=Path(output).name if output is not None else "",
    )
    if output is not None:
        model.save(output, overwrite=overwrite)
        if log:
            _write_log(Path(output), log)
    return model


def differences(base: Model, events: EventTable) -> list[str]:
    """Return in words where the events differ from what the base was trained on."""
    found = []
    for what, ours, theirs in (
        ("probe", base.process.name.split("_")[0], events.process.name.split("_")[0]),
        ("target", base.process.target_name, events.process.target_name),
        ("generator", base.training.get("generator") or "", events.provenance.generator),
    ):
        if ours != theirs and theirs:
            found.append(f"the {what} of the base is {ours or 'not known'}, of the events {theirs}")
    found += settings_differences(
        base.settings, generator_settings(events.provenance), ("the base", "the events")
    )
    low, high = base.energy_range
    least, most = events.energy_range()
    if least < low * (1 - 1e-6) or most > high * (1 + 1e-6):
        found.append(
            f"the events reach from {least:g} to {most:g} GeV, the base knows {low:g} to {high:g} "
            "GeV: outside, the transfer rests on the events alone"
        )
    return found


def _check_energies(base: Model, events: EventTable) -> None:
    """Raise EnergyRangeError if base and events have no energy in common."""
    (low, high), (least, most) = base.energy_range, events.energy_range()
    if most < low or least > high:
        unit = " Are these MeV? Energies must be in GeV." if least > 5.0 * high else ""
        raise EnergyRangeError(
            f"the events reach from {least:g} to {most:g} GeV, the base {base.name} knows {low:g} "
            f"to {high:g} GeV: nothing can be carried over.{unit} Give events at energies that the "
            "base knows, or train from scratch (nugen-gan train)."
        )


def empty_energies(events: EventTable) -> list[str]:
    """Return a warning for each part of the energy range that the events leave empty."""
    low, high = events.energy_range()
    if high < low * 1.01:
        return []
    edges = np.geomspace(low, high * (1 + 1e-9), ENERGY_PARTS + 1)
    empty = np.histogram(events.enu, edges)[0] < FEWEST_EVENTS
    starts = np.flatnonzero(np.diff(np.r_[False, empty, False].astype(int)))
    return [
        f"fewer than {FEWEST_EVENTS} events in each twentieth of {edges[first]:.3g} to "
        f"{edges[last]:.3g} GeV: there the model follows the base and its neighbours"
        for first, last in zip(starts[::2], starts[1::2], strict=True)
    ]


@dataclass(frozen=True)
class _Work:
    """The stages of a fine-tuning, in order."""

    base: Model
    start: Model  # the base as a model of the new process
    training: EventTable
    held_out: EventTable
    options: FinetuneOptions
    say: Notice
    callback: Callable[[Status], None] | None
    progress: Progress | None
    log: list[Status]
    deadline: Deadline

    def run(self) -> Model:
        # What is left after the model itself is for its replicas.
        main = replace(self, deadline=self.deadline.part(4.0 / (4.0 + self.options.ensemble)))
        return main._run(self.deadline)

    def _run(self, deadline: Deadline) -> Model:
        options = self.options
        learned = None if options.networks else self._learned()
        if learned is not None and not self._demands_networks(learned):
            # The energies are those of all events, held out or not.
            model = learned.model.with_(energy_range=self.start.energy_range)
        else:
            model, learned = self._trained(), None
        model = self._labelled(model)
        found = judged(model, self.held_out, options.seed)
        if learned is not None and options.ensemble:
            model = bootstrap_replicas(
                model, self.base, learned, self.training, options.ensemble, options.seed,
                self.say, self.progress, options.refiner_steps, deadline.part(0.95),
            )  # fmt: skip
        pull = found["quality"].get("mean_squared_pull")
        return model.with_(metrics={**model.metrics, "held_out_mean_squared_pull": pull, **found})

    def _learned(self) -> Reweighting:
        options = self.options
        self.say("learning how the base differs from the events")
        return learn_reweighting(
            self.base, self.training, options.seed, steps=options.refiner_steps,
            progress=self.progress, deadline=self.deadline.part(0.75),
        )  # fmt: skip

    def _demands_networks(self, learned: Reweighting) -> bool:
        """Whether the base makes too few events of the new distribution."""
        options, accepted = self.options, learned.acceptance
        if options.networks is False or accepted >= LEAST_ACCEPTED:
            return False
        if options.ensemble:
            raise UsageError(
                f"of the base's events only {accepted:.1%} would be accepted, so that its networks "
                f"must be trained, too; but {NO_REPLICAS}. Leave out --ensemble, or keep the "
                "networks as they are (--no-networks)."
            )
        self.say(f"of the base's events only {accepted:.1%} would be accepted: its "
                 "networks are trained instead")  # fmt: skip
        return True

    def _trained(self) -> Model:
        """Networks trained on the events, and a refiner of what they make."""
        options = self.options
        self.say(f"fine-tuning the networks on {len(self.training):,d} events")
        model = self._networks()
        steps = REFINER_STEPS if options.refiner_steps is None else options.refiner_steps
        if steps:
            self.say("learning which of their events to accept")
        share = self.deadline.part(0.7)
        return refined(
            model, self.training, self.held_out, options.seed, steps, self.progress, share
        )

    def _networks(self) -> Model:
        """Train generator and critic on the events; those held out choose the snapshot."""
        start, mass = self.start, self.start.process.lepton_mass
        known = start.proposal
        options = self.options.training(start, len(self.training))
        if self.deadline.limited:
            options = replace(options, time_limit=max(0.1, 0.55 * self.deadline.left()))
        generator, critic = copy.deepcopy(known.generator), copy.deepcopy(known.critic)
        freeze(generator, self.options.freeze_generator)
        freeze(critic, self.options.freeze_critic)
        if not any(weights.requires_grad for weights in generator.parameters()):
            return start.with_(steps=without_ratios(start.steps))
        device = torch.device(options.device)
        setting = Setting(
            options,
            TrainingSample.of(self.training, known.condition_range, known.scaling.definition).to(
                device
            ),
            known.scaling.to(device),
            mass,
            known.condition_range,
            HeldOutTest.of(self.held_out),
        )
        state = TrainState.new(options, generator.to(device), critic.to(device))

        def after_step(status: Status, _: TrainState) -> None:
            if status.pull is not None:
                self.log.append(status)
            if self.callback is not None:
                self.callback(status)

        fit(state, setting, after_step)
        assert options.steps is not None
        self.deadline.record("networks", state.progress.step, options.steps)
        best = copy.deepcopy(state.average)
        best.load_state_dict(state.best)
        tuned = start.with_(
            proposal=known.with_(
                generator=rounded(best.cpu()).eval().requires_grad_(False),
                critic=rounded(state.critic.cpu()).eval().requires_grad_(False),
                lepton_mass=mass,
            ),
            # They learned the events themselves, not what becomes of theirs.
            steps=(Step(mass),),
        )
        ours = self.options
        frozen = {name: getattr(ours, name) for name in ("freeze_generator", "freeze_critic")}
        values = network_recipe(options, state.progress.step, **frozen)
        return with_recipe(tuned, "networks", values)

    def _labelled(self, model: Model) -> Model:
        """Channel labels from the events themselves, beginning with the base's."""
        self.say("learning the channels")
        given = [
            Labelled(rows_of(model, part)[-1], part.channel)
            for part in (self.training, self.held_out)
        ]
        classifier, quality = train_classifier(
            given[0], given[1], self.options.seed, start=model.labels,
            deadline=self.deadline.part(0.6),
        )  # fmt: skip
        rates = {name: round(value, 5) for name, value in quality.items()}
        known = label_recipe(len(self.training), len(classifier.channels))
        return with_recipe(model, "channel_labels", known).with_(
            labels=rounded(classifier).eval().requires_grad_(False),
            metrics={**model.metrics, "channel_labels": rates},
        )


def check_transfer(options: FinetuneOptions, base: Model, events: EventTable) -> None:
    """Raise UsageError where options contradict each other or the base, or it and the events."""
    check_options(options, base)
    _check_energies(base, events)


def check_options(options: FinetuneOptions, base: Model) -> None:
    """Raise UsageError where options contradict each other or the base."""
    if options.networks is False and options.of_networks:
        raise UsageError(
            f"{', '.join(options.of_networks)}: this is for networks that are trained, but they "
            "are to stay as they are (--no-networks). Leave out the one or the other."
        )
    if options.networks_asked and options.ensemble:
        raise UsageError(
            f"{options.ensemble} replicas of trained networks were asked for; but {NO_REPLICAS}. "
            "Leave out --ensemble, or --networks and its options."
        )
    networks = base.proposal
    most = frozen_layers(networks.generator), frozen_layers(networks.critic) - 1
    for name, asked, allowed in zip(
        ("generator", "critic"), (options.freeze_generator, options.freeze_critic), most,
        strict=True,
    ):  # fmt: skip
        if asked > allowed:
            raise UsageError(
                f"{asked} layers of the {name} were to be frozen; the base {base.name} allows 0 "
                f"to {allowed}: the input layer, then its residual blocks"
            )


def _record(
    sample: Mapping[str, Any],
    options: FinetuneOptions,
    base: Model,
    started: float,
    command: Sequence[str],
    recipe: Mapping[str, Any],
) -> dict[str, Any]:
    return {
        **_named(base),
        **sample,
        "options": _options_that_ran(options, recipe),
        "recipe": recipe,
        "seed": options.seed,
        "steps": recipe.get("networks", {}).get("steps", 0),
        "seconds": round(time.monotonic() - started, 1),
        "torch": torch.__version__,
        "command": reproducing(command, options.seed),
    }


def _options_that_ran(options: FinetuneOptions, recipe: Mapping[str, Any]) -> dict[str, Any]:
    """Options without those of stages that did not run, and those that were left to the program."""
    values = {name: value for name, value in asdict(options).items() if value is not None}
    left_out = set() if "networks" in recipe else set(OF_NETWORKS)
    return {name: value for name, value in values.items() if name not in left_out}


def _named(base: Model) -> dict[str, Any]:
    return {"base": base.name, "base_sha256": base.digest}


def _write_log(folder: Path, log: Sequence[Status]) -> None:
    """Keep the course of the networks' training beside the model, as training does."""
    (folder / "training").mkdir(exist_ok=True)
    with atomic_path(folder / "training" / "log.jsonl") as path:
        path.write_text("".join(status.as_line() for status in log), encoding="utf-8")


def _silent(text: str) -> None:
    """Say nothing."""
