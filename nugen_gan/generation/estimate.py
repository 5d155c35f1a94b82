"""Time and size of many events, from a few that are generated and written first."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from nugen_gan.adapters.output import event_output
from nugen_gan.errors import NugenError, OutputError
from nugen_gan.storage.atomic import is_stream

if TYPE_CHECKING:
    from nugen_gan.adapters.base import Adapter
    from nugen_gan.generation.single import Part

__all__ = ["MANY", "Estimate", "before_many", "cores_of", "in_words", "size_in_words"]

# From so many events on the sample costs a few per cent of the whole at most.
MANY = 500_000
# Events of the two samples: whole blocks of the sampler.  The first warms up, and the difference
# of their sizes is free of what a file has but once.
SAMPLES = (8192, 16_384)


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a generation will take.

    Attributes
    ----------
    events : in all files
    seconds : time
    size : bytes
    """

    events: int
    seconds: float
    size: float

    def __str__(self) -> str:
        return f"about {in_words(self.seconds)} and {size_in_words(self.size)}"


def before_many(
    parts: Sequence[Part],
    adapter: Adapter,
    path: Path,
    estimated: Callable[[Estimate], None] | None = None,
    *,
    allow_extrapolation: bool = False,
    cores: int = 1,
) -> None:
    """Estimate a long generation, refuse it if the disk cannot hold it, tell the rest.

    Parameters
    ----------
    parts, adapter, path : what is to be written, how and where
    estimated : is told
    allow_extrapolation : permit energies outside the range of the models
    cores : that share the work

    Raises
    ------
    OutputError
        if the files will not fit.
    """
    if sum(part.events for part in parts) < MANY:
        return
    try:
        found = [_measured(part, adapter, path.name, allow_extrapolation) for part in parts]
    except (NugenError, OSError):
        return  # the generation itself will say what is wrong
    events, seconds, size = (sum(column) for column in zip(*found, strict=True))
    whole = Estimate(int(events), seconds / cores, size)
    if not is_stream(path):
        _check_space(whole, path.resolve().parent)
    if estimated is not None:
        estimated(whole)


def cores_of(workers: int) -> int:
    """Number of cores that so many processes of this machine have at a time."""
    return min(workers, os.cpu_count() or 1)


def _measured(
    part: Part, adapter: Adapter, name: str, allow_extrapolation: bool
) -> tuple[int, float, float]:
    """Events, seconds and bytes of one file."""
    fewer, more = (
        _sample(part, min(count, part.events), adapter, name, allow_extrapolation)
        for count in SAMPLES
    )
    per_event = more[1] / more[0]
    added = more[0] - fewer[0]
    if not added:  # the sample is all there is
        return part.events, more[1], more[2]
    growth = max(more[2] - fewer[2], 0) / added
    return part.events, per_event * part.events, more[2] + growth * (part.events - more[0])


def _sample(
    part: Part, count: int, adapter: Adapter, name: str, allow_extrapolation: bool
) -> tuple[int, float, int]:
    """Write so many events to a file that is removed; return their number, seconds and bytes."""
    with tempfile.TemporaryDirectory(prefix="nugen-gan-") as folder:
        # The end of the name may ask for compression.
        path, started = Path(folder) / f"sample{name[-20:]}", time.monotonic()
        with event_output(adapter, path) as write:
            replace(part, events=count).write(
                write, chunk=max(SAMPLES), allow_extrapolation=allow_extrapolation
            )
        return count, time.monotonic() - started, path.stat().st_size


def _check_space(whole: Estimate, folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if whole.size > free:
        raise OutputError(
            f"{whole.events:,d} events will take about {size_in_words(whole.size)}, and "
            f"{size_in_words(free)} are free in {folder}. Ask for fewer events, choose another "
            "place, or a compressed format."
        )


def in_words(seconds: float) -> str:
    """A time such as 40 s, 12 min or 3.5 h."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    if seconds < 3600:
        return f"{seconds / 60:.0f} min"
    if seconds < 48 * 3600:
        return f"{seconds / 3600:.1f} h"
    return f"{seconds / 86400:,.1f} days"


def size_in_words(size: float) -> str:
    """A size such as 40 MB or 1.2 GB."""
    return f"{size / 1e9:,.1f} GB" if size >= 1e9 else f"{max(size / 1e6, 1):.0f} MB"
