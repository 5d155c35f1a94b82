"""A toy law whose samples are cheap, and a perfect model of it."""

from __future__ import annotations

import numpy as np

from nugen_gan.events.table import EventTable
from nugen_gan.physics.kinematics import NUCLEON_MASS
from nugen_gan.physics.process import Channel, Process

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


def peaked_at(enu, seed: int) -> EventTable:
    """A law with a quasielastic and a Delta peak in W, and events of all inelasticities."""
    rng = np.random.default_rng([seed, 2])
    table = _peaked(enu, rng)
    while len(bad := np.flatnonzero(~table.is_physical())):
        fresh = _peaked(enu[bad], rng)
        columns = {name: getattr(table, name).copy() for name in ("elep", "costheta", "channel")}
        for name, column in columns.items():
            column[bad] = getattr(fresh, name)
        table = table.with_(**columns)
    return table


def _peaked(enu, rng) -> EventTable:
    mass, n = NUMU_CARBON.lepton_mass, len(enu)
    channel = rng.choice([Channel.QE, Channel.RES, Channel.DIS], n, p=[0.5, 0.3, 0.2])
    w = np.where(channel == Channel.QE, rng.normal(0.95, 0.03, n), rng.normal(1.23, 0.06, n))
    q2 = rng.exponential(0.25, n)
    elep = enu - (w**2 - NUCLEON_MASS**2 + q2) / (2.0 * NUCLEON_MASS)
    plep = np.sqrt(np.clip(elep**2 - mass**2, 1e-12, None))
    costheta = (2.0 * enu * elep - mass**2 - q2) / (2.0 * enu * plep)
    deep = channel == Channel.DIS
    elep[deep] = (mass + (enu - mass) * rng.beta(0.7, 1.3, n))[deep]
    costheta[deep] = np.cos(rng.beta(1.5, 5.0, n))[deep]
    return EventTable(NUMU_CARBON, enu, elep, costheta, channel, np.ones(n))


def log_uniform(n: int, seed: int, energy_range=(0.45, 8.0)):
    """Neutrino energies [GeV], shape (n,)."""
    return np.exp(np.random.default_rng(seed).uniform(*np.log(energy_range), n))


class PeakedModel(ToyModel):
    """A perfect model of the law with peaks."""

    def __init__(self, energy_range=(0.2, 20.0)):
        self.energy_range = energy_range

    def sample(self, enu, *, seed=None) -> EventTable:
        return peaked_at(np.asarray(enu), 1_000_000 + (seed or 0))
