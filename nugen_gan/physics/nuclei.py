"""Masses of nuclei at rest, without the electrons of the atom."""

from __future__ import annotations

from functools import lru_cache

from nugen_gan.physics.masses import (
    ATOMIC_ELECTRON_MASS,
    NEUTRON_MASS,
    PROTON_MASS,
    particle_mass,
)
from nugen_gan.physics.process import mass_number

__all__ = ["nuclear_mass"]

# Bethe and Weizsaecker's terms [GeV]: volume, surface, Coulomb, asymmetry, pairing
# (J. W. Rohlf, Modern Physics from alpha to Z0, 1994).
VOLUME, SURFACE, COULOMB, ASYMMETRY, PAIRING = 15.75e-3, 17.8e-3, 0.711e-3, 23.7e-3, 11.18e-3


@lru_cache
def nuclear_mass(pdg: int) -> float:
    """Mass of a nucleus [GeV] from its PDG code 100ZZZAAA0.

    From the ``particle`` package, whose masses of nuclei are those of the neutral *atoms*
    (carbon-12 is 12 atomic mass units there), less the electrons, plus their binding energy
    14.4381 Z^2.39 + 1.55468e-6 Z^5.35 eV (AME 2020, equation 4).  For nuclei unknown there,
    from Bethe and Weizsaecker's formula, good to some MeV.
    """
    z, a = pdg // 10_000 % 1000, mass_number(pdg)
    if (z, a) == (1, 1):
        return PROTON_MASS
    atom = _atomic_mass(pdg)
    if atom is None:
        return z * PROTON_MASS + (a - z) * NEUTRON_MASS - _binding(z, a)
    binding = (14.4381 * z**2.39 + 1.55468e-6 * z**5.35) * 1e-9
    return float(atom - z * ATOMIC_ELECTRON_MASS + binding)


def _atomic_mass(pdg: int) -> float | None:
    try:
        return particle_mass(pdg)
    except KeyError:
        return None


def _binding(z: int, a: int) -> float:
    pairing = (1 if z % 2 == 0 else -1) * PAIRING / a**0.5 if a % 2 == 0 else 0.0
    if a % 2 == 0 and (a - z) % 2 != z % 2:
        pairing = 0.0
    return float(
        VOLUME * a
        - SURFACE * a ** (2 / 3)
        - COULOMB * z * (z - 1) / a ** (1 / 3)
        - ASYMMETRY * (a - 2 * z) ** 2 / a
        + pairing
    )
