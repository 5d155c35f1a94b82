"""``nugen-gan formats``: which files can be read and written."""

from __future__ import annotations

import click

__all__ = ["formats"]


@click.command()
def formats() -> None:
    """List the formats that can be read and written."""
    from nugen_gan.adapters.registry import adapters

    installed = adapters()
    width = max(len(name) for name in installed)
    for name, adapter in installed.items():
        read, write = ("read" if adapter.reads else ""), ("write" if adapter.writes else "")
        click.echo(f"{name:<{width}}  {read:<4}  {write:<5}  {adapter.description}")
