"""What NUISANCE computes from the hadrons of an event: flags of signals, energies, imbalances.

Names, units and values where nothing is defined are NUISANCE's, whose functions do this (of
``SignalDef``, ``FitEvent`` and ``FitUtils``); the definitions are said in words below.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nugen_gan.adapters.final_state import FinalState
from nugen_gan.events.particles import Flat
from nugen_gan.physics import species
from nugen_gan.physics.masses import NEUTRON_MASS, PROTON_MASS
from nugen_gan.physics.process import NEUTRON, PROTON, Channel

__all__ = ["derived", "flags", "rank"]

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]
MEV = 1e-3  # GeV
# Mesons are particles whose codes, without the sign, are in this range.
MESONS = 111, 557
CHARGED_LEPTONS, PIONS = (11, 13, 15), (211, -211, 111)
GAMMA = 22
# Value of an imbalance without a proton.
NO_PROTON = -9999.0
# Of carbon, for the momentum of the struck neutron [GeV]: masses of the nucleus and of what is
# left of it (Furmanski and Sobczyk, Phys. Rev. C 95, 065501).
CARBON = 6.0 * (PROTON_MASS + NEUTRON_MASS) - 0.09216
WITHOUT_NEUTRON = CARBON - NEUTRON_MASS + 0.02713


def flags(state: FinalState, those: Flat) -> dict[str, Booleans]:
    """Flags of signals.

    Parameters
    ----------
    state : N final states
    those : their particles, charged leptons included

    Returns
    -------
    Arrays of shape (N,).  CC0pi: one charged lepton and no meson.  CC1pip, CC1pim, CC1pi0: one
    charged lepton, one meson, and it is this pion.  CCcoh: the lepton, a pi+ (also of an
    antineutrino) and nothing else but nuclei.  CCQE and CCQELike: channels QE, and QE or MEC.
    """
    channel, code = state.table.channel, abs(those.pdg)
    mesons = those.number((code >= MESONS[0]) & (code <= MESONS[1]))
    one_lepton = those.number(np.isin(code, CHARGED_LEPTONS)) == 1
    plus, minus, neutral = (those.number(those.pdg == pion) for pion in PIONS)
    outside = those.number(~species.is_nucleus_code(those.pdg))
    one_meson = one_lepton & (mesons == 1)
    nothing = np.zeros(len(those.counts), np.bool_)
    neutral_current = ("NCEL", "NC0pi", "NCcoh", "NC1pip", "NC1pim", "NC1pi0")
    return {
        "flagCCQE": channel == Channel.QE,
        "flagCC0pi": one_lepton & (mesons == 0),
        "flagCCQELike": (channel == Channel.QE) | (channel == Channel.MEC),
        "flagCCcoh": one_lepton & (plus == 1) & (outside == 2),
        "flagCC1pip": one_meson & (plus == 1),
        "flagCC1pim": one_meson & (minus == 1),
        "flagCC1pi0": one_meson & (neutral == 1),
        **{f"flag{name}": nothing for name in neutral_current},
    }


def derived(state: FinalState, those: Flat, ranks: NDArray[np.int32]) -> dict[str, Floats]:
    """Energies and transverse imbalances.

    Parameters
    ----------
    state : N final states
    those : their particles, charged leptons included
    ranks : their places, as :func:`rank` has them

    Returns
    -------
    Arrays of shape (N,).  ``Erecoil_minerva`` [GeV]: kinetic energies of protons and charged
    pions, energies of neutral pions, electrons and photons.  ``Erecoil_charged`` [GeV]: kinetic
    energies of protons, energies of all else but neutrons, neutral pions and photons; neither has
    the lepton of the reaction.  ``EavAlt`` [GeV]: omega less the kinetic energies of neutrons and
    the masses of pions.  The others are those of :func:`_imbalance`.
    """
    assert state.hadrons is not None
    table, rest = state.table, state.hadrons
    mass = species.mass(rest.pdg)
    kinetic = rest.E - mass
    pion, charged = np.isin(rest.pdg, PIONS), np.isin(rest.pdg, PIONS[:2])
    proton, neutron = rest.pdg == PROTON, rest.pdg == NEUTRON
    whole = np.isin(rest.pdg, (PIONS[2], GAMMA, 11, -11))
    seen = np.where(proton | charged, kinetic, np.where(whole, rest.E, 0.0))
    neutral = neutron | np.isin(rest.pdg, (PIONS[2], GAMMA))
    tracks = np.where(proton, kinetic, np.where(neutral, 0.0, rest.E))
    hidden = np.where(neutron, kinetic, np.where(pion, mass, 0.0))
    return {
        "Erecoil_minerva": rest.sums(seen),
        "Erecoil_charged": rest.sums(tracks),
        "EavAlt": table.enu - table.elep - rest.sums(hidden),
        **_imbalance(state, those, ranks),
    }


def _imbalance(state: FinalState, those: Flat, ranks: NDArray[np.int32]) -> dict[str, Floats]:
    """Imbalances of the lepton and the fastest proton across the neutrino.

    ``dpt`` [MeV, as in NUISANCE]: their momentum across.  ``dphit`` [rad]: angle of the proton to
    where the lepton does not go.  ``dalphat`` [rad]: angle of their sum to there.  ``pnreco_C``
    [GeV]: momentum of the struck neutron, as if of carbon.
    """
    fastest = (those.pdg == PROTON) & (ranks == 0)
    event = those.event()[fastest]
    px, py, pz, energy = (column[fastest] for column in those[2:])
    lx, ly, lz = (component[event] for component in state.lepton)
    dx, dy = lx + px, ly + py
    dpt = np.hypot(dx, dy)
    rest = CARBON + lz + pz - state.table.elep[event] - energy
    along = 0.5 * (rest - (WITHOUT_NEUTRON**2 + dpt**2) / rest)
    numbers = {
        "dpt": dpt / MEV,
        "dphit": _angle(-lx, -ly, px, py),
        "dalphat": _angle(-lx, -ly, dx, dy),
        "pnreco_C": np.hypot(dpt, along),
    }
    columns = {name: np.full(len(those.counts), NO_PROTON) for name in numbers}
    for name, values in numbers.items():
        columns[name][event] = values
    return columns


def _angle(ax: Floats, ay: Floats, bx: Floats, by: Floats) -> Floats:
    """Angle between vectors in a plane [rad]; a right one where one of them is zero."""
    product = np.hypot(ax, ay) * np.hypot(bx, by)
    cosine = np.zeros_like(product)
    np.divide(ax * bx + ay * by, product, out=cosine, where=product > 0.0)
    return np.asarray(np.arccos(np.clip(cosine, -1.0, 1.0)))


def rank(those: Flat) -> NDArray[np.int32]:
    """Place of each particle among those of its code in its event: 0 for the fastest."""
    event = those.event()
    square = those.px**2 + those.py**2 + those.pz**2
    order = np.lexsort((-square, those.pdg, event))
    # Where an event or a code begins, numbers count from zero anew.
    begins = np.ones(len(order), np.bool_)
    begins[1:] = (np.diff(event[order]) != 0) | (np.diff(those.pdg[order]) != 0)
    number = np.arange(len(order))
    first = np.maximum.accumulate(np.where(begins, number, 0))
    ranks = np.empty(len(order), np.int32)
    ranks[order] = number - first
    return ranks
