"""Which particles leave the nucleus: their order in a chain, and a catalogue of rare ones.

Pions and nucleons are counted one species after the other.  Everything else (strange particles,
photons, antinucleons, electron pairs) is rare, and comes in combinations such as a Lambda with a
K+: an event has one entry of a catalogue of them, mostly the empty one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nugen_gan.events.particles import Flat
from nugen_gan.physics import species
from nugen_gan.physics.masses import NUCLEON_MASS

__all__ = ["NUCLEONS", "PIONS", "Catalogue", "counted"]

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

PIONS, NUCLEONS = (211, 111, -211), (2212, 2112)


@dataclass(frozen=True)
class Catalogue:
    """What a model of hadrons knows to make.

    Attributes
    ----------
    codes : PDG codes of the rare species, R of them
    entries : combinations of these, rows of R counts; the first is the empty one
    """

    codes: tuple[int, ...]
    entries: tuple[tuple[int, ...], ...]

    @cached_property
    def order(self) -> NDArray[np.int32]:
        """PDG codes of all species in the order of the chain: pions, rare ones, nucleons; (S,)."""
        return np.array([*PIONS, *self.codes, *NUCLEONS], np.int32)

    @cached_property
    def mass(self) -> Floats:
        """Masses of the species [GeV], shape (S,)."""
        return species.mass(self.order)

    @cached_property
    def cost(self) -> Floats:
        """Energy that a particle takes at rest [GeV], (S,): a baryon's nucleon was there before."""
        return self.mass - NUCLEON_MASS * self.baryon_number

    @cached_property
    def charge(self) -> Counts:
        """Charges, shape (S,)."""
        return species.charge(self.order).astype(np.int64)

    @cached_property
    def baryon_number(self) -> Counts:
        """Baryon numbers, shape (S,)."""
        return species.baryon_number(self.order).astype(np.int64)

    @cached_property
    def table(self) -> Counts:
        """The entries as an array, shape (C, R)."""
        return np.array(self.entries, np.int64).reshape(len(self.entries), len(self.codes))

    @property
    def rare(self) -> slice:
        """Where the rare species stand in the order."""
        return slice(len(PIONS), len(PIONS) + len(self.codes))

    def entry_of(self, counts: Counts) -> Counts:
        """Number of the entry of each event, (N,); -1 for combinations that are not in it.

        Parameters
        ----------
        counts : particles of each species, in the order of the chain, shape (N, S)
        """
        rare = counts[:, self.rare]
        found = np.where(rare.any(axis=1), -1, 0)
        some = np.flatnonzero(found)
        if len(some):
            equal = (rare[some][:, None, :] == self.table[None, :, :]).all(axis=2)
            found[some] = np.where(equal.any(axis=1), equal.argmax(axis=1), -1)
        return found

    @classmethod
    def found(cls, those: Flat, least: int) -> Catalogue:
        """The catalogue of the combinations of which there are at least so many events."""
        common = {*PIONS, *NUCLEONS}
        codes = [c for c in np.unique(those.pdg).tolist() if c not in common and c < 1_000_000_000]
        rare = (
            np.stack([those.number(those.pdg == code) for code in codes], axis=1)
            if codes
            else (np.zeros((len(those.counts), 0), np.int64))
        )
        rows, number = np.unique(rare[rare.any(axis=1)], axis=0, return_counts=True)
        rows = rows[number >= least][np.argsort(-number[number >= least], kind="stable")]
        used = np.flatnonzero(rows.any(axis=0))
        # The most frequent species first.
        used = used[np.argsort(-rare[:, used].sum(axis=0), kind="stable")]
        entries = [(0,) * len(used), *map(tuple, rows[:, used].tolist())]
        return cls(tuple(codes[i] for i in used), tuple(entries))

    def as_dict(self) -> dict[str, Any]:
        """Plain values for a JSON file."""
        return {"codes": list(self.codes), "entries": [list(entry) for entry in self.entries]}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Catalogue:
        """Inverse of :meth:`as_dict`."""
        return cls(tuple(values["codes"]), tuple(tuple(entry) for entry in values["entries"]))


def counted(
    those: Flat, order: Sequence[int] | NDArray[np.int32]
) -> tuple[Counts, NDArray[np.bool_]]:
    """Particles of each species, (N, S), and whether these are all of an event's, (N,).

    Nuclei do not count: a nucleus that recoils as a whole is what is left.
    """
    counts = np.stack([those.number(those.pdg == code) for code in order], axis=1)
    nuclei = those.number(species.is_nucleus_code(those.pdg))
    return counts, np.asarray(counts.sum(axis=1) + nuclei == those.counts)
