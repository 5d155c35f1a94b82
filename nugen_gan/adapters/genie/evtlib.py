"""GENIE's event libraries (EvtLib): events that GENIE replays through its own flux and geometry.

What GENIE 3 reads, from the sources of its ``Tools/EvtLib``: for each target ``T`` and neutrino
``N`` the tree ``T/cc/N/records`` and the graph ``T/cc/N/xsec``.  Names are those of GENIE's
particle table, such as ``C12`` and ``nu_mu_bar``; neutral currents are under ``nc``, as ``nu`` or
``nu_bar`` for all flavours.  (``EventLibraryInterface``)

* Branches ``Enu`` (float) and ``prod_id`` (int), and the particles of the final state as arrays
  ``pdg`` (int), ``E``, ``px``, ``py``, ``pz`` (float) of length ``nparts``, in GeV, with the
  neutrino along +z; the programs that GENIE ships to make libraries add ``weight`` (float).
  (``EvtLibRecordList``)
* The graph is in GeV against 1e-38 cm^2 per nucleus, with straight lines between its points and
  beyond.  (``EvtLibPXSec``)
* For a neutrino of energy E GENIE takes the first record at or above E; if there is none, the
  event stays empty.  It sorts the records itself, rotates each by a random angle around the
  neutrino, and ignores ``weight`` and ``prod_id``.  It leaves out free nucleons and fails on fewer
  than eight records, an eighth of which is its unit of progress.  (``EventLibraryInterface``)

Hence the writer refuses unequal weights, single energies, hydrogen, and fewer than eight events,
and the graph is zero outside the energies of the records.  ``prod_id`` is our number of the
channel; in others' libraries it means whatever their generator wants, and the channel is OTHER.

Not verified: that GENIE itself runs on such a file, for it has not been at hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nugen_gan.adapters.azimuth import BLOCK, azimuths, lepton_momentum, seed_of
from nugen_gan.adapters.base import Adapter, Header, Source
from nugen_gan.adapters.genie.graphs import PROBES
from nugen_gan.adapters.momenta import costheta
from nugen_gan.adapters.record import RECORD, Record, joined_provenance, read_record, record_text
from nugen_gan.adapters.units import Unit
from nugen_gan.errors import FormatError, UsageError
from nugen_gan.events.provenance import Provenance, SourceFile
from nugen_gan.events.selection import RawEvents
from nugen_gan.events.table import EventTable, rechunk
from nugen_gan.physics.cross_section import UNIT_38, CrossSection
from nugen_gan.physics.flux import Flux, common_flux
from nugen_gan.physics.process import Channel, Process, parse_target
from nugen_gan.storage import root as root_io

if TYPE_CHECKING:
    from uproot import ReadOnlyDirectory

__all__ = ["EvtLib"]

Floats = NDArray[np.float64]
RECORDS, GRAPH = "records", "xsec"
PARTICLES = {"pdg": "i4", "E": "f4", "px": "f4", "py": "f4", "pz": "f4"}
NEEDED = ("Enu", *PARTICLES)
OPTIONAL = ("prod_id", "weight")
# Neutral currents are the same for all flavours; GENIE keeps them as those of nu_mu.
FOLDERS = {
    **{("cc", name): probe for probe, name in PROBES.items()},
    ("nc", "nu"): 14,
    ("nc", "nu_bar"): -14,
}
# GENIE's steps of progress while it loads a library.
FEWEST = 8
# Records by whose particles the unit is checked.
FIRST = 1000
# How far beyond the records, in parts of the energy, the graph falls to zero.
EDGE = 1e-6


class EvtLib(Adapter):
    """Reader and writer of event libraries."""

    name = "evtlib"
    description = "GENIE event library (EvtLib): <target>/cc/<nu>/records and xsec"
    suffixes = (".evtlib.root",)
    writes = True

    def sniff(self, path: Path) -> bool:
        """True if there is a tree ``records`` in a folder of a target, current and neutrino."""
        if not root_io.is_root(path):
            return False
        try:
            with root_io.open_root(path) as file:
                return any(_has_particles(file, name) for name in _names(file))
        except (FormatError, UsageError):
            return False

    def open(self, paths: Sequence[Path]) -> Source:
        """Open libraries, each of one or several targets and neutrinos."""
        return EvtLibSource(paths)

    def write(self, path: Path, chunks: Iterable[EventTable], header: Callable[[], Header]) -> None:
        """Write a library; the same events and header give the same bytes.

        Raises
        ------
        UsageError
            if GENIE would replay the events wrongly, or their cross section is not known.
        """
        head = header()
        sigma = _usable(head)
        process = head.process
        folder = f"{process.target_name}/cc/{PROBES[process.probe]}"
        seed, count = seed_of(head.provenance), 0
        covered = _Covered()
        with root_io.recreate(path) as file:
            tree = file.mktree(
                f"{folder}/{RECORDS}",
                _branch_types(),
                title=RECORDS,
                counter_name=lambda counted: "nparts",
                field_name=lambda outer, inner: inner,
            )
            for number, table in enumerate(rechunk(chunks, BLOCK)):
                covered.add(table)
                tree.extend(_columns(table, azimuths(seed, number, len(table))))
                count += len(table)
            file[f"{folder}/{GRAPH}"] = _graph(sigma, process, *covered.energy_range())
            # Among the objects at the top GENIE looks for nuclei, and warns of others.
            file[f"{folder}/{RECORD}"] = record_text(head, count)


def _usable(header: Header) -> CrossSection:
    """The cross section of events that GENIE can replay; UsageError otherwise."""
    if header.cross_section is None:
        raise UsageError(
            "an event library needs sigma(E), by which GENIE throws interactions, and it is not "
            "known for these events. Give it with --cross-section."
        )
    if header.process.a == 1:
        raise UsageError(
            f"{header.process.name}: GENIE takes no events on free nucleons from a library. "
            "Leave hydrogen to GENIE's own models."
        )
    if header.events < FEWEST:
        raise UsageError(
            f"an event library of {header.events} records makes GENIE fail: {FEWEST} are needed, "
            "and many thousands wanted, because it replays the one nearest in energy."
        )
    return header.cross_section


class _Covered:
    """Smallest and largest energy of the records, all of one weight."""

    def __init__(self) -> None:
        self.low, self.high, self.weight = np.inf, 0.0, np.nan

    def add(self, table: EventTable) -> None:
        """Look at a block of events; UsageError if their weights differ."""
        if not len(table):
            return
        if np.isnan(self.weight):
            self.weight = float(table.weight[0])
        if not np.allclose(table.weight, self.weight, rtol=1e-6, atol=0.0):
            raise UsageError(
                "the events have unequal weights, which GENIE ignores when it replays a library: "
                "distributions would be wrong. Give unweighted events."
            )
        energy = table.enu.astype(np.float32)
        self.low = min(self.low, float(energy.min()))
        self.high = max(self.high, float(energy.max()))

    def energy_range(self) -> tuple[float, float]:
        """Smallest and largest energy [GeV]; UsageError if they are the same."""
        if not self.low < self.high:
            raise UsageError(
                f"all events are at {self.high:g} GeV, where GENIE would replay one record over "
                "and over: a library needs energies over a range."
            )
        return self.low, self.high


def _branch_types() -> dict[str, Any]:
    import awkward as ak

    one = ak.zip({name: np.zeros(1, dtype) for name, dtype in PARTICLES.items()})
    return {
        "Enu": np.dtype("f4"), "weight": np.dtype("f4"), "prod_id": np.dtype("i4"),
        "parts": ak.types.ListType(one.type.content),
    }  # fmt: skip


def _columns(table: EventTable, phi: Floats) -> dict[str, Any]:
    """Columns of a block of events, the lepton being the only particle."""
    import awkward as ak

    values = dict(zip(("px", "py", "pz"), lepton_momentum(table, phi), strict=True))
    values |= {"E": table.elep, "pdg": np.full(len(table), table.process.lepton)}
    flat = ak.zip({name: values[name].astype(dtype) for name, dtype in PARTICLES.items()})
    return {
        "Enu": table.enu.astype(np.float32),
        "weight": table.weight.astype(np.float32),
        "prod_id": table.channel.astype(np.int32),
        "parts": ak.unflatten(flat, np.ones(len(table), np.int64)),
    }


def _graph(sigma: CrossSection, process: Process, low: float, high: float) -> Any:
    """Sigma between two energies [GeV], zero outside of them for a reader that extrapolates."""
    import uproot

    first, last = sigma.energy_range
    low, high = max(low, first), min(high, last)
    energy, _ = sigma.points()
    energy = np.concatenate([[low], energy[(energy > low) & (energy < high)], [high]])
    value = sigma(energy) / UNIT_38
    below, above = np.array([0.5, 1.0 - EDGE]) * low, np.array([1.0 + EDGE, 2.0]) * high
    return uproot.as_TGraph(
        {
            "x": np.concatenate([below, energy, above]),
            "y": np.concatenate([np.zeros(2), value, np.zeros(2)]),
        },
        title=f"{process.name} cross section",
        xAxisLabel="E (GeV)",
        yAxisLabel="sigma (1e-38 cm2 per nucleus)",
    )


@dataclass(frozen=True)
class _Library:
    """The records of one target, current and neutrino in one file."""

    path: Path
    tree: str
    branches: tuple[str, ...]
    entries: int
    probe: int
    target: int
    cc: bool
    cross_section: CrossSection | None
    record: Record | None

    @property
    def process(self) -> Process | None:
        """What collides; None for neutral currents."""
        return Process(self.probe, self.target) if self.cc else None

    @property
    def own(self) -> bool:
        """True if we wrote these records and nobody added any."""
        record = self.record
        return bool(record and record.process == self.process and record.events == self.entries)


class EvtLibSource(Source):
    """Event libraries, opened."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self.paths = tuple(paths)
        self._libraries = [library for path in self.paths for library in _inspect(path)]

    @property
    def entries(self) -> int:
        """Number of records."""
        return sum(library.entries for library in self._libraries)

    @cached_property
    def _provenance(self) -> Provenance:
        files = tuple(
            SourceFile.of(path, sum(x.entries for x in self._libraries if x.path == path))
            for path in self.paths
        )
        records = [library.record for library in self._libraries]
        origins = [record.provenance if record else Provenance() for record in records]
        return joined_provenance(origins, files)

    def provenance(self) -> Provenance:
        """Digests of the files, and what made the events where we wrote them."""
        return self._provenance

    def chunks(self) -> Iterator[RawEvents]:
        """Yield the records of all targets and neutrinos, one after the other."""
        for library in self._libraries:
            for block in root_io.blocks(library.path, library.tree, library.branches, "ak"):
                with root_io.reading(library.path), np.errstate(all="ignore"):
                    events = _events(block, library)
                yield events

    def _of(self, process: Process) -> list[_Library]:
        return [library for library in self._libraries if library.process == process]

    def cross_section(self, process: Process) -> CrossSection | None:
        """Return the graphs' sigma(enu), or the one they were made of; None if they disagree."""
        known = [
            library.record.cross_section if library.record and library.own
            else library.cross_section
            for library in self._of(process)
        ]  # fmt: skip
        plain = [sigma.as_dict() if sigma else None for sigma in known]
        return known[0] if known and all(sigma == plain[0] for sigma in plain) else None

    def flux_average(self, process: Process) -> float | None:
        """Return the flux average of records that we wrote, if they agree."""
        known = {library.record.flux_average if library.record and library.own else None
                 for library in self._of(process)}  # fmt: skip
        return known.pop() if len(known) == 1 else None

    def flux(self, process: Process) -> Flux | None:
        """Return the flux of records that we wrote, if they agree."""
        return common_flux(
            library.record.flux if library.record and library.own else None
            for library in self._of(process)
        )

    def summary(self) -> Sequence[tuple[str, str]]:
        """Folders, records and cross sections."""
        return [
            ("library", f"{x.path.name}, {x.tree.rpartition('/')[0]}, {x.entries:,} records, "
             f"sigma {x.cross_section.extent if x.cross_section else 'not known'}")
            for x in self._libraries
        ]  # fmt: skip


def _names(file: ReadOnlyDirectory) -> list[str]:
    """Trees of records in folders of a target, current and neutrino."""
    names = file.keys(cycle=False, filter_classname="TTree")
    return [name for name in names if _meaning(name) is not None]


def _meaning(name: str) -> tuple[int, int, bool] | None:
    """Probe, target, and whether the current is charged, from the name of a tree."""
    parts = name.split("/")
    if len(parts) != 4 or parts[3] != RECORDS or (parts[1], parts[2]) not in FOLDERS:
        return None
    try:
        return FOLDERS[parts[1], parts[2]], parse_target(parts[0]), parts[1] == "cc"
    except UsageError:
        return None


def _has_particles(file: ReadOnlyDirectory, name: str) -> bool:
    return all(branch in file[name] for branch in NEEDED)


def _inspect(path: Path) -> list[_Library]:
    libraries = []
    with root_io.open_root(path) as file:
        for name in _names(file):
            missing = [branch for branch in NEEDED if branch not in file[name]]
            if missing:
                raise FormatError(
                    f"{path}: the tree {name} lacks {', '.join(missing)}, without which the lepton "
                    "cannot be found. Make the event library again."
                )
            libraries.append(_library(path, file, name))
    if not libraries:
        raise FormatError(
            f"{path} is not an event library: it has no tree <target>/<cc or nc>/<neutrino>/"
            f"{RECORDS}, such as C12/cc/nu_mu/{RECORDS}."
        )
    return libraries


def _library(path: Path, file: ReadOnlyDirectory, name: str) -> _Library:
    meaning = _meaning(name)
    assert meaning is not None
    folder, tree = file[name.rpartition("/")[0]], file[name]
    sigma = None
    if GRAPH in folder.keys(cycle=False, recursive=False):
        sigma = _curve(path, folder[GRAPH], f"{name.rpartition('/')[0]}/{GRAPH} of {path.name}")
    branches = (*NEEDED, *(branch for branch in OPTIONAL if branch in tree))
    _check_unit(path, tree)
    record = read_record(folder)
    return _Library(path, name, branches, int(tree.num_entries), *meaning, sigma, record)


def _check_unit(path: Path, tree: Any) -> None:
    """Refuse momenta that are not in GeV, by the masses of the particles."""
    import awkward as ak

    names = ("px", "py", "pz", "E", "pdg")
    root_io.check_entries(path, tree, names)
    flat = [ak.to_numpy(ak.flatten(tree[name].array(entry_stop=FIRST), axis=None))
            for name in names]  # fmt: skip
    unit = Unit()
    # Lists of unequal length are refused where the events are read.
    if len({len(column) for column in flat}) == 1:
        unit.add(np.stack(flat[:4], axis=1), flat[4])
    unit.require(path, mev=False, what="an event library")


def _curve(path: Path, graph: Any, source: str) -> CrossSection | None:
    """Sigma(enu) from a graph, without the zeros at its two ends; None if it is zero."""
    energy, value = (np.asarray(x, np.float64) for x in graph.values())
    positive = np.flatnonzero(value > 0.0)
    if not positive.size:
        return None
    inside = slice(positive[0], positive[-1] + 1)
    try:
        return CrossSection.from_points(energy[inside], value[inside] * UNIT_38, source)
    except FormatError as error:
        raise FormatError(f"{path}: the graph {source} cannot be used: {error}") from error


def _events(block: Mapping[str, Any], library: _Library) -> RawEvents:
    import awkward as ak

    counts = {name: np.asarray(ak.num(block[name], axis=1)) for name in PARTICLES}
    if any((count != counts["pdg"]).any() for count in counts.values()):
        raise FormatError(f"{library.path} is damaged: lists of particles differ in length.")
    enu = ak.to_numpy(block["Enu"]).astype(np.float64)
    lepton, p4 = _lepton(block, Process(library.probe, library.target).lepton)
    neutrino = np.zeros((len(enu), 4))
    neutrino[:, 2] = neutrino[:, 3] = enu
    n = len(enu)
    return RawEvents(
        probe=np.full(n, library.probe, np.int32),
        target=np.full(n, library.target, np.int32),
        lepton=lepton,
        cc=np.full(n, library.cc),
        enu=enu,
        elep=p4[:, 3],
        costheta=costheta(neutrino, p4, lepton),
        channel=_channel(block, library),
        weight=ak.to_numpy(block["weight"]).astype(np.float64) if "weight" in block else np.ones(n),
    )


def _lepton(block: Mapping[str, Any], wanted: int) -> tuple[NDArray[np.int32], Floats]:
    """PDG code, 0 if it is missing, and four-momentum of the first lepton of the flavour."""
    import awkward as ak

    mine = block["pdg"] == wanted
    found = ak.to_numpy(ak.any(mine, axis=1))
    p4 = np.full((len(found), 4), np.nan)
    for column, name in enumerate(("px", "py", "pz", "E")):
        p4[:, column] = ak.to_numpy(ak.fill_none(ak.firsts(block[name][mine]), np.nan))
    return np.where(found, wanted, 0).astype(np.int32), p4


def _channel(block: Mapping[str, Any], library: _Library) -> NDArray[np.int16]:
    """Channels of our own records; others' ``prod_id`` has no common meaning."""
    n = len(block["Enu"])
    if library.record is None or "prod_id" not in block:
        return np.full(n, Channel.OTHER, np.int16)
    number = np.asarray(block["prod_id"], np.int32)
    known = np.isin(number, [int(channel) for channel in Channel])
    return np.where(known, number, Channel.OTHER).astype(np.int16)
