"""The angle between lepton and neutrino, from momenta that their energies must confirm."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nugen_gan.physics.masses import particle_mass

__all__ = ["CHARGED_LEPTONS", "costheta"]

Floats = NDArray[np.float64]
CHARGED_LEPTONS = (11, 13, 15)
# How far energy and momentum may miss the mass, as a part of the squared energy: generators
# round masses, and some files hold single-precision numbers.
TOLERANCE = 1e-4


def costheta(neutrino: Floats, lepton: Floats, pdg: NDArray[np.int32]) -> Floats:
    """Return the cosine of the angle between neutrino and lepton, shape (N,).

    NaN, which a selection drops as unphysical, where a momentum does not fit its energy: that
    shows damaged data, and particles that are not there.

    Parameters
    ----------
    neutrino, lepton : four-momenta (px, py, pz, E) [GeV], shape (N, 4)
    pdg : PDG code of the lepton, shape (N,)
    """
    mass = np.zeros(len(pdg))
    for code in CHARGED_LEPTONS:
        mass[abs(pdg) == code] = particle_mass(code)
    lengths = np.linalg.norm(neutrino[:, :3], axis=1) * np.linalg.norm(lepton[:, :3], axis=1)
    cosine = (neutrino[:, :3] * lepton[:, :3]).sum(axis=1) / lengths
    good = _on_shell(neutrino, np.zeros(len(pdg))) & _on_shell(lepton, mass)
    return np.where(good, np.clip(cosine, -1.0, 1.0), np.nan)


def _on_shell(p4: Floats, mass: Floats) -> NDArray[np.bool_]:
    square = p4[:, 3] ** 2
    miss = square - (p4[:, :3] ** 2).sum(axis=1) - mass**2
    return np.asarray(abs(miss) <= TOLERANCE * square, np.bool_)
