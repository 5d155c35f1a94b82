"""Validate a model, or events it made, against events of the original generator."""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from nugen_gan.errors import EmptySelectionError, UsageError
from nugen_gan.events.table import EventTable
from nugen_gan.monitor import SILENT, Monitor, monitored
from nugen_gan.physics.process import Process
from nugen_gan.storage.atomic import check_writable
from nugen_gan.validation.details import measure_details
from nugen_gan.validation.measure import auc_from, measure, ranges_within
from nugen_gan.validation.metrics.common_events import common_share
from nugen_gan.validation.metrics.samples import prepare
from nugen_gan.validation.notes import notes
from nugen_gan.validation.report.drawing import require_matplotlib
from nugen_gan.validation.report.report import FILES, Report

__all__ = ["SampledModel", "compare", "validate"]

Floats = NDArray[np.float64]

# A band needs no more events of each replica than this.
REPLICA_EVENTS = 100_000


class SampledModel(Protocol):
    """What :func:`validate` asks of a model."""

    @property
    def process(self) -> Process:
        """What collides."""

    @property
    def energy_range(self) -> tuple[float, float]:
        """Lowest and highest neutrino energy [GeV]."""

    def sample(self, enu: Any, *, seed: int | None = None) -> EventTable:
        """One event at each neutrino energy [GeV]."""


def validate(
    model: SampledModel,
    reference: EventTable,
    *,
    events: int | None = None,
    output: str | Path | None = None,
    seed: int | None = None,
    classifier: bool = True,
    classifier_events: int | None = None,
    training: EventTable | None = None,
    allow_mismatch: bool = False,
    name: str | None = None,
    command: str | None = None,
    overwrite: bool = False,
    monitor: Monitor = SILENT,
) -> Report:
    """Sample a model at the energies of reference events, and compare.

    Parameters
    ----------
    model : a model, or anything with ``sample``, ``energy_range`` and ``process``
    reference : events of the original generator that the model was not trained on
    events : reference events to use, chosen at random; all if absent
    output : folder to write the report to; none if absent
    seed : of everything random; drawn if absent
    classifier : run the classifier test, the slowest of the metrics
    classifier_events : events of each sample for it; all, at most 200,000, if absent
    training : events that the model was trained on, to see whether it repeats them, and what a
        library of their hadrons would be worth
    allow_mismatch : compare even if model and reference are of different processes
    name : of the model, for the title
    command : what reproduces the report; a line of Python if absent
    overwrite : replace an older report in the folder
    monitor : is told what is measured

    Raises
    ------
    UsageError
        if the processes differ or ``events`` is not positive.
    EmptySelectionError
        if no reference event lies in the model's energy range.

    Notes
    -----
    A model with a non-empty attribute ``replicas`` must accept ``sample(enu, seed=..., replica=k)``
    for k from 1 to their number; what they give becomes an uncertainty band.

    Examples
    --------
    >>> import nugen_gan
    >>> model, events = nugen_gan.load_model("numu_cc_C12"), nugen_gan.read("numu_cc_C12_sample")
    >>> report = nugen_gan.validate(model, events, events=1000, seed=1, classifier=False)
    >>> report.events
    (1000, 1000)
    >>> print(report.headline())
    All ... measures agree with the reference within statistical errors. ...
    """
    seed = secrets.randbits(31) if seed is None else seed
    title = name or str(getattr(model, "name", "") or "the model")
    line = command or f"nugen_gan.validate(model, reference, seed={seed})"
    request = _Request(
        title,
        seed,
        (classifier, classifier_events),
        line,
        output,
        monitor,
        training,
        overwrite,
    )
    _check_process(model.process, reference.process, allow_mismatch)
    low, high = model.energy_range
    inside = reference[_inside(reference.enu, low, high)]
    if not len(inside):
        raise EmptySelectionError(
            f"none of the {len(reference):,d} reference events is in the model's energy range, "
            f"{low:g}-{high:g} GeV. Choose a reference with such energies"
        )
    dropped = len(reference) - len(inside)
    inside = _choose(inside, events, seed)
    enu = np.clip(inside.enu, low, high)
    with monitored(monitor, f"sampling {len(inside):,d} events"):
        generated = model.sample(enu, seed=seed)
    replicas = tuple(_replicas(model, enu, request))
    return _report(request, inside, generated, (low, high), dropped, replicas)


def _replicas(model: Any, enu: Floats, request: _Request) -> Iterator[EventTable]:
    """Yield physical events of each replica at disk precision, all with one seed."""
    count = len(getattr(model, "replicas", ()))
    if enu.size > REPLICA_EVENTS:
        enu = np.random.default_rng([request.seed, 5]).permutation(enu)[:REPLICA_EVENTS]
    if not count:
        return
    with monitored(request.monitor, "sampling the replicas", count, "replicas"):
        for number in range(1, count + 1):
            events = model.sample(enu, seed=request.seed, replica=number)
            events = events.without_particles().stored()
            yield events[events.is_physical()]
            request.monitor.advanced(number)


def compare(
    generated: SampledModel | EventTable,
    reference: EventTable,
    *,
    events: int | None = None,
    output: str | Path | None = None,
    seed: int | None = None,
    classifier: bool = True,
    classifier_events: int | None = None,
    training: EventTable | None = None,
    allow_mismatch: bool = False,
    name: str | None = None,
    command: str | None = None,
    overwrite: bool = False,
    monitor: Monitor = SILENT,
) -> Report:
    """Compare events generated before, or a model, with events of the original generator.

    Parameters
    ----------
    generated : events; a model is sampled at the energies of the reference, as by
        :func:`validate`
    reference : events of the original generator
    events, output, seed, classifier, classifier_events, training, allow_mismatch, name, command,
    overwrite, monitor : as for :func:`validate`

    Raises
    ------
    UsageError
        if the processes differ or ``events`` is not positive.
    EmptySelectionError
        if the two have no neutrino energies in common.

    Notes
    -----
    Compared are the energies that both samples cover.  The metrics cannot tell a different flux
    from a different physics: the report says so where the energy spectra differ.

    Examples
    --------
    >>> import nugen_gan
    >>> reference = nugen_gan.read("numu_cc_C12_sample")[:1000]
    >>> generated = nugen_gan.load_model("numu_cc_C12").sample(reference.enu, seed=1)
    >>> report = nugen_gan.compare(generated, reference, seed=1, classifier=False)
    >>> report.events
    (1000, 1000)
    """
    if not isinstance(generated, EventTable):
        return validate(
            generated, reference, events=events, output=output, seed=seed, classifier=classifier,
            classifier_events=classifier_events, training=training, allow_mismatch=allow_mismatch,
            name=name, command=command, overwrite=overwrite, monitor=monitor,
        )  # fmt: skip
    seed = secrets.randbits(31) if seed is None else seed
    line = command or f"nugen_gan.compare(generated, reference, seed={seed})"
    request = _Request(
        name or "generated events",
        seed,
        (classifier, classifier_events),
        line,
        output,
        monitor,
        training,
        overwrite,
    )
    _check_process(generated.process, reference.process, allow_mismatch)
    ranges = [table.energy_range() for table in (reference, generated)]
    low, high = max(r[0] for r in ranges), min(r[1] for r in ranges)
    inside, ours = (t[_inside(t.enu, low, high)] for t in (reference, generated))
    if low > high or not len(inside) or not len(ours):
        raise EmptySelectionError(
            "the two samples have no neutrino energy in common: the reference covers "
            f"{ranges[0][0]:g}-{ranges[0][1]:g} GeV, the generated events "
            f"{ranges[1][0]:g}-{ranges[1][1]:g} GeV"
        )
    same = len(inside) == len(ours) and np.array_equal(inside.enu, ours.enu)
    dropped = len(reference) - len(inside)
    # Samples that share their energies one by one must go on doing so.
    inside, ours = _choose(inside, events, seed), _choose(ours, events, seed + (not same))
    return _report(request, inside, ours, (low, high), dropped)


@dataclasses.dataclass(frozen=True, slots=True)
class _Request:
    """How a comparison was asked for; see :func:`validate`."""

    name: str
    seed: int
    classifier: tuple[bool, int | None]
    command: str
    output: str | Path | None
    monitor: Monitor
    training: EventTable | None
    overwrite: bool = False

    def __post_init__(self) -> None:
        # What would fail at the end should fail before the work.
        if self.output is not None:
            require_matplotlib()
            check_writable(self.output, FILES, overwrite=self.overwrite)


def _report(
    request: _Request,
    reference: EventTable,
    generated: EventTable,
    energy_range: tuple[float, float],
    dropped: int,
    replicas: tuple[EventTable, ...] = (),
) -> Report:
    seed = request.seed
    samples = prepare(reference, generated)
    first, second = samples.reference, samples.generated
    common = common_share(first, second)
    leptons = first.without_particles(), second.without_particles()
    overall = measure(
        *leptons, energy_range, energy_range, seed, request.classifier, request.monitor
    )
    parts = []
    for low, high in ranges_within(energy_range):
        pair = [t[(t.enu >= low) & (t.enu <= high)] for t in leptons]
        quick = measure(pair[0], pair[1], (low, high), energy_range, seed, (False, None), SILENT)
        parts.append(dataclasses.replace(quick, auc=auc_from(overall.auc, low)))
    details = measure_details(
        first, second, energy_range, seed, overall.channels, classifier=request.classifier,
        replicas=replicas, training=_training(request, energy_range, generated.process),
        monitor=request.monitor,
    )  # fmt: skip
    report = Report(
        request.name, generated.process, reference.process, energy_range,
        (len(reference), len(generated)), dropped, samples.unphysical, overall, tuple(parts),
        details, tuple(notes(reference, generated, energy_range, dropped, common)), seed,
        request.command, reference.provenance, generated.provenance, first, second, replicas,
        common,
    )  # fmt: skip
    if request.output is not None:
        with monitored(request.monitor, "drawing figures"):
            report.write(request.output, overwrite=request.overwrite)
    return report


def _check_process(generated: Process, reference: Process, allow_mismatch: bool) -> None:
    if generated != reference and not allow_mismatch:
        raise UsageError(
            f"the model describes {generated.name}, the reference events are {reference.name}. "
            "Choose a reference of the same process, or insist with allow_mismatch "
            "(--allow-mismatch)"
        )


def _training(
    request: _Request, energy_range: tuple[float, float], process: Process
) -> EventTable | None:
    """Training events at the energies compared."""
    if request.training is None:
        return None
    if request.training.process != process:
        raise UsageError(
            f"the training events are {request.training.process.name}, the model describes "
            f"{process.name}. Give the events that the model was trained on"
        )
    return request.training[_inside(request.training.enu, *energy_range)]


def _inside(enu: Floats, low: float, high: float) -> NDArray[np.bool_]:
    # Files hold float32: an energy at the edge may lie beyond it by a rounding error.
    return np.asarray((enu >= low * (1.0 - 1e-6)) & (enu <= high * (1.0 + 1e-6)))


def _choose(table: EventTable, events: int | None, seed: int) -> EventTable:
    if events is None or events == len(table):
        return table
    if events < 1:
        raise UsageError(f"{events} events cannot be compared: the number must be positive")
    if events > len(table):
        raise UsageError(
            f"{events:,d} events were asked for, but only {len(table):,d} are in the energy "
            "range. Ask for fewer, or for none to use them all"
        )
    chosen = np.random.default_rng([seed, 4]).permutation(len(table))[:events]
    return table[np.sort(chosen)]
