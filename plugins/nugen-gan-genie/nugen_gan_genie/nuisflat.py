"""The executable ``nugen-nuisflat``: NUISANCE's flat tree of any file of events."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from nugen_gan.cli.messages import paragraph
from nugen_gan.cli.program import exit_code
from nugen_gan.errors import UsageError
from nugen_gan_genie.found import find_events
from nugen_gan_genie.options import Option, read_options, usage

__all__ = ["main"]

NAME = "nugen-nuisflat"
FORMAT = "GenericVectors"
TYPES = ("GENIE", "NuWro", "NUWRO", "NuHepMC", "FLATTREE", "HepMC3", "NEUT")
OPTIONS = (
    Option("i", "events, as TYPE:FILE or TYPE:(FILE,FILE)", "TYPE:FILE"),
    Option("f", f"{FORMAT}, the default", "FORMAT"),
    Option("o", "flat tree to write", "FILE"),
    Option("n", "first events only", "N"),
    Option("probe", "neutrino to pick from a file of several", "NAME"),
    Option("target", "nucleus to pick from a file of several: a flat tree here is of one", "NAME"),
    Option("q", "taken", "NAME=VALUE", ignored="all branches are always written", many=True),
    Option("c", "taken", "FILE", ignored="there are no cards"),
    Option("t", "refused: no reweighting", "FILE"),
    Option("h", "this text", also=("help",)),
)
PURPOSE = "NUISANCE's nuisflat, for files that nugen-gan reads: FlatTree_VARS with flux and rate."


def main(words: Sequence[str] | None = None) -> None:
    """Run the program and exit."""
    sys.exit(exit_code(NAME, _run, words))


def _run(words: Sequence[str]) -> int:
    given = read_options(words, OPTIONS)
    if "h" in given or not words:
        click.echo(usage(NAME, PURPOSE, OPTIONS), nl=False)
        return 0 if words else 2
    if (given.get("f") or FORMAT) != FORMAT:
        raise UsageError(f"-f {given.get('f')}: only {FORMAT} can be written")
    if "t" in given:
        raise UsageError(f"-t {given.get('t')}: events cannot be reweighted")
    from nugen_gan.cli.progress import TerminalMonitor
    from nugen_gan.conversion.convert import convert, read, write

    output = Path(given.required("o", "events.flat.root"))
    inputs = _inputs(given.required("i", "GENIE:gntp.0.gst.root"))
    probe, target = given.get("probe"), given.get("target")
    for note in dict.fromkeys(given.notes):
        click.echo(paragraph(f"note: {note}"))
    if (most := given.whole("n", 0)) > 0:
        write(
            read(inputs, probe=probe, target=target)[:most],
            output,
            format="nuisance",
            overwrite=True,
        )
        written = [output]
    else:
        done = convert(
            inputs, output, probe=probe, target=target, output_format="nuisance",
            overwrite=True, monitor=TerminalMonitor(),
        )  # fmt: skip
        written = [one.path for one in done]
    click.echo(f"written: {', '.join(map(str, written))}")
    return 0


def _inputs(text: str) -> list[Path]:
    kind, colon, names = text.partition(":")
    if not colon:
        kind, names = "GENIE", text
    if kind not in TYPES:
        raise UsageError(f"-i {text}: the type {kind!r} is not known; there are {', '.join(TYPES)}")
    paths = [Path(name.strip()) for name in names.strip("()").split(",") if name.strip()]
    if not paths:
        raise UsageError(f"-i {text}: a file is needed, as in -i GENIE:gntp.0.gst.root")
    return [find_events(path, "gst") if kind == "GENIE" else path for path in paths]
