"""``nugen-gan models``."""

from __future__ import annotations

import click

__all__ = ["models"]


@click.command()
def models() -> None:
    """List the bundled models, and the bundled samples to try them on."""
    from nugen_gan.generation.bundled import models as bundled
    from nugen_gan.storage.bundled import bundled_samples

    found = bundled()
    click.echo(str(found) if found else "no models are bundled with this installation")
    for name in bundled_samples():
        click.echo(f"{name}  event table, wherever a verb takes one")
