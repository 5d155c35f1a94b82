"""Learning channel labels: networks that are told which channel each event is of.

Few events are looked at by one network, which stops where held-out events are most likely.  More of
them are shared by several, each stopped by another fold, and one takes the place of all
(:mod:`nugen_gan.density_ratio.distillation`).

Calibration is one temperature, fitted on held-out events (Guo et al., *On Calibration of Modern
Neural Networks*, 2017, arXiv:1706.04599).
"""

from __future__ import annotations

import copy
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from nugen_gan.channels.classifier import ChannelClassifier
from nugen_gan.density_ratio.distillation import cosine, in_parts, learn, set_rate
from nugen_gan.density_ratio.inputs import HELICITIES
from nugen_gan.gan.deadline import NONE, Deadline
from nugen_gan.gan.ema import follow
from nugen_gan.streams import derived_seed, numpy_stream

__all__ = ["Labelled", "label_recipe", "train_classifier"]

BATCH = 2048
LEARNING_RATE, LAST_RATE = 2e-3, 2e-5
# Passes through the events: more overfit them, and more steps than these are not needed.
EPOCHS, FEWEST_STEPS, MOST_STEPS = 80, 200, 8000
# Of the average of the weights, which is what is kept: over some 200 steps.
EMA_DECAY = 0.995
# So many networks share the events if there are so many of these, from and up to: fewer leave too
# little to each, and more fluctuate little.
MEMBERS, SHARED = 4, (30_000, 150_000)
# Steps of the one network that takes their place.
DISTILLED = 1500


@dataclass(frozen=True, slots=True)
class Labelled:
    """Rows of events, (N, COLUMNS), and channel codes (N,)."""

    inputs: Tensor
    codes: NDArray[np.int16]

    def at(self, chosen: NDArray[np.bool_]) -> Labelled:
        """Those that are chosen, (N,)."""
        return Labelled(self.inputs[torch.from_numpy(chosen)], self.codes[chosen])


def train_classifier(
    training: Labelled,
    held_out: Labelled,
    seed: int,
    steps: int | None = None,
    start: ChannelClassifier | None = None,
    deadline: Deadline = NONE,
) -> tuple[ChannelClassifier, dict[str, float]]:
    """Fit a classifier by cross entropy, keep its best state on held-out events, calibrate it.

    Parameters
    ----------
    training, held_out : the events, as the classifier sees them; where several share the training
        part, the held-out ones only measure
    seed : of everything random
    steps : of the optimiser; by the number of events if absent
    start : a classifier of other events to begin with
    deadline : of all of it

    Returns
    -------
    The classifier, and its held-out ``log_loss`` [nats], ``temperature`` and
    ``calibration_error`` (mean absolute difference of predicted and observed frequency over ten
    bins of probability).
    """
    channels = tuple(int(code) for code in np.unique(training.codes))
    if len(channels) == 1:
        alone = {"log_loss": 0.0, "temperature": 1.0, "calibration_error": 0.0}
        return _untrained(channels, seed, start), alone
    test = held_out.at(np.isin(held_out.codes, channels))
    steps = steps or _default_steps(len(training.codes))
    if SHARED[0] <= len(training.codes) < SHARED[1]:
        classifier = _shared(training, channels, seed, steps, start, deadline)
    else:
        classifier = _member(training, test, channels, seed, steps, start, deadline)
    return classifier, _quality(classifier, test)


def label_recipe(events: int, channels: int, steps: int | None = None) -> dict[str, int | float]:
    """The options with which so many events of so many channels are learned; as they run."""
    if channels == 1:
        return {"channels": 1, "steps": 0}
    shared = SHARED[0] <= events < SHARED[1]
    return {
        "channels": channels,
        "events": events,
        "members": MEMBERS if shared else 1,
        "steps": steps or _default_steps(events),
        "batch_size": min(BATCH, events),
        "learning_rate": LEARNING_RATE,
        "ema_decay": EMA_DECAY,
        "distilled": DISTILLED if shared else 0,
    }


def _shared(
    training: Labelled,
    channels: tuple[int, ...],
    seed: int,
    steps: int,
    start: ChannelClassifier | None,
    deadline: Deadline,
) -> ChannelClassifier:
    """One classifier that says what several say on average, each stopped by another fold."""
    fold = numpy_stream(seed, "channel folds").permutation(len(training.codes)) % MEMBERS
    members = [
        _member(training.at(fold != k), training.at(fold == k), channels,
                derived_seed(seed, "channel member", k), steps, start,
                deadline.part(1.0 / (MEMBERS + 1 - k)))
        for k in range(MEMBERS)
    ]  # fmt: skip

    def said(inputs: Tensor) -> Tensor:
        logs = torch.stack([torch.log_softmax(member(inputs), 1) for member in members])
        return torch.softmax(logs.mean(dim=0), 1)

    inputs, one = training.inputs, copy.deepcopy(members[0])
    one.temperature.fill_(1.0)  # each of them is calibrated
    wanted = in_parts(said, inputs)

    def loss(random: torch.Generator) -> Tensor:
        rows = torch.randint(len(inputs), (BATCH,), generator=random)
        return nn.functional.cross_entropy(one(inputs[rows]), wanted[rows])

    learn(one, loss, DISTILLED, derived_seed(seed, "channel student"), deadline=deadline)
    return one


def _member(
    training: Labelled,
    test: Labelled,
    channels: tuple[int, ...],
    seed: int,
    steps: int,
    start: ChannelClassifier | None,
    deadline: Deadline,
) -> ChannelClassifier:
    """One classifier, kept where the events of the test are most likely, and calibrated by them."""
    classifier = _untrained(channels, seed, start)
    _fit(classifier, training, test, seed, steps, deadline)
    _calibrate(classifier, test)
    return classifier


def _untrained(
    channels: tuple[int, ...], seed: int, start: ChannelClassifier | None
) -> ChannelClassifier:
    """What training begins with; the caller's random numbers stay as they are."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derived_seed(seed, "channel weights"))
        classifier = ChannelClassifier(channels)
    if start is not None:
        _inherit(classifier, start)
    return classifier


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
    classifier: ChannelClassifier,
    training: Labelled,
    test: Labelled,
    seed: int,
    steps: int,
    deadline: Deadline,
) -> None:
    labels, checks = (_labels(part.codes, classifier.channels) for part in (training, test))
    random = torch.Generator().manual_seed(derived_seed(seed, "channel batches"))
    optimiser = torch.optim.AdamW(classifier.parameters(), lr=LEARNING_RATE, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps, LAST_RATE)
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
        place = deadline.place(step, steps)
        if deadline.limited:
            set_rate(optimiser, LAST_RATE + (LEARNING_RATE - LAST_RATE) * cosine(place / steps))
        if step % max(1, steps // 20) == 0 or (deadline.limited and place >= steps):
            with torch.no_grad():
                held = nn.functional.cross_entropy(average(test.inputs), checks).item()
            if held < best_loss:
                best, best_loss = copy.deepcopy(average.state_dict()), held
        if place >= steps:
            deadline.record("channel labels", step, steps)
            break
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
