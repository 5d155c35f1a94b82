"""What an experiment would look at in the hadrons of an event: one number an event each.

Numbers that an event does not have, such as the momentum of its proton where there is none, are
NaN.  All are rounded to 1e-5, so that no classifier sees the last digits of single precision.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nugen_gan.physics import species
from nugen_gan.physics.masses import NUCLEON_MASS, PROTON_MASS
from nugen_gan.validation.hadrons.final_state import (
    CHARGED_PIONS,
    NEUTRAL_PION,
    NEUTRON,
    NUCLEONS,
    PROTON,
    FinalState,
)
from nugen_gan.validation.hadrons.imbalance import imbalance

__all__ = ["OBSERVABLES", "PROTON_THRESHOLD", "Observable", "energy_used", "observables"]

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

# Momentum [GeV] above which experiments see a proton.
PROTON_THRESHOLD = 0.3
ROUNDING = 5
# What leaves no energy in a detector that is worth counting.
INVISIBLE = (NEUTRON, -NEUTRON)


class Observable(NamedTuple):
    """Name and unit of one observable: ``symbol`` in plain text, ``label`` for figures."""

    symbol: str
    label: str
    unit: str


OBSERVABLES: Mapping[str, Observable] = {
    "p_proton": Observable("p of the proton", r"$p_p$", "GeV"),
    "cos_proton": Observable("cos θ of the proton", r"$\cos\theta_p$", ""),
    "p_neutron": Observable("p of the neutron", r"$p_n$", "GeV"),
    "cos_neutron": Observable("cos θ of the neutron", r"$\cos\theta_n$", ""),
    "p_pion": Observable("p of the π±", r"$p_{\pi^\pm}$", "GeV"),
    "cos_pion": Observable("cos θ of the π±", r"$\cos\theta_{\pi^\pm}$", ""),
    "p_pi0": Observable("p of the π0", r"$p_{\pi^0}$", "GeV"),
    "cos_pi0": Observable("cos θ of the π0", r"$\cos\theta_{\pi^0}$", ""),
    "kinetic": Observable("ΣT", r"$\Sigma T$", "GeV"),
    "available": Observable("E_avail", r"$E_\mathrm{avail}$", "GeV"),
    "w_visible": Observable("visible mass", r"$W_\mathrm{vis}$", "GeV"),
    "e_missing": Observable("E_miss", r"$E_\mathrm{miss}$", "GeV"),
    "p_missing_along": Observable("p_miss along q", r"$p_{\mathrm{miss},q}$", "GeV"),
    "p_missing_in": Observable("p_miss in the plane", r"$p_{\mathrm{miss},x}$", "GeV"),
    "p_missing_out": Observable("p_miss out of it", r"$p_{\mathrm{miss},y}$", "GeV"),
    "dpt": Observable("δp_T", r"$\delta p_T$", "GeV"),
    "dalphat": Observable("δα_T", r"$\delta\alpha_T$", "degrees"),
    "dphit": Observable("δφ_T", r"$\delta\phi_T$", "degrees"),
    "azimuth": Observable("azimuth about q", r"$\phi_q$", "degrees"),
}


def observables(state: FinalState) -> dict[str, Floats]:
    """Every one of :data:`OBSERVABLES` for each of N events, shape (N,)."""
    values = (
        _leading(state) | _sums(state) | _missing(state) | _imbalance(state)
    )  # in the order of OBSERVABLES
    return {name: np.round(values[name], ROUNDING) for name in OBSERVABLES}


def energy_used(state: FinalState) -> Floats:
    """Energy [GeV] of omega that each particle accounts for, shape (M,).

    Kinetic energies of nucleons and nuclei, which were there before; total energies of mesons,
    photons and electrons; of other baryons what they cost more than a nucleon, of antibaryons the
    nucleon that was made with them as well.
    """
    baryon = species.baryon_number(state.pdg)
    before = baryon * NUCLEON_MASS
    known = state.any_of(*NUCLEONS) | state.is_nucleus
    return state.energy - np.where(known, state.mass, before)


def _leading(state: FinalState) -> dict[str, Floats]:
    """Momentum and direction of the fastest particle of each kind."""
    kinds = {
        "proton": state.any_of(PROTON), "neutron": state.any_of(NEUTRON),
        "pion": state.any_of(*CHARGED_PIONS), "pi0": state.any_of(NEUTRAL_PION),
    }  # fmt: skip
    found, size = {}, state.size
    for name, which in kinds.items():
        number = state.leading(which)
        momentum = _at(size, number)
        found[f"p_{name}"] = momentum
        # A particle at rest goes nowhere.
        still = np.where(momentum > 0.0, momentum, np.nan)
        found[f"cos_{name}"] = _at(state.momentum[:, 2], number) / still
    return found


def _sums(state: FinalState) -> dict[str, Floats]:
    """Sum of kinetic energies, available energy, visible mass [GeV]."""
    nucleus = state.is_nucleus
    kinetic = state.total(np.where(nucleus, 0.0, state.kinetic))
    visible = ~nucleus & ~state.any_of(*INVISIBLE)
    energy = state.total(np.where(visible, state.energy, 0.0))
    momentum = state.total(np.where(visible[:, None], state.momentum, 0.0))
    mass2 = energy**2 - np.einsum("ij,ij->i", momentum, momentum)
    # A single particle's mass tells nothing.
    several = state.count(visible) > 1
    mass = np.where(several, np.sqrt(np.clip(mass2, 0.0, None)), np.nan)
    return {"kinetic": kinetic, "available": _available(state, visible), "w_visible": mass}


def _available(state: FinalState, visible: Mask) -> Floats:
    """Available energy [GeV] as MINERvA defines it, shape (N,).

    P. A. Rodrigues et al., Phys. Rev. Lett. 116 (2016) 071802: kinetic energies of protons and
    charged pions, total energies of neutral pions, photons and electrons.  Of rarer hadrons: the
    total energies of other mesons; of strange baryons what is above a proton's mass, of
    antibaryons the total energy and a proton's mass.
    """
    baryon = species.baryon_number(state.pdg)
    slow = state.any_of(PROTON, *CHARGED_PIONS)
    energy = state.energy - np.where(slow, state.mass, baryon * PROTON_MASS)
    return state.total(np.where(visible, energy, 0.0))


def _missing(state: FinalState) -> dict[str, Floats]:
    """What of the energy and momentum transfer the hadrons do not have [GeV]."""
    energy = state.omega - state.total(energy_used(state))
    momentum = state.transfer - state.total(state.momentum)
    inside, out, along = (np.einsum("ij,ij->i", momentum, axis) for axis in state.axes())
    return {
        "e_missing": energy, "p_missing_along": along, "p_missing_in": inside,
        "p_missing_out": out,
    }  # fmt: skip


def _imbalance(state: FinalState) -> dict[str, Floats]:
    """Imbalance of lepton and fastest proton above threshold, and the azimuth of that about q."""
    number = state.leading(state.any_of(PROTON) & (state.size > PROTON_THRESHOLD))
    proton = np.stack([_at(column, number) for column in state.momentum.T], axis=1)
    found = imbalance(state.lepton[:, :2], proton[:, :2])
    inside, out, _ = (np.einsum("ij,ij->i", proton, axis) for axis in state.axes())
    # The lepton plane is a mirror: both sides are the same.
    azimuth = np.rad2deg(np.abs(np.arctan2(out, inside)))
    return found._asdict() | {"azimuth": azimuth}


def _at(values: Floats, number: NDArray[np.int64]) -> Floats:
    """Values of the particles with these numbers, NaN where there is none."""
    found = np.full(number.size, np.nan)
    there = number >= 0
    found[there] = values[number[there]]
    return found
