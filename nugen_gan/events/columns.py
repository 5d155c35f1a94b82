"""The columns of an event table: one registry that all of the package asks.

A column knows what its values are, how they lie in memory, how events are picked from them and
joined, and how they are kept in a table file.  What handles events column by column goes through
:data:`COLUMNS` and nothing else.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from nugen_gan.errors import FormatError
from nugen_gan.events.particles import (
    FIELDS,
    flat,
    in_memory,
    joined,
    no_particles,
    particles,
)

__all__ = ["COLUMNS", "Column", "Numbers", "Particles"]


@dataclass(frozen=True, slots=True)
class Column(ABC):
    """One column of an event table.

    Attributes
    ----------
    name : of the attribute of the table, and of the branch in a table file
    unit : of the values
    meaning : of the values, in words
    required : every table has it; one that is not required is None where it is absent
    lists : its values are lists, which uproot reads as arrays of awkward
    """

    name: str
    unit: str
    meaning: str
    required: bool = True
    lists: bool = False

    @abstractmethod
    def in_memory(self, values: Any) -> Any:
        """The values of N events as a table holds them."""

    @abstractmethod
    def shape(self, values: Any) -> tuple[int, ...]:
        """(N,) for N events with values as they should be."""

    @abstractmethod
    def join(self, parts: Sequence[Any]) -> Any:
        """The values of several tables, one after the other."""

    @abstractmethod
    def rounded(self, values: Any) -> Any:
        """The values as they come back from a table file."""

    @abstractmethod
    def branch_types(self) -> Mapping[str, Any]:
        """What a table file needs to make the branches: name -> type."""

    @abstractmethod
    def branches(self) -> tuple[str, ...]:
        """Names of the branches to read."""

    @abstractmethod
    def to_file(self, values: Any) -> Mapping[str, Any]:
        """Contents of the branches of :meth:`branch_types`."""

    @abstractmethod
    def from_file(self, block: Mapping[str, Any]) -> Any:
        """The values from the branches of :meth:`branches`."""

    def pick(self, values: Any, index: Any) -> Any:
        """The values of the events of a slice, a boolean mask or an array of integers."""
        return values[index]


@dataclass(frozen=True, slots=True)
class Numbers(Column):
    """One number for each event.

    Attributes
    ----------
    memory : type in memory
    stored : type in a table file
    """

    memory: str = "f8"
    stored: str = "f4"

    def in_memory(self, values: Any) -> Any:
        """The values as an array of the column's type."""
        return np.ascontiguousarray(values, self.memory)

    def shape(self, values: Any) -> tuple[int, ...]:
        """Shape of the array."""
        return tuple(values.shape)

    def join(self, parts: Sequence[Any]) -> Any:
        """The arrays, concatenated."""
        return np.concatenate(list(parts))

    def rounded(self, values: Any) -> Any:
        """The values after a way through the type of the file."""
        return values.astype(self.stored).astype(self.memory)

    def branch_types(self) -> Mapping[str, Any]:
        """One branch of the column's name."""
        return {self.name: np.dtype(self.stored)}

    def branches(self) -> tuple[str, ...]:
        """The column's name."""
        return (self.name,)

    def to_file(self, values: Any) -> Mapping[str, Any]:
        """The values in the type of the file."""
        return {self.name: values.astype(self.stored)}

    def from_file(self, block: Mapping[str, Any]) -> Any:
        """The values in the type of memory."""
        values = np.asarray(block[self.name])
        if values.ndim != 1:
            raise ValueError(f"{self.name} has lists instead of one number for each event")
        return values.astype(self.memory)


@dataclass(frozen=True, slots=True)
class Particles(Column):
    """A list of particles for each event; see :mod:`nugen_gan.events.particles`.

    In a table file they are the branches ``particles_pdg``, ``particles_px``, ... and their number
    ``nparticles``; momenta and energies in single precision.
    """

    required: bool = False
    lists: bool = True

    def in_memory(self, values: Any) -> Any:
        """The lists as an awkward array with the fields and types of all tables."""
        return in_memory(values)

    def shape(self, values: Any) -> tuple[int, ...]:
        """(N,) for N lists."""
        return (len(values),)

    def join(self, parts: Sequence[Any]) -> Any:
        """The lists, concatenated."""
        return joined(parts)

    def rounded(self, values: Any) -> Any:
        """The lists after a way through single precision."""
        those = flat(values)
        single = [column.astype("f4").astype("f8") for column in those[2:]]
        return particles(those.counts, those.pdg, *single)

    def branch_types(self) -> Mapping[str, Any]:
        """One branch of lists of records, which uproot writes as one for each field."""
        return {self.name: self.to_file(no_particles(1))[self.name].type.content}

    def branches(self) -> tuple[str, ...]:
        """One branch for each field."""
        return tuple(f"{self.name}_{field}" for field in FIELDS)

    def to_file(self, values: Any) -> Mapping[str, Any]:
        """The lists in the types of the file."""
        import awkward as ak

        those = flat(values)
        columns = [those.pdg, *(column.astype("f4") for column in those[2:])]
        records = ak.Array(dict(zip(FIELDS, columns, strict=True)))
        return {self.name: ak.unflatten(records, those.counts)}

    def from_file(self, block: Mapping[str, Any]) -> Any:
        """The lists from the branches of a file."""
        import awkward as ak

        columns = [block[name] for name in self.branches()]
        if not str(columns[0].type.content.content).startswith("int"):
            raise FormatError("PDG codes of particles are no whole numbers.")
        counts = ak.to_numpy(ak.num(columns[0]))
        return particles(counts, *(ak.to_numpy(ak.flatten(column)) for column in columns))


def _registry(*columns: Column) -> Mapping[str, Column]:
    return MappingProxyType({column.name: column for column in columns})


COLUMNS: Mapping[str, Column] = _registry(
    Numbers("enu", "GeV", "neutrino energy"),
    Numbers("elep", "GeV", "energy of the charged lepton"),
    Numbers("costheta", "1", "cosine of the angle between lepton and neutrino"),
    Numbers("channel", "code", "reaction channel", memory="i2", stored="i4"),
    Numbers("weight", "relative", "event weight, 1 where not given"),
    Particles("particles", "GeV", "what leaves the nucleus beside the charged lepton"),
)
