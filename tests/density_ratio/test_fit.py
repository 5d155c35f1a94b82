import math
from dataclasses import asdict, replace

import numpy as np
import pytest
import torch

from nugen_gan.density_ratio.fit import (
    RatioOptions,
    _best_check,
    _Course,
    _fit_member,
    _loss,
    fit_ratio,
    likelihood_gain,
)
from nugen_gan.density_ratio.inputs import (
    COLUMNS,
    CONDITION,
    EDGES,
    HADRONIC,
    HELICITY,
    HYPERON,
    KNOWN,
    THRESHOLD_BEFORE,
    step_rows,
)
from nugen_gan.density_ratio.network import DensityRatio, RatioNet, RatioShape, rounded
from nugen_gan.gan.deadline import NONE
from nugen_gan.gan.features import FEATURES
from nugen_gan.monitor import SILENT

SHIFT = 0.5
SHAPE = RatioShape(2, width=16, blocks=1, free=False)
OPTIONS = RatioOptions(SHAPE, steps=300, batch_size=1024, learning_rate=3e-3)
EVENTS = 20_000


def _sample(n, seed, shift=0.0, column=HADRONIC[0]):
    """Independent normal columns, one of them shifted; energies between -1 and 1."""
    random = torch.Generator().manual_seed(seed)
    inputs = torch.randn(n, COLUMNS, generator=random)
    inputs[:, column] += shift
    inputs[:, CONDITION.start] = 2 * torch.rand(n, generator=random) - 1
    return inputs


def _truth(inputs, column=HADRONIC[0]):
    return SHIFT * inputs[:, column] - 0.5 * SHIFT**2


def _rows(n, seed):
    return _sample(n, seed, SHIFT if seed % 2 else 0.0)


def _continued(known, own, before):
    """Rows of a ratio that continues a known one, which looks at the events before."""
    with torch.no_grad():
        return step_rows(own, before, known(before))


@pytest.fixture(scope="module")
def learned():
    return fit_ratio(_sample(EVENTS, 1, SHIFT), _sample(2 * EVENTS, 2), OPTIONS, seed=1)


def test_no_ratio_at_first():
    net = RatioNet(RatioShape())
    assert torch.equal(net(_sample(10, 1)), torch.zeros(10))


def test_a_known_ratio_is_learned(learned):
    inputs = _sample(5000, 3)
    error = learned(inputs) - _truth(inputs)
    assert float(error.square().mean().sqrt()) < 0.1
    gain, sigma = likelihood_gain(learned, _sample(5000, 4, SHIFT), inputs)
    assert gain == pytest.approx(0.5 * SHIFT**2, abs=5 * sigma)


def test_accepted_proposals_follow_the_new_distribution(learned):
    inputs = _sample(40_000, 5)
    chance = torch.exp(learned.log_acceptance(learned(inputs), inputs[:, CONDITION.start]))
    assert float(chance.max()) <= 1.0
    assert float(chance.mean()) > 0.2
    random = torch.Generator().manual_seed(6)
    accepted = inputs[torch.rand(len(inputs), generator=random) < chance]
    for column in (HADRONIC[0], HADRONIC[1]):
        wanted = SHIFT if column == HADRONIC[0] else 0.0
        assert float(accepted[:, column].mean()) == pytest.approx(wanted, abs=0.06)


def test_one_network_takes_the_place_of_several(learned):
    options = replace(OPTIONS, distilled=600)
    samples = _sample(EVENTS, 1, SHIFT), _sample(2 * EVENTS, 2)
    one = fit_ratio(*samples, options, seed=1)
    assert (one.shape.members, len(one.members)) == (1, 1)
    assert torch.equal(one.shrinkage, learned.shrinkage)
    inputs = _sample(5000, 3)
    apart = one(inputs) - learned(inputs)
    wrong = learned(inputs) - _truth(inputs)
    assert float(apart.std()) < 0.3 * float(wrong.std())
    members = [learned.members[k](inputs) for k in range(2)]
    assert float(apart.std()) < 0.3 * float((members[0] - members[1]).std())
    assert torch.equal(fit_ratio(*samples, options, seed=1)(inputs), one(inputs))


def test_the_loss_is_least_at_the_truth():
    """Of two places, one twice as likely in the events."""
    offsets = np.linspace(-0.4, 0.4, 41)
    losses = []
    for offset in offsets:
        one, two = math.log(4 / 3) + offset, math.log(2 / 3)
        real, other = torch.tensor([one, one, two]), torch.tensor([one, two])
        losses.append(float(_loss(real, other)))
    assert abs(offsets[np.argmin(losses)]) < 0.03


def test_same_seed_same_ratio(learned):
    again = fit_ratio(_sample(EVENTS, 1, SHIFT), _sample(2 * EVENTS, 2), OPTIONS, seed=1)
    inputs = _sample(100, 3)
    assert torch.equal(again(inputs), learned(inputs))


def test_what_is_known_is_not_learned_again(learned):
    parts = _sample(EVENTS, 1, SHIFT), _sample(2 * EVENTS, 2), _sample(2000, 3)
    # Nothing happened between both steps.
    events, other, inputs = (_continued(learned, rows, rows) for rows in parts)
    both = fit_ratio(events, other, OPTIONS, seed=1)
    assert both.shape == replace(SHAPE, continues=True)
    truth = _truth(inputs)
    assert float((both(inputs) + inputs[:, KNOWN] - truth).std()) < 0.15
    assert float(both(inputs).std()) < 0.3 * float(truth.std())
    copy = DensityRatio(RatioShape(**asdict(both.shape)))
    copy.load_state_dict(both.state_dict())
    assert torch.equal(copy(inputs), both(inputs))


def test_a_ratio_that_continues_sees_the_threshold_as_it_was(learned):
    """Only the distance from the threshold before the shift tells these events apart."""
    before = _sample(EVENTS, 1, SHIFT)
    before[:, EDGES.start] += SHIFT
    events = _continued(learned, _sample(EVENTS, 11), before)
    other = _continued(learned, _sample(2 * EVENTS, 12), _sample(2 * EVENTS, 2))
    both = fit_ratio(events, other, OPTIONS, seed=1)
    inputs = _continued(learned, _sample(2000, 13), _sample(2000, 3))
    truth = SHIFT * inputs[:, THRESHOLD_BEFORE] - 0.5 * SHIFT**2
    assert float((both(inputs) - truth).std()) < 0.3 * float(truth.std())


def test_what_the_ratio_before_rejects_can_be_called_back(learned):
    """It was wrong, by a variable that the new one does not see otherwise."""
    events, other, inputs = (
        _continued(learned, _sample(n, seed), 4.0 * _sample(n, seed + 50))
        for n, seed in ((EVENTS, 21), (2 * EVENTS, 22), (5000, 23))
    )
    both = fit_ratio(events, other, OPTIONS, seed=1)
    known = inputs[:, KNOWN]
    rejected = known < -1.0
    assert rejected.sum() > 500
    total = both(inputs) + known
    assert float(total[rejected].abs().mean()) < 0.3 * float(known[rejected].abs().mean())


def test_where_there_is_nothing_to_learn_little_is_changed():
    """Networks overfit few events: what they say is shrunk by what others deny."""
    options = RatioOptions(RatioShape(3, 32, 2), steps=200, batch_size=128, learning_rate=5e-3)
    ratio = fit_ratio(_sample(300, 1), _sample(6000, 2), options, seed=1)
    assert float(ratio.shrinkage) < 0.5
    inputs = _sample(2000, 3)
    assert float(ratio(inputs).std()) <= 0.5 * float(ratio.together(inputs).std())


def test_the_helicities_at_every_energy():
    """A law of the form is learned from its weights; one column of features alone cannot."""
    inputs, other = _mixed(EVENTS, 1), _mixed(2 * EVENTS, 2)
    ratio = torch.logsumexp(inputs[:, HELICITY] + torch.tensor([-1.0, 2.5, -2.0, 0.0]), dim=1)
    ratio = ratio - torch.logsumexp(inputs[:, HELICITY], dim=1)
    random = torch.Generator().manual_seed(3)
    chosen = torch.rand(len(inputs), generator=random) < torch.exp(ratio - ratio.max())
    learned = fit_ratio(inputs[chosen], other[: 2 * int(chosen.sum())], OPTIONS, seed=1)
    found = learned(inputs)
    assert float((found - found.mean() - ratio + ratio.mean()).std()) < 0.3 * float(ratio.std())


def _mixed(n, seed):
    """Rows whose helicity weights are those of a share y of the energy."""
    inputs = _sample(n, seed)
    y = torch.rand(n, generator=torch.Generator().manual_seed(seed + 50)).clamp(max=0.99)
    u, v = torch.zeros(n), torch.log(1 - y)
    weights = 2 * u, 2 * v, u + v, torch.full_like(u, -6.0)
    inputs[:, HELICITY] = torch.stack(weights, dim=1).float()
    return inputs


def test_the_form_leaves_other_features_alone():
    """Without its free part a ratio cannot see what the hadrons do not know."""
    other = next(i for i in range(len(FEATURES)) if i not in HADRONIC)
    samples = _sample(2000, 1, SHIFT, other), _sample(4000, 2)
    inputs = _sample(1000, 3)
    slope = {}
    for free in (False, True):
        options = RatioOptions(RatioShape(2, 16, 1, free), steps=150, learning_rate=5e-3)
        found = fit_ratio(*samples, options, seed=1)(inputs)
        slope[free] = float(torch.cov(torch.stack([found, inputs[:, other]]))[0, 1])
    assert abs(slope[False]) < 0.1 * SHIFT
    assert slope[True] == pytest.approx(SHIFT, rel=0.4)


@pytest.mark.parametrize("continues", [False, True])
def test_only_a_ratio_with_hyperons_looks_for_them(learned, continues):
    samples = [
        _sample(n, seed, shift, HYPERON)
        for n, seed, shift in ((2000, 1, SHIFT), (4000, 2, 0.0), (1000, 3, 0.0))
    ]
    if continues:
        samples = [_continued(learned, rows, rows) for rows in samples]
    events, other, inputs = samples
    slope = {}
    for hyperons in (False, True):
        shape = RatioShape(2, 16, 1, free=False, hyperons=hyperons)
        options = RatioOptions(shape, steps=150, learning_rate=5e-3)
        found = fit_ratio(events, other, options, seed=1)(inputs)
        slope[hyperons] = float(torch.cov(torch.stack([found, inputs[:, HYPERON]]))[0, 1])
    assert abs(slope[False]) < 0.1 * SHIFT
    assert slope[True] == pytest.approx(SHIFT, rel=0.4)


def test_one_member_stops_by_held_out_events():
    options = RatioOptions(RatioShape(1, 16, 1), steps=60, batch_size=256)
    held_out = _sample(500, 7, SHIFT), _sample(500, 8)
    ratio = fit_ratio(_sample(900, 1, SHIFT), _sample(1800, 2), options, 1, held_out=held_out)
    assert likelihood_gain(ratio, *held_out)[0] > 0
    with pytest.raises(ValueError, match="held-out"):
        fit_ratio(_sample(900, 1, SHIFT), _sample(1800, 2), options, 1)


def test_members_stop_together():
    nets = [RatioNet(RatioShape(1, 4, 0, free=False)) for _ in range(2)]
    losses = [3.0, 1.0, 1.5, 2.0], [3.0, 2.9, 1.0, 0.9]
    empty = torch.zeros(0), torch.zeros(0)
    alone = [_Course(net, empty, [], x) for net, x in zip(nets, losses, strict=True)]
    assert [_best_check([course]) for course in alone] == [1, 3]
    assert _best_check(alone) == 2


def test_a_member_can_be_had_as_it_was():
    part, checks = ((_rows(500, 1), _rows(1000, 2)), (_rows(100, 3), _rows(100, 4)))
    options = RatioOptions(RatioShape(1, 16, 1, free=False), steps=50, batch_size=256, checks=2)
    course = _fit_member(part, checks, options, 1, SILENT, NONE)
    assert len(course.states) == len(course.losses) == 3
    assert course.losses[2] < course.losses[0]
    for number in (2, 0):
        real, other = (part[:, 0].float() for part in course.scores_at(number))
        assert float(_loss(real, other)) == pytest.approx(course.losses[number], rel=1e-5)


def test_copies_of_an_event_stay_in_one_fold(monkeypatch):
    seen = []

    def remember(part, checks, options, seed, monitor, deadline):
        seen.append((part[0], checks[0]))
        net = RatioNet(options.shape)
        return _Course(net, checks, [net.state_dict()], [0.0])

    monkeypatch.setattr("nugen_gan.density_ratio.fit._fit_member", remember)
    rows = np.random.default_rng(1).integers(200, size=200)
    events = _sample(200, 1)[torch.from_numpy(rows)]
    fit_ratio(events, _sample(400, 2), OPTIONS, 1, groups=rows)
    assert len(seen) == 2
    for training, checks in seen:
        both = {tuple(row) for row in training.tolist()} & {tuple(row) for row in checks.tolist()}
        assert not both
        assert len(training) + len(checks) == 200


def test_few_proposals_still_give_a_ceiling():
    ratio, rows = DensityRatio(SHAPE), _sample(30, 1)
    ratio.set_ceiling(ratio(rows), rows[:, CONDITION.start])
    assert torch.equal(ratio.ceiling, torch.zeros(len(ratio.ceiling)))


def test_rounded_weights_are_stored_exactly(learned):
    ratio = rounded(DensityRatio(SHAPE))
    for value in ratio.state_dict().values():
        assert torch.equal(value, value.half().float())
