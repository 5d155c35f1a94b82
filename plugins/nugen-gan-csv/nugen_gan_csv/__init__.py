"""Events as comma-separated values: an example of a third-party adapter."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np

from nugen_gan.adapters.base import Adapter, Header, Source
from nugen_gan.errors import FormatError
from nugen_gan.events.provenance import Provenance, SourceFile
from nugen_gan.events.selection import RawEvents
from nugen_gan.events.table import EventTable
from nugen_gan.physics.process import Channel, Process

__all__ = ["Csv"]

MAGIC, COLUMNS = "# nugen-gan-csv ", "enu,elep,costheta"
BLOCK = 100_000
# Characters of a first line, at most: other files may be one line of many gigabytes.
LONGEST = 200


class Csv(Adapter):
    """Reader and writer of ``*.csv``."""

    name = "csv"
    description = "comma-separated values: enu, elep [GeV], costheta"
    suffixes = (".csv",)
    writes = True

    def sniff(self, path: Path) -> bool:
        """True if the first line is ours; False for whatever else, for this must never raise."""
        try:
            with open(path, "rb") as stream:
                return stream.read(len(MAGIC)) == MAGIC.encode()
        except OSError:
            return False

    def open(self, paths: Sequence[Path]) -> Source:
        """Open files; raises FormatError if the first lines are not ours."""
        return _CsvSource(paths)

    def write(self, path: Path, chunks: Iterable[EventTable], header: Callable[[], Header]) -> None:
        """Write a row per event."""
        with open(path, "w", encoding="utf-8") as stream:
            stream.write(f"{MAGIC}{header().process.name}\n{COLUMNS}\n")
            for table in chunks:
                rows = np.stack([table.enu, table.elep, table.costheta], axis=1)
                np.savetxt(stream, rows, fmt="%.9g", delimiter=",")


class _CsvSource(Source):
    def __init__(self, paths: Sequence[Path]) -> None:
        self.paths = tuple(paths)
        self._processes = {path: _process(path) for path in self.paths}

    def provenance(self) -> Provenance:
        files = []
        for path in self.paths:
            with open(path, "rb") as stream:
                files.append(SourceFile.of(path, sum(1 for _ in stream) - 2))
        return Provenance(files=tuple(files))

    def chunks(self) -> Iterator[RawEvents]:
        for path, process in self._processes.items():
            with open(path, encoding="utf-8", errors="replace") as stream:
                lines = islice(stream, 2, None)
                while block := list(islice(lines, BLOCK)):
                    yield _events(path, block, process)


def _process(path: Path) -> Process:
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            first, second = (stream.readline(LONGEST).strip() for _ in range(2))
    except OSError as error:
        raise FormatError(f"{path} cannot be read: {error.strerror}") from error
    if not first.startswith(MAGIC) or second != COLUMNS:
        raise FormatError(f"{path} must begin with '{MAGIC}<process>' and '{COLUMNS}'")
    return Process.from_name(first.removeprefix(MAGIC))


def _events(path: Path, lines: list[str], process: Process) -> RawEvents:
    try:
        enu, elep, costheta = np.loadtxt(lines, delimiter=",", ndmin=2).T
    except ValueError as error:
        raise FormatError(f"{path} has a row that is not three numbers: {error}") from error
    n = len(enu)
    return RawEvents(
        probe=np.full(n, process.probe, np.int32),
        target=np.full(n, process.target, np.int32),
        lepton=np.full(n, process.lepton, np.int32),
        cc=np.ones(n, np.bool_),
        enu=enu,
        elep=elep,
        costheta=costheta,
        channel=np.full(n, Channel.OTHER, np.int16),
        weight=np.ones(n),
    )
