"""Masses of particles, all from here.

They come from the ``particle`` package, but for those that a newer table of the PDG must not move:
the charged leptons' and the nucleons', which enter the kinematics that trained models see, that of
the electrons of an atom, for the masses of nuclei in written files, and those of common hadrons.
That package also takes a quarter of a second to load its table, longer than a thousand events do.
"""

from __future__ import annotations

from functools import lru_cache

__all__ = [
    "ATOMIC_ELECTRON_MASS",
    "FIXED",
    "MASS_PER_NUCLEON",
    "NEUTRON_MASS",
    "NUCLEON_MASS",
    "PROTON_MASS",
    "particle_mass",
]

# [GeV], PDG 2024
PROTON_MASS, NEUTRON_MASS = 0.93827208816, 0.93956542052
ATOMIC_ELECTRON_MASS = 0.00051099895
# By PDG code: charged leptons, nucleons, and hadrons that leave nuclei often.
FIXED = {
    11: 0.0005109989506900001, 13: 0.10565837550000001, 15: 1.7769300000000001,
    2212: PROTON_MASS, 2112: NEUTRON_MASS,
    22: 0.0, 111: 0.1349768, 211: 0.13957039000000002, 130: 0.497611, 311: 0.497611,
    321: 0.49367700000000003, 421: 1.86484, 3112: 1.197449, 3122: 1.115683, 3212: 1.192642,
    3222: 1.1893699999999998, 4122: 2.28646, 4222: 2.45397,
}  # fmt: skip
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
    if abs(pdg) in FIXED:
        return FIXED[abs(pdg)]
    from particle import InvalidParticle, Particle, ParticleNotFound  # slow to import

    try:
        mass = Particle.from_pdgid(pdg).mass
    except (ParticleNotFound, InvalidParticle):
        mass = None
    if mass is None:
        raise KeyError(f"no mass is known of the particle with PDG code {pdg}")
    return float(mass) * 1e-3
