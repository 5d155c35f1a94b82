"""What the networks that judge finished events see of each: one row of numbers.

First the standardised features, then the energy condition, then what tells how the energy mixes
the hadronic response.  At given energy and momentum transfer, ``omega`` and ``q``, a charged
current meets the nucleus in three helicities, and a massless lepton mixes them by (Bjorken and
Paschos, Phys. Rev. D 1 (1970) 3151)::

    u^2 sigma_L + v^2 sigma_R + 2 u v sigma_S,    u, v = (enu + elep +- q) / (2 enu)

for neutrinos; antineutrinos exchange L and R.  The last columns are the logarithms of the three
weights.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from nugen_gan.events import EventTable
from nugen_gan.gan.chain import Stage, stages_before
from nugen_gan.gan.features import FEATURES, Scaling, condition, lepton_features
from nugen_gan.gan.networks import N_CONDITIONS
from nugen_gan.gan.shifts import Shift
from nugen_gan.kinematics import LeptonKinematics

__all__ = [
    "COLUMNS",
    "CONDITION",
    "FEATURE",
    "HELICITY",
    "SEEN",
    "chain_inputs",
    "event_inputs",
    "table_inputs",
]

# The columns of a row.
FEATURE = slice(0, len(FEATURES))
CONDITION = slice(FEATURE.stop, FEATURE.stop + N_CONDITIONS)
SEEN = slice(0, CONDITION.stop)
HELICITY = slice(CONDITION.stop, CONDITION.stop + 3)
COLUMNS = HELICITY.stop
# A heavy lepton can make v negative: at the very end of phase space, where nothing happens.
SMALLEST_WEIGHT = 1e-4


def event_inputs(
    enu: Tensor, proxies: Tensor, mass: float, scaling: Scaling, given: Tensor
) -> Tensor:
    """Return the rows of N events, float32 of shape (N, COLUMNS).

    Parameters
    ----------
    enu : neutrino energies [GeV], (N,)
    proxies : unscaled, (N, 2)
    mass : of the lepton [GeV]
    scaling : of the features
    given : condition of the energies, (N, 3)
    """
    lepton = LeptonKinematics.from_proxies(enu, proxies[:, 0], proxies[:, 1], mass)
    features = scaling.apply(lepton_features(lepton, proxies).float())
    return torch.cat([features, given.float(), log_helicity_weights(lepton).float()], dim=1)


def chain_inputs(stages: Sequence[Stage], scaling: Scaling, given: Tensor) -> Tensor:
    """Return rows of N events, and beside them of what they were before each transfer.

    ``stages`` are the events first, and what the generator made last; where nothing happened
    between two, their proxies are the same tensor.  The shape is (N, COLUMNS len(stages)).
    """
    rows: list[Tensor] = []
    for number, (enu, proxies, mass) in enumerate(stages):
        same = number > 0 and proxies is stages[number - 1].proxies
        seen = enu.to(proxies.dtype)
        rows.append(rows[-1] if same else event_inputs(seen, proxies, mass, scaling, given))
    return torch.cat(rows, dim=1)


def table_inputs(
    events: EventTable,
    scaling: Scaling,
    energy_range: tuple[float, float],
    shifts: Sequence[Shift] = (),
) -> Tensor:
    """Return the rows of a table, and beside them of the events before each of these transfers.

    ``energy_range`` is that of the condition, in GeV.
    """
    enu = torch.from_numpy(events.enu)
    last = Stage(enu, torch.from_numpy(events.proxies()), events.process.lepton_mass)
    return chain_inputs(stages_before(last, shifts), scaling, condition(enu, energy_range))


def log_helicity_weights(lepton: LeptonKinematics) -> Tensor:
    """Logarithms of u^2, v^2 and 2 u v, shape (N, 3)."""
    omega = lepton.omega
    transfer = torch.sqrt(omega * omega + lepton.q2.clamp(min=0.0))
    twice = 2.0 * lepton.enu
    u = torch.log(((twice - omega + transfer) / twice).clamp(min=SMALLEST_WEIGHT))
    v = torch.log(((twice - omega - transfer) / twice).clamp(min=SMALLEST_WEIGHT))
    return torch.stack([2.0 * u, 2.0 * v, u + v + math.log(2.0)], dim=1)
