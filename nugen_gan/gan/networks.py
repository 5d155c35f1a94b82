"""The two networks: plain residual perceptrons, no normalisation layers, no dropout."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn

from nugen_gan.gan.limits import check

__all__ = ["Architecture", "Critic", "Generator", "ResidualMLP"]

N_PROXIES = 2
N_CONDITIONS = 3


@dataclass(frozen=True, slots=True)
class Architecture:
    """Sizes of the two networks.

    Attributes
    ----------
    width : units per hidden layer
    blocks : residual blocks of two hidden layers each
    latent : dimension of the generator's Gaussian noise
    critic_width, critic_blocks : the same for the critic, which is not shipped for speed
    """

    width: int = 128
    blocks: int = 3
    latent: int = 8
    critic_width: int = 128
    critic_blocks: int = 3

    def __post_init__(self) -> None:
        for name, value in self.as_dict().items():
            check(name.removeprefix("critic_"), value, name.replace("_", " "))

    def as_dict(self) -> dict[str, int]:
        """Plain numbers for a JSON file."""
        return asdict(self)


class ResidualMLP(nn.Module):
    """x -> L_out( B_k(...B_1(L_in(x))) ), with B(h) = h + L2(phi(L1(phi(h)))).

    ``phi`` is a leaky ReLU of slope 0.2.  The second layer of every block starts at zero, so
    that the network begins as a linear map and gains depth only where it pays.

    Parameters
    ----------
    features_in, features_out : sizes of input and output
    width : size of the hidden layers
    blocks : number of residual blocks
    """

    def __init__(self, features_in: int, features_out: int, width: int, blocks: int) -> None:
        super().__init__()
        self.inward = nn.Linear(features_in, width)
        self.blocks = nn.ModuleList(_Block(width) for _ in range(blocks))
        self.outward = nn.Linear(width, features_out)

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, features_in) to (N, features_out)."""
        hidden = self.inward(x)
        for block in self.blocks:
            hidden = block(hidden)
        out: Tensor = self.outward(_activate(hidden))
        return out


class _Block(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = nn.Linear(width, width)
        self.second = nn.Linear(width, width)
        nn.init.zeros_(self.second.weight)
        nn.init.zeros_(self.second.bias)

    def forward(self, hidden: Tensor) -> Tensor:
        inner = self.first(_activate(hidden))
        out: Tensor = hidden + self.second(_activate(inner))
        return out


def _activate(x: Tensor) -> Tensor:
    return nn.functional.leaky_relu(x, 0.2)


class Generator(ResidualMLP):
    """Noise (N, latent) and condition (N, 3) -> standardised proxies (N, 2)."""

    def __init__(self, architecture: Architecture) -> None:
        features = architecture.latent + N_CONDITIONS
        super().__init__(features, N_PROXIES, architecture.width, architecture.blocks)
        self.latent = architecture.latent

    def forward(self, noise: Tensor, condition: Tensor | None = None) -> Tensor:
        """Return standardised proxies; ``condition`` may come concatenated in ``noise``."""
        x = noise if condition is None else torch.cat([noise, condition], dim=1)
        return super().forward(x)


class Critic(ResidualMLP):
    """Standardised features (N, F) and condition (N, 3) -> one score an event (N,)."""

    def __init__(self, architecture: Architecture, features: int) -> None:
        super().__init__(
            features + N_CONDITIONS, 1, architecture.critic_width, architecture.critic_blocks
        )

    def forward(self, features: Tensor, condition: Tensor | None = None) -> Tensor:
        """Return the score, higher for events that look real."""
        x = features if condition is None else torch.cat([features, condition], dim=1)
        return super().forward(x).squeeze(1)
