"""The executable ``nugen-gntpc``: names and formats of what ``nugen-gevgen`` has written."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from nugen_gan.cli.program import exit_code
from nugen_gan.errors import UsageError
from nugen_gan.storage.atomic import atomic_path, check_output, refuse_inputs
from nugen_gan_genie.found import SUFFIXES, find_events, stem_of
from nugen_gan_genie.options import Option, read_options, usage

__all__ = ["main"]

NAME = "nugen-gntpc"
OPTIONS = (
    Option("i", "events; for gntp.RUN.ghep.root those that nugen-gevgen has written", "FILE"),
    Option("f", "gst or rootracker", "FORMAT"),
    Option("o", "name of the output; that of the input with the format's end if absent", "FILE"),
    Option("n", "first events only", "N"),
    Option("c", "taken", ignored="what GENIE was set to is not in the files", also=("copy",)),
    Option("seed", "taken", "N", ignored="nothing is drawn"),
    Option("message-thresholds", "taken", "FILE", ignored="there are no messages of GENIE's"),
    Option("h", "this text", also=("help",)),
)
PURPOSE = "GENIE's gntpc, for events of nugen-gevgen: nothing is converted twice."


def main(words: Sequence[str] | None = None) -> None:
    """Run the program and exit."""
    sys.exit(exit_code(NAME, _run, words))


def _run(words: Sequence[str]) -> int:
    given = read_options(words, OPTIONS)
    if "h" in given or not words:
        click.echo(usage(NAME, PURPOSE, OPTIONS), nl=False)
        return 0 if words else 2
    wanted = given.required("f", "gst").lower()
    if wanted not in SUFFIXES:
        raise UsageError(
            f"-f {wanted} cannot be written here, only {' and '.join(SUFFIXES)} (nugen-gan convert "
            "writes NuHepMC, HEPEVT, NUISANCE's flat trees and more)"
        )
    asked = Path(given.required("i", "gntp.0.ghep.root"))
    source = find_events(asked, wanted)
    stem = stem_of(asked)
    output = Path(given.get("o") or stem.with_name(stem.name + SUFFIXES[wanted]))
    for note in given.notes:
        click.echo(f"note: {note}")
    if source != asked:
        click.echo(f"note: {asked} is not there; the same events are in {source}")
    if _is(source, wanted) and "n" not in given:
        if output.exists() and output.samefile(source):
            click.echo(f"{output} is there already")
            return 0
        check_output(output, overwrite=True)
        with atomic_path(output, overwrite=True) as place:
            shutil.copyfile(source, place)
    else:
        refuse_inputs(output, [source])
        _convert(source, output, wanted, given.whole("n", 0) or None)
    click.echo(f"written: {output}")
    return 0


def _is(path: Path, wanted: str) -> bool:
    from nugen_gan.adapters.registry import guess_adapter

    return guess_adapter(path).name == wanted


def _convert(source: Path, output: Path, wanted: str, most: int | None) -> None:
    from nugen_gan.conversion.convert import read, write

    write(read(source)[:most], output, format=wanted, overwrite=True)
