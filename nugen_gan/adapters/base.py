"""What an adapter is: a dialect's name, how to recognise, read and write it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from nugen_gan.errors import UsageError
from nugen_gan.events.cutflow import CutFlow
from nugen_gan.events.provenance import Provenance
from nugen_gan.events.selection import RawEvents
from nugen_gan.events.table import EventTable
from nugen_gan.physics.cross_section import CrossSection, Run
from nugen_gan.physics.flux import Flux, common_flux
from nugen_gan.physics.process import Process

__all__ = ["Adapter", "Header", "Source"]


class Source(ABC):
    """One or several files of one dialect, opened for reading.

    Attributes
    ----------
    paths : the files
    hadrons : whether the chunks carry the particles beside the lepton, where the files have them;
        may be switched off before the events are read
    """

    paths: Sequence[Path]
    hadrons: bool = True

    @abstractmethod
    def provenance(self) -> Provenance:
        """Generator, version, parameters and digests of the files."""

    @property
    def entries(self) -> int:
        """Number of events of all kinds in the opened files.

        Those of the files in the provenance, unless a reader counts otherwise: one whose
        provenance names the files that *its* files were made from has to.
        """
        return sum(file.entries for file in self.provenance().files)

    @abstractmethod
    def chunks(self) -> Iterator[RawEvents]:
        """Yield all events in blocks small enough for any machine; can be called again."""

    def runs(self) -> Sequence[Run]:
        """How each file's events are normalised; empty unless every one of the files tells."""
        return ()

    def cross_section(self, process: Process) -> CrossSection | None:
        """sigma(enu) of a process, if the file holds it ready-made."""
        return None

    def flux_average(self, process: Process) -> float | None:
        """Flux-averaged cross section [cm^2 per nucleus], if the file holds it ready-made."""
        return None

    def flux(self, process: Process) -> Flux | None:
        """Flux of a process that the files hold; None if unknown, or if they disagree."""
        return common_flux(run.beams[process.probe][1] for run in self.runs() if run.knows(process))

    def cutflow(self) -> CutFlow:
        """What an earlier selection left out, where the files tell."""
        return CutFlow()

    def summary(self) -> Sequence[tuple[str, str]]:
        """What was found in the files: pairs (what, value), for the screen."""
        return ()


@dataclass(frozen=True, slots=True)
class Header:
    """What a writer is told beside the events themselves.

    Attributes
    ----------
    process : what collides
    events : number of events that will come
    cross_section : sigma(enu) per nucleus, None where unknown
    flux : flux that the energies follow, None where unknown
    flux_average : flux-averaged cross section [cm^2 per nucleus], None where unknown
    provenance, cutflow : where the events come from and what was left out
    weight_sum : sum of the events' relative weights; ``events`` where absent
    """

    process: Process
    events: int
    cross_section: CrossSection | None = None
    flux: Flux | None = None
    flux_average: float | None = None
    provenance: Provenance = field(default_factory=Provenance)
    cutflow: CutFlow = field(default_factory=CutFlow)
    weight_sum: float | None = None


class Adapter(ABC):
    """One dialect: reader and writer together.

    Attributes
    ----------
    name : what ``--format`` takes, such as "nuwro"
    description : one line for ``nugen-gan formats``
    suffixes : file suffixes that belong to it; content decides before a suffix does
    reads, writes : which of the two it can do
    streams : it writes from the first byte to the last, so that a pipe will do
    """

    name: str
    description: str
    suffixes: tuple[str, ...] = ()
    reads: bool = True
    writes: bool = False
    streams: bool = False

    @abstractmethod
    def sniff(self, path: Path) -> bool:
        """True if the *content* of the file is of this dialect; never raises."""

    def open(self, paths: Sequence[Path]) -> Source:
        """Open files for reading; raises FormatError if one is damaged."""
        raise UsageError(f"the format {self.name!r} can be written, not read")

    def write(self, path: Path, chunks: Iterable[EventTable], header: Callable[[], Header]) -> None:
        """Write events to ``path``, in blocks as they come.

        ``header`` returns what is known beside the events, complete from the start.  ``path`` is
        a temporary name; the caller renames it when all is complete.
        """
        raise UsageError(f"the format {self.name!r} can be read, not written")

    def write_stream(
        self, stream: IO[bytes], chunks: Iterable[EventTable], header: Callable[[], Header]
    ) -> None:
        """Write what :meth:`write` would, uncompressed, to an open stream."""
        raise UsageError(f"the format {self.name!r} cannot be written to a pipe")
