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
    sigma = _graphs(inputs)
    for note in dict.fromkeys(given.notes):
        click.echo(paragraph(f"note: {note}"))
    if (most := given.whole("n", 0)) > 0:
        write(
            read(inputs, probe=probe, target=target, cross_section=sigma)[:most],
            output,
            format="nuisance",
            overwrite=True,
        )
        written = [output]
    else:
        done = convert(
            inputs, output, probe=probe, target=target, cross_section=sigma,
            output_format="nuisance", overwrite=True, monitor=TerminalMonitor(),
        )  # fmt: skip
        written = [one.path for one in done]
        if any(one.flux_average is None for one in done):
            click.echo("note: the cross section is not known: the flat tree has no normalisation")
    click.echo(f"written: {', '.join(map(str, written))}")
    return 0


def _graphs(inputs: Sequence[Path]) -> Path | None:
    """The file itself, if it is one of several nuclei whose cross sections are in graphs."""
    from nugen_gan.adapters.record import read_record
    from nugen_gan.storage import root as root_io

    if len(inputs) != 1 or not root_io.is_root(inputs[0]):
        return None
    with root_io.open_root(inputs[0]) as file:
        record = read_record(file)
        graphs = file.keys(cycle=False, filter_classname="TGraph*")
    return inputs[0] if record is not None and not record.events and graphs else None


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
