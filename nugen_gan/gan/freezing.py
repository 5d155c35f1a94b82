"""Keeping the leading layers of a network as they are."""

from __future__ import annotations

import copy

from torch import nn

from nugen_gan.gan.networks import Critic, Generator, ResidualMLP

__all__ = ["freeze", "frozen_at", "frozen_layers", "trainable_weights"]


def frozen_layers(network: ResidualMLP) -> int:
    """How many layers can be frozen: the input layer, the residual blocks, the output layer."""
    return len(_layers(network))


def freeze(network: ResidualMLP, depth: int) -> None:
    """Let all layers but the first ``depth`` be trained."""
    for number, layer in enumerate(_layers(network)):
        layer.requires_grad_(number >= depth)


def frozen_at(critic: Critic, depth: int) -> tuple[int, int]:
    """Frozen layers of generator and critic at a depth; the critic keeps its last layer free."""
    return depth, min(depth, frozen_layers(critic) - 1)


def trainable_weights(
    generator: Generator, critic: Critic, depths: tuple[int, int]
) -> tuple[int, int]:
    """Weights of generator and critic that are trained, with so many layers of each frozen."""
    counts = []
    for network, depth in zip((generator, critic), depths, strict=True):
        trained = copy.deepcopy(network)
        freeze(trained, depth)
        counts.append(sum(w.numel() for w in trained.parameters() if w.requires_grad))
    # A critic without a generator to teach is not trained.
    return (counts[0], counts[1]) if counts[0] else (0, 0)


def _layers(network: ResidualMLP) -> list[nn.Module]:
    return [network.inward, *network.blocks, network.outward]
