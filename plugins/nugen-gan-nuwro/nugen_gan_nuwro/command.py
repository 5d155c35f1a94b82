"""The command ``nugen-nuwro``: NuWro's words, and a few of our own."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import click

from nugen_gan import stopping
from nugen_gan.errors import NugenError, UsageError
from nugen_gan.physics.process import parse_probe
from nugen_gan_nuwro.parameters import ParameterError, Parameters
from nugen_gan_nuwro.run import Options, run

__all__ = ["main"]

USAGE = """\
usage: nugen-nuwro [-i params.txt] [-o eventsout.root] [-p "name=value"]... [-progress FILE]
       nugen-nuwro -v | --version

Makes NuWro's files from a model of nugen-gan that learned from NuWro.  Also, where NuWro has no
word for it:
  --cc-only      make the charged-current part of what is asked for (or NUGEN_CC_ONLY=1)
  --restrict     leave out the part of the flux that the model does not know
  --model NAME   the model to take, a folder or a bundled one
  --probe NAME   of a beam of several neutrinos, the one to make, such as numu or 14
"""
# NuWro's exit code where the words are not understood, and ours where no model can do it.
WRONG_WORDS, REFUSED = 22, 2
PAIRS = ("-i", "-o", "-p", "-progress", "--model", "--probe")


class _WordsError(Exception):
    """Words that NuWro would not understand."""


@dataclass
class _Words:
    card: Path | None = None
    output: Path = Path("eventsout.root")
    lines: list[str] = field(default_factory=list)
    model: str | None = None
    probe: int | None = None
    flags: set[str] = field(default_factory=set)


def main() -> None:
    """Run the command line, and exit as NuWro does."""
    with stopping.raised():
        sys.exit(_run(sys.argv[1:]))


def _run(words: Sequence[str]) -> int:
    try:
        if set(words) & {"-h", "--help"}:
            click.echo(USAGE, nl=False)
            return 0
        if list(words) in (["-v"], ["--version"]):
            from nugen_gan._version import __version__

            click.echo(f"nugen-nuwro of nugen-gan {__version__}")
            return 0
        given = _understood(words)
        parameters = Parameters.read(given.card or Path("params.txt"), given.lines)
        cc_only = "--cc-only" in given.flags or os.environ.get("NUGEN_CC_ONLY", "0") != "0"
        run(parameters, Options(given.output, given.model, cc_only,
                                "--restrict" in given.flags, given.probe))  # fmt: skip
    except _WordsError as error:
        click.echo(f"nugen-nuwro: {error}\n{USAGE}", nl=False, err=True)
        return WRONG_WORDS
    except ParameterError as error:
        click.echo(f"nugen-nuwro: error: {error}", err=True)
        return error.code
    except UsageError as error:
        click.echo(f"nugen-nuwro: error: {error}", err=True)
        return REFUSED
    except NugenError as error:
        click.echo(f"nugen-nuwro: error: {error}", err=True)
        return error.exit_code
    except KeyboardInterrupt as error:
        click.echo("nugen-nuwro: interrupted: nothing was written", err=True)
        return error.exit_code if isinstance(error, stopping.Stopped) else 130
    return 0


def _understood(words: Sequence[str]) -> _Words:
    given, waiting = _Words(), list(words)
    while waiting:
        word = waiting.pop(0)
        if word in ("--cc-only", "--restrict"):
            given.flags.add(word)
            continue
        if word not in PAIRS or not waiting or (waiting[0].startswith("-") and word != "--probe"):
            raise _WordsError(f"{word!r} is not understood, or lacks its value")
        value = waiting.pop(0)
        if word == "-i":
            given.card = Path(value)
        elif word == "-o":
            given.output = Path(value if value.endswith(".root") else f"{value}.root")
        elif word == "-p":
            given.lines.append(value)
        elif word == "--model":
            given.model = value
        elif word == "--probe":
            given.probe = parse_probe(value)
    return given
