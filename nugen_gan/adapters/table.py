"""Our own table of events: a ROOT file with a flat tree and a JSON text about it.

The tree ``events`` has the columns of :data:`nugen_gan.events.columns.COLUMNS`: float32 ones
for ``enu``, ``elep`` [GeV], ``costheta`` and ``weight``, and an int32 one for ``channel``.  Where
the hadrons are known (version 2 of the format), ``nparticles`` and the lists ``particles_pdg``,
``particles_px``, ``particles_py``, ``particles_pz``, ``particles_E`` [GeV] hold them, the neutrino
along +z and the lepton in the x-z plane.  The
``TObjString`` ``metadata`` holds the process, the cross section, the flux, where the events come
from and what was left out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from nugen_gan.adapters.base import Adapter, Header, Source
from nugen_gan.adapters.lists import common
from nugen_gan.errors import FormatError, NugenError
from nugen_gan.events.columns import COLUMNS, Column
from nugen_gan.events.cutflow import CutFlow
from nugen_gan.events.provenance import Provenance, SourceFile
from nugen_gan.events.selection import RawEvents
from nugen_gan.events.table import EventTable, rechunk
from nugen_gan.physics.cross_section import CrossSection
from nugen_gan.physics.flux import Flux, common_flux, flux_from_dict
from nugen_gan.physics.process import Channel, Process
from nugen_gan.storage import root as root_io

__all__ = ["Table"]

TREE, METADATA = "events", "metadata"
FORMAT, VERSION = "nugen-gan table", 2
# What tables without hadrons are, so that older programs read them.
LEPTONS_ONLY = 1
# Branches that every table has.
NEEDED = tuple(b for column in COLUMNS.values() if column.required for b in column.branches())


class Table(Adapter):
    """Reader and writer of ``*.table.root``."""

    name = "table"
    description = "nugen-gan's own table of events (nugen-gan convert)"
    suffixes = (".table.root", ".root")
    writes = True

    def sniff(self, path: Path) -> bool:
        """True if there is a tree of events with our columns."""
        return root_io.has_branches(path, TREE, NEEDED)

    def open(self, paths: Sequence[Path]) -> Source:
        """Open tables; raises FormatError if one is incomplete."""
        return TableSource(paths)

    def write(self, path: Path, chunks: Iterable[EventTable], header: Callable[[], Header]) -> None:
        """Write a table; the same events and header give the same bytes."""
        count, columns = 0, _required()
        with root_io.recreate(path) as file:
            tree = None
            for table in rechunk(chunks, root_io.BLOCK):
                if tree is None:
                    columns = table.present()
                    tree = _make_tree(file, columns)
                table.check_present(columns)
                tree.extend({branch: values for name in columns for branch, values
                             in COLUMNS[name].to_file(getattr(table, name)).items()})  # fmt: skip
                count += len(table)
            if tree is None:
                _make_tree(file, columns)
            file[METADATA] = json.dumps(_metadata(header(), count, columns), allow_nan=False)


def _required() -> tuple[str, ...]:
    return tuple(name for name, column in COLUMNS.items() if column.required)


def _make_tree(file: Any, columns: Sequence[str]) -> Any:
    types = {b: kind for name in columns for b, kind in COLUMNS[name].branch_types().items()}
    return file.mktree(TREE, types)


def _metadata(header: Header, count: int, columns: Sequence[str]) -> dict[str, Any]:
    sigma = header.cross_section
    return {
        "format": FORMAT,
        "version": VERSION if "particles" in columns else LEPTONS_ONLY,
        "events": count,
        "units": {name: COLUMNS[name].unit for name in columns},
        "channels": {str(int(channel)): channel.name for channel in Channel},
        "process": header.process.name,
        "cross_section": sigma.as_dict() if sigma else None,
        "flux": header.flux.as_dict() if header.flux else None,
        "flux_average_cm2_per_nucleus": header.flux_average,
        "provenance": header.provenance.as_dict(),
        "cutflow": [list(step) for step in header.cutflow.steps],
    }


@dataclass(frozen=True)
class _File:
    """What the metadata of one table say."""

    path: Path
    entries: int
    process: Process
    cross_section: CrossSection | None
    flux_average: float | None
    provenance: Provenance
    cutflow: CutFlow
    flux: Flux | None
    columns: tuple[str, ...]


class TableSource(Source):
    """Tables, opened."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self.paths = tuple(paths)
        self._files = [_inspect(path) for path in self.paths]

    @cached_property
    def _provenance(self) -> Provenance:
        first = self._files[0].provenance
        if len(self._files) == 1:
            return first
        files = tuple(SourceFile.of(file.path, file.entries) for file in self._files)
        same = all(file.provenance.generator == first.generator for file in self._files)
        return Provenance(first.generator if same else "", files=files)

    def provenance(self) -> Provenance:
        """Where the events of a table came from; for several tables, the tables themselves."""
        return self._provenance

    @property
    def entries(self) -> int:
        """Number of events in the trees."""
        return sum(file.entries for file in self._files)

    def chunks(self) -> Iterator[RawEvents]:
        """Yield the events of all tables."""
        if self.hadrons:
            common((file.path, "particles" in file.columns) for file in self._files if file.entries)
        for file in self._files:
            names = [n for n in file.columns if self.hadrons or COLUMNS[n].required]
            columns = [COLUMNS[name] for name in names]
            branches = [branch for column in columns for branch in column.branches()]
            library = "ak" if any(column.lists for column in columns) else "np"
            size = root_io.FLAT_BLOCK if library == "np" else root_io.BLOCK
            for block in root_io.blocks(file.path, TREE, branches, library, size):
                with root_io.reading(file.path), np.errstate(all="ignore"):
                    events = _events(block, file.process, names)
                yield events

    def cross_section(self, process: Process) -> CrossSection | None:
        """Return the tables' cross section; None if they disagree."""
        known = [file.cross_section for file in self._files if file.process == process]
        return known[0] if known and self._agree(process) else None

    def _agree(self, process: Process) -> bool:
        """True if all tables of a process have the same cross section, or none of them any."""
        # As plain values, in which an unknown error equals another one.
        records = [
            file.cross_section and file.cross_section.as_dict()
            for file in self._files
            if file.process == process
        ]
        return all(record == records[0] for record in records)

    def flux_average(self, process: Process) -> float | None:
        """Return the tables' flux-averaged cross section; None if they disagree."""
        known = {file.flux_average for file in self._files if file.process == process}
        return known.pop() if len(known) == 1 else None

    def flux(self, process: Process) -> Flux | None:
        """Return the tables' flux; None if they disagree."""
        return common_flux(file.flux for file in self._files if file.process == process)

    def cutflow(self) -> CutFlow:
        """What was left out when the table was made; for several, the sum if they allow it."""
        if len({tuple(name for name, _ in file.cutflow.steps) for file in self._files}) > 1:
            return CutFlow()
        flow = CutFlow()
        for file in self._files:
            flow = flow + file.cutflow
        return flow

    def summary(self) -> Sequence[tuple[str, str]]:
        """Process and number of events of each table, and whether they agree."""
        lines = [
            ("table", f"{file.path.name}, {file.entries:,} events, {file.process}")
            for file in self._files
        ]
        for process in dict.fromkeys(file.process for file in self._files):
            unlike = {
                "cross section": not self._agree(process),
                "flux": self.flux(process) is None and self._any_flux(process),
            }
            text = f"the tables of {process} disagree: none is used"
            lines += [(what, text) for what, differs in unlike.items() if differs]
        return lines

    def _any_flux(self, process: Process) -> bool:
        return any(file.flux is not None for file in self._files if file.process == process)


def _has(path: Path, tree: Any, column: Column) -> bool:
    """Whether a tree has a column; raises FormatError if it has a part of its branches."""
    missing = [branch for branch in column.branches() if branch not in tree]
    if missing and len(missing) < len(column.branches()):
        raise FormatError(
            f"{path} is damaged: of the column {column.name} it lacks {', '.join(missing)}. "
            "Convert the original events again."
        )
    return not missing


def _inspect(path: Path) -> _File:
    with root_io.open_root(path) as file:
        tree = root_io.find_tree(file, TREE)
        if tree is None or not all(name in tree for name in NEEDED):
            raise FormatError(f"{path} is not a table of nugen-gan: it lacks the tree {TREE!r}.")
        if METADATA not in file.keys(cycle=False):
            raise FormatError(
                f"{path} has no metadata: a table is written with them, so that something else "
                "made or changed this file. Convert the original events again."
            )
        text = str(file[METADATA])
        entries = int(tree.num_entries)
        columns = tuple(name for name, column in COLUMNS.items() if _has(path, tree, column))
    return _parse(path, text, entries, columns)


def _parse(path: Path, text: str, entries: int, columns: tuple[str, ...]) -> _File:
    try:
        record: Mapping[str, Any] = json.loads(text)
        if record["format"] != FORMAT or record["version"] > VERSION:
            raise FormatError(
                f"{path} is a table of version {record['version']}; this program reads versions "
                f"up to {VERSION}. Update nugen-gan."
            )
        if record["events"] != entries:
            raise FormatError(
                f"{path} holds {entries:,} events, but its metadata speak of "
                f"{record['events']:,}: the file was changed. Convert the original again."
            )
        sigma, average = record["cross_section"], record["flux_average_cm2_per_nucleus"]
        flux = record.get("flux")
        steps = tuple((str(name), int(count)) for name, count in record["cutflow"])
        return _File(
            path, entries, Process.from_name(record["process"]),
            CrossSection.from_dict(sigma) if sigma else None, average,
            Provenance.from_dict(record["provenance"]), CutFlow(steps),
            flux_from_dict(flux) if flux else None, columns,
        )  # fmt: skip
    except FormatError:
        raise
    except (NugenError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise FormatError(
            f"the metadata of {path} cannot be understood ({type(error).__name__}: {error}). "
            "Convert the original events again."
        ) from error


def _events(block: Mapping[str, Any], process: Process, columns: Sequence[str]) -> RawEvents:
    n, channel = len(block["enu"]), np.asarray(block["channel"])
    # Before it is cut to 16 bits, which could make a known number of an unknown one.
    unknown = channel[~np.isin(channel, [int(known) for known in Channel])]
    if unknown.size:
        raise FormatError(f"an event has an unknown channel: {unknown[0]}.")
    values: dict[str, Any] = {name: COLUMNS[name].from_file(block) for name in columns}
    return RawEvents(
        probe=np.full(n, process.probe, np.int32),
        target=np.full(n, process.target, np.int32),
        lepton=np.full(n, process.lepton, np.int32),
        cc=np.ones(n, np.bool_),
        **values,
    )
