"""``nugen-gan convert``: a generator's events into a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from nugen_gan.cli.messages import hadrons_text, paragraph
from nugen_gan.cli.outputs import Echo, note_leftovers, verb_echo
from nugen_gan.cli.parameters import (
    GENERATOR_HELP,
    SETTINGS_HELP,
    energy_range,
    overwrite_option,
)
from nugen_gan.cli.progress import TerminalMonitor

if TYPE_CHECKING:
    from nugen_gan.conversion.convert import Conversion

__all__ = ["convert"]

LEFT_OUT = "hadrons: left out (--no-hadrons)"


@click.command()
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True)
@click.option(
    "-o", "--output", metavar="OUT", help="File to write, or a folder for it; - is standard output."
)
@click.option("--format", "format_", metavar="NAME", help="Format of INPUT; see 'formats'.")
@click.option("--output-format", metavar="NAME", help="Format of OUT: table, nuisance, ...")
@click.option("--probe", metavar="NAME", help="Keep this neutrino: numu, numubar, 14, ...")
@click.option("--target", metavar="NAME", help="Keep this nucleus: C12, Ar, 1000060120, ...")
@click.option(
    "--energy-range", "energies", type=energy_range, metavar="LO,HI",
    help="Keep these neutrino energies [GeV].",
)  # fmt: skip
@click.option(
    "--cross-section", metavar="FILE",
    help="sigma(E) of the events: GENIE splines (XML), gspl2root (ROOT), or a text table.",
)  # fmt: skip
@click.option("--generator", metavar="NAME", help=GENERATOR_HELP)
@click.option("--settings", metavar="FILE|NAME=VALUE,...", multiple=True, help=SETTINGS_HELP)
@click.option("--no-hadrons", is_flag=True, help="Keep the charged lepton only.")
@overwrite_option
@click.option(
    "--insist", is_flag=True,
    help="Take the cross section of --cross-section though it contradicts INPUT.",
)  # fmt: skip
def convert(
    inputs: tuple[str, ...],
    output: str | None,
    format_: str | None,
    output_format: str | None,
    probe: str | None,
    target: str | None,
    energies: tuple[float, float] | None,
    cross_section: str | None,
    generator: str | None,
    settings: tuple[str, ...],
    no_hadrons: bool,
    overwrite: bool,
    insist: bool,
) -> None:
    """Convert the charged-current events of generator files.

    Several INPUT files are one sample.  Each process, such as numu_cc_C12, gets a file of its
    own, by default <INPUT>.table.root in the current folder.  All particles that leave the
    nucleus are kept, where INPUT has them.
    """
    from nugen_gan.conversion import convert as conversion
    from nugen_gan.conversion.settings import read_settings

    echo = verb_echo(output)
    if output is not None:
        note_leftovers(output)
    done = conversion.convert(
        inputs, output, format=format_, output_format=output_format, probe=probe, target=target,
        energy_range=energies, cross_section=cross_section, insist=insist, generator=generator,
        settings=read_settings(*settings), overwrite=overwrite, hadrons=not no_hadrons,
        monitor=TerminalMonitor(),
    )  # fmt: skip
    origin = f", made by {done[0].generator}" if done[0].generator else ""
    echo(f"format: {done[0].dialect}{origin}")
    for name, value in done[0].summary:
        echo(f"{name}: {value}")
    if done[0].elsewhere:
        echo(f"charged-current, but left out: {done[0].elsewhere}")
    for one in done:
        echo("")
        _print(one, echo, not no_hadrons)
    for text in dict.fromkeys(text for one in done for text in one.warnings):
        click.echo(paragraph(f"warning: {text}"), err=True)


def _print(one: Conversion, echo: Echo, hadrons: bool) -> None:
    echo(one.process.name)
    echo(str(one.cutflow))
    echo(hadrons_text(one.particles, one.cutflow.kept) if hadrons else LEFT_OUT)
    if one.flux_average is None:
        echo("flux-averaged CC cross section: unknown (give sigma(E) with --cross-section)")
    else:
        per_nucleon = one.flux_average / one.process.a
        echo(
            f"flux-averaged CC cross section: {one.flux_average:.9g} cm2 per nucleus, "
            f"{per_nucleon:.9g} cm2 per nucleon"
        )
    if one.cross_section is None:
        echo("sigma(E): unknown")
    else:
        echo(f"sigma(E): {one.cross_section.extent} ({one.cross_section.source})")
    echo(f"written: {one.path}")
