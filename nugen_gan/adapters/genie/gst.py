"""GENIE's summary tree ``gst`` (``gntpc -f gst``): one row per event, GeV, lab frame.

The reader needs the lepton's and the neutrino's momenta, the probe, the target and the flags of
the reaction, which every version has, and does with any newer or older set of the others.
Channels follow the flags: ``qel`` QE, ``mec`` MEC, ``res`` and ``singlek`` RES, ``dis`` DIS,
``coh`` and ``dfr`` COH, all else OTHER.  ``charm`` is a tag beside one of these and changes
nothing.  Interactions with an electron (``imd``, ``imdanh``, ``nuel``) are no charged current on
a nucleus, nor are those on a free neutron.  A free proton, ``tgt`` 2212, is hydrogen.  What leaves
the nucleus is in ``pdgf Ef pxf pyf pzf``, the intact nucleus of a coherent event too.  GENIE's
experimental ``W`` may be NaN and is not used: the lepton says it all.  A file in MeV, which
GENIE does not write, is told by the masses of its particles.

What the writer fills is in :mod:`nugen_gan.adapters.genie.gst_branches`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nugen_gan.adapters.azimuth import BLOCK, azimuths, origin_of
from nugen_gan.adapters.base import Adapter, Header, Source
from nugen_gan.adapters.frame import in_lepton_frame
from nugen_gan.adapters.genie.files import File, GenieSource, add_record
from nugen_gan.adapters.genie.gst_branches import HYPERON_CODE, TREE, columns, make_tree
from nugen_gan.adapters.lists import flat_lists, is_real, scan_ranges
from nugen_gan.adapters.momenta import CHARGED_LEPTONS, costheta
from nugen_gan.adapters.record import read_record
from nugen_gan.adapters.units import Unit
from nugen_gan.errors import FormatError
from nugen_gan.events.selection import RawEvents
from nugen_gan.events.table import EventTable, rechunk
from nugen_gan.physics.process import Channel, nucleus_pdg
from nugen_gan.storage import root as root_io

if TYPE_CHECKING:
    import awkward as ak

__all__ = ["Gst"]

NEEDED = ("neu", "fspl", "tgt", "cc", "qel", "res", "dis", "Ev", "pxv", "pyv", "pzv", "El", "pxl",
          "pyl", "pzl")  # fmt: skip
# Interactions that are no charged current of a neutrino on a nucleus, whatever ``cc`` says.
ELSEWHERE = ("imd", "imdanh", "nuel", "em", "nc", "amnugamma", "hnl", "norm")
OPTIONAL = ("mec", "coh", "dfr", "singlek", "neut_code", "wght", *ELSEWHERE)
CHANNEL_OF_FLAG = {
    "qel": Channel.QE, "mec": Channel.MEC, "res": Channel.RES, "singlek": Channel.RES,
    "dis": Channel.DIS, "coh": Channel.COH, "dfr": Channel.COH,
}  # fmt: skip
PROTON = 2212
# What leaves the nucleus beside the charged lepton: code, momentum, energy.
HADRONS = ("pdgf", "pxf", "pyf", "pzf", "Ef")
# The struck nucleon, and the events by whose particles the unit is told.
STRUCK = ("hitnuc", "pxn", "pyn", "pzn", "En")
FIRST = 1000


class Gst(Adapter):
    """Reader and writer of GENIE's summary tree."""

    name = "gst"
    description = "GENIE summary tree 'gst' (gntpc -f gst)"
    suffixes = (".gst.root",)
    writes = True

    def sniff(self, path: Path) -> bool:
        """True if there is a tree ``gst`` with the flags and momenta of GENIE's."""
        return root_io.has_branches(path, TREE, NEEDED)

    def open(self, paths: Sequence[Path]) -> Source:
        """Open summary trees of any version of GENIE."""
        return GstSource([_inspect(path) for path in paths])

    def write(self, path: Path, chunks: Iterable[EventTable], header: Callable[[], Header]) -> None:
        """Write all branches of a summary tree; the same events and header give the same bytes."""
        head = header()
        origin, count = origin_of(head.provenance), 0
        with root_io.recreate(path) as file:
            tree = make_tree(file)
            for number, table in enumerate(rechunk(chunks, BLOCK)):
                phi = azimuths(origin, number, len(table))
                tree.extend(columns(table, origin.first + count, phi, head.cross_section))
                count += len(table)
            add_record(file, head, count)


class GstSource(GenieSource):
    """Summary trees, opened."""

    def _events_of(self, file: File, hadrons: bool) -> Iterator[RawEvents]:
        if not hadrons:
            for block in root_io.blocks(file.path, TREE, file.branches, size=root_io.FLAT_BLOCK):
                with root_io.reading(file.path), np.errstate(all="ignore"):
                    events = _events(block, file.scale)
                yield events
            return
        import awkward as ak

        for block in root_io.blocks(file.path, TREE, (*file.branches, *HADRONS), "ak"):
            with root_io.reading(file.path), np.errstate(all="ignore"):
                numbers = {name: ak.to_numpy(block[name]) for name in file.branches}
                those = _hadrons(file, block, numbers)
                events = replace(_events(numbers, file.scale), particles=those)
            yield events


def _inspect(path: Path) -> File:
    with root_io.open_root(path) as file:
        tree = root_io.find_tree(file, TREE)
        missing = [name for name in NEEDED if tree is None or name not in tree]
        if tree is None or missing:
            raise FormatError(
                f"{path} is not a GENIE summary tree: its tree {TREE} lacks {', '.join(missing)}. "
                "Write it again with gntpc -f gst."
            )
        branches = (*NEEDED, *(name for name in OPTIONAL if name in tree))
        entries, record = int(tree.num_entries), read_record(file)
        scale, hadrons = _unit(tree, path, branches), _has_hadrons(tree)
        return File(path, TREE, branches, entries, record, "GENIE", scale, hadrons)


def _unit(tree: Any, path: Path, branches: Sequence[str]) -> float:
    """GeV in the unit of the momenta, by the masses of the lepton and the struck nucleon."""
    root_io.check_entries(path, tree, branches)
    struck = [name for name in STRUCK if name in tree]
    names = [*NEEDED, *(struck if len(struck) == len(STRUCK) else ())]
    block = tree.arrays(names, entry_stop=FIRST, library="np")
    unit = Unit()
    unit.add(_four_momentum(block, "l"), block["fspl"])
    if len(struck) == len(STRUCK):
        unit.add(_four_momentum(block, "n"), block["hitnuc"])
    return unit.scale(path)


def _has_hadrons(tree: Any) -> bool:
    """True if there is a particle in the list of one event at least."""
    import awkward as ak

    if not all(name in tree for name in HADRONS):
        return False
    lists = tree[HADRONS[0]]
    return any(
        ak.count(lists.array(entry_start=start, entry_stop=stop), axis=None) > 0
        for start, stop in scan_ranges(int(tree.num_entries))
    )


def _hadrons(file: File, block: Mapping[str, Any], numbers: Mapping[str, Any]) -> ak.Array:
    """What leaves the nuclei beside the charged lepton, in the frame of an event table."""
    those = flat_lists(file.path, block, HADRONS, file.scale)
    neutrino, lepton = (_four_momentum(numbers, suffix)[:, :3] for suffix in "vl")
    return in_lepton_frame(neutrino, lepton, those.pick(is_real(those.pdg)))


def _events(block: Mapping[str, Any], scale: float) -> RawEvents:
    probe = block["neu"].astype(np.int32)
    lepton = block["fspl"].astype(np.int32)
    target = block["tgt"].astype(np.int32)
    target = np.where(target == PROTON, nucleus_pdg(1, 1), target).astype(np.int32)
    cc = block["cc"].astype(np.bool_) & np.isin(abs(probe), (12, 14, 16)) & _has_protons(target)
    for flag in ELSEWHERE:
        if flag in block:
            cc = cc & ~block[flag].astype(np.bool_)
    n = len(probe)
    weight = block["wght"].astype(np.float64) if "wght" in block else np.ones(n)
    return RawEvents(
        probe=probe,
        target=target,
        lepton=np.where(np.isin(abs(lepton), list(CHARGED_LEPTONS)), lepton, 0).astype(np.int32),
        cc=cc,
        enu=scale * block["Ev"].astype(np.float64),
        elep=scale * block["El"].astype(np.float64),
        costheta=costheta(
            scale * _four_momentum(block, "v"), scale * _four_momentum(block, "l"), lepton
        ),
        channel=_channel(block),
        weight=weight,
    )


def _has_protons(target: NDArray[np.int32]) -> NDArray[np.bool_]:
    """True for nuclei; False for a free neutron, 2112 or 1000000010."""
    return np.asarray((target > nucleus_pdg(0, 0)) & (target // 10_000 % 1000 > 0), np.bool_)


def _four_momentum(block: Mapping[str, Any], suffix: str) -> NDArray[np.float64]:
    names = [name + suffix for name in ("px", "py", "pz", "E")]
    return np.stack([block[name].astype(np.float64) for name in names], axis=1)


def _channel(block: Mapping[str, Any]) -> NDArray[np.int16]:
    channel = np.full(len(block["neu"]), Channel.OTHER, np.int16)
    for flag, value in CHANNEL_OF_FLAG.items():
        if flag in block:
            channel[block[flag].astype(np.bool_)] = value
    if "neut_code" in block:
        # Only our own writer marks quasielastic hyperons.
        hyperon = abs(block["neut_code"].astype(np.int32)) == HYPERON_CODE
        channel[hyperon & (channel == Channel.QE)] = Channel.HYP
    return channel
