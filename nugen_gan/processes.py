"""Work shared by processes of this machine: results in order, and a killed process costs time only.

Processes, where threads would wait for one another for the interpreter's lock.  They are started
anew (not forked), each computes on one core, and none of them outlives the program that started it.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from typing import Any, TypeVar

from nugen_gan.errors import NugenError
from nugen_gan.monitor import SILENT, Monitor
from nugen_gan.stopping import end_with_parent

__all__ = ["ONE_CORE", "WorkerError", "in_order"]

T = TypeVar("T")
# What makes the libraries of a process compute on one core.
ONE_CORE = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
# So many losses of a worker, without a result in between, are no accident.
MOST_LOSSES = 4
# How long a worker that was told to end may take [s].
PATIENCE = 5.0
# Jobs given out for each process: one to work on, one to go on with.
AHEAD = 2

# In a worker: what is called with the numbers of each job.
_function: Callable[..., Any] | None = None


class WorkerError(NugenError):
    """Processes that share the work die again and again."""


def in_order(
    function: Callable[..., T],
    jobs: Iterable[tuple[Any, ...]],
    workers: int,
    monitor: Monitor = SILENT,
) -> Iterator[T]:
    """Call a function with the arguments of each job; yield the results in the order of the jobs.

    No more than two jobs for each worker are given out, or wait to be taken, at a time.

    Parameters
    ----------
    function : that other processes can load, with all that it holds; sent once to each
    jobs : arguments, which are sent as well
    workers : number of processes
    monitor : is told of workers that were lost

    Raises
    ------
    WorkerError
        if workers are killed again and again.
    """
    # Pickled here, so that a worker can set up itself before it loads the libraries.
    blob, waiting, losses = pickle.dumps(function), deque[tuple[Any, ...]](), 0
    source, pool = iter(jobs), _pool(blob, workers)
    futures: deque[Future[T]] = deque()
    try:
        while True:
            while len(waiting) < AHEAD * workers:
                job = next(source, None)
                if job is None:
                    break
                waiting.append(job)
            if not waiting:
                return
            try:
                while len(futures) < len(waiting):
                    futures.append(pool.submit(_call, waiting[len(futures)]))
                result = futures[0].result()
            except BrokenProcessPool:
                losses += 1
                if losses >= MOST_LOSSES:
                    raise WorkerError(
                        f"{losses} worker processes in a row were killed, as where memory runs "
                        "out: ask for fewer --workers, or fewer events in memory with --chunk"
                    ) from None
                monitor.note("a worker process was killed: its events are made again")
                _end(pool)
                pool = _pool(blob, workers)
                # Whatever is not lost stays: results that were there before.
                futures = deque(_kept(futures))
                continue
            losses = 0
            waiting.popleft()
            futures.popleft()
            yield result
    finally:
        _end(pool)


def _kept(futures: Iterable[Future[T]]) -> Iterator[Future[T]]:
    """Those at the front that have a result."""
    for future in futures:
        if not future.done() or future.cancelled() or future.exception() is not None:
            return
        yield future


def _pool(blob: bytes, workers: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(
        workers,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_begin,
        initargs=(blob, os.getpid()),
    )


def _end(pool: ProcessPoolExecutor) -> None:
    """End the processes of a pool at once, whatever they are doing."""
    # As terminate_workers of Python 3.14 does.
    processes = list((getattr(pool, "_processes", None) or {}).values())
    pool.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        with suppress(OSError, ValueError):
            process.terminate()
            process.join(PATIENCE)


def _begin(blob: bytes, parent: int) -> None:
    """Set up a worker."""
    global _function
    os.environ.update(ONE_CORE)
    # Ctrl-C goes to all processes of a terminal; it is the main one that ends the workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent(parent)
    _function = pickle.loads(blob)  # noqa: S301
    if "torch" in sys.modules:  # it read the number of cores before this, as a main script's import
        sys.modules["torch"].set_num_threads(1)


def _call(job: tuple[Any, ...]) -> Any:
    assert _function is not None
    return _function(*job)
