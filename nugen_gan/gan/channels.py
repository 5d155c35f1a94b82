"""Channel labels: p(channel | enu, elep, costheta), a small calibrated classifier.

The lepton does not tell the channel, it only makes some more likely.  So a generated event draws
its label from these probabilities, and fractions and shapes of each channel come out as in the
training sample.

Each channel has its own four hadronic responses, functions of omega and Q2, and the neutrino's
energy only mixes them with the weights ``w_i`` of :mod:`nugen_gan.gan.inputs`.  So with networks
``h`` of these two variables the probability of channel c is proportional to::

    sum_i w_i exp(h_ci(omega, Q2))

Calibration is one temperature, fitted on held-out events (Guo et al., *On
Calibration of Modern Neural Networks*, 2017, arXiv:1706.04599).
"""

from __future__ import annotations

import copy
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from nugen_gan.gan.averaging import follow
from nugen_gan.gan.inputs import HADRONIC, HELICITIES, HELICITY
from nugen_gan.gan.networks import ResidualMLP

__all__ = ["ChannelClassifier", "Labelled", "train_classifier"]

WIDTH, BLOCKS = 64, 2
BATCH = 2048
# Passes through the events: more learn them by heart, and more steps than these are not needed.
EPOCHS, FEWEST_STEPS, MOST_STEPS = 80, 200, 8000
# Of the average of the weights, which is what is kept: over some 200 steps.
EMA_DECAY = 0.995


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
        """Draw a channel for each row, (N,), with one uniform number in [0, 1) each."""
        codes = np.array(self.channels, dtype=np.int16)
        if len(codes) == 1:
            return np.full(len(uniform), codes[0])
        probability = torch.softmax(self(inputs).double(), dim=1).numpy()
        below = np.cumsum(probability, axis=1)[:, :-1]
        drawn: NDArray[np.int16] = codes[(uniform[:, None] >= below).sum(axis=1)]
        return drawn


@dataclass(frozen=True, slots=True)
class Labelled:
    """Rows of events, (N, COLUMNS), and channel codes (N,)."""

    inputs: Tensor
    codes: NDArray[np.int16]


def train_classifier(
    training: Labelled,
    held_out: Labelled,
    seed: int,
    steps: int | None = None,
    start: ChannelClassifier | None = None,
) -> tuple[ChannelClassifier, dict[str, float]]:
    """Fit a classifier by cross entropy, keep its best state on held-out events, calibrate it.

    Parameters
    ----------
    training, held_out : the events, as the classifier sees them
    seed : of everything random
    steps : of the optimiser; by the number of events if absent
    start : a classifier of other events to begin with

    Returns
    -------
    The classifier, and its held-out ``log_loss`` [nats], ``temperature`` and
    ``calibration_error`` (mean absolute difference of predicted and observed frequency over ten
    bins of probability).
    """
    channels = tuple(int(code) for code in np.unique(training.codes))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        classifier = ChannelClassifier(channels)
    if start is not None:
        _inherit(classifier, start)
    if len(channels) == 1:
        return classifier, {"log_loss": 0.0, "temperature": 1.0, "calibration_error": 0.0}
    known = np.isin(held_out.codes, channels)
    test = Labelled(held_out.inputs[torch.from_numpy(known)], held_out.codes[known])
    _fit(classifier, training, test, seed, steps or _default_steps(len(training.codes)))
    _calibrate(classifier, test)
    return classifier, _quality(classifier, test)


@torch.no_grad()
def _inherit(classifier: ChannelClassifier, start: ChannelClassifier) -> None:
    """Take over what another classifier knows of the channels that both have.

    But for its temperature, which is near one and is fitted anew after the training.
    """
    ours, theirs = classifier.hadronic, start.hadronic
    ours.inward.load_state_dict(theirs.inward.state_dict())
    ours.blocks.load_state_dict(theirs.blocks.state_dict())
    for row, channel in enumerate(classifier.channels):
        if channel in start.channels:
            known = _rows(start.channels.index(channel))
            ours.outward.weight[_rows(row)] = theirs.outward.weight[known]
            ours.outward.bias[_rows(row)] = theirs.outward.bias[known]


def _rows(channel: int) -> slice:
    """Where the responses of a channel, by its number, stand."""
    return slice(HELICITIES * channel, HELICITIES * (channel + 1))


def _default_steps(events: int) -> int:
    return int(np.clip(EPOCHS * events // BATCH, FEWEST_STEPS, MOST_STEPS))


def _labels(codes: NDArray[np.int16], channels: tuple[int, ...]) -> Tensor:
    return torch.from_numpy(np.searchsorted(np.array(channels), codes))


def _fit(
    classifier: ChannelClassifier, training: Labelled, test: Labelled, seed: int, steps: int
) -> None:
    labels, checks = (_labels(part.codes, classifier.channels) for part in (training, test))
    random = torch.Generator().manual_seed(seed)
    optimiser = torch.optim.AdamW(classifier.parameters(), lr=2e-3, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps, 2e-5)
    average, best = copy.deepcopy(classifier), copy.deepcopy(classifier.state_dict())
    with torch.no_grad():
        best_loss = nn.functional.cross_entropy(classifier(test.inputs), checks).item()
    for step in range(1, steps + 1):
        rows = torch.randint(len(labels), (min(BATCH, len(labels)),), generator=random)
        loss = nn.functional.cross_entropy(classifier(training.inputs[rows]), labels[rows])
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
        follow(average, classifier, EMA_DECAY, step - 1)
        if step % max(1, steps // 20) == 0:
            with torch.no_grad():
                held = nn.functional.cross_entropy(average(test.inputs), checks).item()
            if held < best_loss:
                best, best_loss = copy.deepcopy(average.state_dict()), held
    classifier.load_state_dict(best)


def _calibrate(classifier: ChannelClassifier, test: Labelled) -> None:
    """Choose the temperature with the least held-out cross entropy, on a fine grid."""
    labels = _labels(test.codes, classifier.channels)
    with torch.no_grad():
        logits = classifier(test.inputs)
        grid = torch.logspace(-0.3, 0.5, 81, base=10.0)
        losses = [nn.functional.cross_entropy(logits / t, labels).item() for t in grid]
        classifier.temperature.fill_(grid[int(np.argmin(losses))])


def _quality(classifier: ChannelClassifier, test: Labelled) -> dict[str, float]:
    labels = _labels(test.codes, classifier.channels)
    with torch.no_grad():
        logits = classifier(test.inputs)
        loss = nn.functional.cross_entropy(logits, labels).item()
        predicted = torch.softmax(logits, dim=1).numpy().ravel()
    observed = nn.functional.one_hot(labels, len(classifier.channels)).numpy().ravel()
    index = np.minimum((predicted * 10).astype(int), 9)
    gap = np.bincount(index, predicted - observed, minlength=10)
    return {
        "log_loss": loss,
        "temperature": float(classifier.temperature),
        "calibration_error": float(np.abs(gap).sum() / len(predicted)),
    }
