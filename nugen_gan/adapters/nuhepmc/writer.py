"""Events as NuHepMC text, in vectorised blocks.

One event is a neutrino along +z and a nucleus at rest that go into one vertex, and a lepton
and the remnant of the nucleus that come out of it.  The remnant takes what the lepton leaves,
in units of the last digit, so that the printed four-momenta add up exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from nugen_gan.adapters.azimuth import BLOCK, azimuths, lepton_momentum, seed_of
from nugen_gan.adapters.base import Header
from nugen_gan.adapters.nuhepmc.header import UNIT, total_cross_section, uncertainty
from nugen_gan.adapters.nuhepmc.terms import BEAM, CM2_OF_UNIT, FINAL, PRIMARY, REMNANT, TARGET
from nugen_gan.events.table import EventTable, rechunk
from nugen_gan.physics.nuclei import nuclear_mass
from nugen_gan.storage.text_columns import DECIMALS, decimal, floats, integers, join, quantised

__all__ = ["event_text"]

Counts = NDArray[np.int64]
Characters = NDArray[np.uint8]
# Events whose text is made at a time: some megabytes, which stay in the processor's cache.
ROWS = 4096


def event_text(header: Header, chunks: Iterable[EventTable]) -> Iterator[bytes]:
    """Yield the text of all events, some thousands at a time."""
    writer = _Writer(header)
    seed = seed_of(header.provenance)
    for number, table in enumerate(rechunk(chunks, BLOCK)):
        px, py, pz = lepton_momentum(table, azimuths(seed, number, len(table)))
        for start in range(0, len(table), ROWS):
            rows = slice(start, start + ROWS)
            yield writer.text(table[rows], (px[rows], py[rows], pz[rows]), number * BLOCK + start)


class _Writer:
    """What is the same in all events."""

    def __init__(self, header: Header) -> None:
        process = header.process
        self.sigma = total_cross_section(header)
        self.pdg = (process.probe, process.target, process.lepton)
        self.lepton_mass = f"{process.lepton_mass:.12g}".encode()
        self.nucleus = int(quantised(np.array([nuclear_mass(process.target)]))[0])
        self.nucleus_text = bytes(decimal(np.array([self.nucleus])).ravel()).replace(b"\0", b"")
        average, error = (header.flux_average or 0.0), uncertainty(header)
        # E.C.4, the running estimate: the total is known before the first event.
        self.estimate = f"{average / CM2_OF_UNIT[UNIT]:.9e} {error / CM2_OF_UNIT[UNIT]:.9e}"

    def text(self, table: EventTable, lepton: tuple[NDArray[np.float64], ...], first: int) -> bytes:
        """Lines of some events, the number of the first one given."""
        number = first + np.arange(len(table))
        probe, target, charged = self.pdg
        enu, elep = quantised(table.enu), quantised(table.elep)
        momentum = [quantised(component) for component in lepton]
        left = [-momentum[0], -momentum[1], enu - momentum[2], enu + self.nucleus - elep]
        energy, nucleus = decimal(enu), self.nucleus_text
        parts: list[bytes | Characters] = [
            b"E ", integers(number), b" 1 4\nU GEV CM\nW ", floats(table.weight),
            f"\nA 0 GenCrossSection {self.estimate} ".encode(),
            integers(number + 1), b" ", integers(number + 1),
            b"\nA 0 lab_pos 0 0 0\nA 0 signal_process_id ", integers(table.channel.astype("i8")),
            *self._total(table),
            f"\nP 1 0 {probe} 0 0 ".encode(), energy, b" ", energy, f" 0 {BEAM}\n".encode(),
            f"P 2 0 {target} 0 0 0 ".encode(), nucleus + b" " + nucleus, f" {TARGET}\n".encode(),
            f"V -1 {PRIMARY} [1,2]\n".encode(),
            *_particle(3, charged, [*momentum, elep]), self.lepton_mass, f" {FINAL}\n".encode(),
            *_particle(4, REMNANT, left), decimal(_mass(left)), f" {FINAL}\n".encode(),
        ]  # fmt: skip
        return join(parts, len(table))

    def _total(self, table: EventTable) -> list[bytes | Characters]:
        """Total cross section at the energy of each event (E.C.2)."""
        if self.sigma is None:
            return []
        total = self.sigma(table.enu) / CM2_OF_UNIT[UNIT]
        return [b"\nA 0 tot_xs ", floats(total)]


def _particle(number: int, pdg: int, momentum: list[Counts]) -> list[bytes | Characters]:
    """A line of a particle out of the vertex, up to its mass."""
    parts: list[bytes | Characters] = [f"P {number} -1 {pdg} ".encode()]
    for component in momentum:
        parts += [decimal(component), b" "]
    return parts


def _mass(momentum: list[Counts]) -> Counts:
    """Invariant mass of a printed four-momentum, negative if it is spacelike, as in HepMC3."""
    px, py, pz, energy = (component / 10.0**DECIMALS for component in momentum)
    square = energy**2 - (px**2 + py**2 + pz**2)
    return quantised(np.sign(square) * np.sqrt(np.abs(square)))
