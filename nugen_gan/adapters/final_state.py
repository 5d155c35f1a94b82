"""The final state of events as all writers write it: one list of particles in the laboratory.

An event table has the lepton at azimuth zero; in a file the whole event, lepton and hadrons
together, stands at the azimuth of :mod:`nugen_gan.adapters.azimuth`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nugen_gan.adapters.azimuth import lepton_momentum
from nugen_gan.events.particles import Flat, flat
from nugen_gan.events.table import EventTable
from nugen_gan.physics import species
from nugen_gan.physics.nuclei import nuclear_mass

__all__ = ["FinalState", "Remnant", "final_state"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int32]


class Remnant(NamedTuple):
    """What is left of the nucleus: what was there less what came out.

    Attributes
    ----------
    z, a : charge and mass number, shape (N,)
    p4 : four-momentum (px, py, pz, E) [GeV], shape (N, 4)
    """

    z: Integers
    a: Integers
    p4: Floats

    def pdg(self) -> Integers:
        """Code 100ZZZAAA0 of each remnant, shape (N,); 0 where it is none of a nucleus."""
        known = (self.a > 0) & (self.z >= 0) & (self.z <= self.a)
        code = 1_000_000_000 + self.z * 10_000 + self.a * 10
        return np.where(known, code, 0).astype(np.int32)


@dataclass(frozen=True, slots=True)
class FinalState:
    """Final states of N events.

    Attributes
    ----------
    table : the events
    lepton : momentum (px, py, pz) of the charged lepton [GeV], three arrays of shape (N,)
    hadrons : all other particles that leave the nucleus, at the same azimuth as the lepton; None
        where the table has none
    """

    table: EventTable
    lepton: tuple[Floats, Floats, Floats]
    hadrons: Flat | None

    def lepton_first(self) -> Flat:
        """All particles, the charged lepton at the head of each event's list."""
        table, n = self.table, len(self.table)
        counts = np.ones(n, np.int64)
        pdg = np.full(n, table.process.lepton, np.int32)
        if self.hadrons is None:
            return Flat(counts, pdg, *self.lepton, table.elep)
        rest = self.hadrons
        counts = rest.counts + 1
        heads = np.zeros(int(counts.sum()), np.bool_)
        heads[np.cumsum(counts) - counts] = True

        def both(head: NDArray[Any], others: NDArray[Any]) -> NDArray[Any]:
            values = np.empty(len(heads), others.dtype)
            values[heads], values[~heads] = head, others
            return values

        px, py, pz = (both(*pair) for pair in zip(self.lepton, rest[2:5], strict=True))
        return Flat(counts, both(pdg, rest.pdg), px, py, pz, both(table.elep, rest.E))

    def remnant(self) -> Remnant | None:
        """What is left of each nucleus; None where the hadrons are not known."""
        if self.hadrons is None:
            return None
        process, those = self.table.process, self.hadrons
        sign = 1 if process.lepton < 0 else -1  # charge of the lepton
        z = process.z - sign - those.sums(species.charge(those.pdg).astype(np.float64))
        a = process.a - those.sums(species.baryon_number(those.pdg).astype(np.float64))
        px, py, pz = (-ours - those.sums(theirs)
                      for ours, theirs in zip(self.lepton, those[2:5], strict=True))  # fmt: skip
        energy = self.table.enu + nuclear_mass(process.target) - self.table.elep
        p4 = np.stack([px, py, pz + self.table.enu, energy - those.sums(those.E)], axis=1)
        return Remnant(np.rint(z).astype(np.int32), np.rint(a).astype(np.int32), p4)


def final_state(table: EventTable, phi: Floats) -> FinalState:
    """Return the final states of a table's events.

    Parameters
    ----------
    table : N events
    phi : azimuth of each event [rad], shape (N,)
    """
    lepton = lepton_momentum(table, phi)
    if table.particles is None:
        return FinalState(table, lepton, None)
    those = flat(table.particles)
    event = those.event()
    cos, sin = np.cos(phi)[event], np.sin(phi)[event]
    px, py = cos * those.px - sin * those.py, sin * those.px + cos * those.py
    return FinalState(table, lepton, those._replace(px=px, py=py))
