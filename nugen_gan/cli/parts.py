"""A run in parts: the options of ``generate`` for batch systems, several cores and clusters."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from nugen_gan.cli.gathered import gathered
from nugen_gan.cli.outputs import agreed
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
    parts : how many parts there are
    workers : processes that make one file, or parts at a time
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
        return self.elsewhere or self.parts is not None

    @property
    def elsewhere(self) -> bool:
        """Whether a cluster makes the parts."""
        return self.scheduler is not None or self.cluster is not None

    def part(self) -> Shard | None:
        """The one part to make, if it is one."""
        from nugen_gan.generation.shards import Shard

        if self.shard is None:
            return None
        if self.many:
            raise UsageError(
                "--shard makes one part of a run, for a batch system that starts the others; "
                "--parts, --scheduler and --cluster start all of them: choose one way"
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
            help="Make all events in so many numbered files, a JSON record beside each, and a "
            "manifest of them.",
        ),
        click.option(
            "--workers",
            type=Count(1, MOST_WORKERS),
            help="Processes that make the events of one file, which stays the same, or --parts at "
            "a time; each on one core.  [default: 1]",
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


def produce(
    parts: Parts,
    asked: Mapping[str, Any],
    words: list[str],
    output: Path,
    seed: int | None,
    *,
    overwrite: bool,
    yes: bool,
) -> None:
    """Make all parts, and say what there is.

    Parameters
    ----------
    parts : how many, and where
    asked : what :func:`nugen_gan.generation.generate.check_run` is to look at
    words : of ``nugen-gan generate``, without seed and output
    output : from which the names of the files derive
    seed : that was asked for
    overwrite : replace what is there
    yes : do not ask before a long run
    """
    from nugen_gan.generation.estimate import cores_of
    from nugen_gan.generation.generate import check_run
    from nugen_gan.generation.production import (
        Production,
        manifest_of,
        recorded_seed,
        run_parts,
        write_manifest,
    )
    from nugen_gan.generation.shards import files_of
    from nugen_gan.model.sampler import draw_seed
    from nugen_gan.physics.targets import parse_mixture
    from nugen_gan.storage.atomic import exists_text, is_stream

    if is_stream(output):
        raise UsageError(f"parts are files with a number in their names, which {output} cannot be")
    if parts.scheduler is not None and parts.cluster is not None:
        raise UsageError("--scheduler is a cluster that runs, --cluster starts one: choose one")
    workers = parts.workers or 1
    number = parts.parts or workers
    if manifest_of(output).exists() and not (parts.resume or overwrite):
        raise OutputError(f"{exists_text(manifest_of(output))}, or --resume to go on with it")
    mixture = asked["target"] is not None and len(parse_mixture(asked["target"]).atoms) > 1
    there = partial(files_of, output, asked["output_format"], number, mixture=mixture)
    if seed is None and parts.resume:
        seed = recorded_seed(chain.from_iterable(there().values()))
    seed = draw_seed() if seed is None else seed
    plan = check_run(
        output=output, shards=number, share=1.0 - len(there()) / number,
        cores=workers if parts.elsewhere else cores_of(workers), estimated=agreed(yes=yes), **asked,
    )  # fmt: skip
    click.echo(f"energies       {plan.label}")
    for note in plan.notes:
        click.echo(f"flux           {note}")
    # Said first: a run that is broken off can be gone on with.
    click.echo(f"seed           {seed}")
    words = [*words, "--seed", str(seed), "--output", str(output)]
    words += ["--overwrite"] if overwrite else []
    run = Production(tuple(words), number, workers, parts.scheduler, parts.cluster)
    try:
        run_parts(run, TerminalMonitor())
    except KeyboardInterrupt as error:
        error.add_note("parts that are complete stay, and --resume goes on with them")
        raise
    files = list(chain.from_iterable(there().values()))
    manifest = write_manifest(output, files, ["nugen-gan", *sys.argv[1:]])
    click.echo(f"written        {len(files):,d} files, {files[0]} to {files[-1].name}")
    click.echo(f"manifest       {manifest}")
