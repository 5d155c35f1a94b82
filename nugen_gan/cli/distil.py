"""``nugen-gan distil``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nugen_gan.cli.parameters import Count, overwrite_option
from nugen_gan.cli.progress import TerminalMonitor

if TYPE_CHECKING:
    from nugen_gan.model.model import Model

__all__ = ["distil"]


def _base(model: Model) -> str | None:
    """The bundled model that a model was made from, if it has a fast sampler of such channels."""
    from nugen_gan.model.model import load_model
    from nugen_gan.storage.bundled import bundled_models

    name = model.training.get("base")
    if name not in bundled_models():
        return None
    lepton = load_model(name).lepton
    same = lepton is not None and lepton.channels == tuple(model.labels.channels)
    return str(name) if same else None


@click.command(context_settings={"show_default": True})
@click.argument("model")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Model folder to write.  [default: MODEL_fast in the current folder]",
)
@click.option(
    "-n",
    "--events",
    type=Count(1000, 10**9),
    help="Events of MODEL to learn from.  [default: 20 million]",
)
@click.option(
    "--steps",
    type=Count(1, 10**8),
    help="Of the optimiser.  [default: 25,000; 12,000 if it begins with another]",
)
@click.option(
    "--start",
    metavar="MODEL",
    help="Begin with the fast sampler of another model, which saves steps.  "
    "[default: that of the base of MODEL, if it is a bundled one]",
)
@click.option("--seed", type=click.IntRange(0), help="Of all random numbers.  [default: drawn]")
@overwrite_option
def distil(
    model: str,
    output: Path | None,
    events: int | None,
    steps: int | None,
    start: str | None,
    seed: int | None,
    overwrite: bool,
) -> None:
    """Make MODEL a hundred times as fast: learn its leptons in a form that rejects none.

    \b
      nugen-gan distil my_model
      nugen-gan distil my_argon --start numu_cc_Ar40 --steps 8000 -o my_fast_argon

    MODEL is a model folder, or the name of a bundled model.  What comes out is the same model with
    a fast sampler beside its networks; 'generate --no-fast' makes events of the networks still.
    """  # fmt: skip
    from nugen_gan.errors import UsageError
    from nugen_gan.lepton.fit import DistilOptions
    from nugen_gan.model.folder import check_place
    from nugen_gan.model.model import load_model
    from nugen_gan.model.sampler import draw_seed
    from nugen_gan.training.distil import distil as distil_model

    output = output or Path(f"{Path(model).name}_fast")
    check_place(output, overwrite=overwrite)
    teacher = load_model(model)
    start = start or _base(teacher)
    begin = load_model(start).lepton if start else None
    if start and begin is None:
        raise UsageError(f"the model {start} has no fast sampler to begin with")
    usual = DistilOptions.usual(transfer=begin is not None)
    options = replace(usual, events=events or usual.events, steps=steps or usual.steps)
    used = draw_seed() if seed is None else seed
    click.echo(f"model           {teacher.name} ({teacher.process.name})")
    click.echo(f"learning from   {options.events:,d} of its events, {options.steps:,d} steps")
    if start:
        click.echo(f"beginning with  that of {start}")
    click.echo(f"seed            {used}")
    distil_model(
        teacher, output, options=options, seed=used, start=begin, overwrite=overwrite,
        monitor=TerminalMonitor(),
    )  # fmt: skip
    click.echo(f"written         {output}")
    click.echo(f"how good it is  nugen-gan validate {output} EVENTS")
