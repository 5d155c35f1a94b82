"""``nugen-gan finetune``."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from nugen_gan.cli.parameters import (
    SETTINGS_HELP,
    Count,
    device,
    duration,
    energy_range,
    number,
    overwrite_option,
)
from nugen_gan.cli.progress import TerminalMonitor
from nugen_gan.cli.train import check_device_there, show_sample, stem
from nugen_gan.errors import UsageError
from nugen_gan.storage.atomic import refuse_inputs_inside

if TYPE_CHECKING:
    from nugen_gan.events.table import EventTable
    from nugen_gan.model.model import Model
    from nugen_gan.training.measure import Measure
    from nugen_gan.transfer.finetune import FinetuneOptions

__all__ = ["Chosen", "choose", "finetune", "transfer_options", "tuning_options"]

C = TypeVar("C", bound=Callable[..., Any])
# Most events of the rest of the sample that measure a finished model.
MOST_MEASURED = 20_000


def transfer_options(command: C) -> C:
    """Add the options by which fine-tunings choose their base, their events and their course."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    click.option("--base", default="numu_cc_C12", help="Model to begin with: a folder or a name."),
    click.option(
        "--target",
        help="Without INPUTS: take the bundled events on this nucleus, such as Ar.  With INPUTS: "
        "which target to pick from a file of several.",
    ),
    click.option("--probe", help="The same for the neutrino: numu, 14.  [default: that of --base]"),
    click.option("--events", type=Count(1), help="Use so many events, taken at random, not all."),
    click.option(
        "--steps", type=number("steps"), help="Optimiser steps.  [default: by sample size]"
    ),
    click.option(
        "--learning-rate",
        type=number("learning rate"),
        help="Highest learning rate of Adam.  [default: see finetune --dry-run]",
    ),
    click.option(
        "--gamma",
        type=number("gamma"),
        help="Weight of the gradient penalties.  [default: by sample size]",
    ),
    click.option(
        "--batch-size", type=number("batch size"), help="Events per step.  [default: 2048]"
    ),
    click.option(
        "--held-out",
        type=number("held-out fraction"),
        default=None,
        help="Fraction of the events that only measure and choose.  [default: 0.1; of more than "
        "20,000 events 2,000]",
    ),
    click.option(
        "--time-limit",
        type=duration,
        metavar="TIME",
        help="End within this time, all stages together: 90s, 15m, 2h.",
    ),
    click.option(
        "--refiner-steps",
        type=number("refiner steps"),
        metavar="N",
        help="Optimiser steps of each network that learns which events to accept: 200 for a first "
        "look in some twenty seconds; 0 leaves trained networks without.  "
        "[default: by sample size]",
    ),
    overwrite_option,
    click.option("--seed", type=number("seed"), help="Of all random numbers.  [default: drawn]"),
    click.option("--device", type=device, default="cpu", help="cpu, cuda or mps."),
    click.option(
        "--cross-section",
        type=click.Path(path_type=Path),
        help="Companion table of sigma(E), where the input holds none.",
    ),
    click.option(
        "--generator", help="What made the events, where the input does not tell: NuWro 25.11, ..."
    ),
    click.option("--settings", metavar="FILE|NAME=VALUE,...", multiple=True, help=SETTINGS_HELP),
    click.option("--format", "format_", help="Format of the input, if it is not to be guessed."),
    click.option(
        "--energy-range",
        type=energy_range,
        metavar="LOW,HIGH",
        help="Neutrino energies to keep [GeV].",
    ),
)


@click.command(context_settings={"show_default": True})
@click.argument("inputs", metavar="[INPUTS]...", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Model folder to write.  [default: named after the first input, or the process]",
)
@transfer_options
@click.option(
    "--networks/--no-networks",
    default=None,
    help="Train generator and critic on the events, instead of reweighting the events of --base.  "
    "[default: if one of their options, such as --steps or --freeze, is given, or too few of the "
    "base's events would be accepted]",
)
@click.option(
    "--freeze",
    type=number("frozen layers"),
    metavar="N",
    help="Leave the first N layers of both networks as they are.  [default: 0]",
)
@click.option(
    "--freeze-generator",
    type=number("frozen layers"),
    metavar="N",
    help="The same for the generator.",
)
@click.option(
    "--freeze-critic", type=number("frozen layers"), metavar="N", help="The same for the critic."
)
@click.option(
    "--ensemble",
    type=number("ensemble"),
    default=0,
    metavar="N",
    help="Add N bootstrap replicas: the scatter of their events is the model's uncertainty.  Not "
    "with --networks.",
)
@click.option("--dry-run", is_flag=True, help="Show the plan and stop.")
def finetune(inputs: tuple[Path, ...], **given: Any) -> None:
    """Carry a model over to the target, probe or generator of INPUTS, with few events.

    \b
      nugen-gan finetune --target Ar
      nugen-gan finetune few.table.root --base my_model --ensemble 8
      nugen-gan finetune genie.gst.root --events 5000 -o genie_model

    INPUTS are event tables or generators' own files, of at least 100 events, better 1,000 or
    more.  Without them, the events come from a bundled sample on --target.
    """  # fmt: skip
    from nugen_gan.model.folder import check_place

    output = given["output"] or (Path(f"{stem(inputs[0])}_model") if inputs else None)
    if output is not None:
        check_place(output, overwrite=given["overwrite"])
    chosen = choose(inputs, given, _check_options)
    options = tuning_options(given, chosen.seed, *_depths(given, chosen.base))
    output = output or Path(f"{chosen.name}_model")
    check_place(output, overwrite=given["overwrite"])
    if given["overwrite"]:
        refuse_inputs_inside(output, inputs)
    chosen.show()
    if given["dry_run"]:
        _show_plan(chosen, options, output)
        return
    model = _run(chosen, options, output, overwrite=given["overwrite"])
    _show_result(model, chosen, options, output)


@dataclass(frozen=True)
class Chosen:
    """What a fine-tuning begins with.

    Attributes
    ----------
    base : the model
    events : to fine-tune on
    rest : the rest of the sample, where not all of it is used
    seed : of everything random
    name : what outputs are named after
    notes : how the events differ from the base's, and energies that they leave empty
    """

    base: Model
    events: EventTable
    rest: EventTable
    seed: int
    name: str
    notes: tuple[str, ...]

    def show(self) -> None:
        """Print base, sample and notes."""
        click.echo(f"base            {self.base.name} ({self.base.process.name})")
        show_sample(self.events)
        for note in self.notes:
            click.echo(f"note: {note}")


def choose(
    inputs: Sequence[Path],
    given: dict[str, Any],
    check: Callable[[dict[str, Any], Model], None] | None = None,
) -> Chosen:
    """Load the base, read the events, and take those that were asked for.

    ``check`` may refuse what was given before the events are read, once the base is known.
    """
    from nugen_gan.gan.sample import unweighted
    from nugen_gan.model.model import load_model
    from nugen_gan.model.sampler import draw_seed
    from nugen_gan.transfer.finetune import differences, empty_energies

    check_device_there(given["device"])
    base = load_model(given["base"])
    if check is not None:
        check(given, base)
    seed = draw_seed() if given["seed"] is None else given["seed"]
    events, name = _sample(inputs, given, base)
    events, rest = _part(unweighted(events, seed), given["events"], seed)
    notes = (*differences(base, events), *empty_energies(events), *_nearer(base, events))
    return Chosen(base, events, rest, seed, name, notes)


def _nearer(base: Model, events: EventTable) -> list[str]:
    """A note that names bundled models which are nearer to the events than the base, if any."""
    from nugen_gan.transfer.bases import nearer_bases

    found = nearer_bases(base.process.name, events.process)
    if not found:
        return []
    which = "is a nearer base" if len(found) == 1 else "are nearer bases"
    return [
        f"{' and '.join(found)}, bundled, {which} for events of {events.process.name} than "
        f"{base.name}: --base {found[0]} needs fewer of them"
    ]


def _sample(inputs: Sequence[Path], given: dict[str, Any], base: Model) -> tuple[EventTable, str]:
    """The events, from the inputs or a bundled sample, and what to name outputs after."""
    from nugen_gan.conversion.convert import read
    from nugen_gan.conversion.settings import read_settings

    if inputs:
        files, name = [str(path) for path in inputs], stem(inputs[0])
        probe, target = given["probe"], given["target"]
    else:
        sample, name = _bundled(given, base)
        files, probe, target = [sample], None, None
    events = read(
        files,
        format=given["format_"],
        probe=probe,
        target=target,
        energy_range=given["energy_range"],
        cross_section=given["cross_section"],
        generator=given["generator"],
        settings=read_settings(*given["settings"]),
    )
    return events, name


def _bundled(given: dict[str, Any], base: Model) -> tuple[str, str]:
    """Name of a bundled sample, and of its process."""
    from nugen_gan.physics.process import Process, parse_probe, parse_target
    from nugen_gan.storage.bundled import bundled_samples, sample_of

    known = ", ".join(bundled_samples()) or "none"
    if given["target"] is None:
        raise UsageError(
            "no events were given: name files of them, or a --target of which a sample is "
            f"bundled. Bundled are: {known}."
        )
    probe = base.process.probe if given["probe"] is None else parse_probe(given["probe"])
    process = Process(probe, parse_target(given["target"])).name
    sample = sample_of(process)
    if sample is None:
        raise UsageError(
            f"no sample of {process} is bundled: give files of its events. Bundled are: {known}."
        )
    return sample, process


def _part(events: EventTable, wanted: int | None, seed: int) -> tuple[EventTable, EventTable]:
    """So many events at random, in the order of the file, and the rest."""
    import numpy as np

    from nugen_gan.events.cutflow import CutFlow
    from nugen_gan.streams import numpy_stream

    if wanted is None:
        return events, events[:0]
    if wanted > len(events):
        raise UsageError(
            f"{wanted:,d} events were asked for with --events; the sample has {len(events):,d}"
        )
    order = numpy_stream(seed, "part of the sample").permutation(len(events))
    step = CutFlow((("all", len(events)), (f"{wanted} at random", wanted)))
    part = events[np.sort(order[:wanted])].with_(cutflow=events.cutflow.then(step))
    return part, events[order[wanted:]]


def tuning_options(
    given: dict[str, Any], seed: int, generator: int = 0, critic: int = 0
) -> FinetuneOptions:
    """The options of the library, of those of the command line."""
    from nugen_gan.transfer.finetune import FinetuneOptions

    names = ("networks", "ensemble", "steps", "batch_size", "learning_rate", "gamma",
             "held_out", "time_limit", "device", "refiner_steps")  # fmt: skip
    return FinetuneOptions(
        freeze_generator=generator,
        freeze_critic=critic,
        seed=seed,
        # What was not said is left to the library.
        **{name: given[name] for name in names if given.get(name) is not None},
    )


def _check_options(given: dict[str, Any], base: Model) -> None:
    from nugen_gan.transfer.finetune import check_options

    check_options(tuning_options(given, 0, *_depths(given, base)), base)


def _depths(given: dict[str, Any], base: Model) -> tuple[int, int]:
    """Frozen layers of generator and critic; too many are an error of the library."""
    from nugen_gan.gan.freezing import frozen_at

    both, generator, critic = (
        given[name] for name in ("freeze", "freeze_generator", "freeze_critic")
    )
    if both is None:
        return generator or 0, critic or 0
    if generator is not None or critic is not None:
        raise UsageError(
            "--freeze is for both networks: leave it out, or --freeze-generator and --freeze-critic"
        )
    return frozen_at(base.proposal.critic, both)


def _run(chosen: Chosen, options: FinetuneOptions, output: Path, *, overwrite: bool) -> Model:
    from nugen_gan.transfer.finetune import finetune as finetune_model

    click.echo(f"seed            {options.seed}")
    try:
        return finetune_model(
            chosen.events,
            chosen.base,
            output,
            options=options,
            overwrite=overwrite,
            monitor=TerminalMonitor(known=chosen.notes),
            command=["nugen-gan", *sys.argv[1:]],
        )
    except KeyboardInterrupt as error:
        # The folder gets its name only when it is complete.
        left = f"; {output} is as it was" if output.exists() else ""
        error.add_note(f"nothing was written{left}")
        raise


def _show_plan(chosen: Chosen, options: FinetuneOptions, output: Path) -> None:
    from nugen_gan.gan.freezing import trainable_weights
    from nugen_gan.transfer.finetune import check_transfer
    from nugen_gan.transfer.reweighting import reweighting_options

    check_transfer(options, chosen.base, chosen.events)
    training, held_out = options.split(chosen.events)
    known = options.resolved(len(training))
    depths = options.freeze_generator, options.freeze_critic
    networks = chosen.base.proposal
    generator, critic = trainable_weights(networks.generator, networks.critic, depths)
    click.echo(f"training on     {len(training):,d} events, {len(held_out):,d} held out")
    if not known.networks:
        ratio = reweighting_options(len(training), known.refiner_steps)
        last = ", then one in their place" if ratio.distilled else ""
        click.echo(
            f"density ratio   {ratio.shape.members} networks, {ratio.steps:,d} steps each{last}"
        )
    if known.networks is not False:
        if known.networks is None:
            click.echo(
                "networks        trained only if too few of the base's events are accepted; then"
            )
        click.echo(f"to be trained   generator {generator:,d} weights, critic {critic:,d}")
        click.echo(f"schedule        {known.steps:,d} steps of {known.batch_size:,d} events, "
                   f"learning rate {known.learning_rate:g}")  # fmt: skip
    else:
        click.echo("networks        those of the base, as they are")
    click.echo(f"replicas        {known.ensemble}")
    click.echo(f"would write     {output}")


def _show_result(model: Model, chosen: Chosen, options: FinetuneOptions, output: Path) -> None:
    """How it went, how good it is, and what to do next."""
    from nugen_gan.model.quality import quality_line
    from nugen_gan.training.measure import Measure, fluctuation, measured
    from nugen_gan.transfer.reweighting import adopted

    minutes, labels = model.training["seconds"] / 60, model.metrics["channel_labels"]
    click.echo(f"fine-tuned      on {len(chosen.events):,d} events in {minutes:.1f} minutes")
    click.echo(f"channel labels  log loss {labels['log_loss']:.4f}, calibration error "
               f"{labels['calibration_error']:.4f}")  # fmt: skip
    _, held_out = options.split(chosen.events)
    rest = chosen.rest[:MOST_MEASURED]
    for name, events in (("held-out events", held_out), ("other events", rest)):
        pull = model.metrics["held_out_mean_squared_pull"]
        if len(events) < 100 or pull is None:
            continue
        if events is held_out:  # the fine-tuning has measured it
            ours = Measure(pull, fluctuation(events), len(events))
        else:
            ours = measured(model, events, chosen.seed)
        theirs = measured(adopted(chosen.base, events), events, chosen.seed)
        click.echo(f"{name:<16}{_compared(ours, theirs)}")
    click.echo(f"quality         {quality_line(model.metrics)}")
    click.echo(f"model           {output}")
    low, high = model.energy_range
    place = shlex.quote(str(output))
    energies = f"{low:.4g},{high:.4g}"
    click.echo(f"next            nugen-gan generate {place} -n 100000 --energy {energies}")
    click.echo(f"                nugen-gan validate {place} FILE   (events that it has not seen)")


def _compared(model: Measure, base: Measure) -> str:
    return (
        f"mean squared pull {model.pull:.3f} +- {model.error:.3f} on {model.events:,d} events "
        f"(1 is perfect; the base: {base.pull:.3g})"
    )
