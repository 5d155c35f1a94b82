"""Warnings about models, as notes on the screen."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from nugen_gan.errors import PoorModelWarning

__all__ = ["noted_warnings"]


@contextmanager
def noted_warnings() -> Iterator[None]:
    """Show warnings about models as notes, each text once; others as Python shows them."""
    shown: set[str] = set()

    def note(message: Warning | str, category: type[Warning], *where: Any, **more: Any) -> None:
        if not issubclass(category, PoorModelWarning):
            usual(message, category, *where, **more)
        elif str(message) not in shown:
            shown.add(str(message))
            click.echo(f"note: {message}", err=True)

    with warnings.catch_warnings():
        usual = warnings.showwarning
        warnings.simplefilter("always", PoorModelWarning)
        warnings.showwarning = note
        yield
