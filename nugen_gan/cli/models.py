"""``nugen-gan models``."""

from __future__ import annotations

import click

__all__ = ["models"]


@click.command()
def models() -> None:
    """List the bundled models, and the bundled samples to try them on."""
    from nugen_gan.bundled import bundled_models, bundled_samples, model_folder
    from nugen_gan.model_folder import read_description

    for name in bundled_models():
        folder = model_folder(name)
        assert folder is not None
        record = read_description(folder)
        low, high = record["energy_range"]
        source = record["training"].get("generator") or "an unnamed generator"
        click.echo(
            f"{name:<20} model, {low:g}-{high:g} GeV, trained on "
            f"{record['training']['events']:,d} events of {source}"
        )
    for name in bundled_samples():
        click.echo(f"{name:<20} event table, wherever a verb takes one")
    if not bundled_models():
        click.echo("no models are bundled with this installation")
