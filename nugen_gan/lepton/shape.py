"""Sizes of the networks of the fast sampler."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

__all__ = ["LeptonShape"]


@dataclass(frozen=True, slots=True)
class LeptonShape:
    """Sizes of the networks of the fast sampler.

    Attributes
    ----------
    width, blocks : of both networks
    first, second : knots of the density of each proxy
    fractions : knots, in the logarithm of the energy, of the fractions of the channels
    """

    width: int = 128
    blocks: int = 2
    first: int = 128
    second: int = 96
    fractions: int = 96

    def as_dict(self) -> dict[str, int]:
        """Plain values for a JSON file."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> LeptonShape:
        """Inverse of :meth:`as_dict`."""
        return cls(**values)
