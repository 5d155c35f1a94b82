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
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch

from nugen_gan.channels.fit import Labelled, train_classifier
from nugen_gan.density_ratio.network import rounded
from nugen_gan.errors import UsageError
from nugen_gan.events.table import EventTable
from nugen_gan.gan.deadline import Deadline
from nugen_gan.gan.freezing import freeze
from nugen_gan.gan.loop import Setting, Status, fit
from nugen_gan.gan.sample import TrainingSample, unweighted
from nugen_gan.gan.state import TrainState
from nugen_gan.model.folder import check_place
from nugen_gan.model.model import Model, load_model
from nugen_gan.model.steps import Step, without_ratios
from nugen_gan.monitor import SILENT, Monitor, monitored
from nugen_gan.storage.atomic import atomic_path
from nugen_gan.training import recipe as recipes
from nugen_gan.training.hadrons import check_hadrons_from, with_hadrons
from nugen_gan.training.measure import judged
from nugen_gan.training.recipe import Recipe, network_recipe, with_recipe
from nugen_gan.training.refine import refined, rows_of
from nugen_gan.training.train import (
    LEPTON_SHARE,
    check_device,
    lineage_step,
    reproducing,
    sample_record,
)
from nugen_gan.transfer.bootstrap import bootstrap_replicas
from nugen_gan.transfer.checks import (
    NO_REPLICAS,
    check_options,
    check_transfer,
    differences,
    empty_energies,
)
from nugen_gan.transfer.options import OF_NETWORKS, FinetuneOptions
from nugen_gan.transfer.reweighting import Reweighting, adopted, learn_reweighting

__all__ = [
    "FinetuneOptions",
    "check_options",
    "check_transfer",
    "differences",
    "empty_energies",
    "finetune",
]


def finetune(
    events: EventTable,
    base: Model | str | os.PathLike[str] = "numu_cc_C12",
    output: str | os.PathLike[str] | None = None,
    *,
    options: FinetuneOptions | None = None,
    overwrite: bool = False,
    monitor: Monitor = SILENT,
    command: Sequence[str] = (),
    recipe: Recipe | None = None,
    hadrons_from: EventTable | None = None,
) -> Model:
    """Carry a base model over to the process, target or interaction model of these events.

    Parameters
    ----------
    events : charged-current events of one process, at least 100; the model makes hadrons if they
        have any
    base : a model, its folder, or the name of a bundled one
    output : the model folder to write; absent: only return the model
    options : how; the defaults follow from the number of events
    overwrite : replace an existing model folder
    monitor : is told of each stage, and of what should be known; after each step of the networks
        also the figures of a :class:`~nugen_gan.gan.loop.Status`, such as ``step`` and ``pull``
    command : the words of the command line that asked for it, for the model card
    recipe : the constants of all stages; the usual ones if absent
    hadrons_from : events of the same process to learn the hadrons from; those of ``events`` if
        absent

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
    >>> events = nugen_gan.read("numu_cc_Ar40_sample", hadrons=False)[:500]
    >>> options = nugen_gan.FinetuneOptions(refiner_steps=20, seed=1)
    >>> model = nugen_gan.finetune(events, "numu_cc_C12", "my_argon", options=options)
    >>> model.process.name
    'numu_cc_Ar40'
    """
    options, recipe = options or FinetuneOptions(), recipe or recipes.USUAL
    check_device(options.device)
    base = base if isinstance(base, Model) else load_model(base)
    known, base = base.hadrons, base.without_hadrons()
    check_transfer(options, base, events)
    check_hadrons_from(events, hadrons_from)
    if output is not None:
        check_place(Path(output), overwrite=overwrite)
    started, whole = time.monotonic(), Deadline.within(options.time_limit)
    of_hadrons = events if hadrons_from is None else hadrons_from
    deadline = whole if of_hadrons.particles is None else whole.part(LEPTON_SHARE)
    events = unweighted(events, options.seed)
    warnings = [*differences(base, events), *empty_energies(events)]
    for text in warnings:
        monitor.note(text)
    training, held_out = options.split(events, recipe)
    share = len(held_out) / len(events)
    options = replace(options.resolved(len(training), recipe), held_out=share)
    log: list[Status] = []
    start = adopted(base, events, recipe)
    work = _Work(
        base, start, training, held_out, options, recipe, monitor, log, deadline,
    )  # fmt: skip
    model = work.run()
    rest = whole.part(0.95)
    model = with_hadrons(model, of_hadrons, options.seed, recipe, monitor, rest, known)
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


@dataclass(frozen=True)
class _Work:
    """The stages of a fine-tuning, in order."""

    base: Model
    start: Model  # the base as a model of the new process
    training: EventTable
    held_out: EventTable
    options: FinetuneOptions
    recipe: Recipe
    monitor: Monitor
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
        with monitored(self.monitor, "measuring on held-out events"):
            found = judged(model, self.held_out, options.seed)
        if learned is not None and options.ensemble:
            model = bootstrap_replicas(
                model, self.base, learned, self.training, options.ensemble, options.seed,
                self.monitor, options.refiner_steps, deadline.part(0.95), self.recipe,
            )  # fmt: skip
        pull = found["quality"].get("mean_squared_pull")
        return model.with_(metrics={**model.metrics, "held_out_mean_squared_pull": pull, **found})

    def _learned(self) -> Reweighting:
        options = self.options
        with monitored(self.monitor, "learning how the base differs from the events", 1.0):
            return learn_reweighting(
                self.base, self.training, options.seed, steps=options.refiner_steps,
                monitor=self.monitor, deadline=self.deadline.part(0.75), recipe=self.recipe,
            )  # fmt: skip

    def _demands_networks(self, learned: Reweighting) -> bool:
        """Whether the base makes too few events of the new distribution."""
        options, accepted = self.options, learned.acceptance
        if options.networks is False or accepted >= self.recipe.least_accepted:
            return False
        if options.ensemble:
            raise UsageError(
                f"of the base's events only {accepted:.1%} would be accepted, so that its networks "
                f"must be trained, too; but {NO_REPLICAS}. Leave out --ensemble, or keep the "
                "networks as they are (--no-networks)."
            )
        self.monitor.note(f"of the base's events only {accepted:.1%} would be accepted: its "
                          "networks are trained instead")  # fmt: skip
        return True

    def _trained(self) -> Model:
        """Networks trained on the events, and a refiner of what they make."""
        options = self.options
        model = self._networks()
        usual = self.recipe.networks.refiner_steps
        steps = usual if options.refiner_steps is None else options.refiner_steps
        share = self.deadline.part(0.7)
        return refined(
            model,
            self.training,
            self.held_out,
            options.seed,
            steps,
            self.monitor,
            share,
            self.recipe,
        )

    def _networks(self) -> Model:
        """Train generator and critic on the events; those held out choose the snapshot."""
        start, mass = self.start, self.start.process.lepton_mass
        known = start.proposal
        options = self.options.training(start, len(self.training), self.recipe)
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
            self.recipe.held_out_test(self.held_out),
        )
        state = TrainState.new(options, generator.to(device), critic.to(device))
        stage = f"fine-tuning the networks on {len(self.training):,d} events"
        with monitored(self.monitor, stage, 1.0):
            for status in fit(state, setting):
                if status.pull is not None:
                    self.log.append(status)
                self.monitor.advanced(status.done, **status.figures())
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
        given = [
            Labelled(rows_of(model, part)[-1], part.channel)
            for part in (self.training, self.held_out)
        ]
        options = self.recipe.label_options(len(self.training))
        with monitored(self.monitor, "learning the channels", 1.0):
            classifier, quality = train_classifier(
                given[0], given[1], self.options.seed, options, start=model.labels,
                monitor=self.monitor, deadline=self.deadline.part(0.6),
            )  # fmt: skip
        rates = {name: round(value, 5) for name, value in quality.items()}
        known = options.as_they_run(len(self.training), len(classifier.channels))
        return with_recipe(model, "channel_labels", known).with_(
            labels=rounded(classifier).eval().requires_grad_(False),
            metrics={**model.metrics, "channel_labels": rates},
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
