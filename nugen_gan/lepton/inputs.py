"""What the networks of the fast sampler see.

Both see the energy and the channel.  The second one, of Q2 at given omega, also sees where the
landmarks of the hadronic mass lie in its variable: the quasielastic peak, the Delta, and the masses
at which generators hand over from resonances to deep inelastic scattering.  So a peak that moves
through the (omega, Q2) plane stands still beside an input.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nugen_gan.physics.kinematics import OMEGA_SCALE, Q2_SCALE, LeptonKinematics
from nugen_gan.physics.masses import NUCLEON_MASS

__all__ = ["ENERGY", "OMEGA", "channel_inputs", "energy_place", "omega_inputs"]

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
# Landmarks of W [GeV], and of the momentum transfer up to which two-nucleon knock-out is made.
MASSES, TRANSFER = (0.94, 1.23, 1.6, 2.0), 1.2
# Energy transfers about which they look closely, and how closely [GeV].
EDGES = ((0.05, 0.02), (0.045, 0.005), (0.3, 0.1))
# How close a landmark comes to the ends of its variable.
MARGIN = 2e-3
ENERGY = 3
OMEGA = 6 + len(EDGES) + len(MASSES) + 1


def energy_place(enu: Floats, energy_range: Sequence[float]) -> Floats:
    """Where energies [GeV] lie in a range, in their logarithm: 0 at its lower end, 1 at its upper.

    Energies outside count as those at the ends; in a range of no width all are at 0.
    """
    low, high = energy_range
    width = np.log(high / low)
    return np.clip(np.log(enu / low) / width, 0.0, 1.0) if width > 1e-9 else np.zeros(len(enu))


def channel_inputs(place: Floats, channel: NDArray[np.int64], channels: int) -> Singles:
    """Inputs of the first network, (N, ENERGY + channels).

    Parameters
    ----------
    place : of the energies, see :func:`energy_place`, (N,)
    channel : number of each event's channel, from 0, (N,)
    channels : how many there are
    """
    x = 2.0 * place - 1.0
    rows = np.zeros((len(place), ENERGY + channels), np.float32)
    rows[:, :ENERGY] = np.stack([x, x**2, x**3], axis=1)
    rows[np.arange(len(place)), ENERGY + channel] = 1.0
    return rows


def omega_inputs(enu: Floats, proxy1: Floats, mass: float) -> Singles:
    """What the second network sees of the energy transfer, (N, OMEGA).

    Parameters
    ----------
    enu : neutrino energies [GeV], (N,)
    proxy1 : first proxies, (N,)
    mass : of the lepton [GeV]
    """
    at_least_q2 = LeptonKinematics.from_proxies(enu, proxy1, np.full(len(enu), -40.0), mass)
    omega, kinetic = at_least_q2.omega, at_least_q2.kinetic
    least = at_least_q2.q2
    width = at_least_q2.q2_above + at_least_q2.q2_below
    log_width = np.log1p(width / Q2_SCALE)
    columns = [
        0.4 * proxy1, 0.5 * np.log(omega + OMEGA_SCALE) + 0.5,
        0.5 * np.log(omega / enu + 1e-3) + 1.0, 0.2 * log_width,
        0.4 * np.log(kinetic / enu + 0.01), 0.2 * np.log(least + 1e-3) + 0.5,
        *(0.5 * np.arcsinh((omega - centre) / near) for centre, near in EDGES),
    ]  # fmt: skip
    marks = [NUCLEON_MASS**2 + 2.0 * NUCLEON_MASS * omega - w**2 for w in MASSES]
    for q2 in (*marks, TRANSFER**2 - omega**2):
        part = np.log1p(np.clip(q2 - least, 0.0, width) / Q2_SCALE) / np.maximum(log_width, 1e-9)
        part = np.clip(part, MARGIN, 1.0 - MARGIN)
        columns.append(0.4 * np.log(part / (1.0 - part)))
    return np.stack(columns, axis=1).astype(np.float32)
