"""What leaves the nucleus beside the lepton, from the particles of NuHepMC events.

Undecayed physical particles have status 1.  Numbers that generators make up, the remnant
2009900000 first, are none.  A nucleus may be a remnant too: P.C.2 lets a generator that knows its
remnant write it as the nucleus that it is.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nugen_gan.adapters.nuhepmc.terms import FINAL
from nugen_gan.events.particles import Flat
from nugen_gan.physics import species

__all__ = ["hadrons"]

Indices = NDArray[np.int64]
# Codes of no particle, whose sign says nothing: GENIE's 20xxxxxxxx and NuHepMC's remnant.
PSEUDO = 2_000_000_000
NUCLEUS, LARGEST = 1_000_000_000, 1_100_000_000


def hadrons(rows: NDArray[Any], owner: Indices, lepton: Indices, target: Indices) -> Flat:
    """Return the hadrons and photons of N events, in the frame of the file.

    Parameters
    ----------
    rows : particles, with the fields ``pdg, px, py, pz, e, status`` [GeV], shape (M,)
    owner : number of the event of each particle, ascending, shape (M,)
    lepton : row of the lepton of each event, -1 for none, shape (N,)
    target : PDG code of the nucleus of each event, shape (N,)
    """
    mine = (rows["status"] == FINAL) & (np.abs(rows["pdg"]) < PSEUDO)
    mine[_remnants(rows, owner, mine, target)] = False
    mine[lepton[lepton >= 0]] = False
    those = rows[mine]
    counts = np.bincount(owner[mine], minlength=len(lepton))
    pdg = those["pdg"].astype(np.int32)
    return Flat(counts, pdg, those["px"], those["py"], those["pz"], those["e"])


def _remnants(
    rows: NDArray[Any], owner: Indices, mine: NDArray[np.bool_], target: Indices
) -> Indices:
    """Rows of nuclei that are what is left of the target.

    The heaviest of its event, if charge and baryon number of all that comes out, with it, are
    those of the target.  The target itself is none: it recoiled as a whole.
    """
    pdg, n = rows["pdg"], len(target)
    nuclei = np.flatnonzero(mine & (pdg > NUCLEUS) & (pdg < LARGEST))
    nuclei = nuclei[pdg[nuclei] != target[owner[nuclei]]]
    if not len(nuclei):
        return nuclei
    heaviest = np.full(n, -1)
    nuclei = nuclei[np.argsort(pdg[nuclei] // 10 % 1000, kind="stable")]
    heaviest[owner[nuclei]] = nuclei
    out, event = pdg[mine].astype(np.int32), owner[mine]
    charge, baryons = (
        np.bincount(event, number(out), minlength=n)
        for number in (species.charge, species.baryon_number)
    )
    closes = (charge == target // 10_000 % 1000) & (baryons == target // 10 % 1000)
    return heaviest[(heaviest >= 0) & closes]
