"""Files of one dialect as one sample: what is in them, and their events process by process."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nugen_gan.adapters.base import Header
from nugen_gan.adapters.cross_section_units import LARGEST, check_size
from nugen_gan.adapters.cross_sections import read_with_channels
from nugen_gan.conversion.doubts import (
    contradiction,
    impossible_hadrons,
    too_large,
    unphysical,
    weights,
)
from nugen_gan.conversion.found import Found, channel_counts, weight_over_sigma_of
from nugen_gan.conversion.nothing import elsewhere, nothing_found
from nugen_gan.conversion.opening import PathLike, find_adapter, located
from nugen_gan.conversion.repeated import Repetitions
from nugen_gan.errors import (
    EmptySelectionError,
    FormatError,
    UsageError,
)
from nugen_gan.events.cutflow import CutFlow
from nugen_gan.events.generator_settings import with_settings
from nugen_gan.events.provenance import Provenance
from nugen_gan.events.selection import RawEvents, select
from nugen_gan.events.table import EventTable
from nugen_gan.monitor import SILENT, Monitor, monitored
from nugen_gan.physics.cross_section import CrossSection, CrossSectionCounter
from nugen_gan.physics.flux import Flux, restricted_flux
from nugen_gan.physics.process import (
    Channel,
    Process,
    is_neutrino,
    is_nucleus,
    parse_probe,
    parse_target,
)
from nugen_gan.physics.spectrum import Spectrum

__all__ = [
    "PathLike",
    "Sample",
]

# Events that may stay in memory: some ten megabytes.
FEW = 200_000


class Sample:
    """A sample of events in one or several files of one dialect.

    The constructor reads all of them once, to find the processes and their normalisation.

    Parameters
    ----------
    paths : the files, or names of bundled samples
    format : name of their dialect; found from their content if absent
    energy_range : neutrino energies to keep [GeV]; all if absent
    cross_section : sigma(enu), or a file of it, instead of what the files tell
    monitor : is told how many events have been read to find out what there is
    insist : take the given cross section even if it contradicts the files
    generator, settings : what made the events and its physics switches, where the files do not tell
    hadrons : keep the particles beside the lepton, where the files have them

    Attributes
    ----------
    adapter, source : the dialect and the opened files
    read : events of all kinds in the files
    others : events that are not charged-current ones, by name of channel
    elsewhere : charged-current events on what is no nucleus, by what they are on
    found : what there is of each process, by process

    Raises
    ------
    UsageError
        if a file does not exist, or the files are of different dialects.
    FormatError
        if a file is damaged or of no known dialect.
    """

    def __init__(
        self,
        paths: Sequence[PathLike],
        *,
        format: str | None = None,
        energy_range: tuple[float, float] | None = None,
        cross_section: CrossSection | PathLike | None = None,
        monitor: Monitor = SILENT,
        insist: bool = False,
        generator: str | None = None,
        settings: Mapping[str, Any] | None = None,
        hadrons: bool = True,
    ) -> None:
        _check_energy_range(energy_range)
        self.paths = [located(path) for path in paths]
        self.adapter = find_adapter(self.paths, format)
        self.source = self.adapter.open(self.paths)
        self.source.hadrons = hadrons
        self.energy_range = energy_range
        self._given = cross_section
        self._insist = insist
        self._told = generator, settings or {}
        self._missing: dict[Process, UsageError] = {}
        self._monitor = monitor
        entries = self.source.entries
        # Opening a file takes longer than reading a few events: those are read only once.
        self._keep = entries <= FEW
        self._kept: list[RawEvents] | None = None
        self.read = 0
        self.others: Counter[str] = Counter()
        self.elsewhere: Counter[str] = Counter()
        self.found: dict[Process, Found] = {}
        self._scan()

    @property
    def provenance(self) -> Provenance:
        """Where the events come from, by the files and by what was said of them."""
        generator, settings = self._told
        return with_settings(self.source.provenance(), settings, generator)

    def _scan(self) -> None:
        self._check_runs()
        repetitions = Repetitions()
        entries = self.source.entries
        with monitored(self._monitor, "reading", entries, "events"):
            for chunk in self._chunks():
                repetitions.add(chunk)
                self._look_at(chunk)
                self._monitor.advanced(min(self.read, entries))
        self._repeated, self._compared = repetitions.count(), repetitions.events
        for process, found in self.found.items():
            self._leave_out_channels(process, found)
            # Also those read before the first event of this process came.
            found.cutflow = CutFlow((("read", self.read), *found.cutflow.steps[1:]))
        # The most frequent process first.
        self.found = dict(sorted(self.found.items(), key=lambda i: (-i[1].cutflow.kept, i[0])))

    def _look_at(self, chunk: RawEvents) -> None:
        """Add up what is in a block of events."""
        self.read += len(chunk)
        self.elsewhere.update(elsewhere(chunk))
        self.others.update(channel_counts(chunk.channel[~chunk.cc]))
        for process in _processes(chunk):
            if process not in self.found:
                counter = CrossSectionCounter(process, self.source.runs())
                given, parts = self._given_for(process)
                self.found[process] = Found(counter, given, parts=parts)
        for found in self.found.values():
            found.add(chunk, self.energy_range)

    def _chunks(self) -> Iterator[RawEvents]:
        if self._kept is None and self._keep:
            self._kept = list(self.source.chunks())
        yield from self.source.chunks() if self._kept is None else self._kept

    def _check_runs(self) -> None:
        """Refuse a normalisation that no neutrino has."""
        for run in self.source.runs():
            if not run.cross_section < LARGEST:
                raise FormatError(
                    f"{', '.join(map(str, self.paths))}: the total cross section that the events "
                    f"state, {run.cross_section:.4g} cm2 per nucleon, is above {LARGEST:g} cm2, "
                    "which no neutrino has. Its unit or the file is wrong."
                )

    def _given_for(
        self, process: Process
    ) -> tuple[CrossSection | None, dict[Channel, CrossSection]]:
        """sigma(enu) that need not be counted, and its parts by channel where they are known."""
        if self._given is None:
            sigma = self.source.cross_section(process)
            return (check_size(self.paths[0], sigma) if sigma else None), {}
        if isinstance(self._given, CrossSection):
            return self._given, {}
        try:
            return read_with_channels(Path(self._given), process)
        except UsageError as error:
            # No matter, unless this is a process that is asked for.
            self._missing[process] = error
            return None, {}

    def _leave_out_channels(self, process: Process, found: Found) -> None:
        """Take only those channels of a given cross section of which there are events."""
        missing = found.completeness().missing
        parts = [part for channel, part in found.parts.items() if channel not in missing]
        if not missing or not parts:
            return
        names = "+".join(c.name for c in found.parts if c not in missing)
        energy, _ = parts[0].points()
        total = np.sum([part(energy) for part in parts], axis=0)
        source = f"{names} of {Path(str(self._given)).name}"
        found.given = CrossSection.from_points(energy, total, source)
        tables = (select(chunk, process, self.energy_range) for chunk in self._chunks())
        found.weight_over_sigma = sum(weight_over_sigma_of(table, found.given) for table in tables)

    def warnings(self, process: Process) -> list[str]:
        """What is odd about the events of a process, in words."""
        found = self.found[process]
        lines = [
            unphysical(process.name, found.cutflow),
            impossible_hadrons(process.name, found.cutflow),
            weights(process.name, found.negative, found.undefined),
            *found.completeness().words(process.name),
            self._contradiction(process)[0],
            self._edited(process),
            too_large(process, found.given),
        ]
        if self._repeated:
            lines.append(
                f"{self._repeated:,} events occur more than once among {self._compared:,}: the "
                "same events were read twice, or runs had the same random seed. They count twice"
            )
        return [line for line in lines if line]

    def _contradiction(self, process: Process) -> tuple[str, bool]:
        """What the given cross section contradicts, and whether too much to go on."""
        found = self.found[process]
        if self._given is None or found.given is None or not found.weight_over_sigma > 0.0:
            return "", False
        own = self._own_average(process)
        if own is None or not own > 0.0:
            return "", False
        given = found.weight_sum / found.weight_over_sigma
        return contradiction(process.name, given, own, np.sqrt(found.squares) / found.weight_sum)

    def _edited(self, process: Process) -> str:
        """Say if what a file records as its average is not that of its own sigma(enu)."""
        found = self.found[process]
        ready = self.source.flux_average(process)
        unknown = self._given is not None or found.given is None or self.energy_range is not None
        if unknown or not ready or not found.weight_over_sigma > 0.0:
            return ""
        average, error = found.weight_sum / found.weight_over_sigma, np.sqrt(found.squares)
        text, _ = contradiction(process.name, average, ready, error / found.weight_sum)
        return text.replace("the given cross section", "the cross section that the file records")

    def _own_average(self, process: Process) -> float | None:
        """Flux-averaged cross section that the files state, in the range of energies."""
        counted = self._counted_average(process)
        if counted is None and self.energy_range is None:
            return self.source.flux_average(process)
        return counted

    def pick(
        self, probe: str | int | None = None, target: str | int | None = None
    ) -> list[Process]:
        """Return the processes with events, of these probes and targets if given.

        Raises
        ------
        EmptySelectionError
            if there are none; the message says what there is instead.
        """
        picked = [
            process
            for process, found in self.found.items()
            if found.cutflow.kept
            and (probe is None or process.probe == parse_probe(probe))
            and (target is None or process.target == parse_target(target))
        ]
        if not picked:
            raise EmptySelectionError(nothing_found(self, probe, target))
        return picked

    def listing(self, processes: Sequence[Process] | None = None) -> str:
        """These processes, or all with events, and their numbers of events, for messages."""
        return ", ".join(
            f"{process.name} ({found.cutflow.kept:,} events)"
            for process, found in self.found.items()
            if found.cutflow.kept and (processes is None or process in processes)
        )

    def elsewhere_in_words(self, before: str = "") -> str:
        """Events on what is no nucleus; "" if there are none."""
        counts = ", ".join(f"{count:,} {name}" for name, count in sorted(self.elsewhere.items()))
        return f"{before}{counts}" if counts else ""

    def tables(self, process: Process) -> Iterator[EventTable]:
        """Yield the selected events of one process, block by block."""
        for chunk in self._chunks():
            table = select(chunk, process, self.energy_range)
            if len(table):
                yield table

    def cutflow(self, process: Process) -> CutFlow:
        """What was left out, earlier selections included."""
        return self.source.cutflow().then(self.found[process].cutflow)

    def cross_section(self, process: Process) -> CrossSection | None:
        """sigma(enu) given, or else counted; None where unknown."""
        if process in self._missing:
            raise self._missing[process]
        found = self.found[process]
        text, impossible = self._contradiction(process)
        if impossible and not self._insist:
            raise UsageError(
                f"{text}. Check that it is of these events: their probe, target, channels and "
                "unit. To take it all the same, insist (convert --insist)."
            )
        return found.given or found.counter.result()

    def header(self, process: Process) -> Header:
        """What a writer wants to know about the events of one process."""
        found = self.found[process]
        return Header(
            process, found.cutflow.kept, self.cross_section(process), self.flux(process),
            self._average(process), self.provenance, self.cutflow(process), found.weight_sum,
        )  # fmt: skip

    def flux(self, process: Process) -> Flux | None:
        """Flux of the selected events, within the range of energies; None where unknown.

        None also where a cross section is given and ends before the flux does: both together
        could not be the normalisation of the events.
        """
        flux = restricted_flux(self.source.flux(process), self.energy_range)
        sigma = self.found[process].given
        return flux if flux is None or sigma is None or _covers(sigma, flux) else None

    def _average(self, process: Process) -> float | None:
        """Cross section averaged over the flux of the selected events."""
        found = self.found[process]
        if found.given is None:
            return self._counted_average(process)
        ready = self.source.flux_average(process)
        if ready is not None and self._given is None and self.energy_range is None:
            return ready
        # By the events' own flux: their number over sigma, energy by energy.
        return found.weight_sum / found.weight_over_sigma

    def _counted_average(self, process: Process) -> float | None:
        """The same from the numbers of events."""
        found = self.found[process]
        runs = found.counter.runs
        if self.energy_range is None:
            return found.counter.flux_average()
        fluxes = [run.beams[process.probe][1] for run in runs]
        known = [flux for flux in fluxes if flux is not None]
        if not known or len(known) < len(fluxes):
            return None
        exposure = sum(run.total_exposure(process) * _fraction(flux, self.energy_range)
                       for run, flux in zip(runs, known, strict=True))  # fmt: skip
        return found.weight_sum / exposure if exposure > 0.0 else None


def _processes(chunk: RawEvents) -> list[Process]:
    """Processes of the charged-current events in a chunk."""
    pairs = np.stack([chunk.probe[chunk.cc], chunk.target[chunk.cc]], axis=1)
    return [
        Process(probe, target)
        for probe, target in np.unique(pairs, axis=0).tolist()
        if is_neutrino(probe) and is_nucleus(target)
    ]


def _covers(sigma: CrossSection, flux: Flux) -> bool:
    """True if sigma is known wherever there is flux."""
    try:
        Spectrum(flux, sigma)
    except UsageError:
        return False
    return True


def _fraction(flux: Flux, energy_range: tuple[float, float]) -> float:
    low, high = energy_range
    if flux.energy_range[0] == flux.energy_range[1]:
        return 1.0 if low <= flux.energy_range[0] <= high else 0.0
    return float(flux.fractions(np.array([low, high]))[0])


def _check_energy_range(energy_range: tuple[float, float] | None) -> None:
    if energy_range is None:
        return
    low, high = energy_range
    if not (np.isfinite(low) and np.isfinite(high) and 0.0 <= low <= high and high > 0.0):
        raise UsageError(
            f"energy range {low:g} to {high:g} GeV: two energies are needed, the smaller one first"
        )
