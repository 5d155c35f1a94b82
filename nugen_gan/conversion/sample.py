"""Files of one dialect as one sample: what is in them, and their events process by process."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from nugen_gan.adapters.base import Adapter, Header
from nugen_gan.adapters.cross_section_units import LARGEST, check_size
from nugen_gan.adapters.cross_sections import read_with_channels
from nugen_gan.adapters.registry import check_regular, get_adapter, guess_adapter
from nugen_gan.conversion.doubts import Completeness, contradiction, too_large, unphysical, weights
from nugen_gan.conversion.repeated import Repetitions, check_not_twice
from nugen_gan.errors import (
    EmptySelectionError,
    EnergyRangeError,
    FormatError,
    NugenError,
    UsageError,
)
from nugen_gan.events.cutflow import CutFlow
from nugen_gan.events.generator_settings import with_settings
from nugen_gan.events.provenance import Provenance
from nugen_gan.events.selection import RawEvents, select
from nugen_gan.events.table import EventTable
from nugen_gan.physics.cross_section import CrossSection, CrossSectionCounter
from nugen_gan.physics.flux import Flux
from nugen_gan.physics.process import (
    Channel,
    Process,
    is_neutrino,
    is_nucleus,
    parse_probe,
    parse_target,
)
from nugen_gan.storage.bundled import sample_file

__all__ = ["Found", "PathLike", "Progress", "Sample", "find_adapter"]

PathLike = str | os.PathLike[str]
Progress = Callable[[int, int], None]
# Events that may stay in memory: some ten megabytes.
FEW = 200_000


@dataclass
class Found:
    """What a pass over the files found out about one process.

    Attributes
    ----------
    counter : sees the selected events of all energies
    given : sigma(enu) that need not be counted, if any
    cutflow : of the selection
    weight_sum : of the selected events
    weight_over_sigma : sum of weight over sigma [cm^-2 nucleus] where sigma is given
    low, high : smallest and largest energy selected [GeV]
    channels : selected events by name of channel
    parts : sigma(enu) of each channel where a given one is known by channel
    expected : selected events of each channel that these foretell
    negative, undefined : charged-current events with a negative weight, or one that is no number
    squares : sum of the squared weights of the selected events
    """

    counter: CrossSectionCounter
    given: CrossSection | None
    cutflow: CutFlow = field(default_factory=CutFlow)
    weight_sum: float = 0.0
    weight_over_sigma: float = 0.0
    low: float = np.inf
    high: float = 0.0
    channels: Counter[str] = field(default_factory=Counter)
    parts: dict[Channel, CrossSection] = field(default_factory=dict)
    expected: dict[Channel, float] = field(default_factory=dict)
    negative: int = 0
    undefined: int = 0
    squares: float = 0.0

    def add(self, chunk: RawEvents, energy_range: tuple[float, float] | None) -> None:
        """Select from a chunk and count."""
        process = self.counter.process
        table = select(chunk, process, energy_range)
        everything = table if energy_range is None else select(chunk, process)
        self.counter.add(everything.enu, everything.weight)
        self.cutflow = self.cutflow + table.cutflow
        self.channels.update(channel_counts(table.channel))
        self.weight_sum += float(table.weight.sum())
        self.squares += float((table.weight**2).sum())
        mine = chunk.cc & (chunk.probe == process.probe) & (chunk.target == process.target)
        self.negative += int((chunk.weight[mine] < 0.0).sum())
        self.undefined += int((~np.isfinite(chunk.weight[mine])).sum())
        if len(table):
            self.low = min(self.low, float(table.enu.min()))
            self.high = max(self.high, float(table.enu.max()))
        if self.given is not None:
            self.weight_over_sigma += _weight_over_sigma(table, self.given)
            self._expect(table, self.given)

    def _expect(self, table: EventTable, sigma: CrossSection) -> None:
        """Add up how many events of each channel there should be."""
        total = sigma(table.enu) if self.parts else np.zeros(0)
        for channel, part in self.parts.items():
            share = np.divide(part(table.enu), total, out=np.zeros_like(total), where=total > 0.0)
            self.expected[channel] = self.expected.get(channel, 0.0) + float(share.sum())

    def completeness(self) -> Completeness:
        """Whether the events are of all channels of the cross section."""
        found: Counter[Channel] = Counter()
        for name, number in self.channels.items():
            # Hyperons are quasielastic in GENIE's summary tree, and so in the parts.
            found[Channel.QE if name == "HYP" else Channel[name]] += number
        return Completeness(self.parts, self.expected, found)


class Sample:
    """A sample of events in one or several files of one dialect.

    The constructor reads all of them once, to find the processes and their normalisation.

    Parameters
    ----------
    paths : the files, or names of bundled samples
    format : name of their dialect; found from their content if absent
    energy_range : neutrino energies to keep [GeV]; all if absent
    cross_section : sigma(enu), or a file of it, instead of what the files tell
    progress : called with the events read so far and those to be read in all
    insist : take the given cross section even if it contradicts the files
    generator, settings : what made the events and its physics switches, where the files do not tell

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
        progress: Progress | None = None,
        insist: bool = False,
        generator: str | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        _check_energy_range(energy_range)
        self.paths = [_located(path) for path in paths]
        self.adapter = find_adapter(self.paths, format)
        self.source = self.adapter.open(self.paths)
        self.energy_range = energy_range
        self._given = cross_section
        self._insist = insist
        self._told = generator, settings or {}
        self._missing: dict[Process, UsageError] = {}
        self._progress = progress
        self._done = 0
        entries = self.source.entries
        # A pass to look, and another one for each process that is taken: one, usually.
        self._expected = 2 * entries
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
        for chunk in self._chunks():
            self.read += len(chunk)
            repetitions.add(chunk)
            self.elsewhere.update(_elsewhere(chunk))
            self.others.update(channel_counts(chunk.channel[~chunk.cc]))
            for process in _processes(chunk):
                if process not in self.found:
                    counter = CrossSectionCounter(process, self.source.runs())
                    given, parts = self._given_for(process)
                    self.found[process] = Found(counter, given, parts=parts)
            for found in self.found.values():
                found.add(chunk, self.energy_range)
        self._repeated, self._compared = repetitions.count(), repetitions.events
        for process, found in self.found.items():
            self._leave_out_channels(process, found)
            # Also those read before the first event of this process came.
            found.cutflow = CutFlow((("read", self.read), *found.cutflow.steps[1:]))
        # The most frequent process first.
        self.found = dict(sorted(self.found.items(), key=lambda i: (-i[1].cutflow.kept, i[0])))

    def _chunks(self) -> Iterator[RawEvents]:
        if self._kept is None and self._keep:
            self._kept = list(self.source.chunks())
        for chunk in self.source.chunks() if self._kept is None else self._kept:
            yield chunk
            self._done += len(chunk)
            if self._progress is not None:
                self._progress(self._done, max(self._expected, self._done))

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
        self._expected += self.read
        tables = (select(chunk, process, self.energy_range) for chunk in self._chunks())
        found.weight_over_sigma = sum(_weight_over_sigma(table, found.given) for table in tables)

    def warnings(self, process: Process) -> list[str]:
        """What is odd about the events of a process, in words."""
        found = self.found[process]
        lines = [
            unphysical(process.name, found.cutflow),
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
        _, counted = self._counted_average(process)
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
            raise EmptySelectionError(self._nothing(probe, target))
        self._expected = self._done + len(picked) * self.read
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

    def _nothing(self, probe: str | int | None, target: str | int | None) -> str:
        names = ", ".join(str(path) for path in self.paths)
        if not self.read:
            return (
                f"{names}: the file is in order but holds no events. "
                "Check the run that made it: it may have been given zero events or no channel."
            )
        if not self.found:
            kinds = ", ".join(f"{name} {count:,}" for name, count in sorted(self.others.items()))
            return (
                f"{names}: none of the {self.read:,} events is a charged-current event of a "
                f"neutrino on a nucleus. Found other ones by channel: {kinds or 'none'}"
                f"{self.elsewhere_in_words(' and, charged-current ones, ')}. Make "
                "events with the charged current switched on (in NuWro: dyn_*_cc = 1)."
            )
        if any(found.cutflow.kept for found in self.found.values()):
            asked = " and ".join(
                f"{what} {value}"
                for what, value in (("probe", probe), ("target", target))
                if value is not None
            )
            return f"{names}: no event has {asked}. Found: {self.listing()}. Pick one of these."
        flow = next(iter(self.found.values())).cutflow
        steps = "; ".join(f"{name}: {count:,}" for name, count in flow.steps)
        return (
            f"{names}: the selection leaves no event. What each step leaves: {steps}. "
            "Widen the energy range or check the file."
        )

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
        flux, average = self._normalisation(process)
        found = self.found[process]
        return Header(
            process, found.cutflow.kept, self.cross_section(process), flux, average,
            self.provenance, self.cutflow(process), found.weight_sum,
        )  # fmt: skip

    def _normalisation(self, process: Process) -> tuple[Flux | None, float | None]:
        """Flux of the selected events and the cross section averaged over it."""
        found = self.found[process]
        runs = found.counter.runs
        fluxes = [run.beams[process.probe][1] for run in runs]
        common = fluxes[0] if fluxes and all(flux == fluxes[0] for flux in fluxes) else None
        if found.given is not None:
            ready = self.source.flux_average(process)
            if ready is not None and self._given is None and self.energy_range is None:
                return common, ready
            # The events' own flux: their number over sigma, energy by energy.
            return None, found.weight_sum / found.weight_over_sigma
        return self._counted_average(process)

    def _counted_average(self, process: Process) -> tuple[Flux | None, float | None]:
        """The same from the numbers of events."""
        found = self.found[process]
        runs = found.counter.runs
        fluxes = [run.beams[process.probe][1] for run in runs]
        common = fluxes[0] if fluxes and all(flux == fluxes[0] for flux in fluxes) else None
        if self.energy_range is None:
            return common, found.counter.flux_average()
        known = [flux for flux in fluxes if flux is not None]
        if not known or len(known) < len(fluxes):
            return None, None
        exposure = sum(run.total_exposure(process) * _fraction(flux, self.energy_range)
                       for run, flux in zip(runs, known, strict=True))  # fmt: skip
        same = all(flux == known[0] for flux in known)
        return (
            known[0].restricted(*self.energy_range) if same else None,
            found.weight_sum / exposure,
        )


def _elsewhere(chunk: RawEvents) -> Counter[str]:
    """Charged-current events on what is no nucleus that we know, by what they are on."""
    codes, counts = np.unique(chunk.target[chunk.cc], return_counts=True)
    return Counter({
        f"on {_what_it_is(code)}": count
        for code, count in zip(codes.tolist(), counts.tolist(), strict=True)
        if not is_nucleus(code)
    })  # fmt: skip


def _what_it_is(code: int) -> str:
    if code > 1_000_000_000 and code % 10 and is_nucleus(code - code % 10):
        ground = Process(14, code - code % 10).target_name
        return f"{code} (an excited state of {ground}, {code - code % 10}, which is not taken)"
    return {2112: "2112 (a free neutron)"}.get(code, f"{code} (no nucleus)")


def _located(path: PathLike) -> Path:
    """A file by its path or, where there is none, a bundled sample by its name."""
    bundled = None if Path(path).exists() else sample_file(str(path))
    return Path(path) if bundled is None else bundled


def find_adapter(paths: Sequence[Path], format: str | None = None) -> Adapter:
    """Return the one adapter for some files; raises UsageError if they need several."""
    if not paths:
        raise UsageError("no file of events was given.")
    if len({path.resolve() for path in paths}) < len(paths):
        raise UsageError("a file was given twice: its events would count twice.")
    for path in paths:
        check_regular(path)
    guesses = {path: guess_adapter(path) for path in paths} if format is None else {}
    if len({adapter.name for adapter in guesses.values()}) > 1:
        listing = ", ".join(f"{path} ({adapter.name})" for path, adapter in guesses.items())
        raise UsageError(
            f"files given together are one sample and must be in one format, found {listing}. "
            "Convert them one by one."
        )
    adapter = guesses[paths[0]] if format is None else get_adapter(format)
    if not adapter.reads:
        raise UsageError(f"the format {format!r} can be written, not read.")
    for path in paths:
        if not path.is_file():
            raise UsageError(f"{path} does not exist or is not a file.")
        if format is not None and not adapter.sniff(path):
            _check_claimed(path, adapter)
    if len(paths) > 1:
        check_not_twice(paths)
    return adapter


def _check_claimed(path: Path, adapter: Adapter) -> None:
    """Refuse a file of another dialect than the one named; say which one it is."""
    try:
        right = guess_adapter(path)
    except NugenError:
        return  # what is wrong with it is said when it is opened
    try:
        adapter.open([path])
    except FormatError as error:
        raise FormatError(
            f"{path} is not in the format {adapter.name}, but in {right.name} "
            f"({right.description}): leave --format out, or give --format {right.name}. Read as "
            f"{adapter.name}: {error}"
        ) from error


def channel_counts(channel: Any) -> dict[str, int]:
    """Number of events of each channel that occurs, by name."""
    codes, counts = np.unique(channel, return_counts=True)
    pairs = zip(codes.tolist(), counts.tolist(), strict=True)
    try:
        return {Channel(code).name: count for code, count in pairs}
    except ValueError as error:
        raise FormatError(f"an event has an unknown channel: {error}.") from error


def _processes(chunk: RawEvents) -> list[Process]:
    """Processes of the charged-current events in a chunk."""
    pairs = np.stack([chunk.probe[chunk.cc], chunk.target[chunk.cc]], axis=1)
    return [
        Process(probe, target)
        for probe, target in np.unique(pairs, axis=0).tolist()
        if is_neutrino(probe) and is_nucleus(target)
    ]


def _weight_over_sigma(table: EventTable, sigma: CrossSection) -> float:
    try:
        value = sigma(table.enu)
    except EnergyRangeError as error:
        raise EnergyRangeError(
            f"{error}. The cross section does not cover the events of {table.process}: "
            "restrict them with --energy-range, or give a table that does."
        ) from error
    # An event where sigma is zero tells nothing about the flux.
    return float((table.weight[value > 0.0] / value[value > 0.0]).sum())


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
