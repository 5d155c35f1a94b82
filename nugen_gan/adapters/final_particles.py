"""What leaves the nucleus beside the lepton, from lists of particles with a status.

Undecayed physical particles have status 1 in HepMC3, HEPEVT and StdHEP alike.  Numbers that
generators make up, such as NuHepMC's remnant 2009900000, are none.  A nucleus may be a remnant
too: P.C.2 of NuHepMC lets a generator that knows its remnant write it as the nucleus that it is.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nugen_gan.adapters.lists import is_real
from nugen_gan.events.particles import Flat
from nugen_gan.physics import species

__all__ = ["final_particles"]

Indices = NDArray[np.int64]
FINAL = 1


def final_particles(rows: NDArray[Any], owner: Indices, lepton: Indices, target: Indices) -> Flat:
    """Return the hadrons and photons of N events, in the frame of the file.

    Parameters
    ----------
    rows : particles, with the fields ``pdg, px, py, pz, e, status`` [GeV], shape (M,)
    owner : number of the event of each particle, ascending, shape (M,)
    lepton : row of the lepton of each event, -1 for none, shape (N,)
    target : PDG code of the nucleus of each event, shape (N,)
    """
    mine = (rows["status"] == FINAL) & is_real(np.abs(rows["pdg"]))
    mine[_remnants(rows, owner, mine, target)] = False
    mine[lepton[lepton >= 0]] = False
    those = rows[mine]
    counts = np.bincount(owner[mine], minlength=len(lepton))
    pdg = _short(those["pdg"])
    return Flat(counts, pdg, those["px"], those["py"], those["pz"], those["e"])


def _remnants(
    rows: NDArray[Any], owner: Indices, mine: NDArray[np.bool_], target: Indices
) -> Indices:
    """Rows of nuclei that are what is left of the target.

    The heaviest of its event, if charge and baryon number of all that comes out, with it, are
    those of the target.  The target itself is none: it recoiled as a whole.
    """
    pdg, n = rows["pdg"], len(target)
    nuclei = np.flatnonzero(mine & species.is_nucleus_code(pdg))
    nuclei = nuclei[pdg[nuclei] != target[owner[nuclei]]]
    if not len(nuclei):
        return np.zeros(0, np.int64)
    heaviest = np.full(n, -1)
    nuclei = nuclei[np.argsort(pdg[nuclei] // 10 % 1000, kind="stable")]
    heaviest[owner[nuclei]] = nuclei
    out, event = _short(pdg[mine]), owner[mine]
    charge, baryons = (
        np.bincount(event, number(out), minlength=n)
        for number in (species.charge, species.baryon_number)
    )
    closes = (charge == target // 10_000 % 1000) & (baryons == target // 10 % 1000)
    return np.asarray(heaviest[(heaviest >= 0) & closes], np.int64)


def _short(pdg: Indices) -> NDArray[np.int32]:
    """Codes in 32 bits; 0, which is of nothing, for what is no code."""
    return np.where((pdg < 2**31) & (pdg >= -(2**31)), pdg, 0).astype(np.int32)
