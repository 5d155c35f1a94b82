"""A perceptron with its gradients, and the optimiser that trains it, in numpy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

__all__ = ["Adam", "Perceptron"]

Singles = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Perceptron:
    """Layers of weights and offsets with rectified linear units.

    Attributes
    ----------
    weights, offsets : of each layer, shapes (inputs, outputs) and (outputs,)
    last_linear : whether the last layer is left without its unit
    """

    weights: tuple[Singles, ...]
    offsets: tuple[Singles, ...]
    last_linear: bool

    @classmethod
    def fresh(
        cls, widths: Sequence[int], rng: np.random.Generator, *, last_linear: bool
    ) -> Perceptron:
        """Random weights after K. He et al. (ICCV 2015) for layers of these widths."""
        weights = [
            (rng.standard_normal((inputs, outputs)) * np.sqrt(2.0 / inputs)).astype(np.float32)
            for inputs, outputs in pairwise(widths)
        ]
        offsets = tuple(np.zeros(width, np.float32) for width in widths[1:])
        return cls(tuple(weights), offsets, last_linear)

    @property
    def parameters(self) -> list[Singles]:
        """Weights and offsets, layer by layer."""
        return [x for pair in zip(self.weights, self.offsets, strict=True) for x in pair]

    def forward(self, inputs: Singles) -> tuple[Singles, list[Singles]]:
        """Output, and what entered each layer, which :meth:`backward` needs."""
        values, entered = inputs, []
        for number, (weight, offset) in enumerate(zip(self.weights, self.offsets, strict=True)):
            entered.append(values)
            values = values @ weight + offset
            if not (self.last_linear and number == len(self.weights) - 1):
                values = np.maximum(values, np.float32(0.0))
        return values, [*entered, values]

    def backward(self, entered: list[Singles], slope: Singles) -> tuple[list[Singles], Singles]:
        """Gradients of the parameters, in their order, and of the inputs.

        Parameters
        ----------
        entered : from :meth:`forward`
        slope : gradient of the output
        """
        found: list[Singles] = []
        for number in reversed(range(len(self.weights))):
            if not (self.last_linear and number == len(self.weights) - 1):
                slope = slope * (entered[number + 1] > 0.0)
            found[:0] = [entered[number].T @ slope, slope.sum(axis=0)]
            slope = slope @ self.weights[number].T
        return found, slope


@dataclass(slots=True)
class Adam:
    """D. P. Kingma and J. Ba's optimiser (ICLR 2015); the rate falls to 0 like a cosine.

    The weights that remain at the end are the averages of those of the last steps, which scatter
    less.

    Attributes
    ----------
    parameters : changed in place
    rate : learning rate of the first step
    steps : how many there will be
    """

    parameters: list[Singles]
    rate: float
    steps: int
    _count: int = 0
    _first: list[Singles] = field(default_factory=list)
    _second: list[Singles] = field(default_factory=list)
    _average: list[Singles] = field(default_factory=list)

    DECAY = (0.9, 0.999)
    AVERAGED = 0.98

    def __post_init__(self) -> None:
        self._first = [np.zeros_like(x) for x in self.parameters]
        self._second = [np.zeros_like(x) for x in self.parameters]
        self._average = [x.copy() for x in self.parameters]

    def step(self, gradients: list[Singles]) -> None:
        """One step downhill."""
        rate = 0.5 * self.rate * (1.0 + np.cos(np.pi * self._count / self.steps))
        self._count += 1
        one, two = self.DECAY
        scale = rate * np.sqrt(1.0 - two**self._count) / (1.0 - one**self._count)
        for i, gradient in enumerate(gradients):
            self._first[i] += np.float32(1.0 - one) * (gradient - self._first[i])
            self._second[i] += np.float32(1.0 - two) * (gradient**2 - self._second[i])
            self.parameters[i] -= np.float32(scale) * (
                self._first[i] / (np.sqrt(self._second[i]) + np.float32(1e-8))
            )
            self._average[i] += np.float32(1.0 - self.AVERAGED) * (
                self.parameters[i] - self._average[i]
            )

    def settle(self) -> None:
        """Give the parameters their averages."""
        for parameter, average in zip(self.parameters, self._average, strict=True):
            parameter[...] = average
