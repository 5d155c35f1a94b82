"""The two trees of a run in GENIE's formats, ``gst`` and ``gRooTracker``, written side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from nugen_gan.adapters.genie import gst_branches, rootracker_tree
from nugen_gan.adapters.genie.graphs import add_graph
from nugen_gan.adapters.record import RECORD, record_text
from nugen_gan.adapters.shuffled import joined_columns
from nugen_gan.generation.blend import Blend, Piece
from nugen_gan.monitor import Monitor
from nugen_gan.storage import root as root_io

__all__ = ["write_trees"]


def write_trees(
    summary: Path, tracker: Path, blend: Blend, monitor: Monitor, extra: dict[str, object]
) -> None:
    """Write all events of a run, the same in both files.

    Parameters
    ----------
    summary, tracker : files of ``gst`` and of ``gRooTracker``
    blend : the events
    monitor : is told how many are done
    extra : what to add to the provenance
    """
    with root_io.recreate(summary) as one, root_io.recreate(tracker) as other:
        gst, rootracker = gst_branches.make_tree(one), rootracker_tree.make_tree(other)
        for first, pieces in blend.blocks(monitor=monitor):
            gst.extend(_block(gst_branches.columns, "iev", first, pieces, blend))
            rootracker.extend(_block(rootracker_tree.columns, "EvtNum", first, pieces, blend))
        for file in (one, other):
            _add_what_is_known(file, blend, extra)


def _block(columns: Any, number: str, first: int, pieces: Any, blend: Blend) -> dict[str, Any]:
    """Columns of a block in their order, with the numbers of the events."""
    parts = [_columns(columns, piece, blend) for piece in pieces]
    block = joined_columns(parts, [piece.places for piece in pieces])
    block[number] = np.arange(first, first + len(block[number]), dtype=np.int32)
    return block


def _columns(columns: Any, piece: Piece, blend: Blend) -> Any:
    return columns(piece.table, 0, piece.phi, blend.components[piece.number].sigma)


def _add_what_is_known(file: Any, blend: Blend, extra: dict[str, object]) -> None:
    """Graphs of cross sections as gspl2root makes them, and a record in JSON."""
    for component in blend.components:
        add_graph(file, component.model.process, component.sigma)
    file[RECORD] = record_text(blend.header(extra), blend.recorded)
