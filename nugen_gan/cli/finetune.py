"""``nugen-gan finetune``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nugen_gan.cli.chosen import Chosen, choose
from nugen_gan.cli.inputs import Reading, reading_options, stem
from nugen_gan.cli.parameters import overwrite_option
from nugen_gan.cli.progress import TerminalMonitor
from nugen_gan.cli.tuned import show_plan, show_result
from nugen_gan.cli.tuning import Tuning, tuning_options
from nugen_gan.storage.atomic import refuse_inputs_inside

if TYPE_CHECKING:
    from nugen_gan.model.model import Model

__all__ = ["finetune"]


@click.command(context_settings={"show_default": True})
@click.argument("inputs", metavar="[INPUTS]...", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Model folder to write.  [default: named after the first input, or the process]",
)
@reading_options(
    target="Without INPUTS: take the bundled events on this nucleus, such as Ar.  With INPUTS: "
    "which target to pick from a file of several.",
    probe="The same for the neutrino: numu, 14.  [default: that of --base]",
)
@tuning_options
@overwrite_option
@click.option("--dry-run", is_flag=True, help="Show the plan and stop.")
def finetune(
    inputs: tuple[Path, ...],
    output: Path | None,
    reading: Reading,
    tuning: Tuning,
    overwrite: bool,
    dry_run: bool,
) -> None:
    """Carry a model over to the target, probe or generator of INPUTS, with few events.

    \b
      nugen-gan finetune --target Ar
      nugen-gan finetune few.table.root --base my_model --ensemble 8
      nugen-gan finetune genie.gst.root --events 5000 -o genie_model

    INPUTS are event tables or generators' own files, of at least 100 events, better 1,000 or
    more.  Without them, the events come from a bundled sample on --target.
    """  # fmt: skip
    from nugen_gan.model.folder import check_place

    output = output or (Path(f"{stem(inputs[0])}_model") if inputs else None)
    if output is not None:
        check_place(output, overwrite=overwrite)
    chosen = choose(inputs, tuning, reading)
    output = output or Path(f"{chosen.name}_model")
    check_place(output, overwrite=overwrite)
    if overwrite:
        refuse_inputs_inside(output, inputs)
    chosen.show()
    if dry_run:
        show_plan(chosen, output)
        return
    click.echo(f"seed            {chosen.options.seed}")
    model = _finetune(chosen, output, overwrite=overwrite)
    show_result(model, chosen, output)


def _finetune(chosen: Chosen, output: Path, *, overwrite: bool) -> Model:
    from nugen_gan.transfer.finetune import finetune as finetune_model

    try:
        return finetune_model(
            chosen.events, chosen.base, output, options=chosen.options, overwrite=overwrite,
            monitor=TerminalMonitor(known=chosen.notes), command=["nugen-gan", *sys.argv[1:]],
            hadrons_from=chosen.of_hadrons,
        )  # fmt: skip
    except KeyboardInterrupt as error:
        # The folder gets its name only when it is complete.
        left = f"; {output} is as it was" if output.exists() else ""
        error.add_note(f"nothing was written{left}")
        raise
