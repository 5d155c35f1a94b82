"""Masses of particles, all from here.

They come from the ``particle`` package, but for two that a newer table of the PDG must not move:
the nucleons', which enter the invariant mass W that trained models see, and that of the electrons
of an atom, for the masses of nuclei in written files.
"""

from __future__ import annotations

from functools import lru_cache

__all__ = [
    "ATOMIC_ELECTRON_MASS",
    "MASS_PER_NUCLEON",
    "NEUTRON_MASS",
    "NUCLEON_MASS",
    "PROTON_MASS",
    "particle_mass",
]

# [GeV], PDG 2024
PROTON_MASS, NEUTRON_MASS = 0.93827208816, 0.93956542052
ATOMIC_ELECTRON_MASS = 0.00051099895
# By PDG code.
NUCLEONS = {2212: PROTON_MASS, 2112: NEUTRON_MASS}
# Their mean: defines W2 for every target.
NUCLEON_MASS = 0.5 * (PROTON_MASS + NEUTRON_MASS)
# Of a nucleus at rest [GeV]: the atomic mass unit, as NUISANCE rounds it.
MASS_PER_NUCLEON = 0.9315


@lru_cache
def particle_mass(pdg: int) -> float:
    """Mass of a particle [GeV] from its PDG code.

    Raises
    ------
    KeyError
        if there is no such particle, or its mass is not known.
    """
    if abs(pdg) in NUCLEONS:
        return NUCLEONS[abs(pdg)]
    from particle import InvalidParticle, Particle, ParticleNotFound  # slow to import

    try:
        mass = Particle.from_pdgid(pdg).mass
    except (ParticleNotFound, InvalidParticle):
        mass = None
    if mass is None:
        raise KeyError(f"no mass is known of the particle with PDG code {pdg}")
    return float(mass) * 1e-3
