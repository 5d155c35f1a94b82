"""Generate events on a target of several nuclei, from a model of each: one file per nucleus.

Events of nucleus k are as many as n_k times the integral of flux times sigma_k demands, n_k
being the number of such nuclei in a molecule.  All files together are then one sample of events
of equal weight, whose common normalisation every file states.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nugen_gan.adapters.output import check_event_output, event_output
from nugen_gan.errors import UsageError
from nugen_gan.generation.energies import EnergyPlan
from nugen_gan.generation.records import is_complete, write_sidecar
from nugen_gan.generation.shards import Shard, numbered
from nugen_gan.generation.single import CHUNK, Generated, Part
from nugen_gan.model.model import Model
from nugen_gan.model.quality import warn_if_poor
from nugen_gan.monitor import SILENT, Monitor, monitored
from nugen_gan.physics.targets import TargetMixture, nucleus_name
from nugen_gan.storage.atomic import is_stream
from nugen_gan.streams import derived_seed

if TYPE_CHECKING:
    from nugen_gan.adapters.base import Adapter
    from nugen_gan.generation.estimate import Estimate

__all__ = ["GeneratedMixture", "generate_mixture", "shares_of"]


@dataclass(frozen=True, slots=True)
class GeneratedMixture:
    """What :func:`generate_mixture` wrote.

    Attributes
    ----------
    mixture : the target
    parts : the file of each nucleus, by PDG code
    events : number of events in all files
    seed : from which those of the files derive
    flux_average : flux-averaged cross section [cm^2 per molecule]
    """

    mixture: TargetMixture
    parts: Mapping[int, Generated]
    events: int
    seed: int
    flux_average: float

    @property
    def per_nucleon(self) -> float:
        """Flux-averaged cross section [cm^2 per nucleon of the mixture]."""
        return self.flux_average / self.mixture.nucleons


def generate_mixture(
    models: Mapping[int, Model],
    mixture: TargetMixture,
    output: str | os.PathLike[str],
    events: int,
    energies: Mapping[int, EnergyPlan],
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
) -> GeneratedMixture:
    """Generate events and write one file per nucleus; all appear, or none.

    Parameters
    ----------
    models, energies : model and energy plan of each nucleus, by PDG code; the plans must be of
        one flux
    output : name from which those of the files derive: ``events.table.root`` becomes
        ``events.numu_cc_C12.table.root``
    events : number of events in all files; each nucleus gets its share, rounded
    seed, shard, workers, output_format, chunk, allow_extrapolation, overwrite, resume, monitor,
        estimated, command : as in :func:`nugen_gan.generation.generate.generate`

    Raises
    ------
    UsageError
        if the flux or a cross section is not known, or a nucleus would get no event.
    """
    from nugen_gan.adapters.registry import writer_for
    from nugen_gan.generation.estimate import before_many, cores_of
    from nugen_gan.model.sampler import check_seed, draw_seed

    used = check_seed(draw_seed() if seed is None else seed)
    path = Path(output)
    if is_stream(path):
        raise UsageError(
            f"events on a mixture of nuclei are a file of each, which {path} cannot be: name a "
            "file with -o"
        )
    adapter = writer_for(path, output_format)
    files = {t: _path(path, adapter, models[t].process.name) for t in mixture.targets}
    if shard is not None:
        files = {t: numbered(file, adapter.name, shard) for t, file in files.items()}
    for file in files.values():
        check_event_output(file, adapter.name, overwrite=overwrite or resume)
    for target in mixture.targets:
        warn_if_poor(models[target].name, models[target].metrics)
        models[target].sampler.check_energies(
            np.array(energies[target].energy_range()), allow_extrapolation=allow_extrapolation
        )
    averages = {t: _average(models[t], energies[t]) for t in mixture.targets}
    counts = shares_of(mixture, averages, events)
    total = sum(count * averages[target] for target, count in mixture.atoms)
    record = _record(mixture, averages, total, events, used)
    parts = {
        t: Part(models[t], counts[t], energies[t], seed_of(used, t), {"mixture": record})
        for t in mixture.targets
    }
    records: dict[int, Callable[[Path], None]] = {}
    if shard is not None:
        parts = {t: part.shard(shard) for t, part in parts.items()}
        facts = {t: part.facts(adapter.name, command) for t, part in parts.items()}
        records = {t: partial(write_sidecar, files[t], facts[t]) for t in parts}
        # Each is looked at: one that is something else must not be replaced with the others.
        there = [resume and is_complete(files[t], facts[t], overwrite=overwrite) for t in parts]
        if all(there):
            kept = {
                t: replace(part.written(files[t], adapter.name), kept=True)
                for t, part in parts.items()
            }
            return GeneratedMixture(mixture, kept, events, used, total)
    before_many(
        list(parts.values()), adapter, path, estimated,
        allow_extrapolation=allow_extrapolation, cores=cores_of(workers),
    )  # fmt: skip
    with (
        monitored(monitor, "generating", sum(p.events for p in parts.values()), "events"),
        ExitStack() as stack,
    ):
        before = 0
        for target, part in parts.items():
            output_of = event_output(
                adapter, files[target], overwrite=overwrite or resume,
                complete=records.get(target),
            )  # fmt: skip
            part.write(
                stack.enter_context(output_of), chunk=chunk,
                allow_extrapolation=allow_extrapolation, workers=workers, monitor=monitor,
                before=before,
            )  # fmt: skip
            before += part.events
    written = {t: part.written(files[t], adapter.name) for t, part in parts.items()}
    return GeneratedMixture(mixture, written, events, used, total)


def shares_of(mixture: TargetMixture, averages: Mapping[int, float], events: int) -> dict[int, int]:
    """Events of each nucleus: in proportion to number times flux-averaged cross section.

    Rounded so that they add up to ``events``: the largest remainders are rounded up.

    Raises
    ------
    UsageError
        if a nucleus gets none.
    """
    rates = np.array([count * averages[target] for target, count in mixture.atoms])
    exact = events * rates / rates.sum()
    counts = np.floor(exact).astype(np.int64)
    up = np.argsort(counts - exact, kind="stable")[: events - int(counts.sum())]
    counts[up] += 1
    for target, count, rate in zip(mixture.targets, counts, rates, strict=True):
        if count < 1:
            raise UsageError(
                f"of {events:,} events on {mixture.name} none would be on {nucleus_name(target)}, "
                f"which has {rate / rates.sum():.2g} of them. Ask for more events, or leave it out"
            )
    return dict(zip(mixture.targets, counts.tolist(), strict=True))


def seed_of(seed: int, target: int) -> int:
    """Seed of the events on one nucleus: those of two nuclei must not share random numbers."""
    return derived_seed(seed, "nucleus", target)


def _average(model: Model, energies: EnergyPlan) -> float:
    """Flux-averaged cross section of one nucleus [cm^2]."""
    if energies.flux is None:
        raise UsageError(
            "how many events each nucleus of a mixture gets follows from flux times cross "
            "section: give one energy, or a flux (--flux uniform for a flat one)"
        )
    average = energies.flux_average(model.cross_section)
    if average is None or not average > 0.0:
        raise UsageError(
            f"how many events of a mixture are on {model.process.target_name} follows from its "
            f"cross section, and the model {model.name} does not tell it at these energies. Train "
            "it again with --cross-section FILE"
        )
    return average


def _record(
    mixture: TargetMixture, averages: Mapping[int, float], total: float, events: int, seed: int
) -> dict[str, object]:
    """What every file says of the mixture; plain values for a JSON file."""
    return {
        "target": mixture.name,
        "atoms": {nucleus_name(target): count for target, count in mixture.atoms},
        "events": events,
        "seed": seed,
        "flux_average_cm2_per_nucleus": {nucleus_name(t): a for t, a in averages.items()},
        "flux_average_cm2_per_molecule": total,
        "flux_average_cm2_per_nucleon": total / mixture.nucleons,
    }


def _path(output: Path, adapter: Adapter, process: str) -> Path:
    """Name of one nucleus' file: its process before the suffix."""
    known = (s for s in adapter.suffixes if output.name.lower().endswith(s))
    suffix = max(known, key=len, default=output.suffix)
    stem = output.name[: len(output.name) - len(suffix)]
    return output.with_name(f"{stem}.{process}{output.name[len(stem) :]}")
