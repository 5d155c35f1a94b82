"""The file of events: ``treeout``, with the parameters of the run in ``par``, and ``xsections``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nugen_gan.adapters.nuwro.writer import CHANNELS, columns, empty_tree, no_events, th1d
from nugen_gan.adapters.record import RECORD, record_text
from nugen_gan.adapters.shuffled import joined_columns
from nugen_gan.generation.blend import Blend, Piece
from nugen_gan.monitor import Monitor
from nugen_gan.physics.process import Channel, Process
from nugen_gan.storage import root as root_io

__all__ = ["Written", "write_events"]

Leaves = Mapping[str, bool | int | float | str]
TREE, VECTORS = "treeout", ("in", "out", "post")
# dyn by channel.
DYN = {channel: 2 * number for number, channel in enumerate(CHANNELS)}


class Written:
    """Cross sections of what was written, by channel.

    Parameters
    ----------
    active : channels that are on, in the order of ``dyn``
    per_nucleon : flux-averaged cross section [cm^2 per nucleon]
    """

    def __init__(self, active: list[Channel], per_nucleon: float) -> None:
        self.active, self.per_nucleon = active, per_nucleon
        self.counts = dict.fromkeys(active, 0)

    def add(self, channel: NDArray[np.int16]) -> None:
        """Count events."""
        for code, number in zip(*np.unique(channel, return_counts=True), strict=True):
            self.counts[Channel(int(code))] = self.counts.get(Channel(int(code)), 0) + int(number)

    def rows(self) -> list[tuple[int, int, float, float]]:
        """Of each channel dyn, events, their fraction, and cross section [cm^2 per nucleon]."""
        total = max(sum(self.counts.values()), 1)
        return [
            (DYN[channel], n, n / total, self.per_nucleon * n / total)
            for channel, n in self.counts.items()
        ]

    def histogram(self) -> Any:
        """``xsections``: a bin for each active channel, with its statistical error."""
        rows = self.rows()
        sigma = np.array([row[3] for row in rows])
        numbers = np.array([row[1] for row in rows], np.float64)
        variance = np.divide(sigma**2, numbers, out=np.zeros_like(sigma), where=numbers > 0)
        return th1d("xsections", np.arange(len(rows) + 1.0), sigma, variance)


def write_events(
    path: Path,
    blend: Blend,
    leaves: Leaves,
    active: list[Channel],
    rotation: NDArray[np.float64] | None,
    monitor: Monitor,
) -> Written:
    """Write all events of a run.

    Parameters
    ----------
    path : of the file
    blend : the events
    leaves : of ``par``, but for the nucleus, which every event has its own of
    active : channels that are on, in the order of ``dyn``
    rotation : of momenta, shape (3, 3); None for a beam along +z
    monitor : is told how many events are done
    """
    constants = [{**leaves, **_nucleus(component.model.process)} for component in blend.components]
    written = Written(active, blend.per_nucleon)
    with root_io.recreate(path) as file:
        tree: Any = None
        for _, pieces in blend.blocks(monitor=monitor):
            if tree is None:
                first = pieces[0]
                tree = empty_tree(file, TREE, first.table, constants[first.number])
            parts = [_columns(piece, constants, blend.per_nucleon) for piece in pieces]
            block = joined_columns(parts, [piece.places for piece in pieces])
            if rotation is not None:
                block |= {name: _rotated(block[name], rotation) for name in VECTORS}
            tree.extend(block)
            for piece in pieces:
                written.add(piece.table.channel)
        if tree is None:
            empty_tree(file, TREE, no_events(blend.components[0].model.process), constants[0])
        file["xsections"] = written.histogram()
        file[RECORD] = record_text(blend.header({"made_by": "nugen-nuwro"}), blend.recorded)
    return written


def _nucleus(process: Process) -> Leaves:
    return {"nucleus_p": process.z, "nucleus_n": process.a - process.z}


def _columns(piece: Piece, constants: list[dict[str, Any]], per_nucleon: float) -> dict[str, Any]:
    weight = np.full(len(piece.table), per_nucleon)
    return columns(piece.table, piece.phi, weight, constants[piece.number])


def _rotated(particles: Any, rotation: NDArray[np.float64]) -> Any:
    """Turn the momenta of lists of particles."""
    import awkward as ak

    counts, those = ak.num(particles), ak.flatten(particles)
    before = np.stack([ak.to_numpy(those[axis]) for axis in "xyz"])
    after = dict(zip("xyz", rotation @ before, strict=True))
    leaves = {name: after.get(name, those[name]) for name in ak.fields(those)}
    return ak.unflatten(ak.zip(leaves), counts)
