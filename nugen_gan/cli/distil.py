"""``nugen-gan distil``."""

from __future__ import annotations

from pathlib import Path

import click

from nugen_gan.cli.parameters import Count, overwrite_option
from nugen_gan.cli.progress import TerminalMonitor

__all__ = ["distil"]


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
    "--steps", type=Count(1, 10**8), help="Of the optimiser.  [default: 25,000, in ten minutes]"
)
@click.option(
    "--start",
    metavar="MODEL",
    help="Begin with the fast sampler of another model, which saves steps.",
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
    begin = load_model(start).lepton if start else None
    if start and begin is None:
        raise UsageError(f"the model {start} has no fast sampler to begin with")
    usual = DistilOptions()
    options = DistilOptions(events=events or usual.events, steps=steps or usual.steps)
    used = draw_seed() if seed is None else seed
    click.echo(f"model           {teacher.name} ({teacher.process.name})")
    click.echo(f"learning from   {options.events:,d} of its events, {options.steps:,d} steps")
    click.echo(f"seed            {used}")
    distil_model(
        teacher, output, options=options, seed=used, start=begin, overwrite=overwrite,
        monitor=TerminalMonitor(),
    )  # fmt: skip
    click.echo(f"written         {output}")
    click.echo(f"how good it is  nugen-gan validate {output} EVENTS")
