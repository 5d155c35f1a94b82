"""A toy law whose samples are cheap, and a perfect model of it."""

from __future__ import annotations

import numpy as np

from nugen_gan.events import EventTable
from nugen_gan.process import Channel, Process

NUMU_CARBON = Process.from_name("numu_cc_C12")


def toy_events(n: int, seed: int, *, energy_range=(0.2, 20.0), spread: float = 1.0) -> EventTable:
    """A smooth law: kinetic fraction and angle from beta distributions at log-uniform energies."""
    rng = np.random.default_rng(seed)
    enu = np.exp(rng.uniform(*np.log(energy_range), n))
    return toy_at(enu, seed, spread=spread)


def toy_at(enu, seed: int, *, spread: float = 1.0) -> EventTable:
    rng = np.random.default_rng([seed, 1])
    mass = NUMU_CARBON.lepton_mass
    fraction = rng.beta(8.0 * spread, 8.0, len(enu))
    theta = rng.beta(1.5, 12.0, len(enu))
    channel = rng.choice([Channel.QE, Channel.RES], len(enu), p=[0.6, 0.4])
    elep = mass + fraction * (enu - mass)
    return EventTable(NUMU_CARBON, enu, elep, np.cos(theta), channel, np.ones(len(enu)))


class ToyModel:
    """A perfect model of the toy law."""

    process = NUMU_CARBON
    energy_range = (0.2, 20.0)
    name = "toy"

    def sample(self, enu, *, seed=None) -> EventTable:
        return toy_at(np.asarray(enu), 1_000_000 + (seed or 0))
