"""``nugen-gan info``: what is in a file of events or a model."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nugen_gan.cli.messages import hadrons_text, paragraph
from nugen_gan.cli.progress import TerminalMonitor
from nugen_gan.events.generator_settings import settings_summary

if TYPE_CHECKING:
    from nugen_gan.conversion.sample import Sample
    from nugen_gan.events.cutflow import CutFlow
    from nugen_gan.physics.process import Process

__all__ = ["info"]

# Parameters of a generator that are shown without being asked for.
MOST_PARAMETERS = 45


@click.command()
@click.argument("what", metavar="FILE_OR_MODEL")
@click.option("--format", "format_", metavar="NAME", help="Format of FILE; see 'formats'.")
@click.option("--all", "everything", is_flag=True, help="Every parameter of the generator, too.")
def info(what: str, format_: str | None, everything: bool) -> None:
    """Tell what is in a file of events, or what a model is and can do."""
    from nugen_gan.model.folder import describe, is_model

    path = Path(what)
    if path.is_dir() or (not path.exists() and is_model(what)):
        click.echo(describe(what))
        return
    from nugen_gan.conversion.sample import Sample

    _print(Sample([path], format=format_, monitor=TerminalMonitor()), everything)


def _print(sample: Sample, everything: bool) -> None:
    origin = sample.source.provenance()
    click.echo(f"format: {sample.adapter.name} ({sample.adapter.description})")
    if origin.generator:
        click.echo(f"generator: {origin.generator} {origin.version}".rstrip())
    click.echo(f"events: {sample.read:,}")
    for name, value in (*sample.source.summary(), *settings_summary(origin)):
        click.echo(f"{name}: {value}")
    if sample.others:
        counts = ", ".join(f"{name} {count:,}" for name, count in sorted(sample.others.items()))
        click.echo(f"not charged-current: {counts}")
    if sample.elsewhere:
        click.echo(f"charged-current, but not taken: {sample.elsewhere_in_words()}")
    for process in sample.found:
        click.echo()
        _print_process(sample, process)
    if origin.parameters:
        click.echo()
        _print_parameters(origin.parameters, everything)
    for file in origin.files:
        click.echo(f"file: {file.name}, {file.entries:,} events, SHA-256 {file.sha256}")


def _print_parameters(parameters: Mapping[str, object], everything: bool) -> None:
    """The first parameters, which are those of the run, or all of them."""
    shown = list(parameters.items())[: None if everything else MOST_PARAMETERS]
    click.echo("parameters:")
    for name, value in shown:
        click.echo(f"  {name}: {_shortened(value)}")
    if len(shown) < len(parameters):
        click.echo(f"  and {len(parameters) - len(shown)} more: --all shows them")


def _print_process(sample: Sample, process: Process) -> None:
    found, header = sample.found[process], sample.header(process)
    click.echo(f"{process.name}: {found.cutflow.kept:,} charged-current events")
    _print_losses(found.cutflow)
    for text in sample.warnings(process):
        click.echo(paragraph(f"warning: {text}"), err=True)
    if not found.cutflow.kept:
        return
    click.echo(f"  energies: {found.low:.6g}-{found.high:.6g} GeV")
    counts = ", ".join(f"{name} {count:,}" for name, count in sorted(found.channels.items()))
    click.echo(f"  channels: {counts}")
    click.echo(f"  {hadrons_text(found.particles, found.cutflow.kept)}")
    if header.flux_average is not None:
        click.echo(f"  flux-averaged cross section: {header.flux_average:.9g} cm2 per nucleus")
    if header.cross_section is None:
        click.echo("  sigma(E): unknown")
    else:
        click.echo(f"  sigma(E): {header.cross_section.extent} ({header.cross_section.source})")


def _print_losses(flow: CutFlow) -> None:
    """Events of this process that do not count, and why; those of other processes are elsewhere."""
    for (_, before), (name, after) in itertools.pairwise(flow.steps[1:]):
        if after < before:
            click.echo(f"  left out: {before - after:,} of {before:,} fail '{name}'")


def _shortened(value: object, length: int = 76) -> str:
    text = " ".join((value if isinstance(value, str) else json.dumps(value)).split())
    return text if len(text) <= length else text[: length - 3] + "..."
