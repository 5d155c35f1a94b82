"""The executable ``nugen-nuwro``."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence

import click

from nugen_gan.cli.messages import paragraph
from nugen_gan.cli.program import exit_code
from nugen_gan_nuwro.errors import UsageTextError
from nugen_gan_nuwro.words import USAGE, Words, read_words

__all__ = ["main"]

NAME = "nugen-nuwro"


def main(words: Sequence[str] | None = None) -> None:
    """Run the program and exit: 0, NuWro's codes, 1 (failed), 2 (cannot be done), 130 (Ctrl-C)."""
    given = list(sys.argv[1:] if words is None else words)
    try:
        asked = None if set(given) & {"-v", "--version", "-h", "--help"} else read_words(given)
    except UsageTextError as error:
        # The usage keeps its lines.
        click.echo(f"{NAME}: error: {error}", err=True)
        sys.exit(error.exit_code)
    sys.exit(exit_code(NAME, lambda given: _run(asked, given), given))


def _run(asked: Words | None, given: Sequence[str]) -> int:
    if asked is None:
        _say_version_or_help(given)
        return 0
    from nugen_gan.cli.progress import TerminalMonitor
    from nugen_gan_nuwro.run import carry_out, outputs, prepare

    run = prepare(asked)
    for chosen in run.chosen:
        click.echo(paragraph(f"model: {chosen}"))
    for note in run.notes:
        click.echo(paragraph(f"note: {note}"))
    click.echo(f"seed: {run.blend.seed}")
    started = time.monotonic()
    written = carry_out(run, asked.output, TerminalMonitor())
    seconds = max(time.monotonic() - started, 1e-3)
    click.echo(f"{run.blend.events:,d} events in {seconds:.1f} s")
    click.echo(f"total cross section: {written.per_nucleon:.6g} cm2 per nucleon")
    for dyn, events, ratio, sigma in written.rows():
        click.echo(f"  dyn {dyn:2d}: {events:10,d} events, {ratio:8.4f}, {sigma:.5g} cm2")
    click.echo(f"written: {', '.join(str(path) for path in outputs(asked.output))}")
    return 0


def _say_version_or_help(given: Sequence[str]) -> None:
    if {"-h", "--help"} & set(given):
        click.echo(USAGE, nl=False)
        return
    from importlib.metadata import PackageNotFoundError, version

    from nugen_gan._version import __version__

    try:
        own = version("nugen-gan-nuwro")
    except PackageNotFoundError:
        own = "not installed"
    click.echo(f"{NAME} {own}, nugen-gan {__version__}, models of NuWro 25.11")
