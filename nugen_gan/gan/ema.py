"""A moving average of a network's weights: steadier than the network, and what is kept."""

from __future__ import annotations

import torch
from torch import nn

__all__ = ["follow"]


@torch.no_grad()
def follow(average: nn.Module, network: nn.Module, decay: float, step: int) -> None:
    """Move the average towards the network; faster at the start, to forget the beginning.

    Parameters
    ----------
    average, network : of the same architecture; the first is changed in place
    decay : of the average, in the end
    step : number of this step, from 0
    """
    weight = 1.0 - min(decay, (step + 1) / (step + 10))
    for slow, fast in zip(average.parameters(), network.parameters(), strict=True):
        slow.lerp_(fast, weight)
