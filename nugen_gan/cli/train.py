"""``nugen-gan train``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nugen_gan.cli.parameters import (
    SETTINGS_HELP,
    device,
    duration,
    energy_range,
    number,
    overwrite_option,
)

if TYPE_CHECKING:
    from nugen_gan.events.table import EventTable
    from nugen_gan.gan.options import TrainingOptions
    from nugen_gan.model.model import Model

__all__ = ["check_device_there", "show_cut", "show_sample", "stem", "train"]


@click.command(context_settings={"show_default": True})
@click.argument("inputs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Model folder to write.  [default: named after the first input]",
)
@click.option("--steps", type=number("steps"), help="Optimiser steps.  [default: by sample size]")
@click.option(
    "--time-limit",
    type=duration,
    metavar="TIME",
    help="End within this time, all stages together: 90s, 15m, 2h.",
)
@click.option(
    "--batch-size",
    type=number("batch size"),
    help="Events per step.  [default: 2048, fewer for small samples]",
)
@click.option(
    "--learning-rate",
    type=number("learning rate"),
    default=5e-4,
    help="Highest learning rate of Adam.",
)
@click.option(
    "--gamma", type=number("gamma"), default=0.2, help="Weight of the gradient penalties."
)
@click.option("--width", type=number("width"), default=128, help="Units per hidden layer.")
@click.option("--blocks", type=number("blocks"), default=3, help="Residual blocks.")
@click.option(
    "--held-out",
    type=number("held-out fraction"),
    default=0.1,
    help="Fraction of events that only choose the best snapshot.",
)
@click.option("--seed", type=number("seed"), help="Of all random numbers.  [default: drawn]")
@click.option("--device", type=device, default="cpu", help="cpu, cuda or mps.")
@click.option(
    "--cross-section",
    type=click.Path(path_type=Path),
    help="Companion table of sigma(E), where the input holds none.",
)
@click.option(
    "--generator", help="What made the events, where the input does not tell: NuWro 25.11, ..."
)
@click.option("--settings", metavar="FILE|NAME=VALUE,...", multiple=True, help=SETTINGS_HELP)
@click.option("--format", "format_", help="Format of the input, if it is not to be guessed.")
@click.option("--probe", help="Probe to pick from a file of several: 14, numu, ...")
@click.option("--target", help="Target to pick from a file of several: C12, 1000060120, ...")
@click.option(
    "--energy-range", type=energy_range, metavar="LOW,HIGH", help="Neutrino energies to keep [GeV]."
)
@click.option("--resume", is_flag=True, help="Continue an interrupted training.")
@overwrite_option
@click.option("--dry-run", is_flag=True, help="Show the plan and stop.")
def train(inputs: tuple[Path, ...], **given: Any) -> None:
    """Train a model from scratch on INPUTS: event tables, or generators' own files.

    Everything follows from the number of events unless you say otherwise.  Ctrl-C keeps a
    snapshot; the same command with --resume continues from it.
    """  # fmt: skip
    from nugen_gan.conversion.convert import read
    from nugen_gan.conversion.settings import read_settings
    from nugen_gan.storage.atomic import refuse_inputs_inside
    from nugen_gan.training.run_folder import RunFolder

    output = given["output"] or Path(f"{stem(inputs[0])}_model")
    RunFolder.open(output, resume=given["resume"], overwrite=given["overwrite"])
    check_device_there(given["device"])
    events = read(
        list(inputs),
        format=given["format_"],
        probe=given["probe"],
        target=given["target"],
        energy_range=given["energy_range"],
        cross_section=given["cross_section"],
        generator=given["generator"],
        settings=read_settings(*given["settings"]),
    )
    options = _options(given)
    if given["overwrite"]:
        refuse_inputs_inside(output, inputs)
    show_sample(events)
    if given["dry_run"]:
        _show_plan(events, options, output)
        return
    _train(events, output, options, given)


def check_device_there(name: str) -> None:
    """Ask torch for a device before anything else is done; the processor is there."""
    if name != "cpu":
        from nugen_gan.training.train import check_device

        check_device(name)


def _options(given: dict[str, Any]) -> TrainingOptions:
    from nugen_gan.gan.networks import Architecture
    from nugen_gan.gan.options import TrainingOptions

    width, blocks = given["width"], given["blocks"]
    return TrainingOptions(
        steps=given["steps"],
        time_limit=given["time_limit"],
        batch_size=given["batch_size"],
        learning_rate=given["learning_rate"],
        gamma=given["gamma"],
        held_out=given["held_out"],
        seed=_seed(given),
        device=given["device"],
        architecture=Architecture(
            width=width, blocks=blocks, critic_width=width, critic_blocks=blocks
        ),
    )


def _seed(given: dict[str, Any]) -> int:
    """The seed asked for, or a new one; one that is resumed has its own."""
    from nugen_gan.model.sampler import draw_seed

    if given["seed"] is None:
        return 0 if given["resume"] else draw_seed()
    return int(given["seed"])


def _train(
    events: EventTable, output: Path, options: TrainingOptions, given: dict[str, Any]
) -> None:
    from nugen_gan.cli.progress import TerminalMonitor
    from nugen_gan.model.quality import quality_line
    from nugen_gan.training.train import train as train_model

    if not given["resume"]:
        click.echo(f"seed            {options.seed}")
    monitor = TerminalMonitor()
    try:
        model = train_model(
            events,
            output,
            options=options,
            resume=given["resume"],
            overwrite=given["overwrite"],
            monitor=monitor,
            command=["nugen-gan", *sys.argv[1:]],
        )
    except KeyboardInterrupt as error:
        if monitor.step:
            error.add_note(
                f"stopped at step {monitor.step}; the same command with --resume continues "
                f"from there ({output}.run)"
            )
        raise
    minutes = model.training["seconds"] / 60
    click.echo(f"trained         {model.training['steps']:,d} steps in {minutes:.1f} minutes")
    show_cut(model)
    click.echo(f"quality         {quality_line(model.metrics)}")
    click.echo(f"model           {output}")


def show_cut(model: Model) -> None:
    """Print what a time limit cut short, if anything."""
    cut = model.training.get("cut_short") or {}
    for stage, how in cut.items():
        click.echo(f"cut short       {stage}: {how}")


def show_sample(events: EventTable) -> None:
    """Print what a sample holds."""
    from nugen_gan.events.generator_settings import settings_summary

    low, high = events.energy_range()
    shares = ", ".join(f"{name} {share:.1%}" for name, share in events.channel_fractions().items())
    click.echo(f"sample          {len(events):,d} events of {events.process.name}")
    click.echo(f"energy range    {low:g} to {high:g} GeV")
    click.echo(f"channels        {shares}")
    if events.provenance.generator:
        click.echo(f"generator       {events.provenance.generator}")
    for name, value in settings_summary(events.provenance):
        click.echo(f"{name:<15} {value}")
    if events.cross_section is None:
        click.echo(
            "cross section   unknown: the model will know shapes only (give --cross-section FILE)"
        )
    else:
        click.echo(f"cross section   from {events.cross_section.source}")


def _show_plan(events: EventTable, options: TrainingOptions, output: Path) -> None:
    from nugen_gan.training.train import plan

    planned = plan(events, options)
    chosen = planned.options
    limit = f", at most {chosen.time_limit:g} s" if chosen.time_limit else ""
    click.echo(f"training on     {planned.training_events:,d} events, "
               f"{planned.held_out_events:,d} held out")  # fmt: skip
    click.echo(f"networks        generator {planned.parameters[0]:,d} weights, "
               f"critic {planned.parameters[1]:,d}")  # fmt: skip
    click.echo(f"schedule        {chosen.steps:,d} steps of {chosen.batch_size:,d} events, "
               f"learning rate {chosen.learning_rate:g}{limit}")  # fmt: skip
    click.echo(f"device          {chosen.device}")
    click.echo(f"would write     {output}")


def stem(path: Path) -> str:
    """Name of an input without what tells its format."""
    return path.name.removesuffix(".root").removesuffix(".table")
