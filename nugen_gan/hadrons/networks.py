"""The networks of the hadrons as they are trained; :mod:`nugen_gan.perceptron` evaluates them."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from nugen_gan.gan.networks import ResidualMLP
from nugen_gan.hadrons import chain
from nugen_gan.hadrons.content import Catalogue
from nugen_gan.hadrons.momenta import AZIMUTHS
from nugen_gan.hadrons.multiplicities import head_inputs, head_names
from nugen_gan.hadrons.rows import MomentumRows
from nugen_gan.hadrons.samples import EVENT_INPUTS
from nugen_gan.hadrons.shape import HadronShape

__all__ = ["MomentumNetworks", "MultiplicityNetworks"]


class MomentumNetworks(nn.Module):
    """The three conditionals of the chain: of kinetic energy, cosine and azimuth.

    Parameters
    ----------
    species : how many there are
    shape : sizes of the networks
    """

    def __init__(self, species: int, shape: HadronShape) -> None:
        super().__init__()
        inputs = EVENT_INPUTS + species + chain.STATE
        self.more = shape.more
        self.first = ResidualMLP(inputs, shape.more + shape.last, shape.width, shape.blocks)
        seen = shape.width + chain.SECOND
        self.second = ResidualMLP(seen, shape.polar, shape.narrow, 1)
        self.third = ResidualMLP(seen + chain.THIRD, AZIMUTHS, shape.narrow, 1)

    def loss(self, rows: MomentumRows) -> Tensor:
        """Mean negative log likelihood of a particle [nats], up to the widths of the bins."""
        hidden = self._hidden(rows.inputs)
        logits = self.first.outward(hidden)
        more, last = ~rows.last & ~rows.coherent, rows.last & ~rows.coherent
        total = _entropy(logits[more, : self.more], rows.energy[more])
        total = total + _entropy(logits[last, self.more :], rows.energy[last])
        seen = torch.cat([hidden, rows.second], dim=1)
        total = total + _entropy(self.second(seen), rows.polar)
        seen = torch.cat([seen, rows.third], dim=1)
        total = total + _entropy(self.third(seen), rows.azimuth)
        return total / len(rows)

    def _hidden(self, inputs: Tensor) -> Tensor:
        """The last hidden layer of the first network, which the others see too."""
        hidden = self.first.inward(inputs)
        for block in self.first.blocks:
            hidden = block(hidden)
        return nn.functional.leaky_relu(hidden, 0.2)


class MultiplicityNetworks(nn.Module):
    """The chain of classifiers of the multiplicities.

    Parameters
    ----------
    catalogue : of rare combinations
    shape : sizes of the networks and largest numbers
    """

    def __init__(self, catalogue: Catalogue, shape: HadronShape) -> None:
        super().__init__()
        classes = (len(catalogue.entries), *(number + 1 for number in shape.most))
        sizes = head_inputs(len(catalogue.codes))
        for name, inputs, outputs in zip(head_names(), sizes, classes, strict=True):
            self.add_module(name, ResidualMLP(inputs, outputs, shape.narrow, 2))

    def loss(self, inputs: Sequence[Tensor], targets: Sequence[Tensor]) -> Tensor:
        """Mean negative log likelihood of an event [nats].

        Parameters
        ----------
        inputs, targets : of each classifier, (N, inputs) and (N,)
        """
        total = torch.zeros(())
        for name, rows, target in zip(head_names(), inputs, targets, strict=True):
            total = total + _entropy(self.get_submodule(name)(rows), target)
        return total / len(targets[0])


def _entropy(logits: Tensor, target: Tensor) -> Tensor:
    return nn.functional.cross_entropy(logits, target, reduction="sum")
