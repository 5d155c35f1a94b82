"""The particles of many events in flat arrays, beside the momentum that the lepton gave them.

Energies are made from momenta and PDG masses here, never taken from the file: generators round
masses, and a classifier would tell two samples apart by the roundings.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nugen_gan.events.particles import Flat, flat
from nugen_gan.events.table import EventTable
from nugen_gan.physics import species

__all__ = [
    "CHARGED_PIONS",
    "KAONS",
    "NEUTRAL_PION",
    "NEUTRON",
    "NUCLEONS",
    "PHOTON",
    "PROTON",
    "FinalState",
]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Mask = NDArray[np.bool_]

PROTON, NEUTRON, NEUTRAL_PION, PHOTON = 2212, 2112, 111, 22
NUCLEONS = (PROTON, NEUTRON)
CHARGED_PIONS = (211, -211)
# Charged and neutral, K0 and its mixtures of short and long life.
KAONS = (321, -321, 311, -311, 310, 130)


@dataclass(frozen=True, slots=True)
class FinalState:
    """The M particles of N events, the charged lepton left out.

    The frame is that of the event table: neutrino along z, lepton in the x-z plane with x >= 0.

    Attributes
    ----------
    event : which event each particle is of, ascending, shape (M,)
    pdg : PDG codes, shape (M,)
    momentum : [GeV], shape (M, 3)
    mass, energy : PDG mass and energy from it [GeV], shape (M,)
    omega : energy transfer of each event [GeV], shape (N,)
    transfer : momentum transfer q of each event [GeV], shape (N, 3)
    lepton : momentum of each charged lepton [GeV], shape (N, 3)
    """

    event: Integers
    pdg: NDArray[np.int32]
    momentum: Floats
    mass: Floats
    energy: Floats
    omega: Floats
    transfer: Floats
    lepton: Floats

    @classmethod
    def of(cls, events: EventTable) -> FinalState:
        """Take the particles from events that have them."""
        those = flat(events.particles)
        momentum = those.momenta()
        mass = _masses(those, momentum)
        energy = np.sqrt(mass**2 + np.einsum("ij,ij->i", momentum, momentum))
        across, along = events.lepton_momentum()
        zero = np.zeros_like(across)
        lepton = np.stack([across, zero, along], axis=1)
        neutrino = np.stack([zero, zero, events.enu], axis=1)
        return cls(
            those.event(), those.pdg, momentum, mass, energy, events.enu - events.elep,
            neutrino - lepton, lepton,
        )  # fmt: skip

    @property
    def events(self) -> int:
        """Number of events N."""
        return int(self.omega.size)

    @property
    def kinetic(self) -> Floats:
        """Kinetic energies [GeV], shape (M,)."""
        return self.energy - self.mass

    @property
    def size(self) -> Floats:
        """Absolute values of the momenta [GeV], shape (M,)."""
        return np.asarray(np.sqrt(np.einsum("ij,ij->i", self.momentum, self.momentum)))

    @property
    def is_nucleus(self) -> Mask:
        """Which particles are nuclei, such as that of a coherent event, shape (M,)."""
        return np.asarray(species.is_nucleus_code(self.pdg))

    def any_of(self, *codes: int) -> Mask:
        """Which particles have one of these PDG codes, shape (M,)."""
        return np.isin(self.pdg, codes)

    def total(self, values: Floats) -> Floats:
        """Sum over the particles of each event, shape (N,) or (N, k) from (M,) or (M, k)."""
        if values.ndim == 1:
            return np.bincount(self.event, values, minlength=self.events).astype(np.float64)
        return np.stack([self.total(column) for column in values.T], axis=1)

    def count(self, which: Mask) -> Integers:
        """Number of the chosen particles in each event, shape (N,)."""
        return np.bincount(self.event[which], minlength=self.events)

    def leading(self, which: Mask) -> Integers:
        """The chosen particle of highest momentum in each event: its number, -1 if there is none.

        Shape (N,).
        """
        chosen = np.flatnonzero(which)
        order = np.lexsort((self.size[chosen], self.event[chosen]))
        found = np.full(self.events, -1, dtype=np.int64)
        # Of several assignments to one event the last one stays: that of the highest momentum.
        found[self.event[chosen[order]]] = chosen[order]
        return found

    def axes(self) -> tuple[Floats, Floats, Floats]:
        """Unit vectors of each event across q in the lepton plane, out of it, and along q.

        Each has shape (N, 3).  The second is that of neutrino times lepton; the first points away
        from the beam, where the lepton does not go.
        """
        length = np.linalg.norm(self.transfer, axis=1, keepdims=True)
        along = self.transfer / np.where(length > 0.0, length, 1.0)
        out = np.zeros_like(along)
        out[:, 1] = 1.0
        return np.cross(out, along), out, along


def _masses(those: Flat, momentum: Floats) -> Floats:
    """PDG masses [GeV], shape (M,); from energy and momentum for the few without, as neutrinos."""
    mass = species.mass(those.pdg)
    unknown = ~np.isfinite(mass)
    squares = those.E[unknown] ** 2 - np.einsum("ij,ij->i", momentum[unknown], momentum[unknown])
    mass[unknown] = np.sqrt(np.clip(squares, 0.0, None))
    return mass
