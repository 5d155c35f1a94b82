"""Generate a file of events of one nucleus."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nugen_gan.adapters.azimuth import FIRST_EVENT
from nugen_gan.adapters.output import (
    WriteEvents,
    check_event_output,
    event_output,
    event_writer,
)
from nugen_gan.errors import UsageError
from nugen_gan.events.table import EventTable
from nugen_gan.generation.energies import EnergyPlan
from nugen_gan.generation.records import is_complete, write_sidecar
from nugen_gan.generation.shards import Shard, numbered
from nugen_gan.generation.tables import Source, tables
from nugen_gan.model.model import Model
from nugen_gan.model.quality import warn_if_poor
from nugen_gan.monitor import SILENT, Monitor, monitored
from nugen_gan.storage.atomic import sha256

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
    kept : the file was there and complete
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
    kept: bool = False


def generate_single(
    model: Model,
    output: str | os.PathLike[str],
    events: int,
    energies: EnergyPlan,
    *,
    seed: int | None = None,
    shard: Shard | None = None,
    workers: int = 1,
    output_format: str | None = None,
    chunk: int = CHUNK,
    allow_extrapolation: bool = False,
    overwrite: bool = False,
    resume: bool = False,
    monitor: Monitor = SILENT,
    estimated: Callable[[Estimate], None] | None = None,
    command: Sequence[str] = (),
) -> Generated:
    """Generate events of one nucleus and write them to a file, in chunks.

    Parameters
    ----------
    model : a trained model
    output : file to write, which appears once it is complete; "-" or a pipe
    events : number of events, at least 1
    energies : where their energies come from; see :mod:`nugen_gan.generation.energies`
    seed, shard, workers, output_format, chunk, allow_extrapolation, overwrite, resume, monitor,
        estimated, command : as in :func:`nugen_gan.generation.generate.generate`

    Raises
    ------
    UsageError, EnergyRangeError, OutputError
    """
    from nugen_gan.generation.estimate import before_many, cores_of
    from nugen_gan.model.sampler import check_seed, draw_seed

    path, used = Path(output), check_seed(draw_seed() if seed is None else seed)
    part = Part(model, events, energies, used)
    record: Callable[[Path], None] | None = None
    if shard is not None:
        dialect = event_writer(path, output_format).name
        path, part = numbered(path, output_format, shard), part.shard(shard)
        facts = part.facts(dialect, command)
        if resume and is_complete(path, facts, overwrite=overwrite):
            return replace(part.written(path, dialect), kept=True)
        record = partial(write_sidecar, path, facts)
    adapter = check_event_output(path, output_format, overwrite=overwrite or resume)
    part.check(allow_extrapolation=allow_extrapolation)
    warn_if_poor(model.name, model.metrics)
    before_many(
        [part], adapter, path, estimated, allow_extrapolation=allow_extrapolation,
        cores=cores_of(workers),
    )  # fmt: skip
    with (
        event_output(adapter, path, overwrite=overwrite or resume, complete=record) as write,
        monitored(monitor, "generating", part.events, "events"),
    ):
        part.write(
            write, chunk=chunk, allow_extrapolation=allow_extrapolation, workers=workers,
            monitor=monitor,
        )  # fmt: skip
    return part.written(path, adapter.name)


@dataclass(frozen=True)
class Part:
    """Events of one model that go into one file.

    Attributes
    ----------
    model, events, energies, seed : what to generate
    parameters : what to add to the provenance
    first : number of the first event in the run of this seed
    """

    model: Model
    events: int
    energies: EnergyPlan
    seed: int
    parameters: Mapping[str, object] = field(default_factory=dict)
    first: int = 0

    def shard(self, shard: Shard) -> Part:
        """A part of these events."""
        first, last = shard.events(self.events)
        known = {FIRST_EVENT: first, "shard": str(shard), "run_events": self.events}
        return replace(
            self, events=last - first, first=first, parameters={**self.parameters, **known}
        )

    def facts(self, dialect: str, command: Sequence[str] = ()) -> dict[str, object]:
        """What a shard is and what it was made of, as plain values.

        Parameters
        ----------
        dialect : format of the file
        command : words of the command that makes it
        """
        from nugen_gan._version import __version__

        model, mixture = self.model, self.parameters.get("mixture")
        return {
            "format": dialect,
            "events": self.events,
            FIRST_EVENT: self.first,
            "last_event": self.first + self.events - 1,
            "seed": self.seed,
            "run_seed": mixture["seed"] if isinstance(mixture, Mapping) else self.seed,
            **{name: self.parameters[name] for name in ("shard", "run_events")},
            "process": model.process.name,
            "energies": self.energies.label,
            "energies_sha256": self.energies.digest,
            "flux_average_cm2_per_nucleus": self.flux_average,
            "model": model.name,
            "model_sha256": model.digest,
            "replica": model.replica_number,
            "hadrons": model.hadrons is not None,
            "fast": model.lepton is not None,
            "generator": "nugen-gan",
            "version": __version__,
            "parents": self._parents(),
            "command": list(command),
        }

    def _parents(self) -> list[dict[str, str]]:
        """What the events descend from: files of energies, the model, what that learned from."""
        found = [
            {"kind": "energies", "name": path.name, "sha256": sha256(path)}
            for path in self.energies.files
        ]
        found.append({"kind": "model", "name": self.model.name, "sha256": self.model.digest})
        samples = [self.model.training, *reversed(self.model.lineage)]
        digests = [str(step["sample_sha256"]) for step in samples if step.get("sample_sha256")]
        found += [{"kind": "sample", "sha256": digest} for digest in dict.fromkeys(digests)]
        return found

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
        self.check_energies(allow_extrapolation=allow_extrapolation)

    def check_energies(self, *, allow_extrapolation: bool = False) -> None:
        """Raise an error if the model does not know these energies."""
        self.model.sampler.check_energies(
            np.array(self.energies.energy_range()), allow_extrapolation=allow_extrapolation
        )

    def write(
        self,
        write: WriteEvents,
        *,
        chunk: int,
        allow_extrapolation: bool = False,
        workers: int = 1,
        monitor: Monitor = SILENT,
        before: int = 0,
    ) -> None:
        """Generate the events and write them, in chunks; tell a monitor, counting on."""

        def chunks() -> Iterator[EventTable]:
            done = before
            for table in tables(
                Source(self.model, self.energies, self.seed, allow_extrapolation),
                self.first,
                self.events,
                chunk=chunk,
                workers=workers,
                monitor=monitor,
            ):
                yield table.with_(provenance=self.header.provenance, flux=self.energies.flux)
                done += len(table)
                monitor.advanced(done)

        write(chunks(), lambda: self.header)
