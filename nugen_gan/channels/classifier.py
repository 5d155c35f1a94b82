"""Channel labels: p(channel | enu, elep, costheta), a small calibrated classifier.

The lepton does not tell the channel, it only makes some more likely.  So a generated event draws
its label from these probabilities, and fractions and shapes of each channel come out as in the
training sample.

Each channel has its own four hadronic responses, functions of omega and Q2, and the neutrino's
energy only mixes them with the weights ``w_i`` of :mod:`nugen_gan.density_ratio.inputs`.  So with
networks ``h`` of these two variables the probability of channel c is proportional to::

    sum_i w_i exp(h_ci(omega, Q2))

They are learned in :mod:`nugen_gan.channels.fit`.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from nugen_gan.density_ratio.inputs import HADRONIC, HELICITIES, HELICITY
from nugen_gan.gan.networks import ResidualMLP

__all__ = ["ChannelClassifier"]

WIDTH, BLOCKS = 64, 2


class ChannelClassifier(nn.Module):
    """Probabilities of each channel at given omega, Q2 and weights of the helicities.

    Parameters
    ----------
    channels : the channels that occur in the training sample, values of Channel
    """

    temperature: Tensor

    def __init__(self, channels: tuple[int, ...]) -> None:
        super().__init__()
        self.channels = channels
        self.hadronic = ResidualMLP(len(HADRONIC), HELICITIES * len(channels), WIDTH, BLOCKS)
        self.register_buffer("temperature", torch.ones(()))

    def forward(self, inputs: Tensor) -> Tensor:
        """Map rows of events, (N, COLUMNS), to logits (N, C)."""
        responses = self.hadronic(inputs[:, HADRONIC]).reshape(-1, len(self.channels), HELICITIES)
        logits = torch.logsumexp(responses + inputs[:, None, HELICITY], dim=2)
        return logits / self.temperature

    def draw(self, inputs: Tensor, uniform: NDArray[np.float64]) -> NDArray[np.int16]:
        """Draw a channel for each row, (N,), with one uniform number in [0, 1) each.

        It is 0, no channel at all, for a row that is not a number.
        """
        codes = np.array(self.channels, dtype=np.int16)
        if len(codes) == 1:
            return np.full(len(uniform), codes[0])
        probability = torch.softmax(self(inputs).double(), dim=1).numpy()
        below = np.cumsum(probability, axis=1)[:, :-1]
        drawn: NDArray[np.int16] = codes[(uniform[:, None] >= below).sum(axis=1)]
        drawn[~np.isfinite(probability).all(axis=1)] = 0
        return drawn
