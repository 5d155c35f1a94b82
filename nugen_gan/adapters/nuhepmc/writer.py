"""Events as NuHepMC text, in vectorised blocks.

Where only the lepton is known, an event is a neutrino along +z and a nucleus at rest that go into
one vertex, and a lepton and the remnant of the nucleus that come out of it.  The remnant takes
what the lepton leaves, in units of the last digit, so that the printed four-momenta add up
exactly.

A whole event has two vertices, since its hadrons are those that leave the nucleus, after whatever
happened to them inside, and how they were before is not known:

* the primary one (status 1): neutrino and nucleus go in; the lepton comes out, and all the rest
  together, a documentation line (status 3) with the number of the remnant;
* the summary of final-state interactions (status 2): that line goes in; out come all hadrons and
  the remnant, which takes what they leave.

So each physical particle is there once, with status 1 (E.R.8, P.R.1), there is one primary vertex
(E.R.6), and a reader that looks for what the primary vertex produced finds the lepton: NUISANCE
marks particles so.  Where charge and baryon number show that nothing is left, as on hydrogen, there
is no remnant; momenta then add up as well as the generator's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from nugen_gan.adapters.azimuth import (
    BLOCK,
    azimuths,
    event_numbers,
    lepton_momentum,
    origin_of,
)
from nugen_gan.adapters.base import Header
from nugen_gan.adapters.final_state import FinalState, final_state
from nugen_gan.adapters.nuhepmc.header import UNIT, total_cross_section, uncertainty
from nugen_gan.adapters.nuhepmc.terms import (
    BEAM,
    CM2_OF_UNIT,
    DOCUMENTATION,
    FINAL,
    FSI_SUMMARY,
    PRIMARY,
    REMNANT,
    TARGET,
)
from nugen_gan.events.table import EventTable, rechunk
from nugen_gan.physics import species
from nugen_gan.physics.nuclei import nuclear_mass
from nugen_gan.storage.text_columns import (
    by_code,
    decimal,
    floats,
    integers,
    interleaved,
    invariant_mass,
    join,
    lines,
    quantised,
    sums,
)

__all__ = ["event_text"]

Counts = NDArray[np.int64]
Characters = NDArray[np.uint8]
Parts = list[bytes | Characters]
# Events whose text is made at a time: some megabytes, which stay in the processor's cache.
ROWS, WHOLE_ROWS = 4096, 1024
# Before it stand neutrino, nucleus, lepton and the documentation line.
FIRST_HADRON = 5


def event_text(header: Header, chunks: Iterable[EventTable]) -> Iterator[bytes]:
    """Yield the text of all events, some thousands at a time."""
    writer = _Writer(header)
    origin, columns = origin_of(header.provenance), None
    for number, table in enumerate(rechunk(chunks, BLOCK)):
        columns = columns or table.present()
        table.check_present(columns)
        phi, first = azimuths(origin, number, len(table)), number * BLOCK
        if table.particles is not None:
            for start in range(0, len(table), WHOLE_ROWS):
                rows = slice(start, start + WHOLE_ROWS)
                yield writer.whole(final_state(table[rows], phi[rows]), first + start)
            continue
        px, py, pz = lepton_momentum(table, phi)
        for start in range(0, len(table), ROWS):
            rows = slice(start, start + ROWS)
            yield writer.text(table[rows], (px[rows], py[rows], pz[rows]), first + start)


class _Writer:
    """What is the same in all events."""

    def __init__(self, header: Header) -> None:
        process = header.process
        self.first = origin_of(header.provenance).first
        self.sigma = total_cross_section(header)
        self.pdg = (process.probe, process.target, process.lepton)
        self.lepton_mass = f"{process.lepton_mass:.12g}".encode()
        self.nucleus = int(quantised(np.array([nuclear_mass(process.target)]))[0])
        self.nucleus_text = bytes(decimal(np.array([self.nucleus])).ravel()).replace(b"\0", b"")
        average, error = (header.flux_average or 0.0), uncertainty(header)
        # E.C.4, the running estimate: the total is known before the first event.
        self.estimate = f"{average / CM2_OF_UNIT[UNIT]:.9e} {error / CM2_OF_UNIT[UNIT]:.9e}"

    def text(self, table: EventTable, lepton: tuple[NDArray[np.float64], ...], first: int) -> bytes:
        """Lines of some events without hadrons, the number of the first one given."""
        enu, elep = quantised(table.enu), quantised(table.elep)
        momentum = [quantised(component) for component in lepton]
        left = self._left(enu, [*momentum, elep])
        parts = [
            *self._head(table, first, [b" 1 4"], []), *self._primary(enu, [*momentum, elep]),
            *_particle(b"4", b"-1", REMNANT, left), decimal(invariant_mass(left)),
            f" {FINAL}\n".encode(),
        ]  # fmt: skip
        return join(parts, len(table))

    def whole(self, state: FinalState, first: int) -> bytes:
        """Lines of some events with hadrons, the number of the first one given."""
        table, those, remnant = state.table, state.hadrons, state.remnant()
        assert those is not None
        assert remnant is not None
        enu = quantised(table.enu)
        lepton = [quantised(component) for component in (*state.lepton, table.elep)]
        hadrons = [quantised(component) for component in those[2:]]
        system = self._left(enu, lepton)
        rest = [x - sums(out, those.counts) for x, out in zip(system, hadrons, strict=True)]
        left = (remnant.a != 0) | (remnant.z != 0)
        last = FIRST_HADRON + those.counts
        number = _named(remnant.pdg(), last)
        head = [
            *self._head(table, first, [b" 2 ", integers(last - 1 + left)], [number]),
            *self._primary(enu, lepton),
            *_particle(b"4", b"-1", REMNANT, system), decimal(invariant_mass(system)),
            f" {DOCUMENTATION}\nV -2 {FSI_SUMMARY} [4]\n".encode(),
        ]  # fmt: skip
        n = len(table)
        return interleaved([
            (lines(head, n), np.ones(n, np.int64)),
            (_hadron_lines(those.pdg, hadrons, those.counts), those.counts),
            (_remnant_lines([x[left] for x in rest], last[left]), left.astype(np.int64)),
        ])  # fmt: skip

    def _left(self, enu: Counts, lepton: list[Counts]) -> list[Counts]:
        """Four-momentum of everything but the lepton."""
        px, py, pz, elep = lepton
        return [-px, -py, enu - pz, enu + self.nucleus - elep]

    def _head(self, table: EventTable, first: int, size: Parts, attributes: Parts) -> Parts:
        """An event up to its attributes."""
        # The run's number of an event, and the file's, up to which cross sections are counted.
        known, number = event_numbers(self.first + first, len(table)), first + np.arange(len(table))
        return [
            b"E ", integers(known), *size, b"\nU GEV CM\nW ", floats(table.weight),
            f"\nA 0 GenCrossSection {self.estimate} ".encode(),
            integers(number + 1), b" ", integers(number + 1), b"\nA 0 lab_pos 0 0 0", *attributes,
            b"\nA 0 signal_process_id ", integers(table.channel.astype("i8")), *self._total(table),
        ]  # fmt: skip

    def _total(self, table: EventTable) -> Parts:
        """Total cross section at the energy of each event (E.C.2)."""
        if self.sigma is None:
            return []
        total = self.sigma(table.enu) / CM2_OF_UNIT[UNIT]
        return [b"\nA 0 tot_xs ", floats(total)]

    def _primary(self, enu: Counts, lepton: list[Counts]) -> Parts:
        """Neutrino, nucleus, primary vertex and lepton."""
        probe, target, charged = self.pdg
        energy, nucleus = decimal(enu), self.nucleus_text
        return [
            f"\nP 1 0 {probe} 0 0 ".encode(), energy, b" ", energy, f" 0 {BEAM}\n".encode(),
            f"P 2 0 {target} 0 0 0 ".encode(), nucleus + b" " + nucleus, f" {TARGET}\n".encode(),
            f"V -1 {PRIMARY} [1,2]\n".encode(),
            *_particle(b"3", b"-1", charged, lepton), self.lepton_mass, f" {FINAL}\n".encode(),
        ]  # fmt: skip


def _particle(
    number: bytes | Characters, vertex: bytes, pdg: int | Characters, momentum: list[Counts]
) -> Parts:
    """A line of a particle out of a vertex, up to its mass."""
    code = str(pdg).encode() if isinstance(pdg, int) else pdg
    parts: Parts = [b"P ", number, b" " + vertex + b" ", code, b" "]
    for component in momentum:
        parts += [decimal(component), b" "]
    return parts


def _hadron_lines(pdg: NDArray[np.int32], momentum: list[Counts], counts: Counts) -> Characters:
    """Lines of all hadrons."""
    start = np.repeat(np.cumsum(counts) - counts, counts)
    number = integers(np.arange(len(pdg)) - start + FIRST_HADRON)
    parts = _particle(number, b"-2", by_code(pdg, str), momentum)
    return lines([*parts, by_code(pdg, _mass_and_status)], len(pdg))


def _mass_and_status(pdg: int) -> str:
    """Mass of a hadron and its status, the end of its line."""
    mass = float(species.mass(np.array([pdg], np.int32))[0])
    return f"{mass if np.isfinite(mass) else 0.0:.12g} {FINAL}\n"


def _remnant_lines(momentum: list[Counts], number: Counts) -> Characters:
    """Lines of the remnants of the events that have one."""
    # More nucleons than there were may have left, by a generator's fault: then the rest is none
    # of a particle, and zeros say that it is not known.
    known = momentum[3] >= 0
    momentum = [np.where(known, component, 0) for component in momentum]
    parts = _particle(integers(number), b"-2", REMNANT, momentum)
    end = f" {FINAL}\n".encode()
    return lines([*parts, decimal(invariant_mass(momentum)), end], len(number))


def _named(pdg: NDArray[np.int32], number: Counts) -> Characters:
    """The attribute that names the nucleus which a remnant is (P.C.2), where it is one."""
    parts: Parts = [b"\nA ", integers(number), b" remnant_particle_number ", integers(
        pdg.astype(np.int64))]  # fmt: skip
    text = lines(parts, len(pdg))
    text[pdg == 0] = 0
    return text
