"""Another lepton: the same energy and momentum transfer, with another mass at its end.

At given neutrino energy, ``omega`` and ``Q2`` the nucleus hardly notices which lepton leaves: so
this, and not the proxies, is what a base's events keep when they become events of another flavour.
But the mass decides where phase space ends.  So distances to its edges are stretched, little where
the edge is far::

    1 / new^p - 1 / new width^p = 1 / old^p - 1 / old width^p

with p = 2, for ``omega``, whose width is enu - m, and for Q2 - Q2min, whose width is 4 enu plep.
All of phase space becomes all of phase space, and the way back is the same formula.
"""

from __future__ import annotations

import torch
from torch import Tensor

from nugen_gan.physics.kinematics import LeptonKinematics

__all__ = ["POWER", "carried", "usable"]

# Of the distances in the formula above; measured: docs/transfer.md.
POWER = 2.0
# No neutrino makes a lepton heavier than itself: energies are raised to this many masses.
LEAST = 1.2


def usable(enu: Tensor, mass: float) -> Tensor:
    """Energies [GeV] at which a lepton of this mass can be made, as near as can be; (N,)."""
    return enu.clamp(min=LEAST * mass)


def carried(
    enu: Tensor,
    proxies: Tensor,
    mass: float,
    new_enu: Tensor,
    new_mass: float,
    power: float = POWER,
) -> Tensor:
    """Return the proxies (N, 2) of N events with another lepton.

    Parameters
    ----------
    enu : neutrino energies [GeV], (N,)
    proxies : unscaled, (N, 2)
    mass : of the lepton [GeV]
    new_enu, new_mass : of the events to be
    power : p in the formula of this module
    """
    first, second = proxies.double().unbind(dim=1)
    lepton = LeptonKinematics.from_proxies(enu.double(), first, second, mass)
    energy = new_enu.double()
    omega, kinetic = _stretched(lepton.omega, lepton.kinetic, energy - new_mass, power)
    momentum = torch.sqrt(kinetic * (kinetic + 2.0 * new_mass))
    longest = 4.0 * energy * momentum
    above, below = _stretched(lepton.q2_above, lepton.q2_below, longest, power)
    new = LeptonKinematics(new_mass, energy, omega, kinetic, above, below)
    return torch.stack(new.proxies(), dim=1).to(proxies.dtype)


def _stretched(low: Tensor, high: Tensor, width: Tensor, power: float) -> tuple[Tensor, Tensor]:
    """Distances to both ends of an interval of this width, from those in another."""
    old = (low + high).clamp(min=torch.finfo(torch.float64).tiny)
    # The logarithm of low / old, from the smaller of the two distances.
    share = torch.where(low < high, torch.log(low / old), torch.log1p(-(high / old).clamp(max=0.9)))
    y = (width / old) ** power * torch.expm1(-power * share)
    rest = torch.log1p(y) / power
    return width * torch.exp(-rest), -width * torch.expm1(-rest)
