"""``nugen-gan train``."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nugen_gan.cli.gathered import gathered
from nugen_gan.cli.inputs import Reading, reading_options, show_sample, stem
from nugen_gan.cli.parameters import device, duration, number, overwrite_option
from nugen_gan.cli.progress import TerminalMonitor

if TYPE_CHECKING:
    from nugen_gan.events.table import EventTable
    from nugen_gan.gan.options import TrainingOptions
    from nugen_gan.model.model import Model

__all__ = ["check_device_there", "show_cut", "train"]


@dataclass(frozen=True, slots=True)
class Course:
    """How to train, as the command line says it; see ``nugen-gan train --help``."""

    steps: int | None
    time_limit: float | None
    batch_size: int | None
    learning_rate: float
    gamma: float
    width: int
    blocks: int
    held_out: float
    seed: int | None
    device: str

    def options(self, *, resume: bool) -> TrainingOptions:
        """The options of the library; a training that is resumed has a seed already."""
        from nugen_gan.gan.networks import Architecture
        from nugen_gan.gan.options import TrainingOptions
        from nugen_gan.model.sampler import draw_seed

        drawn = 0 if resume else draw_seed()
        return TrainingOptions(
            steps=self.steps,
            time_limit=self.time_limit,
            batch_size=self.batch_size,
            learning_rate=self.learning_rate,
            gamma=self.gamma,
            held_out=self.held_out,
            seed=drawn if self.seed is None else self.seed,
            device=self.device,
            architecture=Architecture(
                width=self.width,
                blocks=self.blocks,
                critic_width=self.width,
                critic_blocks=self.blocks,
            ),
        )


course_options = gathered(
    "course", Course,
    click.option(
        "--steps", type=number("steps"), help="Optimiser steps.  [default: by sample size]"
    ),
    click.option(
        "--time-limit", type=duration, metavar="TIME",
        help="End within this time, all stages together: 90s, 15m, 2h.",
    ),
    click.option(
        "--batch-size", type=number("batch size"),
        help="Events per step.  [default: 2048, fewer for small samples]",
    ),
    click.option(
        "--learning-rate", type=number("learning rate"), default=5e-4,
        help="Highest learning rate of Adam.",
    ),
    click.option(
        "--gamma", type=number("gamma"), default=0.2, help="Weight of the gradient penalties."
    ),
    click.option(
        "--width", type=number("width"), default=128, help="Units per hidden layer."
    ),
    click.option("--blocks", type=number("blocks"), default=3, help="Residual blocks."),
    click.option(
        "--held-out", type=number("held-out fraction"), default=0.1,
        help="Fraction of events that only choose the best snapshot.",
    ),
    click.option("--seed", type=number("seed"), help="Of all random numbers.  [default: drawn]"),
    click.option("--device", type=device, default="cpu", help="cpu, cuda or mps."),
)  # fmt: skip


@click.command(context_settings={"show_default": True})
@click.argument("inputs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Model folder to write.  [default: named after the first input]",
)
@course_options
@reading_options(
    target="Target to pick from a file of several: C12, 1000060120, ...",
    probe="Probe to pick from a file of several: 14, numu, ...",
)
@click.option("--resume", is_flag=True, help="Continue an interrupted training.")
@overwrite_option
@click.option("--dry-run", is_flag=True, help="Show the plan and stop.")
def train(
    inputs: tuple[Path, ...],
    output: Path | None,
    course: Course,
    reading: Reading,
    resume: bool,
    overwrite: bool,
    dry_run: bool,
) -> None:
    """Train a model from scratch on INPUTS: event tables, or generators' own files.

    Everything follows from the number of events unless you say otherwise.  Ctrl-C keeps a
    snapshot; the same command with --resume continues from it.
    """
    from nugen_gan.storage.atomic import refuse_inputs_inside
    from nugen_gan.training.run_folder import RunFolder

    output = output or Path(f"{stem(inputs[0])}_model")
    RunFolder.open(output, resume=resume, overwrite=overwrite)
    check_device_there(course.device)
    events = reading.read(inputs)
    of_hadrons = reading.read_hadrons(events)
    options = course.options(resume=resume)
    if overwrite:
        refuse_inputs_inside(output, inputs)
    show_sample(events, of_hadrons)
    if dry_run:
        _show_plan(events, options, output)
        return
    if not resume:
        click.echo(f"seed            {options.seed}")
    model = _train(events, of_hadrons, output, options, resume=resume, overwrite=overwrite)
    _show_result(model, output)


def check_device_there(name: str) -> None:
    """Ask torch for a device before anything else is done; the processor is there."""
    if name != "cpu":
        from nugen_gan.training.train import check_device

        check_device(name)


def _train(
    events: EventTable, of_hadrons: EventTable | None, output: Path, options: TrainingOptions, *,
    resume: bool, overwrite: bool,
) -> Model:  # fmt: skip
    from nugen_gan.training.train import train as train_model

    monitor = TerminalMonitor()
    try:
        return train_model(
            events, output, options=options, resume=resume, overwrite=overwrite, monitor=monitor,
            command=["nugen-gan", *sys.argv[1:]], hadrons_from=of_hadrons,
        )  # fmt: skip
    except KeyboardInterrupt as error:
        if monitor.step:
            error.add_note(
                f"stopped at step {monitor.step}; the same command with --resume continues "
                f"from there ({output}.run)"
            )
        raise


def _show_result(model: Model, output: Path) -> None:
    from nugen_gan.model.quality import quality_line

    minutes = model.training["seconds"] / 60
    click.echo(f"trained         {model.training['steps']:,d} steps in {minutes:.1f} minutes")
    show_cut(model)
    click.echo(f"quality         {quality_line(model.metrics)}")
    click.echo(f"model           {output}")
    click.echo(f"next            nugen-gan distil {output}   (a hundred times as fast)")


def show_cut(model: Model) -> None:
    """Print what a time limit cut short, if anything."""
    cut = model.training.get("cut_short") or {}
    for stage, how in cut.items():
        click.echo(f"cut short       {stage}: {how}")


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
