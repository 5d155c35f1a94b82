"""HEPEVT text, which LArSoft's text generators put into detectors.

Facts from the sources of larsim's ``TextFileGen`` and of sbndcode's and icaruscode's
``HepMCFileGen``: an event is a line ``number n`` and n rows of 15 numbers, namely status, PDG code,
two mothers, two daughters, px, py, pz, E and mass [GeV], x, y, z [cm] and t [ns].  Particles of
status 1 are tracked, others are kept as the truth.  No line may stand between, so that there is no
header: no cross section, flux or origin.

The two latter take the row of a neutrino for the interaction: its daughters are not rows but
current (0 charged, 1 neutral) and mode of ``simb::MCNeutrino`` (0 QE, 1 RES, 2 DIS, 3 COH, 10 MEC,
-1 unknown).  They number particles from 0 and take the first lepton for the outgoing one whose
mother is number 0, the neutrino; hence all mothers are 0, which in HEPEVT also means none.

Written are neutrino along +z and nucleus at rest (status 0), lepton and hadrons (status 1, the
lepton first), and what is left (status 15, as in GENIE): the remnant of the nucleus, or GENIE's
hadronic blob 2000000002 where the hadrons are not known.  It takes what the others leave of the
four-momentum.  The modes know no hyperons: the first daughter of the nucleus, in whose row nobody
looks for one, is our number of the channel.  Positions and times are zero.

Read are files with neutrino and nucleus in rows of another status than 1.

Not verified: LArSoft itself has not been run on such a file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from nugen_gan.adapters.azimuth import origin_of
from nugen_gan.adapters.base import Adapter, Header, Source
from nugen_gan.adapters.final_particles import final_particles
from nugen_gan.adapters.frame import in_lepton_frame
from nugen_gan.adapters.hepevt.lines import blocks, is_hepevt
from nugen_gan.adapters.hepevt.terms import CHANNELS, CHARGED, FINAL, LEFT, NEUTRAL
from nugen_gan.adapters.hepevt.writer import event_text
from nugen_gan.adapters.lists import common
from nugen_gan.adapters.momenta import costheta
from nugen_gan.adapters.units import Unit
from nugen_gan.errors import FormatError
from nugen_gan.events.provenance import Provenance, SourceFile
from nugen_gan.events.selection import RawEvents
from nugen_gan.events.table import EventTable
from nugen_gan.physics import species
from nugen_gan.physics.process import PROBE_NAMES, PROTON, Channel, nucleus_pdg

__all__ = ["HepEvt"]

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Counts = NDArray[np.int64]
# Rows of an event of which nothing but the lepton is known.
LEPTON_ONLY = 4


class HepEvt(Adapter):
    """Reader and writer of HEPEVT text."""

    name = "hepevt"
    description = "HEPEVT text (larsim's TextFileGen, HepMCFileGen of sbndcode and icaruscode)"
    suffixes = (".hepevt",)
    writes = True
    streams = True

    def sniff(self, path: Path) -> bool:
        """True if a line of two whole numbers and a row of fifteen are at the start."""
        return is_hepevt(path)

    def open(self, paths: Sequence[Path]) -> Source:
        """Open files; raises FormatError if one is damaged."""
        return HepEvtSource(paths)

    def write(self, path: Path, chunks: Iterable[EventTable], header: Callable[[], Header]) -> None:
        """Write HEPEVT text; the same events and seed give the same bytes.

        Raises
        ------
        UsageError
            if the events have unequal weights, for which there is no place.
        """
        with open(path, "wb") as stream:
            self.write_stream(stream, chunks, header)

    def write_stream(
        self, stream: IO[bytes], chunks: Iterable[EventTable], header: Callable[[], Header]
    ) -> None:
        """Write HEPEVT text to an open stream."""
        for text in event_text(origin_of(header().provenance), chunks):
            stream.write(text)


@dataclass(frozen=True)
class _File:
    """One file, and what a look at it found.

    Attributes
    ----------
    path, entries : of the file
    scale : GeV in the unit of its momenta
    modes : whether the daughters of neutrinos are current and mode
    whole : whether the events have hadrons
    """

    path: Path
    entries: int
    scale: float
    modes: bool
    whole: bool


class HepEvtSource(Source):
    """Files of HEPEVT text, opened."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self.paths = tuple(paths)
        self._files = [_inspect(path) for path in self.paths]

    @cached_property
    def _provenance(self) -> Provenance:
        return Provenance(files=tuple(SourceFile.of(f.path, f.entries) for f in self._files))

    def provenance(self) -> Provenance:
        """Return the files themselves: nothing in them tells what made the events."""
        return self._provenance

    def chunks(self) -> Iterator[RawEvents]:
        """Yield all events, energies in GeV."""
        files = [(file.path, file.whole) for file in self._files if file.entries]
        particles = self.hadrons and common(files)
        for file in self._files:
            for counts, rows in blocks(file.path):
                with np.errstate(all="ignore"):
                    events = _Parser(file, counts, rows).events(particles=particles)
                yield events

    def summary(self) -> Sequence[tuple[str, str]]:
        """Number of events of each file, and what there is not in it."""
        found = [(file.path.name, f"{file.entries:,} events") for file in self._files]
        return [*found, ("total cross section", "not in the file: give it with --cross-section")]


def _inspect(path: Path) -> _File:
    """Look at the first events, and count all."""
    entries, most, first = 0, 0, None
    for counts, rows in blocks(path, rows_of=1):
        entries, most = entries + len(counts), max(most, int(counts.max()))
        first = (counts, rows) if first is None else first
    if first is None:
        return _File(path, 0, 1.0, modes=False, whole=False)
    counts, rows = first
    unit = Unit()
    final = rows[rows["status"] == FINAL]
    unit.add(np.stack([final[name] for name in ("px", "py", "pz", "e")], axis=1), final["pdg"])
    beams = rows[_is_beam(rows)]
    # Zeros alone do not tell a mode: they are no daughters.
    modes = bool(((beams["daughter"] != 0) | (beams["daughter2"] != 0)).any())
    modes &= bool(np.isin(beams["daughter"], (CHARGED, NEUTRAL)).all())
    remnants = (rows["status"] == LEFT) & species.is_nucleus_code(rows["pdg"])
    whole = most > LEPTON_ONLY or len(final) > len(counts) or bool(remnants.any())
    return _File(path, entries, unit.scale(path), modes, whole)


def _is_beam(rows: NDArray[Any]) -> NDArray[np.bool_]:
    return np.asarray((rows["status"] != FINAL) & np.isin(rows["pdg"], list(PROBE_NAMES)))


class _Parser:
    """A block of events."""

    def __init__(self, file: _File, counts: Counts, rows: NDArray[Any]) -> None:
        self.file, self.rows = file, rows
        self.owner = np.repeat(np.arange(len(counts)), counts)
        self.count = len(counts)
        for name in ("px", "py", "pz", "e"):
            rows[name] *= file.scale

    def events(self, *, particles: bool) -> RawEvents:
        """The lepton's kinematics, the reaction and, where wanted, all other particles."""
        rows = self.rows
        beam, nucleus = self._first(_is_beam(rows)), self._first(self._is_target())
        for place, what in ((beam, "neutrino"), (nucleus, "target nucleus")):
            if (place < 0).any():
                raise FormatError(
                    f"{self.file.path}: {int((place < 0).sum()):,} events name no {what}, in a row "
                    f"whose status is not {FINAL}. Without it such a file can be tracked, but not "
                    "read as events of a generator."
                )
        probe, target = rows["pdg"][beam], rows["pdg"][nucleus]
        target = np.where(target == PROTON, nucleus_pdg(1, 1), target)
        wanted = probe - np.sign(probe)
        # LArSoft, too, takes the first one.
        lepton = self._first((rows["status"] == FINAL) & (rows["pdg"] == wanted[self.owner]))
        found = lepton >= 0
        charged, channel = self._reaction(beam, nucleus)
        code = np.where(found, rows["pdg"][lepton], 0).astype(np.int32)
        neutrino_p4, lepton_p4 = self._p4(beam), np.where(found[:, None], self._p4(lepton), 0.0)
        those = final_particles(rows, self.owner, lepton, target) if particles else None
        return RawEvents(
            probe=probe.astype(np.int32),
            target=target.astype(np.int32),
            lepton=code,
            cc=charged & found,
            enu=neutrino_p4[:, 3],
            elep=lepton_p4[:, 3],
            costheta=costheta(neutrino_p4, lepton_p4, code),
            channel=channel,
            weight=np.ones(self.count),
            particles=None if those is None else in_lepton_frame(
                neutrino_p4[:, :3], lepton_p4[:, :3], those),
        )  # fmt: skip

    def _is_target(self) -> NDArray[np.bool_]:
        pdg, status = self.rows["pdg"], self.rows["status"]
        free = (pdg == PROTON) & (abs(self.rows["pz"]) == 0.0)
        return np.asarray((species.is_nucleus_code(pdg) | free) & (status != FINAL) & (
            status != LEFT))  # fmt: skip

    def _first(self, which: NDArray[np.bool_]) -> Indices:
        """Row of the first particle of each event for which it is true; -1 for none."""
        place = np.full(self.count, -1)
        found = np.flatnonzero(which)[::-1]
        place[self.owner[found]] = found
        return place

    def _p4(self, place: Indices) -> Floats:
        return np.stack([self.rows[name][place] for name in ("px", "py", "pz", "e")], axis=1)

    def _reaction(
        self, beam: Indices, nucleus: Indices
    ) -> tuple[NDArray[np.bool_], NDArray[np.int16]]:
        """Whether the current is charged, as far as is told, and the channel."""
        current, mode = (self.rows[name][beam] for name in ("daughter", "daughter2"))
        own = self.rows["daughter"][nucleus]
        channel = np.full(self.count, Channel.OTHER, np.int16)
        if self.file.modes:
            for number, name in CHANNELS.items():
                channel[mode == number] = name
        ours = np.isin(own, [int(c) for c in Channel])
        channel[ours] = own[ours]
        charged = current != NEUTRAL if self.file.modes else np.ones(self.count, np.bool_)
        return np.asarray(charged), channel
