"""The tree ``gRooTracker`` that our writer fills, leaf by leaf as GENIE's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nugen_gan.adapters.azimuth import lepton_momentum
from nugen_gan.adapters.genie.event_code import code_of
from nugen_gan.adapters.genie.files import sigma_38
from nugen_gan.events.table import EventTable
from nugen_gan.physics.cross_section import CrossSection
from nugen_gan.physics.nuclei import nuclear_mass
from nugen_gan.physics.process import Channel

if TYPE_CHECKING:
    from uproot import WritableDirectory

__all__ = ["extend", "make_tree", "write_vectors_whole"]

Floats = NDArray[np.float64]
TREE = "gRooTracker"
# Lines of an event: neutrino, nucleus, lepton, hadronic blob (GENIE's 2000000002).
LINES = 4
BLOB = 2_000_000_002
STATUS = (0, 0, 1, 15)  # GENIE's: initial state twice, stable final state, nuclear remnant
MOTHER = (-1, -1, 0, 1)
DAUGHTER = (2, 3, -1, -1)
NONE = -1
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
    first : number of the first of them in the file
    phi : azimuth of the lepton [rad], shape (N,)
    sigma : cross section, None where unknown
    """
    n = len(table)
    tree.extend(
        {
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
    )


def _codes(table: EventTable) -> Any:
    import awkward as ak

    texts = ak.Array([code_of(table.process, channel) for channel in Channel])
    index = np.searchsorted([int(channel) for channel in Channel], table.channel)
    return texts[index]


def _lists(table: EventTable, phi: Floats) -> Any:
    import awkward as ak

    n, process = len(table), table.process
    integers = {
        "Pdg": (process.probe, process.target, process.lepton, BLOB), "Status": STATUS,
        "Fd": DAUGHTER, "Ld": DAUGHTER, "Fm": MOTHER,
    }  # fmt: skip
    content: dict[str, Any] = {}
    for name in FIELDS:
        if name in VECTORS:
            values = _momenta(table, phi) if name == "P4" else np.zeros((n * LINES, VECTORS[name]))
            content[name] = ak.from_numpy(values, regulararray=True)
        else:
            content[name] = np.tile(np.array(integers.get(name, (NONE,) * LINES), np.int32), n)
    offsets = ak.index.Index64(np.arange(0, (n + 1) * LINES, LINES))
    layout = ak.zip(content, depth_limit=1).layout
    return ak.Array(ak.contents.ListOffsetArray(offsets, layout))


def _momenta(table: EventTable, phi: Floats) -> Floats:
    """(px, py, pz, E) of all lines [GeV], shape (4 N, 4); initial and final ones add up alike."""
    p4 = np.zeros((len(table), LINES, 4))
    p4[:, 0, 2] = p4[:, 0, 3] = table.enu
    p4[:, 1, 3] = nuclear_mass(table.process.target)
    p4[:, 2] = np.stack([*lepton_momentum(table, phi), table.elep], axis=1)
    p4[:, 3] = p4[:, 0] + p4[:, 1] - p4[:, 2]
    return p4.reshape(-1, 4)
