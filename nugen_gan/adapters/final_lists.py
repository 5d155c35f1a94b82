"""Lists of final particles as files hold them: without the lepton, in the frame of a table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nugen_gan.adapters.frame import in_lepton_frame
from nugen_gan.adapters.lists import is_real
from nugen_gan.events.particles import Flat
from nugen_gan.storage import root as root_io

if TYPE_CHECKING:
    import awkward as ak

__all__ = ["beside_lepton", "more_than_one"]

Floats = NDArray[np.float64]
# How far energy (as a part of it) and cosine of the lepton in the list may be from those that the
# file states elsewhere.
NEAR = 1e-3


def more_than_one(path: Path, tree: str, branch: str) -> bool:
    """True if some event of a file has more than one particle, so more than its lepton.

    Parameters
    ----------
    branch : one that has a number for each final particle
    """
    import awkward as ak

    # Most files tell with their first events.
    for block in root_io.blocks(path, tree, (branch,), "ak", root_io.BLOCK):
        with root_io.reading(path):
            if ak.any(ak.num(block[branch]) > 1):
                return True
    return False


def beside_lepton(
    those: Flat, neutrino: Floats, lepton: NDArray[np.int32], energy: Floats, costheta: Floats
) -> ak.Array:
    """All particles but the charged lepton of the reaction, in the frame of an event table.

    That lepton is the particle of its code whose energy is nearest to the known one.  Where no
    such particle is in the list, or where it goes another way, an impossible particle is put into
    the list instead, for which a selection drops the event.  Pseudo-particles are left out.

    Parameters
    ----------
    those : final particles of N events in the frame of the file
    neutrino : momenta in that frame, in any unit, shape (N, 3)
    lepton : PDG codes of the charged leptons, shape (N,); 0 for events that are none of charged
        currents, whose particles are left out
    energy, costheta : of the leptons as the file states them [GeV], shape (N,)
    """
    with np.errstate(all="ignore"):
        index = _nearest(those, lepton, energy)
        event = those.event()[index]
        momentum = np.full((len(lepton), 3), np.nan)
        momentum[event] = those.momenta()[index]
        lengths = np.linalg.norm(neutrino, axis=1) * np.linalg.norm(momentum, axis=1)
        cosine = (neutrino * momentum).sum(axis=1) / lengths
        # A lepton at rest has no direction.
        wrong = np.isnan(momentum).any(axis=1) | (abs(cosine - costheta) > NEAR)
        keep = is_real(those.pdg) & (lepton != 0)[those.event()]
        keep[index] = False
        rest = _with_impossible(those.pick(keep), wrong & (lepton != 0))
        return in_lepton_frame(neutrino, momentum, rest)


def _nearest(those: Flat, lepton: NDArray[np.int32], energy: Floats) -> NDArray[np.int64]:
    """Index of each lepton that was found."""
    event = those.event()
    miss = np.where(those.pdg == lepton[event], abs(those.E - energy[event]), np.inf)
    miss = np.where(np.isnan(miss), np.inf, miss)
    some = those.counts > 0
    starts = np.cumsum(those.counts) - those.counts
    nearest = np.full(len(lepton), np.inf)
    if some.any():
        nearest[some] = np.minimum.reduceat(miss, starts[some])
    found = nearest <= NEAR * energy
    index = np.flatnonzero((miss == nearest[event]) & found[event])
    # The first of several with the same energy.
    _, first = np.unique(event[index], return_index=True)
    return np.asarray(index[first])


def _with_impossible(those: Flat, which: NDArray[np.bool_]) -> Flat:
    """Put a particle without a code into the lists of these events."""
    if not which.any():
        return those
    ends = np.cumsum(those.counts)[which]
    px, py, pz, energy = (np.insert(column, ends, np.nan) for column in those[2:])
    pdg = np.insert(those.pdg, ends, 0)
    return Flat(those.counts + which, pdg, px, py, pz, energy)
