"""What verbs say around their outputs: where messages go, what was left, how long it will take."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import click

from nugen_gan.errors import UsageError
from nugen_gan.storage.atomic import is_stdout, leftovers

if TYPE_CHECKING:
    from nugen_gan.generation.estimate import Estimate

__all__ = ["Echo", "agreed", "note_leftovers", "verb_echo"]

Echo = Callable[[str], None]
# Beyond these a generation is asked about.
LONG_SECONDS, LARGE = 3600.0, 10e9


def verb_echo(output: str | os.PathLike[str] | None) -> Echo:
    """Where a verb's messages go: to standard error where standard output takes the events."""
    return partial(click.echo, err=output is not None and is_stdout(output))


def note_leftovers(output: str | os.PathLike[str]) -> None:
    """Name partial outputs of which it is not known whether somebody is writing them still."""
    for path in leftovers(output):
        click.echo(
            f"note: {path} is a partial output of another machine, or of one since started anew. "
            "Remove it unless something is writing it.",
            err=True,
        )


def agreed(*, yes: bool, keeps: bool = True) -> Callable[[Estimate], None]:
    """What to do with an estimate: say it, and ask where it is long or large.

    Parameters
    ----------
    yes : do not ask
    keeps : what is written stays on a disk; a pipe may be given any amount
    """

    def show(estimate: Estimate) -> None:
        click.echo(f"{estimate.events:,d} events will take {estimate}", err=True)
        large = keeps and estimate.size > LARGE
        if yes or not (large or estimate.seconds > LONG_SECONDS):
            return
        if not (sys.stdin and sys.stdin.isatty() and sys.stderr.isatty()):
            raise UsageError(
                f"{estimate.events:,d} events will take {estimate}: give --yes to go on, or ask "
                "for fewer with -n"
            )
        click.confirm("Go on?", abort=True, err=True)

    return show
