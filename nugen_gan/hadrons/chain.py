"""The chain: one particle after the other takes its part of energy and momentum.

Before each particle there is a state: the kinetic energy left, which is the energy transfer less
what the particles take at rest and what those before took, and the momentum left.  The particle
takes a kinetic energy, a cosine to the momentum left, and an azimuth about it, whose zero is the
lepton's side.  Of the last particle, what is left of the energy is the missing energy.  Energies
and momenta of what comes out so belong to its masses, and no energy is taken that is not there.

The variables are smooth where physics is: :math:`u` is the logarithm of taken over left kinetic
energy, or that of the missing energy; :math:`v` that of the momentum squared across the one left.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nugen_gan.hadrons.content import NUCLEONS, PIONS, Catalogue, Counts

__all__ = [
    "SECOND",
    "STATE",
    "THIRD",
    "Angles",
    "cosine_of",
    "energy_bounds",
    "energy_variable",
    "groups",
    "kinetic",
    "polar_bounds",
    "polar_variable",
    "second_features",
    "state_inputs",
    "third_features",
]

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
# [GeV], [GeV], [GeV^2]: below these the variables become linear.
TAKEN, MISSING, ACROSS = 2e-3, 5e-3, 4e-4
# Inputs of a state beside one for each species; features of the second and third conditional.
GROUPS = len(PIONS) + 1 + len(NUCLEONS)
STATE = GROUPS + 14
SECOND, THIRD = 7, 4


def groups(counts: Counts, catalogue: Catalogue) -> Counts:
    """Numbers of pi+, pi0, pi-, all rare particles, protons, neutrons, shape (N, 6)."""
    rare = counts[:, catalogue.rare].sum(axis=1, keepdims=True)
    return np.concatenate([counts[:, : len(PIONS)], rare, counts[:, -len(NUCLEONS) :]], axis=1)


@dataclass(frozen=True, slots=True)
class Angles:
    """Axes about the momentum left: along it, to the lepton's side, and across both.

    Attributes
    ----------
    along, side, across : unit vectors, shape (N, 3)
    """

    along: Floats
    side: Floats
    across: Floats

    @classmethod
    def about(cls, left: Floats) -> Angles:
        """Axes about momenta left, shape (N, 3), in the frame of the momentum transfer."""
        size = np.sqrt((left**2).sum(axis=1))
        along = left / np.maximum(size, 1e-9)[:, None]
        along[size < 1e-9] = (0.0, 0.0, 1.0)
        side = -along[:, :1] * along
        side[:, 0] += 1.0  # the x axis, without what is along
        length = np.sqrt((side**2).sum(axis=1))
        flat = length < 1e-6
        side[flat] = (0.0, 0.0, 1.0)
        length[flat] = 1.0
        side /= length[:, None]
        return cls(along, side, np.cross(along, side))

    def momentum(self, size: Floats, cosine: Floats, azimuth: Floats) -> Floats:
        """Momenta of these sizes and angles, shape (N, 3)."""
        sine = np.sqrt(np.clip(1.0 - cosine**2, 0.0, None))
        return (
            (size * cosine)[:, None] * self.along
            + (size * sine * np.cos(azimuth))[:, None] * self.side
            + (size * sine * np.sin(azimuth))[:, None] * self.across
        )

    def of(self, momentum: Floats) -> tuple[Floats, Floats]:
        """Cosine and azimuth of momenta, each of shape (N,)."""
        size = np.maximum(np.sqrt((momentum**2).sum(axis=1)), 1e-12)
        parts = [(momentum * axis).sum(axis=1) for axis in (self.along, self.side, self.across)]
        return np.clip(parts[0] / size, -1.0, 1.0), np.arctan2(parts[2], parts[1])


def energy_variable(taken: Floats, left: Floats, last: NDArray[np.bool_]) -> Floats:
    """U of kinetic energies taken of those left [GeV], shape (N,)."""
    rest = np.maximum(left - taken, 0.0)
    return np.where(last, np.log(rest + MISSING), np.log((taken + TAKEN) / (rest + TAKEN)))


def energy_bounds(left: Floats, last: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Smallest and largest u, each of shape (N,)."""
    most = np.log((left + TAKEN) / TAKEN)
    return (np.where(last, np.log(MISSING), -most), np.where(last, np.log(left + MISSING), most))


def kinetic(u: Floats, left: Floats, last: NDArray[np.bool_]) -> Floats:
    """Kinetic energies of values of u, the inverse of :func:`energy_variable`."""
    share = 1.0 / (1.0 + np.exp(-u))
    taken = np.where(last, left - (np.exp(u) - MISSING), share * (left + 2.0 * TAKEN) - TAKEN)
    return np.clip(taken, 0.0, left)


def polar_variable(size: Floats, left: Floats, cosine: Floats) -> Floats:
    """V of particles of momenta of these sizes, that left being so large [GeV]; shape (N,)."""
    return np.asarray(np.log(2.0 * size * left * (1.0 - cosine) + ACROSS))


def polar_bounds(size: Floats, left: Floats) -> tuple[Floats, Floats]:
    """Smallest and largest v, each of shape (N,)."""
    return np.full(len(size), np.log(ACROSS)), np.log(4.0 * size * left + ACROSS)


def cosine_of(v: Floats, size: Floats, left: Floats) -> Floats:
    """Cosines of values of v, the inverse of :func:`polar_variable`."""
    backward = (np.exp(v) - ACROSS) / np.maximum(2.0 * size * left, 1e-12)
    return np.clip(1.0 - backward, -1.0, 1.0)


def state_inputs(
    kind: Counts,
    to_come: Counts,
    energy: Floats,
    left: Floats,
    before: Floats,
    catalogue: Catalogue,
) -> Singles:
    """Inputs that describe the state before a particle, shape (N, S + STATE).

    Parameters
    ----------
    kind : species of the particle, by its place in the catalogue's order, shape (N,)
    to_come : particles yet to come, itself among them, by group, shape (N, 6)
    energy : kinetic energy left [GeV], shape (N,)
    left : momentum left [GeV], shape (N, 3)
    before : momentum of the particle before if it was of the same species, or zero, shape (N, 3)
    """
    size = np.sqrt((left**2).sum(axis=1))
    same = np.sqrt((before**2).sum(axis=1))
    rows = np.zeros((len(kind), len(catalogue.order) + STATE), np.float32)
    rows[np.arange(len(kind)), kind] = 1.0
    place = len(catalogue.order)
    rows[:, place : place + GROUPS] = 0.4 * to_come
    place += GROUPS
    rows[:, place] = to_come.sum(axis=1) == 1
    rows[:, place + 1] = 0.5 * (np.log(energy + MISSING) + 1.0)
    rows[:, place + 2] = 0.5 * np.log(size + 0.05)
    rows[:, place + 3 : place + 6] = 0.5 * np.arcsinh(left / 0.1)
    rows[:, place + 6] = 0.5 * np.log((energy + MISSING) / (size + MISSING))
    rows[:, place + 7] = same > 0.0
    rows[:, place + 8 : place + 11] = 0.5 * np.arcsinh(before / 0.1)
    rows[:, place + 11] = 0.5 * np.log(same + 0.05)
    # The momentum of a single particle that took all the energy, over the one left.
    mass = catalogue.mass[kind]
    most = np.sqrt(energy * (energy + 2.0 * mass))
    rows[:, place + 12] = np.arcsinh((most - size) / 0.1)
    rows[:, place + 13] = mass
    return rows


def second_features(taken: Floats, size: Floats, energy: Floats, left: Floats) -> Singles:
    """What the cosine depends on beside the state, once the energy is known; shape (N, SECOND)."""
    rest, most = energy - taken, 4.0 * size * left
    columns = [
        0.5 * np.log(taken + TAKEN), 0.5 * np.log(size + 0.02), 0.5 * np.log(rest + MISSING),
        0.5 * np.arcsinh((left - size) / 0.1), 0.5 * np.arcsinh((left - size) / 0.02),
        0.5 * np.log(most + ACROSS), taken / (energy + TAKEN),
    ]  # fmt: skip
    return np.stack(columns, axis=1).astype(np.float32)


def third_features(v: Floats, cosine: Floats, size: Floats) -> Singles:
    """What the azimuth depends on beside that, once the cosine is known; shape (N, THIRD)."""
    across = size * np.sqrt(np.clip(1.0 - cosine**2, 0.0, None))
    columns = [0.4 * v, cosine, np.arcsinh(across / 0.1), np.log(across + 0.02)]
    return np.stack(columns, axis=1).astype(np.float32)
