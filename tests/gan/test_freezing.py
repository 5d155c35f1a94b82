import pytest
import torch

from nugen_gan.gan.freezing import freeze, frozen_at, frozen_layers, trainable_weights
from nugen_gan.gan.networks import Architecture, Critic, Generator

SMALL = Architecture(width=8, blocks=2, latent=4, critic_width=8, critic_blocks=1)


def test_layers_are_counted():
    assert frozen_layers(Generator(SMALL)) == 4
    assert frozen_layers(Critic(SMALL, 5)) == 3


@pytest.mark.parametrize("depth", range(5))
def test_only_layers_behind_the_frozen_ones_learn(depth):
    network = Generator(SMALL)
    freeze(network, depth)
    layers = [network.inward, *network.blocks, network.outward]
    trained = [all(w.requires_grad for w in layer.parameters()) for layer in layers]
    assert trained == [False] * depth + [True] * (4 - depth)
    if depth < 4:
        network(torch.randn(3, 7)).sum().backward()
        assert [layer.parameters().__next__().grad is not None for layer in layers] == trained


def test_freezing_less_thaws():
    network = Generator(SMALL)
    freeze(network, 4)
    freeze(network, 0)
    assert all(weights.requires_grad for weights in network.parameters())


def test_depths_of_a_model(tiny_model):
    generator, critic = tiny_model.proposal.generator, tiny_model.proposal.critic
    assert frozen_layers(generator) == 3
    depths = [frozen_at(critic, depth) for depth in range(4)]
    assert depths == [(0, 0), (1, 1), (2, 2), (3, 2)]
    weights = [trainable_weights(generator, critic, at) for at in depths]
    assert weights[0][0] == sum(w.numel() for w in generator.parameters())
    assert weights[0][1] == sum(w.numel() for w in critic.parameters())
    assert weights[2] == (16 * 2 + 2, 16 + 1)
    assert weights[3] == (0, 0)
    assert not any(w.requires_grad for w in generator.parameters())
