"""Events as HEPEVT text, in vectorised blocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from nugen_gan.adapters.azimuth import BLOCK, Origin, azimuths, event_numbers
from nugen_gan.adapters.final_state import FinalState, final_state
from nugen_gan.adapters.hepevt.terms import BLOB, CHARGED, FINAL, INITIAL, LEFT, MODES, UNKNOWN_MODE
from nugen_gan.errors import UsageError
from nugen_gan.events.table import EventTable, rechunk
from nugen_gan.physics import species
from nugen_gan.physics.nuclei import nuclear_mass
from nugen_gan.physics.process import Channel
from nugen_gan.storage.text_columns import (
    by_code,
    decimal,
    integers,
    interleaved,
    invariant_mass,
    lines,
    quantised,
    sums,
)

__all__ = ["event_text"]

Counts = NDArray[np.int64]
Characters = NDArray[np.uint8]
Parts = list[bytes | Characters]
# Neither mothers nor daughters, and at the origin.
NOTHING, ORIGIN = b" 0 0 0 0 ", b" 0 0 0 0\n"
# Events whose text is made at a time.
ROWS = 1024


def event_text(origin: Origin, chunks: Iterable[EventTable]) -> Iterator[bytes]:
    """Yield the text of all events, some thousands at a time."""
    weight: float | None = None
    columns: tuple[str, ...] | None = None
    for number, table in enumerate(rechunk(chunks, BLOCK)):
        columns = columns or table.present()
        table.check_present(columns)
        weight = float(table.weight[0]) if weight is None and len(table) else weight
        _check_weights(table, weight)
        phi = azimuths(origin, number, len(table))
        for start in range(0, len(table), ROWS):
            rows = slice(start, start + ROWS)
            yield _text(final_state(table[rows], phi[rows]), origin.first + number * BLOCK + start)


def _check_weights(table: EventTable, weight: float | None) -> None:
    if (table.weight != weight).any():
        raise UsageError(
            "events of unequal weights cannot be written as HEPEVT text: it has no place for them, "
            "and a detector simulation takes all events alike. Write another format, or events "
            "without weights."
        )


def _text(state: FinalState, first: int) -> bytes:
    """Lines of some events, the number of the first one in its run given."""
    table, process, n = state.table, state.table.process, len(state.table)
    those = state.lepton_first()
    momentum = [quantised(component) for component in those[2:]]
    enu, nucleus = quantised(table.enu), quantised(np.array([nuclear_mass(process.target)]))
    zero = np.zeros(n, np.int64)
    before = (zero, zero, enu, enu + nucleus)
    rest = [x - sums(out, those.counts) for x, out in zip(before, momentum, strict=True)]
    left, code = _left(state)
    channel = table.channel.astype(np.int32)
    energy, mass = decimal(enu), bytes(decimal(nucleus).ravel()).replace(b"\0", b"")
    head: Parts = [
        integers(event_numbers(first, n)), b" ", integers(2 + those.counts + left),
        f"\n{INITIAL} {process.probe} 0 0 {CHARGED} ".encode(), by_code(channel, _mode),
        b" 0 0 ", energy, b" ", energy, b" 0", ORIGIN,
        f"{INITIAL} {process.target} 0 0 ".encode(), integers(channel.astype(np.int64)),
        b" 0 0 0 0 " + mass + b" " + mass + ORIGIN,
    ]  # fmt: skip
    return interleaved([
        (lines(head, n), np.ones(n, np.int64)),
        (_row_lines(FINAL, those.pdg, momentum, by_code(those.pdg, _mass)), those.counts),
        (_rest_lines(code[left], [x[left] for x in rest]), left.astype(np.int64)),
    ])  # fmt: skip


def _left(state: FinalState) -> tuple[NDArray[np.bool_], NDArray[np.int32]]:
    """Whether something is left of each nucleus, and its code."""
    n, remnant = len(state.table), state.remnant()
    if remnant is None:
        return np.ones(n, np.bool_), np.full(n, BLOB, np.int32)
    pdg = remnant.pdg()
    return (remnant.a != 0) | (remnant.z != 0), np.where(pdg > 0, pdg, BLOB).astype(np.int32)


def _rest_lines(pdg: NDArray[np.int32], momentum: list[Counts]) -> Characters:
    return _row_lines(LEFT, pdg, momentum, decimal(invariant_mass(momentum)))


def _row_lines(
    status: int, pdg: NDArray[np.int32], momentum: list[Counts], mass: Characters
) -> Characters:
    parts: Parts = [f"{status} ".encode(), by_code(pdg, str), NOTHING]
    for component in momentum:
        parts += [decimal(component), b" "]
    return lines([*parts, mass, ORIGIN], len(pdg))


def _mass(pdg: int) -> str:
    mass = float(species.mass(np.array([pdg], np.int32))[0])
    return f"{mass if np.isfinite(mass) else 0.0:.12g}"


def _mode(channel: int) -> str:
    return str(MODES.get(Channel(channel), UNKNOWN_MODE))
