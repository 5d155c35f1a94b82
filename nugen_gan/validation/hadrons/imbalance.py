"""Transverse kinematic imbalance of the lepton and a proton.

X.-G. Lu et al., Phys. Rev. C 94 (2016) 015503: on a free nucleon at rest both transverse momenta
balance.  What is missing tells of the motion of the struck nucleon and of interactions on its way
out, nearly without the energy of the neutrino.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Imbalance", "imbalance"]

Floats = NDArray[np.float64]


class Imbalance(NamedTuple):
    """Transverse imbalance of N events, each of shape (N,); NaN where a direction is missing.

    Attributes
    ----------
    dpt : |sum of both transverse momenta|, delta p_T [GeV]
    dalphat : angle of that sum to the direction opposite to the lepton, delta alpha_T [degrees]:
        below 90 the proton is pushed, above it is slowed down
    dphit : angle of the proton to the same direction, delta phi_T [degrees]
    """

    dpt: Floats
    dalphat: Floats
    dphit: Floats


def imbalance(lepton: Floats, proton: Floats) -> Imbalance:
    """Imbalance of momenta transverse to the neutrino.

    Parameters
    ----------
    lepton, proton : transverse momenta [GeV], shape (N, 2)
    """
    total = lepton + proton
    return Imbalance(np.linalg.norm(total, axis=1), _angle(-lepton, total), _angle(-lepton, proton))


def _angle(first: Floats, second: Floats) -> Floats:
    """Angle between vectors [degrees], 0 to 180."""
    product = np.einsum("ij,ij->i", first, second)
    lengths = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
    cosine = np.divide(product, lengths, out=np.full_like(product, np.nan), where=lengths > 0.0)
    return np.asarray(np.rad2deg(np.arccos(np.clip(cosine, -1.0, 1.0))))
