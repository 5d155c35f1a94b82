"""GENIE's event libraries, opened: records of several targets and neutrinos in one file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nugen_gan.adapters.base import Source
from nugen_gan.adapters.frame import in_lepton_frame
from nugen_gan.adapters.genie.graphs import PROBES
from nugen_gan.adapters.lists import common, flat_lists, is_real, scan_ranges
from nugen_gan.adapters.momenta import costheta
from nugen_gan.adapters.record import Record, joined_provenance, read_record
from nugen_gan.adapters.units import Unit
from nugen_gan.errors import FormatError, UsageError
from nugen_gan.events.particles import Flat
from nugen_gan.events.provenance import Provenance, SourceFile
from nugen_gan.events.selection import RawEvents
from nugen_gan.physics.cross_section import UNIT_38, CrossSection
from nugen_gan.physics.flux import Flux, common_flux
from nugen_gan.physics.process import Channel, Process, parse_target
from nugen_gan.storage import root as root_io

if TYPE_CHECKING:
    import awkward as ak
    from uproot import ReadOnlyDirectory

__all__ = ["GRAPH", "PARTICLES", "RECORDS", "EvtLibSource", "is_library"]

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
# Records by whose particles the unit is checked.
FIRST = 1000


def is_library(path: Path) -> bool:
    """True if a file has records of a target, current and neutrino; never raises."""
    if not root_io.is_root(path):
        return False
    try:
        with root_io.open_root(path) as file:
            return any(_has_branches(file, name) for name in _names(file))
    except (FormatError, UsageError):
        return False


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
    hadrons: bool

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
        known = [(library.path, library.hadrons) for library in self._libraries
                 if library.cc and library.entries]  # fmt: skip
        hadrons = self.hadrons and common(known)
        for library in self._libraries:
            for block in root_io.blocks(library.path, library.tree, library.branches, "ak"):
                with root_io.reading(library.path), np.errstate(all="ignore"):
                    events = _events(block, library, hadrons)
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


def _has_branches(file: ReadOnlyDirectory, name: str) -> bool:
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
    hadrons = _has_hadrons(tree)
    return _Library(path, name, branches, int(tree.num_entries), *meaning, sigma, record, hadrons)


def _has_hadrons(tree: Any) -> bool:
    """True if a record has more than one particle."""
    import awkward as ak

    for start, stop in scan_ranges(int(tree.num_entries)):
        if ak.any(
            ak.sum(is_real(tree["pdg"].array(entry_start=start, entry_stop=stop)), axis=1) > 1
        ):
            return True
    return False


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


def _events(block: Mapping[str, Any], library: _Library, hadrons: bool) -> RawEvents:
    import awkward as ak

    those = flat_lists(library.path, block, ("pdg", "px", "py", "pz", "E"))
    enu = ak.to_numpy(block["Enu"]).astype(np.float64)
    wanted = Process(library.probe, library.target).lepton
    index = _first(those, wanted)
    lepton = np.where(index >= 0, wanted, 0).astype(np.int32)
    p4 = np.full((len(enu), 4), np.nan)
    for column, values in enumerate(those[2:]):
        p4[index >= 0, column] = values[index[index >= 0]]
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
        particles=_others(those, index, p4[:, :3]) if hadrons else None,
    )


def _first(those: Flat, wanted: int) -> NDArray[np.int64]:
    """Index of the first particle of that code in each event, -1 where there is none."""
    found = np.full(len(those.counts), -1, np.int64)
    # The later assignment wins: from the last particle to the first.
    mine = np.flatnonzero(those.pdg == wanted)[::-1]
    found[those.event()[mine]] = mine
    return found


def _others(those: Flat, lepton: NDArray[np.int64], momentum: Floats) -> ak.Array:
    """All particles but the leptons, in the frame of an event table."""
    wanted = is_real(those.pdg)
    wanted[lepton[lepton >= 0]] = False
    along_z = np.tile([0.0, 0.0, 1.0], (len(lepton), 1))
    return in_lepton_frame(along_z, momentum, those.pick(wanted))


def _channel(block: Mapping[str, Any], library: _Library) -> NDArray[np.int16]:
    """Channels of our own records; others' ``prod_id`` has no common meaning."""
    n = len(block["Enu"])
    if library.record is None or "prod_id" not in block:
        return np.full(n, Channel.OTHER, np.int16)
    number = np.asarray(block["prod_id"], np.int32)
    known = np.isin(number, [int(channel) for channel in Channel])
    return np.where(known, number, Channel.OTHER).astype(np.int16)
