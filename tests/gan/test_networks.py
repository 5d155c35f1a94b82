import pytest
import torch

from nugen_gan.gan.networks import Architecture, Critic, Generator, ResidualMLP

SMALL = Architecture(width=8, blocks=2, latent=3, critic_width=12, critic_blocks=1)


@pytest.mark.parametrize(
    ("network", "features_in", "shape"),
    [
        (ResidualMLP(5, 4, 8, 2), 5, (7, 4)),
        (Generator(SMALL), 3 + 3, (7, 2)),
        (Critic(SMALL, 8), 8 + 3, (7,)),
    ],
    ids=["mlp", "generator", "critic"],
)
def test_shapes_gradients_and_storage(network, features_in, shape):
    torch.manual_seed(0)
    for weights in network.parameters():  # also those that start at zero
        torch.nn.init.normal_(weights, std=0.3)
    x = torch.randn(7, features_in)
    y = network(x)
    assert tuple(y.shape) == shape
    y.square().sum().backward()
    for name, weights in network.named_parameters():
        assert weights.grad is not None, name
        assert weights.grad.abs().sum() > 0, name
    state = network.state_dict()
    for value in network.parameters():
        value.data.zero_()
    network.load_state_dict({name: value.clone() for name, value in state.items()})


def test_a_fresh_network_is_a_shallow_one():
    torch.manual_seed(0)
    network = ResidualMLP(3, 1, 16, 4)
    x = torch.randn(5, 3)
    hidden = torch.nn.functional.leaky_relu(network.inward(x), 0.2)
    torch.testing.assert_close(network(x), network.outward(hidden))


def test_condition_may_come_apart():
    torch.manual_seed(0)
    generator = Generator(SMALL)
    noise, condition = torch.randn(4, 3), torch.randn(4, 3)
    apart = generator(noise, condition)
    torch.testing.assert_close(apart, generator(torch.cat([noise, condition], dim=1)))
