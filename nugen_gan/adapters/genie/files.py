"""GENIE's files of events as a source, and what our own ones hold beside the tree.

GENIE's trees state no normalisation.  Those that we write have two more objects, which other
programs pass over: a text ``nugen_gan`` in JSON with provenance and cross section, and a graph
``<probe>_<target>/tot_cc`` as ``gspl2root`` makes it.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nugen_gan.adapters.base import Header, Source
from nugen_gan.adapters.genie.graphs import add_graph
from nugen_gan.adapters.lists import common
from nugen_gan.adapters.record import RECORD, Record, joined_provenance, record_text
from nugen_gan.events.provenance import Provenance, SourceFile
from nugen_gan.events.selection import RawEvents
from nugen_gan.events.table import EventTable
from nugen_gan.physics.cross_section import UNIT_38, CrossSection
from nugen_gan.physics.flux import Flux, common_flux
from nugen_gan.physics.process import Process

if TYPE_CHECKING:
    from uproot import WritableDirectory

__all__ = ["File", "GenieSource", "add_record", "sigma_38"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class File:
    """One file, before its events are read.

    Attributes
    ----------
    path, tree, branches, entries : what to read
    record : what we wrote beside the tree, if we did
    generator : what made the events, as far as the name of the tree tells
    scale : GeV in the unit of the file's momenta
    hadrons : whether an event of the file has a particle beside the lepton
    """

    path: Path
    tree: str
    branches: tuple[str, ...]
    entries: int
    record: Record | None
    generator: str
    scale: float = 1.0
    hadrons: bool = False


def add_record(file: WritableDirectory, header: Header, events: int) -> None:
    """Add the two objects to a file that is being written."""
    file[RECORD] = record_text(header, events)
    if header.cross_section is not None:
        add_graph(file, header.process, header.cross_section)


def sigma_38(table: EventTable, sigma: CrossSection | None) -> Floats:
    """sigma(enu) of every event [1e-38 cm^2 per nucleus]; 0 where unknown."""
    value = np.zeros(len(table))
    if sigma is not None:
        low, high = sigma.energy_range
        known = (table.enu >= low) & (table.enu <= high)
        value[known] = sigma(table.enu[known]) / UNIT_38
    return value


class GenieSource(Source):
    """Files of one of GENIE's trees, opened."""

    def __init__(self, files: Sequence[File]) -> None:
        self._files = tuple(files)
        self.paths = tuple(file.path for file in self._files)

    @abstractmethod
    def _events_of(self, file: File, hadrons: bool) -> Iterator[RawEvents]:
        """Yield the events of one file in blocks, with their hadrons or without."""

    @property
    def entries(self) -> int:
        """Number of events in the trees."""
        return sum(file.entries for file in self._files)

    def chunks(self) -> Iterator[RawEvents]:
        """Yield the events of all files, with the weights of the files."""
        known = [(file.path, file.hadrons) for file in self._files if file.entries]
        hadrons = self.hadrons and common(known)
        for file in self._files:
            yield from self._events_of(file, hadrons)

    @cached_property
    def _provenance(self) -> Provenance:
        files = tuple(SourceFile.of(file.path, file.entries) for file in self._files)
        origins = [
            file.record.provenance if file.record else Provenance(file.generator)
            for file in self._files
        ]
        return joined_provenance(origins, files)

    def provenance(self) -> Provenance:
        """Digests of the files, and what made them; parameters only for a file that we wrote."""
        return self._provenance

    def _records(self, process: Process) -> list[Record]:
        """The records of all files; none unless each file has one, and of this process."""
        records = [
            file.record
            for file in self._files
            # Files that hadd joined have the record of the first one only.
            if file.record and file.record.process == process and file.record.events == file.entries
        ]
        return records if len(records) == len(self._files) else []

    def cross_section(self, process: Process) -> CrossSection | None:
        """Return sigma(enu) of files that we wrote, if they agree."""
        known = [record.cross_section for record in self._records(process)]
        plain = [sigma.as_dict() if sigma else None for sigma in known]
        return known[0] if known and all(sigma == plain[0] for sigma in plain) else None

    def flux_average(self, process: Process) -> float | None:
        """Return the flux-averaged cross section of files that we wrote, if they agree."""
        known = {record.flux_average for record in self._records(process)}
        return known.pop() if len(known) == 1 else None

    def flux(self, process: Process) -> Flux | None:
        """Return the flux of files that we wrote, if they agree."""
        return common_flux(record.flux for record in self._records(process))

    def summary(self) -> Sequence[tuple[str, str]]:
        """Trees and entries, and where the normalisation has to come from."""
        lines = [
            ("file", f"{file.path.name}, tree {file.tree}, {file.entries:,} events")
            for file in self._files
        ]
        lines += [
            ("energies", f"in MeV in {file.path.name}, as the masses of its particles tell: "
             "divided by 1,000")
            for file in self._files if file.scale != 1.0
        ]  # fmt: skip
        lines += [
            ("total cross section", f"that of {file.path.name} is not used: it was written for "
             f"{file.record.events:,} events, so that hadd or something else changed the file")
            for file in self._files if file.record and file.record.events != file.entries
        ]  # fmt: skip
        if any(file.record is None or file.record.cross_section is None for file in self._files):
            lines.append(
                ("total cross section", "not in the file; GENIE's splines have it "
                 "(--cross-section with their XML file or gspl2root's)")
            )  # fmt: skip
        return lines
