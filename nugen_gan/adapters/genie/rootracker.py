"""Rootracker trees: lists of particles with StdHEP's codes, as detector simulations read them.

The trees ``gRooTracker`` (GENIE), ``nRooTracker`` (NuWro, NEUT) and ``giRooTracker`` (GiBUU) share
their main branches: the neutrino and the nucleus are lines 0 and 1 with status 0, final particles
have status 1, momenta are (px, py, pz, E) in GeV.  NEUT's public converter writes MeV unless told
otherwise; no branch says so, but the masses of the particles do.  The lepton is the charged one
with status 1 and the neutrino as its mother or, where mothers are not told, the fastest one of the
right flavour.  All else of status 1 are hadrons, but for codes 20xxxxxxxx, which are no particles.
Current and channel come from ``EvtCode``: see :mod:`nugen_gan.adapters.genie.event_code`.

The writer makes ``gRooTracker``: neutrino, nucleus at rest, lepton, hadrons, and the remnant, an
ion of status 15, which closes the four-momentum.  Where the hadrons are not known, what GENIE calls
a hadronic blob (2000000002) stands for them all; it also stands for a remnant that is no nucleus.
An event that leaves nothing of the nucleus has no such line.  Positions, polarisations and times
are zero.  ``EvtXSec`` is the total charged-current cross section at that energy [1e-38 cm^2 per
nucleus], 0 where unknown.  Two of GENIE's branches are objects of C++ classes that uproot cannot
write: ``EvtFlags`` is left out, ``EvtCode`` is a C string.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nugen_gan.adapters.azimuth import BLOCK, azimuths, origin_of
from nugen_gan.adapters.base import Adapter, Header, Source
from nugen_gan.adapters.frame import in_lepton_frame
from nugen_gan.adapters.genie.event_code import parse_codes
from nugen_gan.adapters.genie.files import File, GenieSource, add_record
from nugen_gan.adapters.genie.rootracker_tree import extend, make_tree
from nugen_gan.adapters.lists import is_real, scan_ranges
from nugen_gan.adapters.momenta import CHARGED_LEPTONS, costheta
from nugen_gan.adapters.record import read_record
from nugen_gan.adapters.units import Unit
from nugen_gan.errors import FormatError
from nugen_gan.events.particles import Flat
from nugen_gan.events.selection import RawEvents
from nugen_gan.events.table import EventTable, rechunk
from nugen_gan.physics.process import nucleus_pdg
from nugen_gan.storage import root as root_io

if TYPE_CHECKING:
    import awkward as ak

__all__ = ["Rootracker"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int32]
# The trees, and what made them, as far as their name tells.
TREES = {"gRooTracker": "GENIE", "nRooTracker": "", "giRooTracker": "GiBUU"}
NEEDED = ("StdHepPdg", "StdHepStatus", "StdHepP4")
MOTHER, WEIGHT = "StdHepFm", "EvtWght"
# Where the reaction may be told, as text or as a number; the first one found counts.
CODES = ("EvtCode", "G2NeutEvtCode", "GiBUU2NeutCode")
INITIAL, FINAL = 0, 1
PROTON = 2212
AT_REST = 1e-3  # momentum [GeV] up to which a proton is taken to be free
# Events by whose particles the unit is told.
FIRST = 1000


class Rootracker(Adapter):
    """Reader of rootracker trees, writer of GENIE's."""

    name = "rootracker"
    description = "rootracker tree: gRooTracker (GENIE), nRooTracker (NuWro, NEUT), giRooTracker"
    suffixes = (".gtrac.root",)
    writes = True

    def sniff(self, path: Path) -> bool:
        """True if there is one of the trees, with particles in it."""
        return any(root_io.has_branches(path, tree, NEEDED) for tree in TREES)

    def open(self, paths: Sequence[Path]) -> Source:
        """Open rootracker files; branches of a beam line beside the particles do not matter."""
        return RootrackerSource([_inspect(path) for path in paths])

    def write(self, path: Path, chunks: Iterable[EventTable], header: Callable[[], Header]) -> None:
        """Write a ``gRooTracker``; the same events and header give the same bytes."""
        head = header()
        origin, count = origin_of(head.provenance), 0
        with root_io.recreate(path) as file:
            tree = make_tree(file)
            for number, table in enumerate(rechunk(chunks, BLOCK)):
                phi = azimuths(origin, number, len(table))
                extend(tree, table, origin.first + count, phi, head.cross_section)
                count += len(table)
            add_record(file, head, count)


class RootrackerSource(GenieSource):
    """Rootracker files, opened."""

    def _events_of(self, file: File, hadrons: bool) -> Iterator[RawEvents]:
        for block in _blocks(file):
            with root_io.reading(file.path), np.errstate(all="ignore"):
                events = _Particles(file.path, block, file.scale).events(hadrons)
            yield events


def _inspect(path: Path) -> File:
    with root_io.open_root(path) as file:
        for name, generator in TREES.items():
            tree = root_io.find_tree(file, name)
            if tree is None:
                continue
            missing = [branch for branch in NEEDED if branch not in tree]
            if missing:
                raise FormatError(
                    f"{path}: its tree {name} lacks {', '.join(missing)}, without which the "
                    "lepton cannot be found. Write the full rootracker (gntpc -f rootracker)."
                )
            branches = [*NEEDED, *(b for b in (MOTHER, WEIGHT) if b in tree)]
            branches += [_leaf(tree, code) for code in CODES if code in tree][:1]
            record, entries = read_record(file), int(tree.num_entries)
            root_io.check_entries(path, tree, branches)
            return File(path, name, tuple(branches), entries, record, generator,
                        _unit(tree, path), _has_hadrons(tree))  # fmt: skip
    raise FormatError(f"{path} has none of the rootracker trees {', '.join(TREES)}.")


def _unit(tree: Any, path: Path) -> float:
    """GeV in the unit of the momenta, by the masses of the particles of the first events."""
    block = {name: tree[name].array(entry_stop=FIRST) for name in NEEDED}
    particles, unit = _Particles(path, block), Unit()
    unit.add(particles.p4, particles.pdg)
    return unit.scale(path)


def _has_hadrons(tree: Any) -> bool:
    """True if an event has more particles than one in its final state."""
    import awkward as ak

    for start, stop in scan_ranges(int(tree.num_entries)):
        pdg, status = (tree[name].array(entry_start=start, entry_stop=stop) for name in NEEDED[:2])
        if ak.any(ak.sum((status == FINAL) & is_real(pdg), axis=1) > 1):
            return True
    return False


def _leaf(tree: Any, name: str) -> str:
    """The text inside a TObjString, or the branch itself if it is a number or a C string."""
    return f"{name}/fString" if f"{name}/fString" in tree else name


def _blocks(file: File) -> Iterator[Mapping[str, Any]]:
    """Yield columns in blocks: branch by branch, for the name of a sub-branch is not unique."""
    with root_io.open_root(file.path) as opened:
        tree = opened[file.tree]
        for start in range(0, file.entries, root_io.BLOCK):
            stop = min(start + root_io.BLOCK, file.entries)
            block = {
                name: tree[name].array(entry_start=start, entry_stop=stop) for name in file.branches
            }
            if any(len(column) != stop - start for column in block.values()):
                raise FormatError(f"{file.path} is damaged: columns of {file.tree} differ.")
            yield block


class _Particles:
    """The lists of particles of a block of events, one after the other.

    A last line, of zeros, stands for particles that are not there; its index is -1.
    """

    def __init__(self, path: Path, block: Mapping[str, Any], scale: float = 1.0) -> None:
        import awkward as ak

        self.path, self.block = path, block
        self.counts = np.asarray(ak.num(block["StdHepPdg"], axis=1))
        self.first = np.cumsum(self.counts) - self.counts
        self.event = np.repeat(np.arange(len(self.counts)), self.counts)
        self.pdg = np.append(self._flat("StdHepPdg"), 0).astype(np.int32)
        self.status = np.append(self._flat("StdHepStatus"), -1).astype(np.int32)
        p4 = self._flat("StdHepP4").astype(np.float64).reshape(-1, 4)
        self.p4 = np.concatenate([scale * p4, np.zeros((1, 4))])
        mothers = self._flat(MOTHER) if MOTHER in block else np.full(len(self.pdg) - 1, -1)
        self.mother = np.append(mothers, -1).astype(np.int32)
        lengths = {len(x) for x in (self.pdg, self.status, self.p4, self.mother)}
        if lengths != {len(self.event) + 1}:
            raise FormatError(f"{path} is damaged: lists of particles differ in length.")

    def _flat(self, name: str) -> Any:
        import awkward as ak

        return ak.to_numpy(ak.flatten(self.block[name], axis=None))

    def events(self, hadrons: bool) -> RawEvents:
        """The lepton's kinematics, the reaction, and perhaps the hadrons of each event."""
        neutrino, nucleus = self._line(0), self._line(1)
        self._check_free(nucleus)
        probe = self.pdg[neutrino]
        target = np.where(self.pdg[nucleus] == PROTON, nucleus_pdg(1, 1), self.pdg[nucleus])
        lepton = self._leptons(probe)
        cc, channel = self._reaction(lepton >= 0)
        on_nucleus = (target > nucleus_pdg(0, 0)) & (target // 10_000 % 1000 > 0)
        return RawEvents(
            probe=probe,
            target=target.astype(np.int32),
            lepton=self.pdg[lepton],
            cc=cc & on_nucleus & np.isin(abs(probe), (12, 14, 16)),
            enu=self.p4[neutrino, 3],
            elep=self.p4[lepton, 3],
            costheta=costheta(self.p4[neutrino], self.p4[lepton], self.pdg[lepton]),
            channel=channel,
            weight=self._weight(),
            particles=self._hadrons(neutrino, lepton) if hadrons else None,
        )

    def _hadrons(self, neutrino: NDArray[np.int64], lepton: NDArray[np.int64]) -> ak.Array:
        """What is in the final states beside the leptons, in the frame of an event table."""
        wanted = (self.status[:-1] == FINAL) & is_real(self.pdg[:-1])
        wanted[lepton[lepton >= 0]] = False
        counts = np.bincount(self.event[wanted], minlength=len(self.counts))
        those = Flat(counts, self.pdg[:-1][wanted], *self.p4[:-1][wanted].T)
        return in_lepton_frame(self.p4[neutrino, :3], self.p4[lepton, :3], those)

    def _check_free(self, nucleus: NDArray[np.int64]) -> None:
        """Refuse bound protons as targets: a free one rests, or has no four-momentum."""
        momentum = np.linalg.norm(self.p4[nucleus, :3], axis=1)
        bound = (self.pdg[nucleus] == PROTON) & (momentum > AT_REST)
        if bound.any():
            raise FormatError(
                f"{self.path}: line 1 of {int(bound.sum()):,} events is a proton that moves, so "
                "one that is bound in a nucleus, and the nucleus is not named: taken as they are, "
                "these events would be on hydrogen. Write the nucleus as line 1."
            )

    def _line(self, number: int) -> NDArray[np.int64]:
        """Index of this line of each event, if it is a particle of the initial state."""
        index = np.where(self.counts > number, self.first + number, -1)
        return np.where(self.status[index] == INITIAL, index, -1)

    def _leptons(self, probe: Integers) -> NDArray[np.int64]:
        """Index of the charged lepton of each event, -1 where there is none."""
        found = np.full(len(self.counts), -1, np.int64)
        charged = (self.status[:-1] == FINAL) & np.isin(abs(self.pdg[:-1]), list(CHARGED_LEPTONS))
        right = self.pdg[:-1] == (probe - np.sign(probe))[self.event]
        momentum = np.linalg.norm(self.p4[:-1, :3], axis=1)
        # The later assignment wins: slow before fast, guesses before the neutrino's daughters, of
        # which the first of the right flavour counts.
        guesses = np.flatnonzero(charged & right)
        guesses = guesses[np.argsort(momentum[guesses], kind="stable")]
        found[self.event[guesses]] = guesses
        for flavour in (charged, charged & right):
            daughters = np.flatnonzero(flavour & (self.mother[:-1] == 0))[::-1]
            found[self.event[daughters]] = daughters
        return found

    def _reaction(self, lepton: NDArray[np.bool_]) -> tuple[Any, Any]:
        """Charged current or not, and the channel; without a code the lepton has to tell."""
        names = [name for name in self.block if name.split("/")[0] in CODES]
        codes = self.block[names[0]].to_list() if names else [""] * len(lepton)
        return parse_codes(codes, lepton)

    def _weight(self) -> Floats:
        if WEIGHT not in self.block:
            return np.ones(len(self.counts))
        return np.asarray(self.block[WEIGHT], np.float64)
