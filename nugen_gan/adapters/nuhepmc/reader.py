"""NuHepMC 1.0: HepMC3's text format with the conventions of neutrino generators.

Written are ``.hepmc3`` and, compressed, ``.hepmc3.gz``.  Read is the text of any generator's
converter, plain or compressed with gzip, bzip2 or xz, of NuHepMC 1.0, 0.9 or 0.1: beam and target
by their status, the final lepton of the beam's flavour, all other final particles but the remnant,
the channel from the process number, the normalisation from the header (G.C.2), or else from the
events (E.C.2, E.C.4).

Energies are written with twelve decimals [GeV], which is more than the table of events keeps.
"""

from __future__ import annotations

import gzip
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import IO, cast

import numpy as np

from nugen_gan.adapters.base import Adapter, Header, Source
from nugen_gan.adapters.lists import common
from nugen_gan.adapters.nuhepmc.events import Block, parse_block
from nugen_gan.adapters.nuhepmc.header import header_text
from nugen_gan.adapters.nuhepmc.lines import RunHeader, blocks, is_hepmc
from nugen_gan.adapters.nuhepmc.run import RunFacts
from nugen_gan.adapters.nuhepmc.terms import END
from nugen_gan.adapters.nuhepmc.writer import event_text
from nugen_gan.events.cutflow import CutFlow
from nugen_gan.events.provenance import Provenance, SourceFile
from nugen_gan.events.selection import RawEvents
from nugen_gan.events.table import EventTable
from nugen_gan.physics.cross_section import CrossSection, Run
from nugen_gan.physics.process import Process, is_neutrino, is_nucleus

__all__ = ["NuHepMC"]

# The fastest level: the text shrinks to a third, level 6 would save some more at a third of
# the speed.
COMPRESSION = 1
# Blocks of files with no more events than this are kept in memory, not parsed again.
FEW = 200_000


class NuHepMC(Adapter):
    """Reader and writer of NuHepMC files."""

    name = "nuhepmc"
    description = "NuHepMC 1.0, HepMC3 text (NUISANCE, Rivet, Achilles, nuwro2hepmc3)"
    suffixes = (".hepmc3", ".hepmc3.gz", ".hepmc", ".hepmc.gz")
    writes = True
    streams = True

    def sniff(self, path: Path) -> bool:
        """True if it is HepMC3 text; opening it tells whether it is NuHepMC."""
        return is_hepmc(path)

    def open(self, paths: Sequence[Path]) -> Source:
        """Open NuHepMC files; raises FormatError if one is plain HepMC3."""
        return NuHepMCSource(paths)

    def write(self, path: Path, chunks: Iterable[EventTable], header: Callable[[], Header]) -> None:
        """Write NuHepMC, compressed if ``path`` ends with ``.gz``.

        The same events and seed give the same bytes.  Raises UsageError if the flux-averaged
        cross section is not known.
        """
        with open(path, "wb") as file, _compressed(file, path) as stream:
            self.write_stream(stream, chunks, header)

    def write_stream(
        self, stream: IO[bytes], chunks: Iterable[EventTable], header: Callable[[], Header]
    ) -> None:
        """Write NuHepMC text to an open stream."""
        head = header()
        # The first events tell whether they have hadrons.
        rest = iter(chunks)
        first = list(itertools.islice(rest, 1))
        hadrons = any(table.particles is not None for table in first)
        stream.write(header_text(head, hadrons).encode())
        for text in event_text(head, itertools.chain(first, rest)):
            stream.write(text)
        stream.write(f"{END}\n".encode())


def _compressed(file: IO[bytes], path: Path) -> IO[bytes]:
    if not path.name.endswith(".gz"):
        return file
    # No name and no time of the day: the same events must give the same bytes.
    packed = gzip.GzipFile("", "wb", COMPRESSION, file, mtime=0)
    return cast("IO[bytes]", packed)


@dataclass
class _Totals:
    """Sums over all events of one file."""

    entries: int = 0
    weight: float = 0.0
    weight_over_total: float | None = 0.0
    estimate: float | None = None
    unit: str = ""

    def add(self, block: Block) -> None:
        """Add the events of a block."""
        weight = block.events.weight
        self.entries += len(weight)
        self.weight += float(weight.sum())
        if block.total is None or self.weight_over_total is None:
            self.weight_over_total = None
        else:
            self.weight_over_total += float((weight / block.total).sum())
        self.estimate = block.estimate
        self.unit = block.unit or self.unit

    def average(self) -> float | None:
        """Flux-averaged cross section that the events tell (E.C.2, else E.C.4)."""
        if self.weight_over_total and self.weight > 0.0:
            return self.weight / self.weight_over_total
        return self.estimate if self.estimate and 0.0 < self.estimate < np.inf else None


class _File:
    """One file, and what a first pass over it found.

    Attributes
    ----------
    whole : whether the events have hadrons, by our own record or since one of them has any
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        texts = blocks(path)
        self.header = RunHeader.parse(next(texts), path)
        self.facts = RunFacts(self.header, path)
        self.totals = _Totals()
        self.beams: set[int] = set()
        self.targets: set[int] = set()
        self.whole = self.facts.own is not None and self.facts.own.hadrons
        self._kept: list[RawEvents] | None = []
        for text in texts:
            self._look(text)

    def _look(self, text: str) -> None:
        block = self._parse(text, particles=self._kept is not None)
        if block is None:
            return
        self.totals.add(block)
        self.whole |= block.hadrons
        self.beams |= set(np.unique(block.events.probe).tolist())
        self.targets |= set(np.unique(block.events.target).tolist())
        if self._kept is not None:
            self._kept.append(block.events)
        if self.totals.entries > FEW:
            self._kept = None

    def _parse(self, text: str, *, particles: bool) -> Block | None:
        if not text.strip():
            return None
        return parse_block(text, self.header, self.path, particles=particles)

    def events(self, *, particles: bool) -> Iterator[RawEvents]:
        """Yield all events, if wanted with their particles beside the lepton."""
        if self._kept is not None:
            for events in self._kept:
                yield events if particles else replace(events, particles=None)
            return
        texts = blocks(self.path)
        next(texts)
        for text in texts:
            block = self._parse(text, particles=particles)
            if block is not None:
                yield block.events

    def average(self) -> tuple[float, str] | None:
        """Total cross section in the unit of the file, and where it comes from."""
        if self.facts.average is not None:
            return self.facts.average, "G.C.2"
        average = self.totals.average()
        if average is None:
            return None
        return average, "E.C.2" if self.totals.weight_over_total else "E.C.4"

    def run(self) -> Run | None:
        """How the events are normalised; None if the file does not tell all of it."""
        average, atoms = self.average(), self.facts.atoms(self.targets)
        good = all(map(is_neutrino, self.beams)) and all(map(is_nucleus, self.targets))
        if average is None or not atoms or not good or not self.totals.weight > 0.0:
            return None
        total = self.facts.per_nucleon_average(average[0], atoms)
        beams = {probe: self.facts.flux(probe) for probe in self.beams}
        shares = {probe: self.facts.total_flux(probe) for probe in self.beams}
        if len(beams) == 1:
            shares = dict.fromkeys(beams, 1.0)
        whole = sum(shares.values())
        if total is None or not all(share > 0.0 for share in shares.values()):
            return None
        return Run(
            self.totals.weight, total,
            {probe: (shares[probe] / whole, flux) for probe, flux in beams.items()}, atoms,
        )  # fmt: skip


class NuHepMCSource(Source):
    """NuHepMC files, opened."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self.paths = tuple(paths)
        self._files = [_File(path) for path in self.paths]

    @cached_property
    def _provenance(self) -> Provenance:
        file = self._files[0]
        if len(self._files) == 1 and file.facts.own is not None:
            return file.facts.own.provenance
        sources = tuple(SourceFile.of(f.path, f.totals.entries) for f in self._files)
        tools = {f.header.tools for f in self._files}
        name, version, _ = file.header.tools[0] if len(tools) == 1 and any(tools) else ("",) * 3
        return Provenance(name, version, files=sources)

    def provenance(self) -> Provenance:
        """Return what our own writer recorded; for other files, the first tool named."""
        return self._provenance

    def chunks(self) -> Iterator[RawEvents]:
        """Yield all events, energies in GeV."""
        files = [(file.path, file.whole) for file in self._files if file.totals.entries]
        particles = self.hadrons and common(files)
        for file in self._files:
            yield from file.events(particles=particles)

    def runs(self) -> Sequence[Run]:
        """Return the normalisation of the files, if all of them tell."""
        return self._runs

    @cached_property
    def _runs(self) -> Sequence[Run]:
        runs = [file.run() for file in self._files]
        return [run for run in runs if run is not None] if None not in runs else ()

    def cross_section(self, process: Process) -> CrossSection | None:
        """Return sigma(enu) that our own writer recorded; None if files disagree."""
        records = [file.facts.own for file in self._files]
        known = [r.cross_section for r in records if r is not None and r.process == process]
        if len(known) < len(records) or known[0] is None:
            return None
        # As plain values, in which an unknown error equals another one.
        first = known[0].as_dict()
        same = all(sigma is not None and sigma.as_dict() == first for sigma in known)
        return known[0] if same else None

    def flux_average(self, process: Process) -> float | None:
        """Return the flux average of a file of our own writer [cm^2 per nucleus]."""
        file = self._files[0]
        ours = len(self._files) == 1 and file.facts.own and file.facts.own.process == process
        run = file.run() if ours else None
        return run.cross_section * process.a if run is not None else None

    def cutflow(self) -> CutFlow:
        """What was left out before our own writer wrote the file."""
        own = self._files[0].facts.own
        return own.cutflow if own is not None and len(self._files) == 1 else CutFlow()

    def summary(self) -> Sequence[tuple[str, str]]:
        """Version, programs, target material and total cross section."""
        lines: list[tuple[str, str]] = []
        for file in self._files:
            if len(self._files) > 1:
                lines.append(("file", f"{file.path.name}, {file.totals.entries:,} events"))
            version = ".".join(map(str, file.facts.version))
            lines.append(("version", f"NuHepMC {version}"))
            if file.totals.unit:
                text = f"in {file.totals.unit}, as the masses of the particles tell"
                lines.append(("energies", f"{text}, though the events name another unit"))
            tools = ", ".join(f"{name} {version}" for name, version, _ in file.header.tools)
            lines.append(("made by", tools or "unknown"))
            lines.append(("total cross section", _average_in_words(file)))
        return lines


def _average_in_words(file: _File) -> str:
    average = file.average()
    if average is None:
        return "not in the file (neither G.C.2 nor E.C.2 nor E.C.4)"
    if file.facts.unit is None:
        return f"{average[0]:.9g} in a unit that is not given or not known"
    scale = "nucleon" if file.facts.per_nucleon else "atom"
    return f"{average[0] * file.facts.unit:.9g} cm2 per {scale} ({average[1]})"
