"""A run in many parts: each is a command of its own, on this machine or on a cluster.

What runs is ``nugen-gan generate ... --shard i/N --resume``, as a batch system would run it.  A
part that dies is run again, so a lost worker costs time only; a part that is there and complete is
left as it is.
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import IO, Any

from nugen_gan.errors import NugenError, UsageError
from nugen_gan.generation.records import read_sidecar
from nugen_gan.generation.shards import Shard
from nugen_gan.monitor import SILENT, Monitor, monitored
from nugen_gan.processes import ONE_CORE
from nugen_gan.stopping import PARENT
from nugen_gan.storage.atomic import write_json

__all__ = [
    "CLUSTERS",
    "PartError",
    "Production",
    "manifest_of",
    "recorded_seed",
    "run_parts",
    "write_manifest",
]

CLUSTERS = ("local", "slurm", "htcondor")
# How often a part is tried that was killed, and how long to wait between looks [s].
ATTEMPTS, PAUSE = 4, 0.05
# What a job of a batch system asks for where the user's configuration of dask does not say.
JOB = {"memory": "2GB"}
JOBS = {"slurm": ("SLURMCluster", JOB), "htcondor": ("HTCondorCluster", {**JOB, "disk": "2GB"})}


class PartError(NugenError):
    """A part of a run could not be made."""


class PartKilledError(PartError):
    """A part of a run was killed; another attempt may succeed."""


@dataclass(frozen=True, slots=True)
class Production:
    """What is run, and where.

    Attributes
    ----------
    words : of ``nugen-gan generate``, with a seed, without the shard
    parts : how many
    workers : parts at a time
    scheduler : address of a dask scheduler
    cluster : one of CLUSTERS, started for this run
    folder : from which the names of files count; all workers must see it
    """

    words: tuple[str, ...]
    parts: int
    workers: int = 1
    scheduler: str | None = None
    cluster: str | None = None
    folder: str = field(default_factory=os.getcwd)

    def command(self, number: int) -> list[str]:
        """The command of a part."""
        own = ["--shard", str(Shard(number, self.parts)), "--resume", "--quiet", "--yes"]
        return [sys.executable, "-m", "nugen_gan", "generate", *self.words, *own]


def run_parts(production: Production, monitor: Monitor = SILENT) -> None:
    """Make all parts.

    Raises
    ------
    PartError
        if one fails for a reason that trying again does not mend; the others are stopped.
    UsageError
        if the cluster is not to be had.
    """
    numbers = range(1, production.parts + 1)
    with monitored(monitor, "generating", production.parts, "parts"):
        if production.scheduler is None and production.cluster is None:
            done: Iterator[int] = _on_this_machine(production, numbers, monitor)
        else:
            done = _on_a_cluster(production, numbers)
        for count, _ in enumerate(done, 1):
            monitor.advanced(count)


def manifest_of(output: Path) -> Path:
    """Name of the list of a run's parts."""
    return output.with_name(f"{output.name}.manifest.json")


def recorded_seed(files: Iterable[Path]) -> int | None:
    """Seed of the run that these parts are of, by the records beside them; None without any.

    Raises
    ------
    UsageError
        if they are of several runs.
    """
    records = (read_sidecar(path) for path in files)
    seeds = {int(record["run_seed"]) for record in records if record and "run_seed" in record}
    if len(seeds) > 1:
        raise UsageError(
            f"parts of several runs are there, of the seeds {', '.join(map(str, sorted(seeds)))}: "
            "say with --seed which one to go on with"
        )
    return seeds.pop() if seeds else None


def write_manifest(output: Path, files: Iterable[Path], command: Sequence[str]) -> Path:
    """List the parts of a run with what is recorded beside each; return the file."""
    parts = []
    for file in files:
        found = read_sidecar(file)
        if found is None:
            raise PartError(f"{file} has no record beside it: make that part again")
        parts.append(found)
    where = manifest_of(output)
    write_json(
        where,
        {
            "command": list(command),
            "events": sum(part["events"] for part in parts),
            "size": sum(part["size"] for part in parts),
            "parts": parts,
        },
    )
    return where


def _on_this_machine(
    production: Production, numbers: Iterable[int], monitor: Monitor
) -> Iterator[int]:
    """Yield the number of each part when it is made."""
    waiting, tries = deque(numbers), Counter[int]()
    running: dict[int, tuple[subprocess.Popen[bytes], IO[bytes]]] = {}
    try:
        while waiting or running:
            while waiting and len(running) < production.workers:
                number = waiting.popleft()
                tries[number] += 1
                running[number] = _started(production.command(number), production.folder)
            time.sleep(PAUSE)
            for number, (process, said) in list(running.items()):
                if process.poll() is None:
                    continue
                del running[number]
                reason = _failure(process.returncode, said)
                if reason is None:
                    yield number
                elif process.returncode < 0 and tries[number] < ATTEMPTS:
                    monitor.note(f"part {number} {reason}: it is made again")
                    waiting.append(number)
                else:
                    raise PartError(f"part {number} of {production.parts} {reason}")
    finally:
        for process, _ in running.values():
            process.terminate()
        for process, said in running.values():
            process.wait()
            said.close()


def _started(command: Sequence[str], folder: str) -> tuple[subprocess.Popen[bytes], IO[bytes]]:
    said = tempfile.TemporaryFile()  # noqa: SIM115
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said,
        cwd=folder, env={**os.environ, **ONE_CORE, PARENT: str(os.getpid())},
    )  # fmt: skip
    return process, said


def _failure(code: int, said: IO[bytes]) -> str | None:
    """Say in words how a command failed; None if it did not."""
    with said:
        said.seek(0)
        text = " ".join(said.read().decode("utf-8", "replace").split())
    if code == 0:
        return None
    if code < 0:
        return f"was killed by signal {-code}"
    return f"failed: {text.removeprefix('nugen-gan: error: ') or f'exit code {code}'}"


def _run_here(command: Sequence[str], folder: str) -> str | None:
    """Run a part on a worker of a cluster; say how it failed, or None.

    Raises
    ------
    PartKilledError
        if it was killed: dask tries it again.
    """
    if not Path(folder).is_dir():
        return (
            f"cannot be made on {socket.gethostname()}, which has no folder {folder}: run the "
            "command in a folder that all workers share"
        )
    process, said = _started([sys.executable, *command[1:]], folder)
    reason = _failure(process.wait(), said)
    if process.returncode < 0:
        raise PartKilledError(reason)
    return reason


def _on_a_cluster(production: Production, numbers: Iterable[int]) -> Iterator[int]:
    """Yield the number of each part when a worker of the cluster has made it."""
    with _client(production) as (client, as_completed):
        # Results of an earlier run on the same scheduler must not stand in for those of this one.
        name = f"nugen-gan-{secrets.token_hex(4)}"
        # Of a worker that is lost, dask gives the parts to another.
        parts = {
            client.submit(_run_here, production.command(number), production.folder,
                          key=f"{name}-{number}", pure=False, retries=ATTEMPTS): number
            for number in numbers
        }  # fmt: skip
        try:
            for part in as_completed(parts):
                reason = _said(part)
                if reason is not None:
                    raise PartError(f"part {parts[part]} of {production.parts} {reason}")
                yield parts[part]
        finally:
            client.cancel(list(parts))


def _said(part: Any) -> str | None:
    """How a part failed on a cluster, None if it did not."""
    try:
        found: str | None = part.result()
    except PartKilledError as error:
        return f"{error}, again and again: is there too little memory?"
    except Exception as error:  # of whatever type dask or the worker make it
        if type(error).__name__ == "KilledWorker":
            return "lost its worker again and again: is there too little memory?"
        return f"failed on its worker ({type(error).__name__}: {error})"
    return found


@contextmanager
def _client(production: Production) -> Iterator[tuple[Any, Callable[..., Any]]]:
    """A client of the cluster, and dask's ``as_completed``."""
    try:
        dask: Any = import_module("distributed")
    except ImportError as error:
        raise UsageError(
            "a cluster needs dask: pip install 'nugen-gan[dask]'. Without it there are "
            "--workers on this machine, and --shard in a batch system"
        ) from error
    if production.scheduler is not None:
        try:
            client = dask.Client(production.scheduler, timeout=20)
        except (OSError, ValueError) as error:
            raise UsageError(
                f"no dask scheduler answers at {production.scheduler} ({error}). It is an address "
                "such as tcp://host:8786, which 'dask scheduler' prints"
            ) from error
        with client:
            yield client, dask.as_completed
        return
    with _cluster(production, dask) as cluster, dask.Client(cluster) as client:
        yield client, dask.as_completed


def _cluster(production: Production, dask: Any) -> Any:
    """A cluster of as many workers, each with one core."""
    if production.cluster == "local":
        return dask.LocalCluster(
            n_workers=production.workers, threads_per_worker=1, dashboard_address=None,
            silence_logs=logging.CRITICAL,
        )  # fmt: skip
    try:
        queues = import_module("dask_jobqueue")
    except ImportError as error:
        raise UsageError(
            f"--cluster {production.cluster} needs dask-jobqueue: pip install 'nugen-gan[dask]'"
        ) from error
    kind, needed = JOBS[str(production.cluster)]
    # Queue, account, memory and walltime stand in the user's ~/.config/dask/jobqueue.yaml.
    known = import_module("dask").config.get(f"jobqueue.{production.cluster}", {})
    missing = {name: value for name, value in needed.items() if not known.get(name)}
    cluster = getattr(queues, kind)(cores=1, processes=1, **missing)
    cluster.scale(production.workers)
    return cluster
