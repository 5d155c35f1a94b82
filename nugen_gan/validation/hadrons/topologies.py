"""Final states as experiments name them, by their pions and visible protons."""

# ruff: noqa: RUF001 - Greek letters are meant
from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from nugen_gan.physics import species
from nugen_gan.validation.hadrons.final_state import (
    CHARGED_PIONS,
    NEUTRAL_PION,
    NUCLEONS,
    PROTON,
    FinalState,
)
from nugen_gan.validation.hadrons.observables import PROTON_THRESHOLD

__all__ = ["NAMES", "Topology", "topologies"]


class Topology(IntEnum):
    """Final-state topology of a charged-current event.

    Counted are pions and protons above 0.3 GeV/c; neutrons, photons, electrons and nuclei do not
    matter.  Any other meson or baryon (kaons, strange baryons, antinucleons) makes it OTHER.
    """

    CC0PI_0P = 0
    CC0PI_1P = 1
    CC0PI_NP = 2
    CC1PIP = 3
    CC1PIM = 4
    CC1PI0 = 5
    CCNPI = 6
    OTHER = 7


NAMES = {
    Topology.CC0PI_0P: "CC0π0p",
    Topology.CC0PI_1P: "CC0π1p",
    Topology.CC0PI_NP: "CC0πNp",
    Topology.CC1PIP: "CC1π+",
    Topology.CC1PIM: "CC1π−",
    Topology.CC1PI0: "CC1π0",
    Topology.CCNPI: "CCNπ",
    Topology.OTHER: "other",
}


def topologies(state: FinalState) -> NDArray[np.int64]:
    """Topology of each event, values of :class:`Topology`, shape (N,)."""
    protons = state.count(state.any_of(PROTON) & (state.size > PROTON_THRESHOLD))
    plus, minus, neutral = (state.count(state.any_of(code)) for code in (211, -211, 111))
    strong = species.is_meson(state.pdg) | (species.baryon_number(state.pdg) != 0)
    usual = state.any_of(*NUCLEONS, *CHARGED_PIONS, NEUTRAL_PION) | state.is_nucleus
    pions = plus + minus + neutral
    found = np.minimum(protons, 2)
    for topology, which in (
        (Topology.CC1PIP, (pions == 1) & (plus == 1)),
        (Topology.CC1PIM, (pions == 1) & (minus == 1)),
        (Topology.CC1PI0, (pions == 1) & (neutral == 1)),
        (Topology.CCNPI, pions > 1),
        (Topology.OTHER, state.count(strong & ~usual) > 0),
    ):
        found = np.where(which, topology, found)
    return np.asarray(found, dtype=np.int64)
