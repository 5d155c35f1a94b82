"""Masses, charges and baryon numbers of arrays of particles, by PDG code.

Nuclei (100ZZZAAA0) count as particles; codes that generators make up, such as GENIE's hadronic
blob 2000000002 or NuHepMC's remnant 2009900000, do not.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nugen_gan.physics.masses import particle_mass
from nugen_gan.physics.nuclei import nuclear_mass

__all__ = ["baryon_number", "charge", "is_meson", "is_nucleus_code", "mass", "name_of"]

Codes = NDArray[np.int32]
NUCLEUS = 1_000_000_000
NEUTRINOS = (12, 14, 16)
# Codes above are of no particle.
LARGEST = 1_100_000_000


def mass(pdg: Codes) -> NDArray[np.float64]:
    """Masses [GeV], shape of ``pdg``; NaN for what is no known particle."""
    return _each(pdg, _mass, np.float64)


def charge(pdg: Codes) -> NDArray[np.int32]:
    """Electric charges in units of the proton's, shape of ``pdg``; 0 for what is no particle."""
    return _each(pdg, _charge, np.int32)


def baryon_number(pdg: Codes) -> NDArray[np.int32]:
    """Baryon numbers, shape of ``pdg``: of a nucleus its mass number."""
    return _each(pdg, _baryon_number, np.int32)


def is_meson(pdg: Codes) -> NDArray[np.bool_]:
    """True for mesons, shape of ``pdg``."""
    return _each(pdg, _is_meson, np.bool_)


def is_nucleus_code(pdg: Codes) -> NDArray[np.bool_]:
    """True for codes of nuclei, shape of ``pdg``."""
    pdg = np.asarray(pdg)
    return np.asarray((pdg > NUCLEUS) & (pdg < LARGEST))


@lru_cache
def name_of(pdg: int) -> str:
    """Name of a particle, such as "pi+" or "C12"; its code where it has none."""
    from particle import InvalidParticle, Particle, ParticleNotFound

    try:
        return str(Particle.from_pdgid(pdg).name)
    except (ParticleNotFound, InvalidParticle):
        return str(pdg)


def _each(pdg: Codes, of: Callable[[int], float], kind: type[Any]) -> NDArray[Any]:
    """Look up each code that occurs once."""
    pdg = np.asarray(pdg, np.int32)
    codes, index = np.unique(pdg, return_inverse=True)
    values = np.array([of(code) for code in codes.tolist()], kind)
    return values[index.reshape(pdg.shape)]


@lru_cache
def _mass(code: int) -> float:
    if NUCLEUS < code < LARGEST:
        # An excited state, whose code ends in another digit, is heavier by some MeV at most.
        return nuclear_mass(code - code % 10) if _mass_number(code) > 0 else float("nan")
    if abs(code) in NEUTRINOS:
        return 0.0
    try:
        return particle_mass(code)
    except KeyError:
        return float("nan")


@lru_cache
def _charge(code: int) -> int:
    from particle import PDGID

    thirds = PDGID(code).three_charge
    # Of quarks, which are no particles of a final state, it is no whole number.
    return int(thirds) // 3 if thirds is not None and thirds % 3 == 0 else 0


@lru_cache
def _baryon_number(code: int) -> int:
    from particle import PDGID

    if NUCLEUS < abs(code) < LARGEST:
        return _mass_number(code)
    if not PDGID(code).is_baryon:
        return 0
    return 1 if code > 0 else -1


@lru_cache
def _is_meson(code: int) -> bool:
    from particle import PDGID

    return bool(PDGID(code).is_meson)


def _mass_number(code: int) -> int:
    return code // 10 % 1000
