"""Generate a file of events from a model."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nugen_gan.energies import EnergyPlan
from nugen_gan.errors import UsageError
from nugen_gan.events import EventTable
from nugen_gan.files import atomic_path
from nugen_gan.model import Model

__all__ = ["Generated", "generate"]

# Events in memory at a time.
CHUNK = 1 << 18


@dataclass(frozen=True, slots=True)
class Generated:
    """What :func:`generate` wrote.

    Attributes
    ----------
    path, format : of the file
    events : number of events
    seed : of the random numbers
    energies : where the energies come from, in words
    flux_average : flux-averaged cross section [cm^2 per nucleus], None where unknown
    """

    path: Path
    format: str
    events: int
    seed: int
    energies: str
    flux_average: float | None


def generate(
    model: Model,
    output: str | os.PathLike[str],
    events: int,
    energies: EnergyPlan,
    *,
    seed: int | None = None,
    output_format: str | None = None,
    chunk: int = CHUNK,
    allow_extrapolation: bool = False,
    progress: Callable[[int], None] | None = None,
) -> Generated:
    """Generate events and write them to a file, in chunks.

    Parameters
    ----------
    model : a trained model
    output : file to write; an older file of that name is replaced once the new one is complete
    events : number of events, at least 1
    energies : where their energies come from; see :mod:`nugen_gan.energies`
    seed : of the random numbers; drawn if absent.  The same seed gives the same bytes, whatever
        the chunk size
    output_format : name of a dialect; by the suffix of ``output`` if absent
    chunk : events in memory at a time
    allow_extrapolation : permit energies outside the range of the model
    progress : called with the number of events done so far

    Raises
    ------
    UsageError, EnergyRangeError, OutputError
    """
    from nugen_gan.adapters.base import Header
    from nugen_gan.adapters.registry import writer_for
    from nugen_gan.sampler import check_seed, draw_seed

    if events < 1:
        raise UsageError(f"{events} events were asked for: 1 or more are needed")
    model.sampler.check_energies(
        np.array(energies.energy_range()), allow_extrapolation=allow_extrapolation
    )
    path, used = Path(output), check_seed(draw_seed() if seed is None else seed)
    adapter = writer_for(path, output_format)
    average = energies.flux_average(model.cross_section)
    provenance = model.sampler.provenance(used, {"energies": energies.label})
    header = Header(
        process=model.process,
        events=events,
        cross_section=model.cross_section,
        flux=energies.flux,
        flux_average=average,
        provenance=provenance,
    )

    def chunks() -> Iterator[EventTable]:
        done = 0
        for table in model.sampler.stream(
            energies.energies(used),
            events,
            seed=used,
            chunk=chunk,
            allow_extrapolation=allow_extrapolation,
        ):
            yield table.with_(provenance=provenance)
            done += len(table)
            if progress is not None:
                progress(done)

    with atomic_path(path) as temporary:
        adapter.write(temporary, chunks(), lambda: header)
    return Generated(path, adapter.name, events, used, energies.label, average)
