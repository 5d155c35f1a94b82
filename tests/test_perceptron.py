"""Perceptrons in numpy: as torch's, and how classes are drawn."""

import numpy as np
import pytest
import torch

from nugen_gan.gan.networks import ResidualMLP
from nugen_gan.perceptron import Perceptron, draw, tensor_shapes


@pytest.fixture
def random():
    return np.random.default_rng(5)


def test_it_is_the_twin_of_the_trained_network(random):
    torch.manual_seed(3)
    network = ResidualMLP(7, 5, 16, 2)
    with torch.no_grad():
        for value in network.parameters():
            value.copy_(torch.randn_like(value) * 0.3)
    rows = random.normal(size=(40, 7)).astype(np.float32)
    with torch.no_grad():
        wanted = network(torch.from_numpy(rows)).numpy()
    twin = Perceptron.of({f"a.{k}": v for k, v in network.state_dict().items()}, "a.")
    np.testing.assert_allclose(twin(rows), wanted, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(twin.out(twin.hidden(rows)), twin(rows))
    assert len(twin.blocks) == 2


def test_classes_come_as_often_as_they_should(random):
    logits = np.tile(np.log([0.2, 0.5, 0.3]).astype(np.float32), (60_000, 1))
    counts = np.bincount(draw(logits, random.random(60_000)), minlength=3) / 60_000
    np.testing.assert_allclose(counts, [0.2, 0.5, 0.3], atol=0.01)


def test_forbidden_classes_are_never_drawn():
    logits = np.array([[-1e30, 1.0, 2.0, -1e30, -1e30]] * 3, np.float32)
    assert draw(logits, np.array([0.0, 0.5, 1.0 - 1e-16])).tolist() == [1, 2, 2]


def test_shapes_are_those_of_the_trained_network():
    network = ResidualMLP(7, 5, 16, 2)
    shapes = {f"a.{name}": tuple(value.shape) for name, value in network.state_dict().items()}
    assert tensor_shapes("a", 7, 5, 16, 2) == shapes
