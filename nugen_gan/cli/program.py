"""The frame of a program: errors become a paragraph and an exit code, signals an orderly end.

For executables beside ``nugen-gan`` itself, such as those of plug-ins.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import suppress

import click

from nugen_gan import stopping
from nugen_gan.cli.messages import paragraph
from nugen_gan.cli.noted import noted_warnings
from nugen_gan.errors import NugenError

__all__ = ["exit_code"]


def exit_code(
    name: str, run: Callable[[Sequence[str]], int], words: Sequence[str] | None = None
) -> int:
    """Run a program and return its exit code; a user's mistake shows no traceback.

    Parameters
    ----------
    name : of the program, which begins its messages
    run : the program; takes the words behind its name, returns the exit code
    words : those of the command line if absent
    """
    given = sys.argv[1:] if words is None else words
    try:
        with stopping.raised(), noted_warnings():
            code = run(given)
            sys.stdout.flush()
            return code
    except NugenError as error:
        click.echo(paragraph(f"{name}: error: {error}"), err=True)
        return error.exit_code
    except BrokenPipeError:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.close()
        return 141
    except stopping.Stopped as error:
        click.echo(f"{name}: stopped by {error.name}: nothing was written", err=True)
        return error.exit_code
    except KeyboardInterrupt:
        click.echo(f"{name}: interrupted: nothing was written", err=True)
        return 130
    except OSError as error:
        click.echo(
            paragraph(f"{name}: error: {error.filename or ''}: {error.strerror or error}"), err=True
        )
        return 1
