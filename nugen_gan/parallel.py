"""Blocks of events at the same time, one thread for each core.

numpy gives its lock back while it computes, so that threads do.  The matrix products are too small
to be shared among cores: each is computed by one thread of the linear-algebra library, which would
otherwise wait for its others longer than it works.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any, TypeVar

__all__ = ["each", "workers"]

T = TypeVar("T")


def workers() -> int:
    """Number of threads: as many as cores may be used, or fewer by ``OMP_NUM_THREADS``."""
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # not on Linux
        cores = os.cpu_count() or 1
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    return min(cores, int(wanted)) if wanted.isdigit() and int(wanted) else cores


def each(function: Callable[..., T], jobs: Sequence[tuple[Any, ...]]) -> list[T]:
    """Call a function with the arguments of each job; the results come in the order of the jobs."""
    number = min(workers(), len(jobs))
    with _controller().limit(limits=1, user_api="blas"):
        if number < 2:
            return [function(*job) for job in jobs]
        with ThreadPoolExecutor(number) as pool:
            return list(pool.map(lambda job: function(*job), jobs))


@lru_cache(maxsize=1)
def _controller() -> Any:
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
