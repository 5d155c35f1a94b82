"""Learning a density ratio: ensemble members on folds of the sample, each stopped at its best."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, softplus

from nugen_gan.density_ratio.distillation import in_parts, learn, set_rate
from nugen_gan.density_ratio.inputs import CONDITION, CONTINUED, known_log_ratio
from nugen_gan.density_ratio.network import DensityRatio, RatioNet, RatioShape
from nugen_gan.density_ratio.shrinkage import best_shrinkage
from nugen_gan.gan.deadline import NONE, Deadline
from nugen_gan.monitor import SILENT, Monitor, Part
from nugen_gan.streams import derived_seed, numpy_stream

__all__ = ["RatioOptions", "fit_ratio", "likelihood_gain", "thinned"]

# Proposals by which a member is stopped: about so many for each event that it has not seen, between
# these.  Ten for one let their statistical fluctuation add a twentieth to its error.
CHECKED_EACH, FEWEST_CHECKED, MOST_CHECKED = 10, 10_000, 50_000


@dataclass(frozen=True, slots=True)
class RatioOptions:
    """How to learn a ratio.

    Attributes
    ----------
    shape : of the networks; with two members or more each leaves out another fold of the events
    steps, batch_size : of each member; a batch holds so many events
    learning_rate : of Adam, at its highest; a cosine leads to zero
    weight_decay : pulls the ratio towards one
    checks : how often the held-out events are asked
    distilled : steps of the one network that takes the place of several members; 0: they stay
    together : whether members stop where all that they have not seen is likeliest, or each by its
        own fold, which of many events often stops it too early
    """

    shape: RatioShape
    steps: int
    batch_size: int = 1024
    learning_rate: float = 3e-3
    weight_decay: float = 0.01
    checks: int = 40
    distilled: int = 0
    together: bool = False


def fit_ratio(
    events: Tensor,
    proposals: Tensor,
    options: RatioOptions,
    seed: int,
    *,
    held_out: tuple[Tensor, Tensor] | None = None,
    groups: NDArray[np.int64] | None = None,
    monitor: Monitor = SILENT,
    deadline: Deadline = NONE,
) -> DensityRatio:
    """Learn the distribution of ``events`` over that of ``proposals``.

    Parameters
    ----------
    events : rows of events, (N, COLUMNS), or (N, CONTINUED) if the ratio is to continue others; see
        :mod:`nugen_gan.density_ratio.inputs`
    proposals : the same of events to be accepted (R N, ...): the R rows of event i, at its energy,
        are i R to i R + R - 1
    options : how; whether the shape continues others follows from the rows
    seed : of everything random
    held_out : (events, proposals) that stop a single member; several need none
    groups : number of the group of each event, (N,), where some must stay in one fold, as the
        copies of one event in a bootstrap must
    monitor : is told the fraction done, of a stage that the caller began
    deadline : of all of it

    Notes
    -----
    Each of several members is tried on the events that it has not seen, and all are shrunk together
    by the factor that is best there (:mod:`nugen_gan.density_ratio.shrinkage`), since networks
    overfit few events.  Where nothing is gained for certain, what was known stays as it is.  One
    network may then learn what they say on average, and take their place.
    """
    shape = replace(options.shape, continues=events.shape[1] == CONTINUED)
    options = replace(options, shape=shape)
    if held_out is None and shape.members < 2:
        raise ValueError("a single member needs held-out events")
    # Weights drawn here are replaced below; the caller's random numbers stay as they are.
    with torch.random.fork_rng(devices=[]):
        ratio = DensityRatio(shape)
    rows = events, proposals
    if held_out is not None:
        checks = _checks(*held_out)
        course = _fit_member(rows, checks, options, seed, monitor, deadline)
        ratio.members[0] = course.net_at(_best_check([course]))
    else:
        groups = np.arange(len(events)) if groups is None else groups
        shuffled = numpy_stream(seed, "ratio folds").permutation(int(groups.max()) + 1)
        fold = shuffled[groups] % shape.members
        ratio = _fit_members(ratio, rows, fold, options, seed, monitor, deadline)
    with torch.no_grad():
        log_ratio = in_parts(ratio, proposals) + known_log_ratio(proposals)
        ratio.set_ceiling(log_ratio, proposals[:, CONDITION.start])
    return ratio.eval().requires_grad_(False)


def _fit_members(
    ratio: DensityRatio,
    rows: tuple[Tensor, Tensor],
    fold: NDArray[np.int64],
    options: RatioOptions,
    seed: int,
    monitor: Monitor,
    deadline: Deadline,
) -> DensityRatio:
    """Fit each member to all folds but one, find the shrinkage, and perhaps keep one."""
    copies, members = len(rows[1]) // len(rows[0]), options.shape.members
    stages = members + (options.distilled > 0)

    def learned(k: int) -> _Course:
        part, unseen = (
            (_rows(rows[0], chosen), _rows(rows[1], np.repeat(chosen, copies)))
            for chosen in (fold != k, fold == k)
        )
        told = Part.of(monitor, k, stages)
        own = derived_seed(seed, "ratio member", k)
        part_of_time = deadline.part(1.0 / (stages - k))
        return _fit_member(part, _checks(*unseen), options, own, told, part_of_time)

    courses = [learned(k) for k in range(members)]
    ratio.shrinkage.fill_(best_shrinkage(*_unseen(courses, options)))
    for k, course in enumerate(courses):
        ratio.members[k] = course.net
    if not options.distilled:
        return ratio
    told = Part.of(monitor, stages - 1, stages)
    return _one_for_all(ratio, rows, options, seed, told, deadline)


def _unseen(courses: Sequence[_Course], options: RatioOptions) -> tuple[Tensor, Tensor]:
    """What members, as they are at their best, say of events and proposals that each did not see.

    The columns are those of :func:`~nugen_gan.density_ratio.shrinkage.best_shrinkage`.
    """
    # Under a time limit each member comes as far as it can.
    alike = len({len(course.losses) for course in courses}) == 1
    groups = [courses] if options.together and alike else [[course] for course in courses]
    scores = [course.scores_at(_best_check(group)) for group in groups for course in group]
    real, other = (torch.cat(some) for some in zip(*scores, strict=True))
    return real, other


def _one_for_all(
    ratio: DensityRatio,
    rows: tuple[Tensor, Tensor],
    options: RatioOptions,
    seed: int,
    monitor: Monitor,
    deadline: Deadline,
) -> DensityRatio:
    """A ratio whose only member says what all of this one say on average.

    It begins as the first of them, and tells events from proposals as firmly as they do.
    """
    with torch.random.fork_rng(devices=[]):
        one = DensityRatio(replace(ratio.shape, members=1))
    one.shrinkage.copy_(ratio.shrinkage)
    member = cast(RatioNet, one.members[0])
    member.load_state_dict(ratio.members[0].state_dict())
    said = [
        torch.sigmoid(in_parts(lambda x: ratio.together(x) + known_log_ratio(x), some))
        for some in rows
    ]

    def loss(random: torch.Generator) -> Tensor:
        chosen = [torch.randint(len(p), (options.batch_size,), generator=random) for p in rows]
        inputs, wanted = (
            torch.cat([part[i] for part, i in zip(parts, chosen, strict=True)])
            for parts in (rows, said)
        )
        return binary_cross_entropy_with_logits(_scores(member, inputs), wanted)

    learn(
        member,
        loss,
        options.distilled,
        derived_seed(seed, "ratio student"),
        monitor,
        deadline.part(0.9),
    )
    return one


def thinned(rows: Tensor, enough: int) -> Tensor:
    """Rows at equal distances, about so many."""
    return rows[:: max(1, len(rows) // enough)]


def _checks(events: Tensor, proposals: Tensor) -> tuple[Tensor, Tensor]:
    """All events and enough of the proposals to check a member with."""
    enough = int(np.clip(CHECKED_EACH * len(events), FEWEST_CHECKED, MOST_CHECKED))
    # A view would keep all the proposals of a member as long as its course.
    return events, thinned(proposals, enough).contiguous()


@torch.no_grad()
def _score_parts(net: RatioNet, rows: Tensor) -> Tensor:
    """The log ratio of a member and the known one, side by side."""
    return torch.stack([net(rows), known_log_ratio(rows)], dim=1).double()


def _scores(net: RatioNet, rows: Tensor) -> Tensor:
    scores: Tensor = net(rows) + known_log_ratio(rows)
    return scores


def _rows(tensor: Tensor, chosen: NDArray[np.bool_]) -> Tensor:
    return tensor if chosen.all() else tensor[torch.from_numpy(chosen)]


@dataclass(frozen=True, slots=True)
class _Course:
    """What became of a member while it learned.

    Attributes
    ----------
    net : the member
    unseen : events and proposals that it has not seen
    states, losses : its weights at each check, the first before it learned anything, and the loss
        of what it has not seen
    """

    net: RatioNet
    unseen: tuple[Tensor, Tensor]
    states: list[dict[str, Tensor]] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)

    def check(self) -> None:
        """Remember the state of now."""
        self.states.append(copy.deepcopy(self.net.state_dict()))
        with torch.no_grad():
            real, other = (_scores(self.net, rows) for rows in self.unseen)
        self.losses.append(float(_loss(real, other)))

    def net_at(self, number: int) -> RatioNet:
        """Return the member as it was at a check."""
        self.net.load_state_dict(self.states[number])
        return self.net

    def scores_at(self, number: int) -> list[Tensor]:
        """Return what the member said there of events and proposals that it has not seen."""
        net = self.net_at(number)
        return [_score_parts(net, rows) for rows in self.unseen]


def _best_check(courses: Sequence[_Course]) -> int:
    """The check where what these members have not seen has the least loss."""
    return int(np.argmin(np.sum([course.losses for course in courses], axis=0)))


def _fit_member(
    part: tuple[Tensor, Tensor],
    checks: tuple[Tensor, Tensor],
    options: RatioOptions,
    seed: int,
    monitor: Monitor,
    deadline: Deadline,
) -> _Course:
    events, proposals = part
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derived_seed(seed, "ratio weights"))
        net = RatioNet(options.shape)
    random = torch.Generator().manual_seed(derived_seed(seed, "ratio batches"))
    optimiser = torch.optim.AdamW(
        net.parameters(), lr=options.learning_rate, weight_decay=options.weight_decay, fused=True
    )
    size = min(options.batch_size, len(events))
    course = _Course(net, checks)
    course.check()
    for step in range(1, options.steps + 1):
        place = deadline.place(step, options.steps)
        set_rate(optimiser, _rate(options, step, place))
        real = events[torch.randint(len(events), (size,), generator=random)]
        other = proposals[torch.randint(len(proposals), (size,), generator=random)]
        scores = _scores(net, torch.cat([real, other]))
        loss = _loss(scores[:size], scores[size:])
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        over = place >= options.steps
        if step % max(25, options.steps // options.checks) == 0 or over:
            course.check()
            monitor.advanced(place / options.steps)
        if over:
            deadline.record("ratio", step, options.steps)
            break
    return course


def _rate(options: RatioOptions, step: int, place: float) -> float:
    warm = min(1.0, step / 50)
    return options.learning_rate * warm * 0.5 * (1 + math.cos(math.pi * place / options.steps))


def _loss(real: Tensor, other: Tensor) -> Tensor:
    """That of telling events from proposals, whose log ratios these are."""
    return softplus(-real).mean() + softplus(other).mean()


def _likelihood(real: Tensor, other: Tensor) -> float:
    return float(real.mean() - torch.log(torch.exp(other).mean()))


@torch.no_grad()
def likelihood_gain(ratio: DensityRatio, events: Tensor, proposals: Tensor) -> tuple[float, float]:
    """Mean gain of the log likelihood of ``events`` by the ratio, and its error [nats]."""
    real, other = ratio(events).double(), ratio(proposals).double()
    return _likelihood(real, other), float(real.std() / math.sqrt(max(len(real), 2)))
