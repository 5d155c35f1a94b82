"""Generate files of events: from a model or a name, energies as they are asked for, to a result.

One nucleus is :mod:`nugen_gan.generation.single`, several are
:mod:`nugen_gan.generation.mixture`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nugen_gan.adapters.output import check_event_output, event_writer
from nugen_gan.errors import UsageError
from nugen_gan.generation.estimate import before_many
from nugen_gan.generation.mixture import generate_mixture
from nugen_gan.generation.models import check_probe, listed_models, models_for
from nugen_gan.generation.plan import Energies, energy_plans
from nugen_gan.generation.shards import Shard
from nugen_gan.generation.single import CHUNK, Generated, Part, generate_single
from nugen_gan.model.model import Model, load_model
from nugen_gan.model.quality import warn_if_poor
from nugen_gan.monitor import SILENT, Monitor
from nugen_gan.physics.process import parse_probe
from nugen_gan.physics.targets import TargetMixture, parse_mixture
from nugen_gan.storage.atomic import check_output, is_stream, refuse_inputs

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from nugen_gan.events.table import EventTable
    from nugen_gan.generation.energies import EnergyPlan
    from nugen_gan.generation.estimate import Estimate
    from nugen_gan.physics.flux import Flux

__all__ = ["Generation", "check_run", "generate"]

PathLike = str | os.PathLike[str]
ModelLike = Model | PathLike
# Events where nobody says how many.
USUAL = 100_000


@dataclass(frozen=True, slots=True)
class Generation:
    """What :func:`generate` wrote.

    Attributes
    ----------
    files : one, or one for each nucleus of a mixture
    events : number of events in all files
    seed : of the random numbers
    energies : where the neutrino energies come from, in words
    notes : how the flux was read, in words
    reuse : how given energies served another number of events, in words; "" if they are as many
    flux_average : flux-averaged cross section [cm^2 per nucleus, of a mixture per molecule]; None
        where unknown
    mixture : the target of several nuclei, if it is one
    """

    files: tuple[Generated, ...]
    events: int
    seed: int
    energies: str
    notes: tuple[str, ...]
    reuse: str
    flux_average: float | None
    mixture: TargetMixture | None = None

    @property
    def per_nucleon(self) -> float | None:
        """Flux-averaged cross section [cm^2 per nucleon]; None where unknown."""
        nucleons = self.mixture.nucleons if self.mixture else self.files[0].process.a
        return None if self.flux_average is None else self.flux_average / nucleons


def generate(
    model: ModelLike | Sequence[ModelLike] = (),
    events: int | None = None,
    output: PathLike | None = None,
    *,
    energy: float | Sequence[float] | None = None,
    flux: PathLike | Flux | None = None,
    like: PathLike | EventTable | ArrayLike | None = None,
    target: str | None = None,
    probe: str | int | None = None,
    replica: int | None = None,
    seed: int | None = None,
    hadrons: bool = True,
    fast: bool = True,
    shard: Shard | str | None = None,
    workers: int = 1,
    output_format: str | None = None,
    chunk: int = CHUNK,
    allow_extrapolation: bool = False,
    overwrite: bool = False,
    resume: bool = False,
    monitor: Monitor = SILENT,
    estimated: Callable[[Estimate], None] | None = None,
    command: Sequence[str] = (),
) -> Generation:
    """Generate events and write them to a file, as ``nugen-gan generate`` does.

    Parameters
    ----------
    model : a model, its folder, or the name of a bundled one; several where the target has
        several nuclei; none where ``target`` and ``probe`` choose bundled ones
    events : number of events, at least 1; 100,000 or as many as ``like`` has if absent
    output : file to write, which appears once it is complete; "-" or a pipe for a format that can
        be streamed; for several nuclei one each, ``NAME.PROCESS.SUFFIX``.
        ``MODEL.events.root`` in the current folder if absent
    energy : one neutrino energy, or the range of uniform ones [GeV]
    flux : a flux, or the words that the command line takes: "uniform", "powerlaw:1",
        "flux.root,numu", ...  Events follow flux times sigma(enu); a pair of energies restricts it
    like : events whose neutrino energies to take, in order: a file, a table, or an array [GeV]
    target : a nucleus, a molecule such as "CH", or fractions of mass "C12[0.857],H1[0.143]"; that
        of the model if absent
    probe : neutrino of the bundled models to use
    replica : bootstrap replica of the model to use, from 1
    seed : of the random numbers; drawn if absent.  The same seed gives the same bytes, whatever
        the chunk size
    hadrons : make the hadrons too, where the model knows them; the leptons are the same without
    fast : make the leptons with the model's fast sampler, where it has one; else with its networks
        themselves, a hundred times as slow
    shard : make only this part of the events, such as "3/1000", counted from 1: those that a run of
        all of them has there.  Its number goes into the name of the file, and what it is into a
        JSON file beside it.  It needs a seed: that of all parts
    workers : processes that make the events, each on one core; the file is the same, to the byte
    output_format : name of a dialect; by the suffix of ``output`` if absent
    chunk : events in memory at a time
    allow_extrapolation : permit energies outside the range of the model
    overwrite : replace an older file of that name
    resume : of a shard: leave a file that is complete, and replace one that is damaged
    monitor : is told how many events are done
    estimated : called before many events with the time and size that they will take; what it
        raises ends it there
    command : words of a command line, for the record beside a shard

    Raises
    ------
    UsageError
        if what was asked for does not go together.
    EnergyRangeError
        if the model does not know the energies.
    OutputError
        if the output cannot be written; nothing is left under its name then.

    Examples
    --------
    >>> import nugen_gan
    >>> done = nugen_gan.generate("numu_cc_C12", 1000, "a.table.root", energy=1.0, seed=1)
    >>> done.events, done.energies
    (1000, 'all at 1 GeV')
    >>> nugen_gan.generate("numu_cc_C12", 1000, "b.hepmc3", flux="powerlaw:1", seed=1).energies
    'flux powerlaw:1 times sigma(E) in 0.2-20 GeV'
    >>> nugen_gan.generate("numu_cc_C12", output="c.table.root", like=[0.5, 1.0, 2.0]).events
    3
    """
    part = Shard.parse(shard) if isinstance(shard, str) else shard
    if part is None and resume:
        raise UsageError("--resume is for a run in parts: give --shard or --parts")
    if part is not None and seed is None:
        raise UsageError(
            f"shard {part} of which run? All shards of a run need the same seed: give one, such as "
            "--seed 1"
        )
    if workers < 1:
        raise UsageError(f"{workers} workers were asked for: 1 or more are needed")
    if part is not None and output is not None and is_stream(Path(output)):
        raise UsageError(f"a shard is a file with a number in its name, which {output} cannot be")
    if output is not None and part is None:
        _check_output(Path(output), target, (flux, like), output_format, overwrite)
    asked = _asked(
        model, events, Energies(energy, flux, like), target=target, probe=probe, replica=replica,
        hadrons=hadrons, fast=fast,
    )  # fmt: skip
    mixture, loaded, plans, count = asked.mixture, asked.models, asked.plans, asked.events
    if len(loaded) > 1:
        assert mixture is not None
        many = generate_mixture(
            dict(zip(mixture.targets, loaded, strict=True)), mixture,
            output or "_".join(m.process.target_name for m in loaded) + ".events.root",
            count, dict(zip(mixture.targets, plans, strict=True)), seed=seed,
            shard=part, workers=workers, output_format=output_format, chunk=chunk,
            allow_extrapolation=allow_extrapolation, overwrite=overwrite, resume=resume,
            monitor=monitor, estimated=estimated, command=command,
        )  # fmt: skip
        return Generation(
            tuple(many.parts.values()), sum(file.events for file in many.parts.values()),
            many.seed, plans[0].label, plans[0].notes, "", many.flux_average, mixture,
        )  # fmt: skip
    one = loaded[0]
    which = f".replica{one.replica_number}" if one.replica_number else ""
    file = generate_single(
        one, output or f"{one.name}{which}.events.root", count, plans[0], seed=seed,
        shard=part, workers=workers, output_format=output_format, chunk=chunk,
        allow_extrapolation=allow_extrapolation, overwrite=overwrite, resume=resume,
        monitor=monitor, estimated=estimated, command=command,
    )  # fmt: skip
    reuse = "" if like is None else plans[0].reuse(count)
    made = count if part is None else file.events
    return Generation(
        (file,), made, file.seed, file.energies, plans[0].notes, reuse, file.flux_average
    )


def check_run(
    model: ModelLike | Sequence[ModelLike],
    events: int | None,
    output: PathLike,
    shards: int,
    *,
    energy: float | Sequence[float] | None = None,
    flux: PathLike | Flux | None = None,
    like: PathLike | EventTable | ArrayLike | None = None,
    target: str | None = None,
    probe: str | int | None = None,
    replica: int | None = None,
    hadrons: bool = True,
    fast: bool = True,
    output_format: str | None = None,
    allow_extrapolation: bool = False,
    share: float = 1.0,
    cores: int = 1,
    estimated: Callable[[Estimate], None] | None = None,
) -> EnergyPlan:
    """Refuse a run in shards that cannot be, before any is made, and estimate one of many events.

    Returns where the energies come from, in the case of a mixture those of its first nucleus.

    Parameters
    ----------
    shards : number of them
    share : of the events that are to be made still
    cores : that share the work
    others : as for :func:`generate`

    Raises
    ------
    UsageError, EnergyRangeError, OutputError
        as :func:`generate`.
    """
    path = Path(output)
    _check_output(path.with_name(f".{path.name}"), None, (flux, like), output_format, True)
    asked = _asked(
        model, events, Energies(energy, flux, like), target=target, probe=probe, replica=replica,
        hadrons=hadrons, fast=fast,
    )  # fmt: skip
    Shard(1, shards).events(asked.events)
    # Of a mixture, to begin with, as many of each nucleus.
    each = int(share * asked.events) // len(asked.models)
    parts = [Part(m, each, plan, 0) for m, plan in zip(asked.models, asked.plans, strict=True)]
    for part in parts:
        warn_if_poor(part.model.name, part.model.metrics)
        part.check_energies(allow_extrapolation=allow_extrapolation)
    before_many(
        parts, event_writer(path, output_format), path, estimated,
        allow_extrapolation=allow_extrapolation, cores=cores,
    )  # fmt: skip
    return asked.plans[0]


@dataclass(frozen=True, slots=True)
class _Asked:
    """What somebody asked for: target, models and energies of its nuclei, number of events."""

    mixture: TargetMixture | None
    models: list[Model]
    plans: list[EnergyPlan]
    events: int


def _asked(
    model: ModelLike | Sequence[ModelLike],
    events: int | None,
    energies: Energies,
    *,
    target: str | None,
    probe: str | int | None,
    replica: int | None,
    hadrons: bool,
    fast: bool,
) -> _Asked:
    """Find the models, and the energies of the events."""
    mixture, loaded = _models(model, target, None if probe is None else parse_probe(probe))
    if len(loaded) > 1 and replica is not None:
        raise UsageError("--replica was given; it is for a single model, not for several nuclei")
    if not hadrons:
        loaded = [one.without_hadrons() for one in loaded]
    if not fast:
        loaded = [one.without_fast_sampler() for one in loaded]
    plans, count = energy_plans(loaded, energies), USUAL
    if energies.like is not None and plans[0].given is not None:
        count = len(plans[0].given)
    if replica is not None:
        loaded = [loaded[0].replica(replica)]
    return _Asked(mixture, loaded, plans, count if events is None else events)


def _models(
    asked: ModelLike | Sequence[ModelLike], target: str | None, probe: int | None
) -> tuple[TargetMixture | None, list[Model]]:
    """The target, if it was named, and a model of each of its nuclei."""
    names = [asked] if isinstance(asked, (Model, str, os.PathLike)) else list(asked)
    given = [name if isinstance(name, Model) else load_model(name) for name in names]
    if target is None and len(given) == 1:
        check_probe(given[0], probe)
        return None, given
    if target is None:
        raise UsageError(
            f"{len(names)} models were given: give one, or name the target of several, or "
            "of bundled ones with their --probe, as in --target CH --probe numu. Bundled are "
            f"{listed_models() or 'none'}"
        )
    mixture = parse_mixture(target)
    chosen: Mapping[int, Model] = models_for(mixture, given, probe)
    return mixture, list(chosen.values())


def _check_output(
    output: Path,
    target: str | None,
    inputs: Sequence[object],
    output_format: str | None,
    overwrite: bool,
) -> None:
    """Refuse, before anything is loaded, an output that cannot or may not be written."""
    if not is_stream(output):
        # A flux may be FILE,HISTOGRAM; what is no file is passed over.
        texts = [os.fspath(text) for text in inputs if isinstance(text, (str, os.PathLike))]
        refuse_inputs(output, [name for text in texts for name in (text, text.split(",")[0])])
    if target is None:
        check_event_output(output, output_format, overwrite=overwrite)
    elif not is_stream(output):
        # The files are named after it; their folder is the same.
        event_writer(output, output_format)
        check_output(output.with_name(f".{output.name}"), overwrite=True)
