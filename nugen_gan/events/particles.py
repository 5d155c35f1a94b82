"""The particles of an event beside its charged lepton: lists of them, and what is possible.

They are kept as an awkward array of N lists of records with the fields ``pdg`` (int32), ``px``,
``py``, ``pz``, ``E`` [GeV].  The neutrino travels along +z, the charged lepton lies in the x-z
plane with x >= 0.  All that leaves the nucleus is there, photons and electrons too, but for the
charged lepton of the reaction and for what is left of the nucleus.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nugen_gan.physics import species

if TYPE_CHECKING:
    import awkward as ak

__all__ = [
    "FIELDS",
    "Flat",
    "flat",
    "in_memory",
    "joined",
    "no_particles",
    "particles",
    "possible",
    "species_counts",
]

Floats = NDArray[np.float64]
# Names and types of the fields.
FIELDS: Mapping[str, str] = {"pdg": "i4", "px": "f8", "py": "f8", "pz": "f8", "E": "f8"}
TYPE = "var * {pdg: int32, px: float64, py: float64, pz: float64, E: float64}"
# How far below its mass an energy may be: generators round masses, and a nucleus that recoils
# coherently has lost some binding energy.
LIGHTER, LIGHTER_PART = 0.5e-3, 1e-3
# How far a momentum may exceed the energy, as a part of it: some files are in single precision.
TOLERANCE = 1e-4


class Flat(NamedTuple):
    """The same particles without the lists: those of the first event, of the second, and so on.

    Attributes
    ----------
    counts : particles of each event, shape (N,)
    pdg : PDG codes, shape (M,)
    px, py, pz, E : momenta and energies [GeV], shape (M,)
    """

    counts: NDArray[np.int64]
    pdg: NDArray[np.int32]
    px: Floats
    py: Floats
    pz: Floats
    E: Floats

    def event(self) -> NDArray[np.int64]:
        """Number of the event of each particle, shape (M,)."""
        return np.repeat(np.arange(len(self.counts)), self.counts)

    def momenta(self) -> Floats:
        """Momenta [GeV], shape (M, 3)."""
        return np.stack([self.px, self.py, self.pz], axis=1)

    def sums(self, values: Floats) -> Floats:
        """Sum of a number over the particles of each event, shape (N,)."""
        sums = np.bincount(self.event(), values, minlength=len(self.counts))
        return np.asarray(sums, np.float64)

    def number(self, which: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Number of particles of each event for which it is true, shape (N,)."""
        return np.bincount(self.event()[which], minlength=len(self.counts))

    def pick(self, which: NDArray[np.bool_]) -> Flat:
        """Those particles for which it is true; the number of events stays."""
        px, py, pz, energy = (column[which] for column in (self.px, self.py, self.pz, self.E))
        return Flat(self.number(which), self.pdg[which], px, py, pz, energy)


def particles(counts: Any, pdg: Any, px: Any, py: Any, pz: Any, energy: Any) -> ak.Array:
    """Lists of particles from flat arrays.

    Parameters
    ----------
    counts : particles of each event, shape (N,)
    pdg, px, py, pz, energy : of all particles, event by event [GeV], shape (M,)
    """
    import awkward as ak

    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    columns = zip(FIELDS.values(), (pdg, px, py, pz, energy), strict=True)
    contents = [ak.contents.NumpyArray(np.ascontiguousarray(x, kind)) for kind, x in columns]
    records = ak.contents.RecordArray(contents, list(FIELDS), length=int(offsets[-1]))
    return ak.Array(ak.contents.ListOffsetArray(ak.index.Index64(offsets), records))


def no_particles(events: int) -> ak.Array:
    """Empty lists for so many events."""
    nothing = np.zeros(0)
    return particles(np.zeros(events, np.int64), nothing, nothing, nothing, nothing, nothing)


def flat(lists: ak.Array) -> Flat:
    """Flat arrays from lists of particles, without a copy where they lie in one piece."""
    import awkward as ak

    lists = ak.to_packed(lists)
    counts = ak.to_numpy(ak.num(lists)).astype(np.int64)
    content = ak.flatten(lists)
    columns = [ak.to_numpy(content[name]).astype(kind, copy=False)
               for name, kind in FIELDS.items()]  # fmt: skip
    return Flat(counts, *columns)


def in_memory(values: Any) -> ak.Array:
    """Lists of particles as tables hold them, from anything that awkward understands.

    Raises
    ------
    ValueError
        if they are not lists of records with the fields ``pdg, px, py, pz, E``.
    """
    import awkward as ak

    lists = values if isinstance(values, ak.Array) else ak.Array(values)
    if str(lists.type.content) == TYPE:
        return lists
    if not set(FIELDS) <= set(lists.fields):
        if lists.ndim > 1 and not ak.any(ak.num(lists)):  # empty lists have no fields
            return no_particles(len(lists))
        raise ValueError(f"particles need the fields {', '.join(FIELDS)}, got {lists.type}")
    return particles(*flat(lists))


def joined(parts: Sequence[ak.Array]) -> ak.Array:
    """The particles of several tables, one after the other, in one piece."""
    pieces = [flat(part) for part in parts]
    return particles(*(np.concatenate(columns) for columns in zip(*pieces, strict=True)))


def possible(those: Flat) -> NDArray[np.bool_]:
    """True for the events all of whose particles can be, shape (N,).

    Their codes are known, momenta and energies are finite, and the energies are above the
    momenta and the masses.
    """
    mass = species.mass(those.pdg)
    momentum = np.sqrt(those.px**2 + those.py**2 + those.pz**2)
    bad = ~np.isfinite(mass) | ~np.isfinite(momentum) | ~np.isfinite(those.E)
    bad |= those.E - mass < -LIGHTER - LIGHTER_PART * mass
    bad |= momentum > those.E * (1.0 + TOLERANCE)
    return np.asarray(those.number(bad) == 0)


def species_counts(those: Flat) -> Counter[int]:
    """Number of particles of each PDG code."""
    codes, counts = np.unique(those.pdg, return_counts=True)
    return Counter(dict(zip(codes.tolist(), counts.tolist(), strict=True)))
