"""The tree ``gRooTracker`` that our writer fills, leaf by leaf as GENIE's.

========  ========  ======  ======  ===================
line      particle  status  mother  daughters
========  ========  ======  ======  ===================
0         neutrino  0       none    lepton
1         nucleus   0       none    hadrons and remnant
2         lepton    1       0       none
3 and on  hadrons   1       1       none
last      remnant   15      1       none
========  ========  ======  ======  ===================

By its mother GENIE's own conversion to ``gst`` tells the lepton from the hadrons.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nugen_gan.adapters.final_state import FinalState, final_state
from nugen_gan.adapters.genie.event_code import code_of
from nugen_gan.adapters.genie.files import sigma_38
from nugen_gan.adapters.lists import check_lengths
from nugen_gan.events.table import EventTable
from nugen_gan.physics.cross_section import CrossSection
from nugen_gan.physics.nuclei import nuclear_mass
from nugen_gan.physics.process import Channel

if TYPE_CHECKING:
    from uproot import WritableDirectory

__all__ = ["columns", "extend", "make_tree", "write_vectors_whole"]

Floats = NDArray[np.float64]
TREE = "gRooTracker"
# GENIE's hadronic blob, for a remnant of which the nucleus is not known.
BLOB = 2_000_000_002
# GENIE's status: initial state, stable final state, nuclear remnant.
INITIAL, FINAL, REMNANT = 0, 1, 15
# Lines 0 and 1 of an event, and the first one of its final state, the lepton.
NEUTRINO, NUCLEUS, LEPTON = 0, 1, 2
NONE = -1
# Length of the arrays that GENIE's own programs have for an event.
CAPACITY = 250
COUNTER, LISTS = "StdHepN", "StdHep"
VECTORS = {"X4": 4, "P4": 4, "Polz": 3}
# Without the prefix, in GENIE's order.
FIELDS = ("Pdg", "Status", "Rescat", "X4", "P4", "Polz", "Fd", "Ld", "Fm", "Lm")


def make_tree(file: WritableDirectory) -> Any:
    """Create the empty tree."""
    import awkward as ak

    integers, floats = np.zeros(1, np.int32), np.zeros(1)
    one = {
        name: ak.from_numpy(np.zeros((1, VECTORS[name])), regulararray=True)
        if name in VECTORS
        else integers
        for name in FIELDS
    }
    lists = ak.types.ListType(ak.zip(one, depth_limit=1).type.content)
    tree = file.mktree(
        TREE,
        {
            "EvtCode": "string",
            "EvtNum": integers.dtype,
            "EvtXSec": floats.dtype,
            "EvtDXSec": floats.dtype,
            "EvtKPS": np.dtype(np.uint32),
            "EvtWght": floats.dtype,
            "EvtProb": floats.dtype,
            "EvtVtx": np.dtype((np.float64, (4,))),
            LISTS: lists,
        },
        title="event tree rootracker format",
        counter_name=lambda _: COUNTER,
        field_name=lambda outer, inner: outer + inner,
    )
    write_vectors_whole(tree)
    return tree


def write_vectors_whole(tree: Any) -> None:
    """Make uproot write right offsets for ``StdHepP4[StdHepN][4]`` and its like.

    uproot flattens such lists before it writes them, and then takes the size of a number for
    that of a vector when it turns positions in a list into bytes (scikit-hep/uproot5, issue
    1490).  It would take the right size from an array of vectors; so this tree, and no other,
    gets its vectors back just before.  Were they not flattened any more, or the positions
    already counted in numbers, nothing would be changed.
    """
    cascade = tree._cascading
    shapes = {datum["fName"]: datum["shape"] for datum in cascade._branch_data if "shape" in datum}
    original = cascade.write_jagged_basket

    def write(sink: Any, name: str, compression: Any, array: Any, offsets: Any) -> Any:
        shape = shapes[name]
        if shape and array.ndim == 1 and offsets[-1] * int(np.prod(shape)) == len(array):
            array = array.reshape(-1, *shape)
        return original(sink, name, compression, array, offsets)

    cascade.write_jagged_basket = write


def extend(
    tree: Any, table: EventTable, first: int, phi: Floats, sigma: CrossSection | None
) -> None:
    """Add a block of N events.

    Parameters
    ----------
    tree : from :func:`make_tree`
    table : N events
    first : number of the first of them in its run
    phi : azimuth of the lepton [rad], shape (N,)
    sigma : cross section, None where unknown
    """
    tree.extend(columns(table, first, phi, sigma))


def columns(
    table: EventTable, first: int, phi: Floats, sigma: CrossSection | None
) -> dict[str, Any]:
    """Return the branches of a block of N events; parameters as :func:`extend`."""
    n = len(table)
    return {
        "EvtCode": _codes(table),
        "EvtNum": np.arange(first, first + n, dtype=np.int32),
        "EvtXSec": sigma_38(table, sigma),
        "EvtDXSec": np.zeros(n),
        "EvtKPS": np.zeros(n, np.uint32),
        "EvtWght": table.weight,
        "EvtProb": np.zeros(n),
        "EvtVtx": np.zeros((n, 4)),
        LISTS: _lists(table, phi),
    }


def _codes(table: EventTable) -> Any:
    import awkward as ak

    texts = ak.Array([code_of(table.process, channel) for channel in Channel])
    index = np.searchsorted([int(channel) for channel in Channel], table.channel)
    return texts[index]


def _lists(table: EventTable, phi: Floats) -> Any:
    import awkward as ak

    lines = _Lines(final_state(table, phi))
    content: dict[str, Any] = {}
    for name in FIELDS:
        if name in VECTORS:
            values = lines.p4 if name == "P4" else np.zeros((lines.total, VECTORS[name]))
            content[name] = ak.from_numpy(values, regulararray=True)
        else:
            content[name] = lines.integers.get(name, np.full(lines.total, NONE, np.int32))
    offsets = ak.index.Index64(np.append(lines.first, lines.total))
    layout = ak.zip(content, depth_limit=1).layout
    return ak.Array(ak.contents.ListOffsetArray(offsets, layout))


class _Lines:
    """The lines of N events, M in all, one event after the other.

    Attributes
    ----------
    first : number of each event's first line, shape (N,)
    integers : the lists of integers by name, each of shape (M,)
    p4 : (px, py, pz, E) of all lines [GeV], shape (M, 4); initial and final ones add up alike
    """

    def __init__(self, state: FinalState) -> None:
        process, those = state.table.process, state.lepton_first()
        left = _remnant(state)
        counts = LEPTON + those.counts + (left != 0)
        check_lengths(counts, CAPACITY, "rootracker files")
        self.total = int(counts.sum())
        self.first = np.cumsum(counts) - counts
        neutrino, nucleus = self.first + NEUTRINO, self.first + NUCLEUS
        # Events without a remnant have no last line.
        last, has = self.first + counts - 1, left != 0
        final = np.ones(self.total, np.bool_)
        final[neutrino] = final[nucleus] = final[last[has]] = False

        pdg, mother, first_daughter, last_daughter = np.full((4, self.total), NONE, np.int32)
        pdg[neutrino], pdg[nucleus] = process.probe, process.target
        pdg[final], pdg[last[has]] = those.pdg, left[has]
        status = np.where(final, FINAL, INITIAL).astype(np.int32)
        status[last[has]] = REMNANT
        mother[final], mother[last[has]], mother[self.first + LEPTON] = NUCLEUS, NUCLEUS, NEUTRINO
        first_daughter[neutrino] = last_daughter[neutrino] = LEPTON
        some = counts > LEPTON + 1
        first_daughter[nucleus] = np.where(some, LEPTON + 1, NONE)
        last_daughter[nucleus] = np.where(some, counts - 1, NONE)
        self.integers = {"Pdg": pdg, "Status": status, "Fd": first_daughter, "Ld": last_daughter,
                         "Fm": mother}  # fmt: skip

        self.p4 = np.zeros((self.total, 4))
        self.p4[neutrino, 2] = self.p4[neutrino, 3] = state.table.enu
        self.p4[nucleus, 3] = nuclear_mass(process.target)
        columns = (those.px, those.py, those.pz, those.E)
        self.p4[final] = np.stack(columns, axis=1)
        rest = self.p4[neutrino] + self.p4[nucleus]
        rest -= np.stack([those.sums(column) for column in columns], axis=1)
        self.p4[last[has]] = rest[has]


def _remnant(state: FinalState) -> NDArray[np.int32]:
    """Code of what is left of each nucleus: 0 where nothing is, the blob where it is not known."""
    remnant = state.remnant()
    if remnant is None:
        return np.full(len(state.table), BLOB, np.int32)
    code = np.where(remnant.pdg() > 0, remnant.pdg(), BLOB)
    return np.where((remnant.a == 0) & (remnant.z == 0), 0, code).astype(np.int32)
