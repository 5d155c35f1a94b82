"""The fast sampler: what it knows, and the leptons that it makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nugen_gan.lepton.shape import LeptonShape
from nugen_gan.lepton.tables import QuantileTables
from nugen_gan.perceptron import Perceptron
from nugen_gan.physics.kinematics import decode

__all__ = ["FRACTIONS", "LeptonModel"]

Floats = NDArray[np.float64]
FRACTIONS = "fractions"


@dataclass(frozen=True)
class LeptonModel:
    """Makes the lepton and the channel of events of given neutrino energies.

    First the channel is drawn, from fractions that depend on the energy alone, then omega, then Q2
    at that omega, each from a density that a network describes.

    Attributes
    ----------
    mass : of the lepton [GeV]
    energy_range : that it has learned [GeV]
    channels : values of Channel
    shape : sizes of the networks
    tensors : weights of the networks by name, float16, and the fractions, float32 of shape (K, C)
    """

    mass: float
    energy_range: tuple[float, float]
    channels: tuple[int, ...]
    shape: LeptonShape
    tensors: Mapping[str, NDArray[Any]] = field(repr=False)

    @cached_property
    def tables(self) -> QuantileTables:
        """What the networks say, for all energies; made when it is first needed."""
        first, second = (Perceptron.of(self.tensors, f"{name}.") for name in ("first", "second"))
        return QuantileTables.of(
            first, second, self.tensors[FRACTIONS], self.energy_range, self.mass
        )

    def sample(self, enu: Floats, uniform: Floats) -> tuple[Floats, Floats, NDArray[np.int16]]:
        """Return lepton energy [GeV], cos(theta) and channel of N events, each of shape (N,).

        Parameters
        ----------
        enu : neutrino energies [GeV], (N,)
        uniform : random numbers in [0, 1), (NUMBERS, N)
        """
        one, two, channel = self.tables.draw(enu, uniform)
        elep, costheta = decode(enu, one.astype(np.float64), two.astype(np.float64), self.mass)
        return elep, costheta, np.array(self.channels, np.int16)[channel]

    def as_dict(self) -> dict[str, Any]:
        """Everything but the weights, as plain values for a JSON file."""
        return {
            "mass": self.mass,
            "energy_range": list(self.energy_range),
            "channels": list(self.channels),
            "shape": self.shape.as_dict(),
        }

    @classmethod
    def from_dict(
        cls, values: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]]
    ) -> LeptonModel:
        """Inverse of :meth:`as_dict`, with the weights."""
        low, high = values["energy_range"]
        return cls(
            float(values["mass"]), (float(low), float(high)), tuple(values["channels"]),
            LeptonShape.from_dict(values["shape"]), tensors,
        )  # fmt: skip
