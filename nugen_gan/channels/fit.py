"""Learning channel labels: networks that are told which channel each event is of.

Few events are looked at by one network, which stops where held-out events are most likely.  More of
them are shared by several, each stopped by another fold, and one takes the place of all
(:mod:`nugen_gan.density_ratio.distillation`).

Calibration is one temperature, fitted on held-out events (Guo et al., *On Calibration of Modern
Neural Networks*, 2017, arXiv:1706.04599).
"""

from __future__ import annotations

import copy
from dataclasses import asdict, dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from nugen_gan.channels.classifier import ChannelClassifier
from nugen_gan.density_ratio.distillation import cosine, in_parts, learn, set_rate
from nugen_gan.density_ratio.inputs import HELICITIES
from nugen_gan.gan.deadline import NONE, Deadline
from nugen_gan.gan.ema import follow
from nugen_gan.monitor import SILENT, Monitor, Part
from nugen_gan.streams import derived_seed, numpy_stream

__all__ = ["LabelOptions", "Labelled", "train_classifier"]

# Events in a step.
BATCH = 2048
# Passes through the events: more overfit them, and more steps than these are not needed.
EPOCHS, FEWEST_STEPS, MOST_STEPS = 80, 200, 8000
# So many networks share the events if there are so many of these, from and up to: fewer leave too
# little to each, and more fluctuate little.
MEMBERS, SHARED = 4, (30_000, 150_000)
# Steps of the one network that takes their place.
DISTILLED = 1500


@dataclass(frozen=True, slots=True)
class LabelOptions:
    """How to learn channel labels.

    Attributes
    ----------
    steps : of each network
    members : networks that share the events, each stopped by another fold
    distilled : steps of the one network that takes the place of several members
    batch_size : events in a step, at most
    learning_rate, last_rate : where a cosine begins and ends
    ema_decay : of the average of the weights, which is what is kept: over some 200 steps
    """

    steps: int
    members: int = 1
    distilled: int = 0
    batch_size: int = BATCH
    learning_rate: float = 2e-3
    last_rate: float = 2e-5
    ema_decay: float = 0.995

    @classmethod
    def by_number(cls, events: int) -> LabelOptions:
        """Defaults for so many events."""
        steps = int(np.clip(EPOCHS * events // BATCH, FEWEST_STEPS, MOST_STEPS))
        shared = SHARED[0] <= events < SHARED[1]
        return cls(steps, MEMBERS, DISTILLED) if shared else cls(steps)

    def as_they_run(self, events: int, channels: int) -> dict[str, int | float]:
        """Plain values for the record of a training on so many events of so many channels."""
        if channels == 1:
            return {"channels": 1, "steps": 0}
        values = asdict(self) | {"batch_size": min(self.batch_size, events)}
        return {"channels": channels, "events": events} | values


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
    options: LabelOptions | None = None,
    start: ChannelClassifier | None = None,
    monitor: Monitor = SILENT,
    deadline: Deadline = NONE,
) -> tuple[ChannelClassifier, dict[str, float]]:
    """Fit a classifier by cross entropy, keep its best state on held-out events, calibrate it.

    Parameters
    ----------
    training, held_out : the events, as the classifier sees them; where several share the training
        part, the held-out ones only measure
    seed : of everything random
    options : how; by the number of events if absent
    start : a classifier of other events to begin with
    monitor : is told the fraction done, of a stage that the caller began
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
    options = options or LabelOptions.by_number(len(training.codes))
    if options.members > 1:
        classifier = _shared(training, channels, seed, options, start, monitor, deadline)
    else:
        classifier = _member(training, test, channels, seed, options, start, monitor, deadline)
    return classifier, _quality(classifier, test)


def _shared(
    training: Labelled,
    channels: tuple[int, ...],
    seed: int,
    options: LabelOptions,
    start: ChannelClassifier | None,
    monitor: Monitor,
    deadline: Deadline,
) -> ChannelClassifier:
    """One classifier that says what several say on average, each stopped by another fold."""
    count = options.members
    fold = numpy_stream(seed, "channel folds").permutation(len(training.codes)) % count
    members = [
        _member(training.at(fold != k), training.at(fold == k), channels,
                derived_seed(seed, "channel member", k), options, start,
                Part.of(monitor, k, count + 1), deadline.part(1.0 / (count + 1 - k)))
        for k in range(count)
    ]  # fmt: skip

    def said(inputs: Tensor) -> Tensor:
        logs = torch.stack([torch.log_softmax(member(inputs), 1) for member in members])
        return torch.softmax(logs.mean(dim=0), 1)

    inputs, one = training.inputs, copy.deepcopy(members[0])
    one.temperature.fill_(1.0)  # each of them is calibrated
    wanted = in_parts(said, inputs)

    def loss(random: torch.Generator) -> Tensor:
        rows = torch.randint(len(inputs), (options.batch_size,), generator=random)
        return nn.functional.cross_entropy(one(inputs[rows]), wanted[rows])

    told, own = Part.of(monitor, count, count + 1), derived_seed(seed, "channel student")
    learn(one, loss, options.distilled, own, told, deadline)
    return one


def _member(
    training: Labelled,
    test: Labelled,
    channels: tuple[int, ...],
    seed: int,
    options: LabelOptions,
    start: ChannelClassifier | None,
    monitor: Monitor,
    deadline: Deadline,
) -> ChannelClassifier:
    """One classifier, kept where the events of the test are most likely, and calibrated by them."""
    classifier = _untrained(channels, seed, start)
    _fit(classifier, training, test, seed, options, monitor, deadline)
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


def _labels(codes: NDArray[np.int16], channels: tuple[int, ...]) -> Tensor:
    return torch.from_numpy(np.searchsorted(np.array(channels), codes))


def _fit(
    classifier: ChannelClassifier,
    training: Labelled,
    test: Labelled,
    seed: int,
    options: LabelOptions,
    monitor: Monitor,
    deadline: Deadline,
) -> None:
    labels, checks = (_labels(part.codes, classifier.channels) for part in (training, test))
    steps, highest, last = options.steps, options.learning_rate, options.last_rate
    size = min(options.batch_size, len(labels))
    random = torch.Generator().manual_seed(derived_seed(seed, "channel batches"))
    optimiser = torch.optim.AdamW(classifier.parameters(), lr=highest, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps, last)
    average, best = copy.deepcopy(classifier), copy.deepcopy(classifier.state_dict())
    with torch.no_grad():
        best_loss = nn.functional.cross_entropy(classifier(test.inputs), checks).item()
    for step in range(1, steps + 1):
        rows = torch.randint(len(labels), (size,), generator=random)
        loss = nn.functional.cross_entropy(classifier(training.inputs[rows]), labels[rows])
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
        follow(average, classifier, options.ema_decay, step - 1)
        place = deadline.place(step, steps)
        if deadline.limited:
            set_rate(optimiser, last + (highest - last) * cosine(place / steps))
        if step % max(1, steps // 20) == 0 or (deadline.limited and place >= steps):
            monitor.advanced(place / steps)
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
