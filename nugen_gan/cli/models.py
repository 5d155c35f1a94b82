"""``nugen-gan models``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

__all__ = ["models"]


def _verdict(metrics: Mapping[str, Any]) -> str:
    """What the model's own held-out events say of it, if anything."""
    from nugen_gan.model.quality import quality_of

    known = quality_of(metrics)
    return "" if known is None else f"; {known.verdict}"


@click.command()
def models() -> None:
    """List the bundled models, and the bundled samples to try them on."""
    from nugen_gan.model.folder import read_description
    from nugen_gan.storage.bundled import bundled_models, bundled_samples, model_folder

    for name in bundled_models():
        folder = model_folder(name)
        assert folder is not None
        record = read_description(folder)
        low, high = record["energy_range"]
        source = record["training"].get("generator") or "an unnamed generator"
        click.echo(
            f"{name:<20} model, {low:g}-{high:g} GeV, trained on "
            f"{record['training']['events']:,d} events of {source}{_verdict(record['metrics'])}"
        )
    for name in bundled_samples():
        click.echo(f"{name:<20} event table, wherever a verb takes one")
    if not bundled_models():
        click.echo("no models are bundled with this installation")
