"""Evaluating trained perceptrons with numpy: no torch is needed to make events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Perceptron", "draw", "tensor_shapes"]

Singles = NDArray[np.float32]
SLOPE = np.float32(0.2)


@dataclass(frozen=True, slots=True)
class Perceptron:
    """The numpy twin of :class:`nugen_gan.gan.networks.ResidualMLP`.

    Attributes
    ----------
    inward, outward : weights (in, out) and biases (out,) of the first and last layer
    blocks : weights and biases of both layers of each residual block
    """

    inward: tuple[Singles, Singles]
    blocks: tuple[tuple[Singles, Singles, Singles, Singles], ...]
    outward: tuple[Singles, Singles]

    @classmethod
    def of(cls, tensors: Mapping[str, Any], prefix: str = "") -> Perceptron:
        """From the tensors of a network by name, as arrays or torch's on the CPU."""

        def layer(name: str) -> tuple[Singles, Singles]:
            weight, bias = (np.asarray(tensors[f"{prefix}{name}.{part}"], np.float32)
                            for part in ("weight", "bias"))  # fmt: skip
            return np.ascontiguousarray(weight.T), bias

        blocks: list[tuple[Singles, Singles, Singles, Singles]] = []
        while f"{prefix}blocks.{len(blocks)}.first.weight" in tensors:
            k = len(blocks)
            blocks.append((*layer(f"blocks.{k}.first"), *layer(f"blocks.{k}.second")))
        return cls(layer("inward"), tuple(blocks), layer("outward"))

    def hidden(self, x: Singles) -> Singles:
        """The last hidden layer after its activation, (N, width)."""
        h = x @ self.inward[0]
        h += self.inward[1]
        for first, first_bias, second, second_bias in self.blocks:
            inner = _activated(h) @ first
            inner += first_bias
            _activate(inner)
            h += inner @ second
            h += second_bias
        return _activate(h)

    def __call__(self, x: Singles) -> Singles:
        """Map (N, in) to (N, out)."""
        return self.out(self.hidden(x))

    def out(self, hidden: Singles) -> Singles:
        """The last layer alone, from :meth:`hidden`."""
        y: Singles = hidden @ self.outward[0]
        y += self.outward[1]
        return y


def tensor_shapes(
    name: str, inputs: int, outputs: int, width: int, blocks: int
) -> dict[str, tuple[int, ...]]:
    """Names and shapes of the tensors of a network of these sizes."""
    layers = {"inward": (width, inputs), "outward": (outputs, width)}
    for k in range(blocks):
        layers |= {f"blocks.{k}.first": (width, width), f"blocks.{k}.second": (width, width)}
    weights = {f"{name}.{layer}.weight": shape for layer, shape in layers.items()}
    return weights | {f"{name}.{layer}.bias": shape[:1] for layer, shape in layers.items()}


def _activated(x: Singles) -> Singles:
    return np.asarray(np.maximum(x, SLOPE * x), np.float32)


def _activate(x: Singles) -> Singles:
    np.maximum(x, SLOPE * x, out=x)
    return x


def draw(logits: Singles, uniform: NDArray[np.float64]) -> NDArray[np.int64]:
    """Draw a class for each row of logits, (N, K), with one uniform number in [0, 1) each; (N,).

    A class with a logit of minus infinity is never drawn.
    """
    logits = logits - logits.max(axis=1, keepdims=True)
    below = np.cumsum(np.exp(logits, out=logits), axis=1, out=logits)
    above = below > (uniform.astype(np.float32) * below[:, -1])[:, None]
    chosen = above.argmax(axis=1)
    # A number so near to 1 that rounding made it 1: the last class with a probability.
    none = ~above[np.arange(len(chosen)), chosen]
    if none.any():
        chosen[none] = (below[none] < below[none, -1:]).sum(axis=1)
    return np.asarray(chosen)
