"""``nugen-gan scan``."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nugen_gan.cli.finetune import Chosen, Stages, choose, transfer_options, tuning_options

if TYPE_CHECKING:
    from nugen_gan.transfer.finetune import FinetuneOptions
    from nugen_gan.transfer.scanning import Scan, ScanPoint

__all__ = ["scan"]

ROW = "{:>5}  {:>17}  {:>17}  {:>7}"


def depths(text: str) -> tuple[int, ...]:
    """Depths from 0:6, which is 0 to 5, from 0:6:2, or from 0,2,4."""
    if re.fullmatch(r"\d{1,3}(,\d{1,3})*", text):
        return tuple(sorted({int(part) for part in text.split(",")}))
    if re.fullmatch(r"\d{1,3}:\d{1,3}(:[1-9]\d{0,2})?", text):
        found = tuple(range(*(int(part) for part in text.split(":"))))
        if found:
            return found
    raise click.BadParameter(
        f"{text!r}: write 0:6 for 0 to 5, as Python counts, or a list such as 0,2,4"
    )


@click.command(context_settings={"show_default": True})
@click.argument("inputs", metavar="[INPUTS]...", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--freeze",
    type=depths,
    default="0:6",
    metavar="DEPTHS",
    help="Numbers of layers to freeze, of both networks: 0:6 is 0 to 5; or a list, 0,2,4.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Folder for scan.json and scan.png.  [default: named after the first input]",
)
@transfer_options
def scan(inputs: tuple[Path, ...], **given: Any) -> None:
    """Find out how many layers to freeze: fine-tune on INPUTS once for each depth.

    \b
      nugen-gan scan few.table.root --freeze 0:6

    A fifth of the events is kept from all fine-tunings and measures them.  No model is kept:
    fine-tune with the best depth afterwards, on all events.
    """  # fmt: skip
    from nugen_gan.storage.atomic import check_writable
    from nugen_gan.transfer.scanning import FILES
    from nugen_gan.validation.report.figures import require_matplotlib

    require_matplotlib()
    if given["output"] is not None:
        check_writable(given["output"], FILES, overwrite=given["overwrite"])
    chosen = choose(inputs, given)
    output = given["output"] or Path(f"{chosen.name}_scan")
    check_writable(output, FILES, overwrite=given["overwrite"])
    chosen.show()
    found = _scan(chosen, given["freeze"], tuning_options(given, chosen.seed))
    click.echo(found.headline())
    if found.untouched is not None:
        click.echo(f"the networks left alone, which is the default: {found.untouched.pull:.3f}")
    click.echo(f"the base alone: {found.base.pull:.3g} (1 is perfect)")
    written = found.write(output, overwrite=given["overwrite"])
    click.echo(f"written         {output / 'scan.json'}, {written}")
    click.echo(f"next            {_next(sys.argv[2:], found.best.depth)}")


def _next(words: list[str], depth: int) -> str:
    """The command that fine-tunes with a depth, from the words of the scan."""
    kept, skip = [], False
    for word in words:
        ours = word in ("--freeze", "-o", "--output")
        if not (
            skip
            or ours
            or word in ("--overwrite", "--quiet")
            or word.startswith(("--freeze=", "--output=", "-o"))
        ):
            kept.append(word)
        skip = ours
    return shlex.join(["nugen-gan", "finetune", *kept, "--freeze", str(depth)])


def _scan(chosen: Chosen, wanted: tuple[int, ...], options: FinetuneOptions) -> Scan:
    from nugen_gan.training.train import reproducing
    from nugen_gan.transfer.scanning import scan as scan_depths

    click.echo(f"seed            {options.seed}")
    stages = Stages(chosen.notes)
    points: list[ScanPoint] = []
    try:
        found = scan_depths(
            chosen.events,
            chosen.base,
            wanted,
            options,
            callback=stages.display.update,
            progress=stages.display.refining,
            notice=stages.say,
            finished=points.append,
            command=reproducing(["nugen-gan", *sys.argv[1:]], options.seed),
        )
    except KeyboardInterrupt as error:
        stages.end_line()
        error.add_note("nothing was written")
        # What was found in the meantime need not be lost.
        _print_table(points, err=True)
        raise
    finally:
        stages.end_line()
    _print_table(found.points)
    return found


def _print_table(points: list[ScanPoint] | tuple[ScanPoint, ...], *, err: bool = False) -> None:
    if not points:
        return
    click.echo(ROW.format("depth", "trainable weights", "mean squared pull", "seconds"), err=err)
    for p in points:
        pull = f"{p.pull:.3f} +- {p.error:.3f}"
        click.echo(ROW.format(p.depth, f"{sum(p.weights):,d}", pull, f"{p.seconds:.0f}"), err=err)
