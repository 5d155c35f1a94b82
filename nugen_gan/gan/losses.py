"""Relativistic pairing loss with zero-centred gradient penalties (R3GAN, arXiv:2501.05441).

Each real event is paired with a generated one of the same neutrino energy, and the critic is
asked only which of the two looks more real.  Penalties on the critic's gradient at both (R1 of
arXiv:1801.04406, and R2) make the game converge.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import softplus

from nugen_gan.gan.networks import Critic

__all__ = ["critic_loss", "generator_loss"]


def critic_loss(
    critic: Critic, real: Tensor, fake: Tensor, condition: Tensor, gamma: float
) -> tuple[Tensor, Tensor]:
    """Return the critic's loss and the mean squared gradient, both scalars.

    ``real`` and ``fake`` (N, F) share ``condition`` (N, 3) row by row; ``fake`` carries no
    graph.  The penalty is gamma / 2 times the squared gradient norm, for each kind of event.
    """
    features = torch.cat([real, fake]).requires_grad_()
    score = critic(torch.cat([features, condition.repeat(2, 1)], dim=1))
    (gradient,) = torch.autograd.grad(score.sum(), features, create_graph=True)
    squared = gradient.square().sum(dim=1).mean()
    real_score, fake_score = score.chunk(2)
    # The mean runs over both kinds, so the sum of R1 and R2 is twice the mean.
    loss = softplus(fake_score - real_score).mean() + gamma * squared
    return loss, squared.detach()


def generator_loss(critic: Critic, real: Tensor, fake: Tensor, condition: Tensor) -> Tensor:
    """Return the generator's loss, a scalar; shapes as in :func:`critic_loss`."""
    with torch.no_grad():
        real_score = critic(real, condition)
    return softplus(real_score - critic(fake, condition)).mean()
