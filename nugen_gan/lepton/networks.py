"""The networks of the fast sampler as they are trained; :mod:`nugen_gan.perceptron` runs them."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import logsigmoid, softplus

from nugen_gan.gan.networks import ResidualMLP
from nugen_gan.lepton.density import CENTRE_SCALE, LEAST_HEIGHT
from nugen_gan.lepton.inputs import ENERGY, OMEGA
from nugen_gan.lepton.shape import LeptonShape

__all__ = ["LeptonNetworks", "log_density"]


class LeptonNetworks(nn.Module):
    """The densities of omega, and of Q2 at given omega, for each energy and channel.

    Parameters
    ----------
    channels : how many there are
    shape : sizes of the networks
    """

    def __init__(self, channels: int, shape: LeptonShape) -> None:
        super().__init__()
        seen, size = ENERGY + channels, (shape.width, shape.blocks)
        self.first = ResidualMLP(seen, 2 + shape.first, *size)
        self.second = ResidualMLP(seen + OMEGA, 2 + shape.second, *size)
        for network in (self.first, self.second):
            nn.init.zeros_(network.outward.weight)
            nn.init.zeros_(network.outward.bias)

    def forward(self, channel: Tensor, omega: Tensor, proxies: Tensor) -> Tensor:
        """Logarithm of the density of the proxies of N events, (N,).

        Parameters
        ----------
        channel, omega : rows of :mod:`.inputs`, (N, ENERGY + channels) and (N, OMEGA)
        proxies : (N, 2)
        """
        one = log_density(self.first(channel), proxies[:, 0])
        return one + log_density(self.second(torch.cat([channel, omega], dim=1)), proxies[:, 1])


def log_density(raw: Tensor, x: Tensor) -> Tensor:
    """Logarithm of the density at x, (N,), of what a network says, (N, 2 + K); see :mod:`.density`.

    Numbers whose quantiles :func:`nugen_gan.lepton.density.quantiles` gives have this density.
    """
    knots = raw.shape[1] - 2
    logit = (x - CENTRE_SCALE * raw[:, 0]) * torch.exp(-raw[:, 1])
    heights = softplus(raw[:, 2:]) + LEAST_HEIGHT
    total = (heights.sum(dim=1) - 0.5 * (heights[:, 0] + heights[:, -1])) / (knots - 1)
    place = torch.sigmoid(logit) * (knots - 1)
    below = place.detach().floor().clamp(0, knots - 2).long()
    left, right = (heights.gather(1, below[:, None] + k).squeeze(1) for k in (0, 1))
    height = torch.lerp(left, right, place - below)
    return torch.log(height / total) + logsigmoid(logit) + logsigmoid(-logit) - raw[:, 1]
