"""Keeping the leading layers of a network as they are."""

from __future__ import annotations

from torch import nn

from nugen_gan.gan.networks import ResidualMLP

__all__ = ["freeze", "frozen_layers"]


def frozen_layers(network: ResidualMLP) -> int:
    """How many layers can be frozen: the input layer, the residual blocks, the output layer."""
    return len(_layers(network))


def freeze(network: ResidualMLP, depth: int) -> None:
    """Let all layers but the first ``depth`` be trained."""
    for number, layer in enumerate(_layers(network)):
        layer.requires_grad_(number >= depth)


def _layers(network: ResidualMLP) -> list[nn.Module]:
    return [network.inward, *network.blocks, network.outward]
