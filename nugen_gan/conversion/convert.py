"""Read the events of any generator, write them, and convert files into others.

Converting never holds more than one block of events: a first pass over the files finds the
processes and their normalisation, another one per process delivers the events to the writer.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nugen_gan.adapters.base import Header
from nugen_gan.adapters.output import WriteEvents, check_event_output, event_output
from nugen_gan.conversion.opening import PathLike
from nugen_gan.conversion.places import find_places, find_writer, refuse_outputs
from nugen_gan.conversion.sample import Sample
from nugen_gan.errors import EnergyRangeError, UsageError
from nugen_gan.events.cutflow import CutFlow
from nugen_gan.events.generator_settings import settings_summary
from nugen_gan.events.table import EventTable
from nugen_gan.monitor import SILENT, Monitor, monitored
from nugen_gan.physics.cross_section import CrossSection
from nugen_gan.physics.flux import Flux
from nugen_gan.physics.process import Process
from nugen_gan.physics.spectrum import Spectrum

__all__ = ["Conversion", "convert", "read", "read_all", "write"]

# How far the mean energy of events may be from that of their flux: by this part of it, for
# sigma(E) is known in bins, and by this many standard deviations.
COARSE, DEVIATIONS = 0.02, 5.0
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Conversion:
    """One file written by :func:`convert`.

    Attributes
    ----------
    path : the file
    process : what collides
    dialect : format of the input
    cutflow : what was left out
    cross_section : sigma(enu), None where unknown
    flux_average : flux-averaged charged-current cross section [cm^2 per nucleus], None where
        unknown
    generator : what made the events, as far as the input tells
    summary : what was found in the input: pairs (what, value)
    warnings : what is odd about the events, in words
    elsewhere : how many charged-current events are on what is no nucleus; "" for none
    flux : flux of the events, None where unknown
    particles : number of particles beside the lepton by PDG code; None where the input has none
    """

    path: Path
    process: Process
    dialect: str
    cutflow: CutFlow
    cross_section: CrossSection | None
    flux_average: float | None
    generator: str
    summary: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...] = ()
    elsewhere: str = ""
    flux: Flux | None = None
    particles: Mapping[int, int] | None = None


def read(
    paths: PathLike | Sequence[PathLike],
    *,
    format: str | None = None,
    probe: str | int | None = None,
    target: str | int | None = None,
    energy_range: tuple[float, float] | None = None,
    cross_section: CrossSection | PathLike | None = None,
    insist: bool = False,
    generator: str | None = None,
    settings: Mapping[str, Any] | None = None,
    hadrons: bool = True,
) -> EventTable:
    """Read the charged-current events of one process.

    Parameters
    ----------
    paths : one file, or several that are one sample; or the name of a bundled sample
    format : dialect of the files; found from their content if absent
    probe, target : which process, where there are several: "numu" or 14, "C12" or 1000060120
    energy_range : smallest and largest neutrino energy to keep [GeV]; all if absent
    cross_section : sigma(enu), or a file of it, instead of what the files tell
    insist : take that cross section even if it contradicts the files' own normalisation
    generator, settings : what made the events, such as "NuWro 25.11", and its physics switches
        (:func:`nugen_gan.conversion.settings.read_settings`), where the files do not tell
    hadrons : keep the particles beside the lepton in ``particles``, where the files have them

    Raises
    ------
    UsageError
        if the files hold several processes and none is picked, or do not exist, or the given
        cross section contradicts them.
    FormatError
        if a file is damaged or in no known format.
    EmptySelectionError
        if no event is left.

    Notes
    -----
    What is odd about the events, such as many that are unphysical, goes to the log
    ``nugen_gan.conversion.convert``, which is standard error unless set up otherwise.

    Examples
    --------
    >>> import nugen_gan
    >>> nugen_gan.read("numu_cc_Ar40_sample", energy_range=(0.5, 2.0))
    EventTable: ... events of numu_cc_Ar40, 0.5...-1.99... GeV, from NuWro ...
    """
    sample = Sample(
        _listed(paths), format=format, energy_range=energy_range, cross_section=cross_section,
        insist=insist, generator=generator, settings=settings, hadrons=hadrons,
    )  # fmt: skip
    picked = sample.pick(probe, target)
    if len(picked) > 1:
        first = picked[0]
        raise UsageError(
            f"the events are of {len(picked)} processes, and one is needed: "
            f"{sample.listing(picked)}. Pick one, for example probe={first.name.split('_')[0]!r}, "
            f"target={first.target_name!r} (--probe and --target on the command line)."
        )
    return _table(sample, picked[0])


def read_all(
    paths: PathLike | Sequence[PathLike],
    *,
    format: str | None = None,
    probe: str | int | None = None,
    target: str | int | None = None,
    energy_range: tuple[float, float] | None = None,
    cross_section: CrossSection | PathLike | None = None,
    insist: bool = False,
    generator: str | None = None,
    settings: Mapping[str, Any] | None = None,
    hadrons: bool = True,
) -> dict[Process, EventTable]:
    """Read the charged-current events of every process; parameters and errors as :func:`read`."""
    sample = Sample(
        _listed(paths), format=format, energy_range=energy_range, cross_section=cross_section,
        insist=insist, generator=generator, settings=settings, hadrons=hadrons,
    )  # fmt: skip
    return {process: _table(sample, process) for process in sample.pick(probe, target)}


def write(
    events: EventTable, path: PathLike, *, format: str | None = None, overwrite: bool = False
) -> Path:
    """Write events to a file.

    Parameters
    ----------
    events : charged-current events of one process
    path : the file, which appears once it is complete; "-" or a pipe for a format that can be
        streamed
    format : dialect; found from the suffix if absent
    overwrite : replace an older file of that name

    Raises
    ------
    UsageError
        if the dialect is not known or cannot be written.
    OutputError
        if the file cannot be written; nothing is left under its name then.

    Examples
    --------
    >>> import nugen_gan
    >>> events = nugen_gan.read("numu_cc_Ar40_sample")
    >>> nugen_gan.write(events[:1000], "a.hepmc3").name
    'a.hepmc3'
    >>> len(nugen_gan.read("a.hepmc3"))
    1000
    """
    flux, average = _normalisation(events)
    header = Header(
        events.process,
        len(events),
        events.cross_section,
        flux=flux,
        flux_average=average,
        provenance=events.provenance,
        cutflow=events.cutflow,
        weight_sum=float(events.weight.sum()),
    )
    adapter = check_event_output(Path(path), format, overwrite=overwrite)
    with event_output(adapter, Path(path), overwrite=overwrite) as write_events:
        write_events([events], lambda: header)
    return Path(path)


def convert(
    inputs: PathLike | Sequence[PathLike],
    output: PathLike | None = None,
    *,
    format: str | None = None,
    output_format: str | None = None,
    probe: str | int | None = None,
    target: str | int | None = None,
    energy_range: tuple[float, float] | None = None,
    cross_section: CrossSection | PathLike | None = None,
    overwrite: bool = False,
    monitor: Monitor = SILENT,
    insist: bool = False,
    generator: str | None = None,
    settings: Mapping[str, Any] | None = None,
    hadrons: bool = True,
) -> list[Conversion]:
    """Convert the charged-current events of each process into a file of their own.

    All files appear, or none.

    Parameters
    ----------
    inputs : one file, or several that are one sample
    output : the file to write, or a folder for it; ``<input>.table.root`` in the current
        folder if absent.  Where there are several processes their names go into the names of
        the files, and ``output`` may only be a folder.
    format, output_format : dialects; found from the content of the input and the suffix of
        the output if absent
    probe, target, energy_range, cross_section : as for :func:`read`
    overwrite : replace older files of these names
    monitor : is told how many events have been read, and then written
    insist, generator, settings, hadrons : as for :func:`read`

    Returns
    -------
    One item per file written.

    Raises
    ------
    OutputError
        if the output cannot be written; nothing is left under its name then.
    UsageError, FormatError, EmptySelectionError
        as for :func:`read`.

    Examples
    --------
    >>> import nugen_gan
    >>> (done,) = nugen_gan.convert("numu_cc_Ar40_sample", "argon.flat.root", target="Ar")
    >>> done.process.name, done.path.name, done.cutflow.kept
    ('numu_cc_Ar40', 'argon.flat.root', 10000)
    """
    paths = [Path(path) for path in _listed(inputs)]
    refuse_outputs(output, paths, cross_section)
    writer = find_writer(output, output_format, overwrite)
    sample = Sample(
        paths, format=format, energy_range=energy_range, cross_section=cross_section,
        monitor=monitor, insist=insist, generator=generator, settings=settings, hadrons=hadrons,
    )  # fmt: skip
    picked = sample.pick(probe, target)
    places = find_places(sample, picked, output, writer)
    for path in places.values():
        refuse_outputs(path, paths, cross_section)
        check_event_output(path, writer.name, overwrite=overwrite)
    told = _Told(monitor)
    total = sum(sample.found[process].cutflow.kept for process in places)
    with monitored(monitor, "writing", total, "events"), ExitStack() as stack:
        return [
            _write(
                sample, process, path,
                stack.enter_context(event_output(writer, path, overwrite=overwrite)), told,
            )
            for process, path in places.items()
        ]  # fmt: skip


def _normalisation(events: EventTable) -> tuple[Flux | None, float | None]:
    """Flux of the events and the cross section averaged over it, as far as both are known.

    Events that were picked from their sample by energy, or by what depends on it, no longer follow
    its flux: their mean energy shows it, and the flux is left out then.
    """
    flux, sigma = events.flux, events.cross_section
    if flux is None or sigma is None or not len(events):
        return flux, _implied_average(events)
    try:
        spectrum = Spectrum(flux, sigma)
    except UsageError:  # sigma is not known wherever there is flux
        return None, _implied_average(events)
    weight = events.weight / events.weight.sum()
    mean, expected = float((weight * events.enu).sum()), spectrum.mean()
    error = float(np.sqrt(np.square(weight * (events.enu - mean)).sum()))
    if abs(mean - expected) <= COARSE * expected + DEVIATIONS * error:
        return flux, spectrum.flux_average()
    logger.warning(
        "the events of %s have a mean energy of %.4g GeV, and flux times cross section of their "
        "sample one of %.4g GeV: they are a selection of the sample. The file gets no flux. To "
        "cut at energies, read with energy_range.", events.process.name, mean, expected,
    )  # fmt: skip
    return None, _implied_average(events)


class _Told:
    """Tells a monitor how many events have passed, of all processes together."""

    def __init__(self, monitor: Monitor) -> None:
        self.monitor, self.done = monitor, 0

    def passing(self, tables: Iterator[EventTable]) -> Iterator[EventTable]:
        for table in tables:
            yield table
            self.done += len(table)
            self.monitor.advanced(self.done)


def _implied_average(events: EventTable) -> float | None:
    """Cross section averaged over the flux of the events, if they follow flux times sigma."""
    if events.cross_section is None or not len(events):
        return None
    try:
        sigma = events.cross_section(events.enu)
    except EnergyRangeError:
        return None
    told = sigma > 0.0  # an event where sigma is zero tells nothing about the flux
    inverse = float((events.weight[told] / sigma[told]).sum())
    return float(events.weight[told].sum()) / inverse if inverse > 0.0 else None


def _listed(paths: PathLike | Sequence[PathLike]) -> list[PathLike]:
    return [paths] if isinstance(paths, (str, os.PathLike)) else list(paths)


def _table(sample: Sample, process: Process) -> EventTable:
    sigma = sample.cross_section(process)
    for text in sample.warnings(process):
        logger.warning("%s", text)
    return EventTable.concatenate(sample.tables(process)).with_(
        cross_section=sigma,
        flux=sample.flux(process),
        provenance=sample.provenance,
        cutflow=sample.cutflow(process),
    )


def _write(
    sample: Sample, process: Process, path: Path, write_events: WriteEvents, told: _Told
) -> Conversion:
    header = sample.header(process)
    write_events(told.passing(sample.tables(process)), lambda: header)
    origin = header.provenance
    return Conversion(
        path, process, sample.adapter.name, header.cutflow, header.cross_section,
        header.flux_average, f"{origin.generator} {origin.version}".strip(),
        (*sample.source.summary(), *settings_summary(origin)), tuple(sample.warnings(process)),
        sample.elsewhere_in_words(), header.flux, sample.found[process].particles,
    )  # fmt: skip
