"""MAP-3D over its floor: one number, 1 for a perfect model at every sample size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nugen_gan.validation.metrics.map3d import Map3D

__all__ = ["PullRatio", "over_floor"]


@dataclass(frozen=True, slots=True)
class PullRatio:
    """Mean absolute pull over that of two halves of the reference.

    Attributes
    ----------
    name : what was looked at
    value, uncertainty : the ratio and its standard deviation; 1 is perfect
    bins : bins that count
    """

    name: str
    value: float
    uncertainty: float
    bins: int

    @property
    def significance(self) -> float:
        """How far the ratio is above 1, in standard deviations."""
        return (self.value - 1.0) / self.uncertainty if self.uncertainty > 0.0 else 0.0


def over_floor(name: str, result: Map3D) -> PullRatio:
    """Divide a MAP-3D by its floor."""
    floor = result.floor
    ratio = result.value / floor.value
    # Samples of the same events have no pull at all: nothing is divided by it.
    error = float(np.hypot(result.uncertainty, ratio * floor.uncertainty)) / floor.value
    return PullRatio(name, ratio, error, result.bins)
