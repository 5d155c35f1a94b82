"""What the networks that judge finished events see of each: one row of numbers.

First the standardised features, then the energy condition, then what tells how the energy mixes
the hadronic response.  At given energy and momentum transfer, ``omega`` and ``q``, a charged
current meets the nucleus in three helicities, and a lepton of mass m also in its divergence
``omega J0 - q Jz``.  The energies mix them by::

    L, R :  (s +- q)^2 - (m^2 q / Q2)^2
    S    :  s^2 - q^2 (1 + m^2 / Q2)                 with  s = enu + elep - m^2 omega / Q2
    D    :  m^2

for neutrinos, each over (2 enu)^2 and up to functions of omega and Q2; antineutrinos exchange L and
R.  This is the contraction of the lepton's tensor (Amaro et al., Phys. Rev. C 71 (2005) 015501)
with such currents, without the interference of S and D, and for a massless lepton the three of
Bjorken and Paschos, Phys. Rev. D 1 (1970) 3151.  The logarithms of the four weights follow.

Further columns stretch the hadronic variables where the channels of the generators begin and end:
the threshold of the quasielastic, the momentum transfer to which two-nucleon knock-out is computed
(1.2 GeV in the tables of Nieves, Ruiz Simo and Vicente Vacas, arXiv:1106.5374), and the masses W
at which resonances hand over to deep inelastic scattering.

The last column is for antineutrinos, which alone make hyperons of single nucleons: it flags the W
of such events, a narrow peak of few of them that networks find only if it is an input.

A density ratio that continues others has two inputs more: the distance from the threshold before
its step's shift, where its base's events begin sharply, and the new ones perhaps do not; and the
log ratio known so far.
"""

from __future__ import annotations

import torch
from torch import Tensor

from nugen_gan.events.table import EventTable
from nugen_gan.gan.definition import FeatureDefinition
from nugen_gan.gan.features import (
    FEATURES,
    Scaling,
    condition,
    hadronic_mass,
    lepton_features,
    stretched,
)
from nugen_gan.gan.networks import N_CONDITIONS
from nugen_gan.physics.kinematics import LeptonKinematics

__all__ = [
    "COLUMNS",
    "CONDITION",
    "CONTINUED",
    "EDGES",
    "FEATURE",
    "HADRONIC",
    "HELICITIES",
    "HELICITY",
    "HYPERON",
    "KNOWN",
    "SEEN",
    "THRESHOLD_BEFORE",
    "event_inputs",
    "known_log_ratio",
    "step_rows",
    "table_inputs",
]

# The columns of a row.
FEATURE = slice(0, len(FEATURES))
CONDITION = slice(FEATURE.stop, FEATURE.stop + N_CONDITIONS)
SEEN = slice(0, CONDITION.stop)
HELICITIES = 4
HELICITY = slice(CONDITION.stop, CONDITION.stop + HELICITIES)
EDGES = slice(HELICITY.stop, HELICITY.stop + 4)
HYPERON = EDGES.stop
COLUMNS = HYPERON + 1
# Those that a ratio sees which continues others.
THRESHOLD_BEFORE, KNOWN = COLUMNS, COLUMNS + 1
CONTINUED = KNOWN + 1
# Those columns that are functions of omega and Q2 alone.
HADRONIC = [
    FEATURES.index(name)
    for name in (
        "log_omega",
        "log_q2",
        "log_w2",
        "w_quasielastic",
        "w_delta",
        "omega_threshold",
        "q2_low",
    )
] + list(range(EDGES.start, EDGES.stop))
# At the ends of phase space, where helicity conservation leaves nothing of a weight, or rounding.
SMALLEST_WEIGHT = 1e-8
SMALLEST_Q2 = 1e-9  # GeV^2


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
    known = scaling.definition
    features = scaling.apply(lepton_features(lepton, proxies, known).float())
    helicities = log_helicity_weights(lepton, mass)
    sharp = edges(lepton, known), hyperon_peak(lepton, known)
    columns = features, given, helicities, *sharp
    return torch.cat([column.float() for column in columns], dim=1)


def table_inputs(
    events: EventTable, scaling: Scaling, condition_range: tuple[float, float]
) -> Tensor:
    """Return the rows of a table of events, (N, COLUMNS).

    ``condition_range`` are the energies [GeV] that the condition knows as -1 and 1.
    """
    enu = torch.from_numpy(events.enu)
    given = condition(enu, condition_range)
    proxies = torch.from_numpy(events.proxies())
    return event_inputs(enu, proxies, events.process.lepton_mass, scaling, given)


def step_rows(own: Tensor, before: Tensor, known: Tensor) -> Tensor:
    """Return what a ratio sees that continues others, (N, CONTINUED).

    Parameters
    ----------
    own : rows of the events after its step, (N, COLUMNS)
    before : rows of the same events after the step before, (N, COLUMNS)
    known : what the ratios before say of them together, (N,)
    """
    return torch.cat([own, before[:, EDGES.start, None], known[:, None]], dim=1)


def known_log_ratio(rows: Tensor) -> Tensor:
    """The log ratio (N,) that such rows continue; zero where they continue none."""
    return rows[:, KNOWN] if rows.shape[1] == CONTINUED else torch.zeros(len(rows))


def edges(lepton: LeptonKinematics, known: FeatureDefinition) -> Tensor:
    """Distances from where channels begin or end, stretched, shape (N, 4)."""
    w = hadronic_mass(lepton, known)
    columns = (
        stretched(lepton.omega, *known.omega_edge),
        stretched(_transfer(lepton), *known.transfer_edge),
        stretched(w, *known.first_w_edge),
        stretched(w, *known.second_w_edge),
    )
    return torch.stack(columns, dim=1)


def hyperon_peak(lepton: LeptonKinematics, known: FeatureDefinition) -> Tensor:
    """How near each event is to where hyperons are made, shape (N, 1)."""
    centre, width = known.hyperon_peak
    distance = (hadronic_mass(lepton, known) - centre) / width
    return known.hyperon_height * torch.exp(-0.5 * distance * distance)[:, None]


def log_helicity_weights(lepton: LeptonKinematics, mass: float) -> Tensor:
    """Logarithms of the weights of L, R, S and D, shape (N, 4), for a lepton of this mass [GeV]."""
    omega, q, twice = lepton.omega, _transfer(lepton), 2.0 * lepton.enu
    # Q2 of a lepton with a mass is above zero, but rounding may take it below.
    heavy = mass * mass / lepton.q2.clamp(min=SMALLEST_Q2)
    s, flip = twice - omega - heavy * omega, heavy * q
    weights = (
        (s + q - flip) * (s + q + flip),
        (s - q - flip) * (s - q + flip),
        (s - q) * (s + q) - heavy * q * q,
        torch.full_like(s, mass * mass),
    )
    return torch.log((torch.stack(weights, dim=1) / twice[:, None] ** 2).clamp(min=SMALLEST_WEIGHT))


def _transfer(lepton: LeptonKinematics) -> Tensor:
    """Momentum transfer, (N,) [GeV]."""
    omega = lepton.omega
    return torch.sqrt(omega * omega + lepton.q2.clamp(min=0.0))
