"""Our own table of events: a ROOT file with a flat tree and a JSON text about it.

The tree ``events`` has one float32 column each for ``enu``, ``elep`` [GeV], ``costheta`` and
``weight``, and an int32 one for ``channel``.  The ``TObjString`` ``metadata`` holds the process,
the cross section, where the events come from and what was left out.
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
from nugen_gan.errors import FormatError
from nugen_gan.events.cutflow import CutFlow
from nugen_gan.events.provenance import Provenance, SourceFile
from nugen_gan.events.selection import RawEvents
from nugen_gan.events.table import EventTable, rechunk
from nugen_gan.physics.cross_section import CrossSection
from nugen_gan.physics.process import Channel, Process
from nugen_gan.storage import root as root_io

__all__ = ["Table"]

TREE, METADATA = "events", "metadata"
FORMAT, VERSION = "nugen-gan table", 1
COLUMNS = {"enu": "f4", "elep": "f4", "costheta": "f4", "channel": "i4", "weight": "f4"}
UNITS = {"enu": "GeV", "elep": "GeV", "costheta": "1", "channel": "code", "weight": "relative"}


class Table(Adapter):
    """Reader and writer of ``*.table.root``."""

    name = "table"
    description = "nugen-gan's own table of events (nugen-gan convert)"
    suffixes = (".table.root", ".root")
    writes = True

    def sniff(self, path: Path) -> bool:
        """True if there is a tree of events with our columns."""
        return root_io.has_branches(path, TREE, tuple(COLUMNS))

    def open(self, paths: Sequence[Path]) -> Source:
        """Open tables; raises FormatError if one is incomplete."""
        return TableSource(paths)

    def write(self, path: Path, chunks: Iterable[EventTable], header: Callable[[], Header]) -> None:
        """Write a table; the same events and header give the same bytes."""
        count = 0
        with root_io.recreate(path) as file:
            tree = file.mktree(TREE, {name: np.dtype(kind) for name, kind in COLUMNS.items()})
            for table in rechunk(chunks, root_io.BLOCK):
                tree.extend({name: getattr(table, name).astype(kind)
                             for name, kind in COLUMNS.items()})  # fmt: skip
                count += len(table)
            file[METADATA] = json.dumps(_metadata(header(), count), allow_nan=False)


def _metadata(header: Header, count: int) -> dict[str, Any]:
    sigma = header.cross_section
    return {
        "format": FORMAT,
        "version": VERSION,
        "events": count,
        "units": UNITS,
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
        for file in self._files:
            for block in root_io.blocks(file.path, TREE, tuple(COLUMNS), size=root_io.FLAT_BLOCK):
                with root_io.reading(file.path), np.errstate(all="ignore"):
                    events = _events(block, file.process)
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
        return lines + [
            ("cross section", f"the tables of {process} disagree: none is used")
            for process in dict.fromkeys(file.process for file in self._files)
            if not self._agree(process)
        ]


def _inspect(path: Path) -> _File:
    with root_io.open_root(path) as file:
        tree = root_io.find_tree(file, TREE)
        if tree is None or not all(name in tree for name in COLUMNS):
            raise FormatError(f"{path} is not a table of nugen-gan: it lacks the tree {TREE!r}.")
        if METADATA not in file.keys(cycle=False):
            raise FormatError(
                f"{path} has no metadata: a table is written with them, so that something else "
                "made or changed this file. Convert the original events again."
            )
        text = str(file[METADATA])
        entries = int(tree.num_entries)
    return _parse(path, text, entries)


def _parse(path: Path, text: str, entries: int) -> _File:
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
        steps = tuple((str(name), int(count)) for name, count in record["cutflow"])
        return _File(
            path, entries, Process.from_name(record["process"]),
            CrossSection.from_dict(sigma) if sigma else None, average,
            Provenance.from_dict(record["provenance"]), CutFlow(steps),
        )  # fmt: skip
    except FormatError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FormatError(
            f"the metadata of {path} cannot be understood ({type(error).__name__}: {error}). "
            "Convert the original events again."
        ) from error


def _events(block: Mapping[str, Any], process: Process) -> RawEvents:
    n, channel = len(block["enu"]), block["channel"]
    # Before it is cut to 16 bits, which could make a known number of an unknown one.
    unknown = channel[~np.isin(channel, [int(known) for known in Channel])]
    if unknown.size:
        raise FormatError(f"an event has an unknown channel: {unknown[0]}.")
    return RawEvents(
        probe=np.full(n, process.probe, np.int32),
        target=np.full(n, process.target, np.int32),
        lepton=np.full(n, process.lepton, np.int32),
        cc=np.ones(n, np.bool_),
        enu=block["enu"].astype(np.float64),
        elep=block["elep"].astype(np.float64),
        costheta=block["costheta"].astype(np.float64),
        channel=channel.astype(np.int16),
        weight=block["weight"].astype(np.float64),
    )
