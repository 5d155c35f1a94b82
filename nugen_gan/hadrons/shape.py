"""Sizes of the networks of the hadrons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

__all__ = ["HadronShape"]


@dataclass(frozen=True, slots=True)
class HadronShape:
    """Sizes of the networks of the hadrons.

    Attributes
    ----------
    width, blocks : of the network of the energies
    narrow : width of those of the angles and of the multiplicities
    more, last, polar : bins of u before more particles, of u of the last one, and of v
    most : largest numbers of pi+, pi0, pi-, protons and neutrons that are made
    """

    width: int = 128
    blocks: int = 2
    narrow: int = 64
    more: int = 160
    last: int = 256
    polar: int = 128
    most: tuple[int, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Plain values for a JSON file."""
        return asdict(self) | {"most": list(self.most)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> HadronShape:
        """Inverse of :meth:`as_dict`."""
        return cls(**{**values, "most": tuple(values["most"])})
