"""Proposal smearing: room for what a generator never makes.

A ratio can only make rare what the generator makes often, and often what it makes rarely.  Where
it makes nothing, below the removal energy of its nucleus for one, no ratio helps.  So a share of
its events, the proposals, is smeared, and a density ratio learns which of these to accept: none for
the generator's own distribution, some for that of another target or model.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nugen_gan.density_ratio.reach import Reach
from nugen_gan.physics.kinematics import LeptonKinematics, encode

__all__ = ["smeared"]


def smeared(
    enu: Tensor,
    proxies: Tensor,
    mass: float,
    share: float,
    uniform: NDArray[np.float64],
    normal: NDArray[np.float64],
    reach: Reach,
) -> Tensor:
    """Return the proxies (N, 2) of N events after a share of them was smeared.

    Parameters
    ----------
    enu : neutrino energies [GeV], (N,)
    proxies : unscaled, (N, 2)
    mass : of the lepton [GeV]
    share : of the events that is smeared
    uniform, normal : random numbers, (N,): in [0, 1), and Gaussian
    reach : how far
    """
    picked = torch.from_numpy(np.flatnonzero(uniform < share))
    energy, place = enu[picked].double(), torch.from_numpy(uniform)[picked] / share
    first, second = proxies[picked].double().unbind(dim=1)
    lepton = LeptonKinematics.from_proxies(energy, first, second, mass)
    omega = lepton.omega - reach.down + (reach.down + reach.up) * place
    possible = (omega > 0.0) & (omega < energy - mass)
    picked, energy, omega = picked[possible], energy[possible], omega[possible]
    first, second = encode(energy, energy - omega, lepton.costheta[possible], mass)
    second = second + reach.spread * torch.from_numpy(normal)[picked]
    out = proxies.clone()
    out[picked] = torch.stack([first, second], dim=1).to(out.dtype)
    return out
