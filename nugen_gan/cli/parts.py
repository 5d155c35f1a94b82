"""A run in parts: the options of ``generate`` for batch systems, several cores and clusters."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from nugen_gan.cli.gathered import gathered
from nugen_gan.cli.parameters import Count
from nugen_gan.cli.progress import TerminalMonitor
from nugen_gan.errors import OutputError, UsageError

if TYPE_CHECKING:
    from nugen_gan.generation.shards import Shard

__all__ = ["Parts", "parts_options", "produce"]

C = TypeVar("C", bound=Callable[..., Any])
# As nugen_gan.generation.production has them, which is not imported to show a help text.
CLUSTERS = ("local", "slurm", "htcondor")
MOST_PARTS, MOST_WORKERS = 1_000_000, 10_000


@dataclass(frozen=True, slots=True)
class Parts:
    """Which part of a run to make, or in how many to make all of it.

    Attributes
    ----------
    shard, shards_from : the part, and the number that the first one has
    parts, workers : how many parts, and how many of them at a time
    resume : leave parts that are complete
    scheduler, cluster : where the parts are made, if not on this machine
    """

    shard: str | None
    shards_from: str
    parts: int | None
    workers: int | None
    resume: bool
    scheduler: str | None
    cluster: str | None

    @property
    def many(self) -> bool:
        """Whether this run starts others."""
        elsewhere = self.scheduler is not None or self.cluster is not None
        return elsewhere or self.parts is not None or self.workers is not None

    def part(self) -> Shard | None:
        """The one part to make, if it is one."""
        from nugen_gan.generation.shards import Shard

        if self.shard is None:
            return None
        if self.many:
            raise UsageError(
                "--shard makes one part of a run, for a batch system that starts the others; "
                "--parts, --workers, --scheduler and --cluster start them here: choose one way"
            )
        return Shard.parse(self.shard, int(self.shards_from))


def parts_options(command: C) -> C:
    """Give a command these options, as one argument ``parts``."""
    return gathered(
        "parts",
        Parts,
        click.option(
            "--shard",
            metavar="i/N",
            help="Make part i of N only, with i/N in the name of its file and a JSON record "
            "beside it: for batch systems, as in --shard $SLURM_ARRAY_TASK_ID/1000.",
        ),
        click.option(
            "--shards-from",
            type=click.Choice(["0", "1"]),
            default="1",
            help="The first part's i in --shard; 0 for HTCondor's $(Process).",
        ),
        click.option(
            "--parts",
            type=Count(1, MOST_PARTS),
            help="Make all events in so many numbered files, and a manifest of them.  "
            "[default: as many as --workers]",
        ),
        click.option(
            "--workers",
            type=Count(1, MOST_WORKERS),
            help="Parts at a time, each on one core.  [default: 1]",
        ),
        click.option("--resume", is_flag=True, help="Leave parts that are there and complete."),
        click.option(
            "--scheduler",
            metavar="ADDRESS",
            help="Make the parts on the workers of this dask scheduler, tcp://host:8786.",
        ),
        click.option(
            "--cluster",
            type=click.Choice(CLUSTERS),
            help="Make them on a dask cluster of --workers, started for this run.",
        ),
    )(command)


def produce(parts: Parts, words: list[str], output: Path, output_format: str | None) -> None:
    """Make all parts, and say what there is.

    Parameters
    ----------
    parts : how many, and where
    words : of ``nugen-gan generate``, with a seed and an output
    output : from which the names of the files derive
    output_format : that was asked for
    """
    from nugen_gan.generation.production import Production, manifest_of, run_parts, write_manifest
    from nugen_gan.generation.shards import Shard, files_of
    from nugen_gan.storage.atomic import exists_text, is_stream

    if is_stream(output):
        raise UsageError(f"parts are files with a number in their names, which {output} cannot be")
    if parts.scheduler is not None and parts.cluster is not None:
        raise UsageError("--scheduler is a cluster that runs, --cluster starts one: choose one")
    workers = parts.workers or 1
    number = parts.parts or workers
    if manifest_of(output).exists() and not (parts.resume or "--overwrite" in words):
        raise OutputError(f"{exists_text(manifest_of(output))}, or --resume to go on with it")
    run = Production(tuple(words), number, workers, parts.scheduler, parts.cluster)
    run_parts(run, TerminalMonitor())
    files = [
        file
        for k in range(1, number + 1)
        for file in files_of(output, output_format, Shard(k, number))
    ]
    manifest = write_manifest(output, files, ["nugen-gan", *sys.argv[1:]])
    click.echo(f"written        {len(files):,d} files, {files[0]} to {files[-1].name}")
    click.echo(f"manifest       {manifest}")
