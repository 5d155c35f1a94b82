"""``nugen-gntpc`` and ``nugen-nuisflat``: conversions under the names that chains of tools call."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from nugen_gan.conversion.convert import convert
from nugen_gan.errors import UsageError
from nugen_gan_genie.gevgen import FORMATS, run_command

__all__ = ["gntpc", "nuisflat"]

GNTPC = """\
usage: nugen-gntpc -i FILE -f gst|rootracker [-o FILE]

Converts a file of events, in any format that nugen-gan reads, to one of GENIE's.
"""
NUISFLAT = """\
usage: nugen-nuisflat [-f GenericVectors] -i TYPE:FILE -o FILE

Converts a file of events, in any format that nugen-gan reads, to NUISANCE's flat tree.
"""
# NUISANCE's switches of what it writes beside the events.
IDLE = ("-q", "-n", "-c")


def gntpc() -> None:
    """Run ``nugen-gntpc``, and exit."""
    run_command("nugen-gntpc", GNTPC, _gntpc)


def nuisflat() -> None:
    """Run ``nugen-nuisflat``, and exit."""
    run_command("nugen-nuisflat", NUISFLAT, _nuisflat)


def _gntpc(words: Sequence[str]) -> None:
    given = _pairs(words, ("-i", "-f", "-o", "-n", "--message-thresholds"))
    source, format_ = _source(given), given.get("-f", "")
    if format_ not in FORMATS:
        raise UsageError(f"-f {format_}: understood are {' and '.join(FORMATS)}")
    name = source.name
    for suffix in (".root", ".ghep", *(s.removesuffix(".root") for s in FORMATS.values())):
        name = name.removesuffix(suffix)
    output = Path(given.get("-o") or source.with_name(name + FORMATS[format_]))
    convert(source, output, output_format=format_, overwrite=True)
    click.echo(f"written: {output}")


def _nuisflat(words: Sequence[str]) -> None:
    given = _pairs(words, ("-i", "-f", "-o", *IDLE))
    if given.get("-f", "GenericVectors") != "GenericVectors":
        raise UsageError(f"-f {given['-f']}: understood is GenericVectors")
    if "-o" not in given:
        raise UsageError("a file to write is needed, -o flat.root")
    convert(_source(given), given["-o"], output_format="nuisance", overwrite=True)
    click.echo(f"written: {given['-o']}")


def _source(given: dict[str, str]) -> Path:
    if "-i" not in given:
        raise UsageError("a file to read is needed, -i FILE")
    source = Path(given["-i"].rpartition(":")[2])
    if source.name.endswith(".ghep.root") and not source.exists():
        # Chains name the file that gevgen would have left.
        stem = source.name.removesuffix(".ghep.root")
        beside = [source.with_name(stem + suffix) for suffix in reversed(FORMATS.values())]
        source = next((file for file in beside if file.exists()), source)
    return source


def _pairs(words: Sequence[str], known: Sequence[str]) -> dict[str, str]:
    given, waiting = {}, list(words)
    while waiting:
        word = waiting.pop(0)
        if word not in known:
            raise UsageError(f"there is no option {word!r}; there are {', '.join(known)}")
        if not waiting:
            raise UsageError(f"{word} needs a value")
        given[word] = waiting.pop(0)
    return given
