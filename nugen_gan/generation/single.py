"""Generate a file of events of one nucleus."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nugen_gan.adapters.output import WriteEvents, check_event_output, event_output
from nugen_gan.errors import UsageError
from nugen_gan.events.table import EventTable
from nugen_gan.generation.energies import EnergyPlan
from nugen_gan.model.model import Model
from nugen_gan.model.quality import warn_if_poor
from nugen_gan.monitor import SILENT, Monitor, monitored

if TYPE_CHECKING:
    from nugen_gan.adapters.base import Header
    from nugen_gan.generation.estimate import Estimate
    from nugen_gan.physics.process import Process

__all__ = ["CHUNK", "Generated", "Part", "generate_single"]

# Events in memory at a time.
CHUNK = 1 << 18


@dataclass(frozen=True, slots=True)
class Generated:
    """One file that was written.

    Attributes
    ----------
    path, format : of the file
    model, replica : name of the model, and number of its bootstrap replica; 0 for itself
    process : what collides
    events : number of events
    seed : of the random numbers
    energies : where the energies come from, in words
    flux_average : flux-averaged cross section [cm^2 per nucleus], None where unknown
    whole : the events have hadrons, too
    """

    path: Path
    format: str
    model: str
    replica: int
    process: Process
    events: int
    seed: int
    energies: str
    flux_average: float | None
    whole: bool = False


def generate_single(
    model: Model,
    output: str | os.PathLike[str],
    events: int,
    energies: EnergyPlan,
    *,
    seed: int | None = None,
    output_format: str | None = None,
    chunk: int = CHUNK,
    allow_extrapolation: bool = False,
    overwrite: bool = False,
    monitor: Monitor = SILENT,
    estimated: Callable[[Estimate], None] | None = None,
) -> Generated:
    """Generate events of one nucleus and write them to a file, in chunks.

    Parameters
    ----------
    model : a trained model
    output : file to write, which appears once it is complete; "-" or a pipe
    events : number of events, at least 1
    energies : where their energies come from; see :mod:`nugen_gan.generation.energies`
    seed, output_format, chunk, allow_extrapolation, overwrite, monitor, estimated : as in
        :func:`nugen_gan.generation.generate.generate`

    Raises
    ------
    UsageError, EnergyRangeError, OutputError
    """
    from nugen_gan.generation.estimate import before_many
    from nugen_gan.model.sampler import check_seed, draw_seed

    path, used = Path(output), check_seed(draw_seed() if seed is None else seed)
    adapter = check_event_output(path, output_format, overwrite=overwrite)
    part = Part(model, events, energies, used)
    part.check(allow_extrapolation=allow_extrapolation)
    warn_if_poor(model.name, model.metrics)
    before_many([part], adapter, path, estimated, allow_extrapolation=allow_extrapolation)
    with (
        event_output(adapter, path, overwrite=overwrite) as write,
        monitored(monitor, "generating", events, "events"),
    ):
        part.write(write, chunk=chunk, allow_extrapolation=allow_extrapolation, monitor=monitor)
    return part.written(path, adapter.name)


@dataclass(frozen=True)
class Part:
    """Events of one model that go into one file.

    Attributes
    ----------
    model, events, energies, seed : what to generate
    parameters : what to add to the provenance
    """

    model: Model
    events: int
    energies: EnergyPlan
    seed: int
    parameters: Mapping[str, object] = field(default_factory=dict)

    @cached_property
    def flux_average(self) -> float | None:
        """Flux-averaged cross section [cm^2 per nucleus], None where unknown."""
        return self.energies.flux_average(self.model.cross_section)

    @cached_property
    def header(self) -> Header:
        """What the writer is told."""
        from nugen_gan.adapters.base import Header

        energies = self.energies
        notes = {"flux_read_as": "; ".join(energies.notes)} if energies.notes else {}
        extra = {"energies": energies.label, **notes, **self.parameters}
        return Header(
            process=self.model.process,
            events=self.events,
            cross_section=self.model.cross_section,
            flux=energies.flux,
            flux_average=self.flux_average,
            provenance=self.model.sampler.provenance(self.seed, extra),
        )

    def written(self, path: Path, dialect: str) -> Generated:
        """What is to be told of the file."""
        model = self.model
        return Generated(
            path, dialect, model.name, model.replica_number, model.process, self.events, self.seed,
            self.energies.label, self.flux_average, model.hadrons is not None,
        )  # fmt: skip

    def check(self, *, allow_extrapolation: bool = False) -> None:
        """Raise an error if the model does not know these energies, or there are no events."""
        if self.events < 1:
            raise UsageError(f"{self.events} events were asked for: 1 or more are needed")
        self.model.sampler.check_energies(
            np.array(self.energies.energy_range()), allow_extrapolation=allow_extrapolation
        )

    def write(
        self,
        write: WriteEvents,
        *,
        chunk: int,
        allow_extrapolation: bool = False,
        monitor: Monitor = SILENT,
        before: int = 0,
    ) -> None:
        """Generate the events and write them, in chunks; tell a monitor, counting on."""

        def chunks() -> Iterator[EventTable]:
            done = before
            for table in self.model.sampler.stream(
                self.energies.energies(self.seed),
                self.events,
                seed=self.seed,
                chunk=chunk,
                allow_extrapolation=allow_extrapolation,
            ):
                yield table.with_(provenance=self.header.provenance, flux=self.energies.flux)
                done += len(table)
                monitor.advanced(done)

        write(chunks(), lambda: self.header)
