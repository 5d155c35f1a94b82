import torch
from torch import nn

from nugen_gan.density_ratio.distillation import in_parts, learn


def _data():
    random = torch.Generator().manual_seed(1)
    inputs = torch.randn(2000, 3, generator=random)
    return inputs, inputs @ torch.tensor([0.5, -0.7, 0.3])


def _learned(seed):
    inputs, wanted = _data()
    torch.manual_seed(0)
    network = nn.Linear(3, 1)

    def loss(random):
        rows = torch.randint(len(inputs), (200,), generator=random)
        return (network(inputs[rows])[:, 0] - wanted[rows]).square().mean()

    learn(network, loss, steps=3000, seed=seed)
    return network


def test_what_has_no_chance_in_it_is_learned_closely():
    inputs, wanted = _data()
    wrong = _learned(1)(inputs).detach()[:, 0] - wanted
    assert float(wrong.abs().max()) < 0.01


def test_same_seed_same_network():
    assert torch.equal(_learned(1).weight, _learned(1).weight)
    assert not torch.equal(_learned(1).weight, _learned(2).weight)


def test_parts_are_the_whole(monkeypatch):
    monkeypatch.setattr("nugen_gan.density_ratio.distillation.PART", 300)
    inputs, wanted = _data()
    sizes = []

    def said(some, other):
        sizes.append(len(some))
        return some[:, 0] + other

    assert torch.equal(in_parts(said, inputs, wanted), inputs[:, 0] + wanted)
    assert sizes == [300] * 6 + [200]
