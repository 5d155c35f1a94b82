import math

import torch

from nugen_gan.gan.losses import critic_loss, generator_loss
from nugen_gan.gan.networks import Architecture, Critic

SMALL = Architecture(critic_width=8, critic_blocks=1)


class _Linear(Critic):
    """A critic whose gradient is known: score = 3 * first feature."""

    def forward(self, features, condition=None):
        return 3.0 * features[:, 0]


def test_a_known_critic_gives_the_known_loss():
    critic = _Linear(SMALL, 2)
    real, fake, condition = torch.ones(6, 2), torch.zeros(6, 2), torch.zeros(6, 3)
    loss, gradient = critic_loss(critic, real, fake, condition, gamma=0.5)
    # softplus(fake - real) = log(1 + exp(-3)); R1 + R2 = gamma / 2 * (9 + 9)
    assert math.isclose(loss.item(), math.log1p(math.exp(-3.0)) + 0.5 * 9.0, rel_tol=1e-6)
    assert math.isclose(gradient.item(), 9.0, rel_tol=1e-6)
    other = generator_loss(critic, real, fake, condition)
    assert math.isclose(other.item(), math.log1p(math.exp(3.0)), rel_tol=1e-6)


def test_penalty_reaches_the_weights():
    torch.manual_seed(0)
    critic = Critic(SMALL, 2)
    real, fake, condition = torch.randn(6, 2), torch.randn(6, 2), torch.randn(6, 3)
    grads = []
    for gamma in (0.0, 10.0):
        critic.zero_grad()
        loss, _ = critic_loss(critic, real, fake, condition, gamma)
        loss.backward()
        grads.append(critic.inward.weight.grad.clone())
    assert not torch.allclose(*grads)


def test_generator_loss_pulls_generated_events_towards_real_looking_ones():
    critic = _Linear(SMALL, 2)
    fake = torch.zeros(6, 2, requires_grad=True)
    generator_loss(critic, torch.ones(6, 2), fake, torch.zeros(6, 3)).backward()
    assert (fake.grad[:, 0] < 0).all()  # a larger first feature looks more real
    assert (fake.grad[:, 1] == 0).all()
