"""``nugen-gan validate``: how good a model is, as numbers and as a report."""

from __future__ import annotations

import secrets
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nugen_gan.cli.parameters import Count, overwrite_option
from nugen_gan.cli.progress import TerminalMonitor
from nugen_gan.monitor import monitored

if TYPE_CHECKING:
    from nugen_gan.events.table import EventTable
    from nugen_gan.model.model import Model
    from nugen_gan.physics.process import Process
    from nugen_gan.validation import Report
    from nugen_gan.validation.report.judging import Row

__all__ = ["validate"]


@click.command()
@click.argument("generated", metavar="MODEL")
@click.argument("reference", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, file_okay=False),
    help="Folder for report.html and report.json.  [default: <MODEL>_report]",
)  # fmt: skip
@click.option("--events", type=Count(min=1), help="Events to compare.  [default: all]")
@click.option("--seed", type=click.IntRange(min=0), help="Random seed.  [default: drawn]")
@click.option("--probe", help="Probe to take from the reference, such as numu.")
@click.option("--target", help="Target to take from the reference, such as C12.")
@click.option(
    "--classifier/--no-classifier", default=True, show_default=True,
    help="Run the classifier test, the slowest measure.",
)  # fmt: skip
@click.option(
    "--classifier-events", type=Count(min=1),
    help="Events of each kind for the classifier test.  [default: all, at most 200,000]",
)  # fmt: skip
@click.option(
    "--training", type=click.Path(path_type=Path), metavar="FILE",
    help="Events that the model was trained on, to see whether it repeats them.",
)  # fmt: skip
@click.option(
    "--allow-mismatch", is_flag=True,
    help="Compare even if model and reference are of different processes.",
)  # fmt: skip
@overwrite_option
def validate(
    generated: str,
    reference: Path,
    output: Path | None,
    events: int | None,
    seed: int | None,
    probe: str | None,
    target: str | None,
    classifier: bool,
    classifier_events: int | None,
    training: Path | None,
    allow_mismatch: bool,
    overwrite: bool,
) -> None:
    """Compare MODEL with REFERENCE events and write a report.

    MODEL is a model folder, the name of a bundled model, or a file of generated events.
    REFERENCE is any file of events that the model was not trained on; a model is sampled at
    their neutrino energies.
    """
    from nugen_gan.conversion.convert import read
    from nugen_gan.model.folder import is_model
    from nugen_gan.model.model import load_model
    from nugen_gan.validation import compare

    seed = secrets.randbits(31) if seed is None else seed
    name = Path(generated).resolve().name.removesuffix(".root").removesuffix(".table")
    output = output or Path(f"{name}_report")
    _check_output(output, overwrite)
    command = _command(seed)
    monitor = TerminalMonitor()
    ours: Model | EventTable
    with monitored(monitor, f"reading {reference}"):
        # What is neither a model nor a file gets the error that lists the models.
        if is_model(generated) or not Path(generated).is_file():
            ours = load_model(generated)
            original = _read(reference, probe, target, ours.process)
        else:
            original = read(reference, probe=probe, target=target)
            ours = _read(Path(generated), None, None, original.process)
        known = _read(training, probe, target, ours.process) if training else None
    report = compare(
        ours, original, events=events, output=output, seed=seed, classifier=classifier,
        classifier_events=classifier_events, training=known, allow_mismatch=allow_mismatch,
        name=name, command=command, overwrite=overwrite, monitor=monitor,
    )  # fmt: skip
    _show(report, output)


def _read(path: Path, probe: str | None, target: str | None, process: Process) -> EventTable:
    """Read events; where it is not said which process of them, that of the other sample."""
    from nugen_gan.conversion.convert import read
    from nugen_gan.errors import EmptySelectionError, UsageError

    if probe or target:
        return read(path, probe=probe, target=target)
    try:
        return read(path)
    except (UsageError, EmptySelectionError):
        # Several processes in the file: the model's is meant.
        return read(path, probe=process.probe, target=process.target)


def _command(seed: int) -> str:
    """What was typed, with the seed that was drawn."""
    words = ["nugen-gan", *sys.argv[1:]]
    if not any(word == "--seed" or word.startswith("--seed=") for word in words):
        words += ["--seed", str(seed)]
    return shlex.join(words)


def _check_output(folder: Path, overwrite: bool) -> None:
    """Refuse, before anything is read, a folder that cannot or may not take the report."""
    from nugen_gan.errors import OutputError
    from nugen_gan.model.folder import DESCRIPTION
    from nugen_gan.storage.atomic import check_writable
    from nugen_gan.validation.report.report import FILES

    if (folder / DESCRIPTION).exists():
        raise OutputError(f"{folder} is a model folder: choose another one for the report with -o")
    check_writable(folder, FILES, overwrite=overwrite)


def _show(report: Report, output: Path) -> None:
    """Print the verdicts as a table, and where the report is."""
    rows = report.rows()
    widths = [max(len(text) for text in column) for column in zip(
        *map(_columns, rows), strict=True)]  # fmt: skip
    click.echo(f"{report.name}: {report.events[1]:,d} generated against {report.events[0]:,d} "
               f"reference events, seed {report.seed}")  # fmt: skip
    for note in report.notes:
        click.echo(f"note: {note}")
    for row in rows:
        texts = zip(_columns(row), widths, strict=True)
        click.echo("  ".join(f"{t:<{w}}" for t, w in texts) + f"  {row.verdict.value}")
    for text in (report.headline(), report.power(), report.yardstick()):
        if text:
            click.echo(text)
    click.echo(f"report: {output / 'report.html'}")


def _columns(row: Row) -> tuple[str, str, str, str]:
    """What the table on the terminal shows of a row, beside its verdict."""
    from nugen_gan.validation.report.judging import p_text

    p_value = "" if row.p_value is None else f"p = {p_text(row.p_value)}"
    return row.measure, row.value, row.target, p_value
