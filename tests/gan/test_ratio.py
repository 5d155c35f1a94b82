import numpy as np
import pytest
import torch

from nugen_gan.gan.features import FEATURES
from nugen_gan.gan.networks import N_CONDITIONS
from nugen_gan.gan.ratio import HADRONIC, INELASTICITY, RatioNet, RatioShape, Refiner, rounded
from nugen_gan.gan.ratio_training import RatioOptions, fit_ratio, likelihood_gain

COLUMNS = len(FEATURES) + N_CONDITIONS
SHIFT = 0.5
SHAPE = RatioShape(2, width=16, blocks=1, free=False)
OPTIONS = RatioOptions(SHAPE, steps=300, batch_size=1024, learning_rate=3e-3)
EVENTS = 20_000


def _sample(n, seed, shift=0.0, column=HADRONIC[0]):
    """Independent normal columns, one of them shifted; energies between -1 and 1."""
    random = torch.Generator().manual_seed(seed)
    inputs = torch.randn(n, COLUMNS, generator=random)
    inputs[:, column] += shift
    inputs[:, len(FEATURES)] = 2 * torch.rand(n, generator=random) - 1
    return inputs


def _truth(inputs, column=HADRONIC[0]):
    return SHIFT * inputs[:, column] - 0.5 * SHIFT**2


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


def test_accepted_proposals_follow_the_new_law(learned):
    inputs = _sample(40_000, 5)
    chance = torch.exp(learned.log_acceptance(inputs))
    assert float(chance.max()) <= 1.0
    assert float(chance.mean()) > 0.3
    random = torch.Generator().manual_seed(6)
    accepted = inputs[torch.rand(len(inputs), generator=random) < chance]
    for column in (HADRONIC[0], HADRONIC[1]):
        wanted = SHIFT if column == HADRONIC[0] else 0.0
        assert float(accepted[:, column].mean()) == pytest.approx(wanted, abs=0.06)


def test_same_seed_same_ratio(learned):
    again = fit_ratio(_sample(EVENTS, 1, SHIFT), _sample(2 * EVENTS, 2), OPTIONS, seed=1)
    inputs = _sample(100, 3)
    assert torch.equal(again(inputs), learned(inputs))


def test_what_is_known_is_not_learned_again(learned):
    rest = fit_ratio(
        _sample(EVENTS, 1, SHIFT), _sample(2 * EVENTS, 2), OPTIONS, seed=1, known=learned
    )
    inputs = _sample(2000, 3)
    spread = rest(inputs) + learned.log_acceptance(inputs) - _truth(inputs)
    assert float(spread.std()) < 0.15
    assert float(rest(inputs).std()) < 0.3 * float(_truth(inputs).std())


def test_the_form_leaves_other_features_alone():
    """Without its free part a ratio cannot see what the hadrons do not know."""
    other = next(i for i in range(len(FEATURES)) if i not in [*HADRONIC, INELASTICITY])
    samples = _sample(2000, 1, SHIFT, other), _sample(4000, 2)
    inputs = _sample(1000, 3)
    slope = {}
    for free in (False, True):
        options = RatioOptions(RatioShape(2, 16, 1, free), steps=150, learning_rate=5e-3)
        found = fit_ratio(*samples, options, seed=1)(inputs)
        slope[free] = float(torch.cov(torch.stack([found, inputs[:, other]]))[0, 1])
    assert abs(slope[False]) < 0.1 * SHIFT
    assert slope[True] == pytest.approx(SHIFT, rel=0.4)


def test_one_member_stops_by_held_out_events():
    options = RatioOptions(RatioShape(1, 16, 1), steps=60, batch_size=256)
    held_out = _sample(500, 7, SHIFT), _sample(500, 8)
    refiner = fit_ratio(_sample(900, 1, SHIFT), _sample(1800, 2), options, 1, held_out=held_out)
    assert likelihood_gain(refiner, *held_out)[0] > 0
    with pytest.raises(ValueError, match="held-out"):
        fit_ratio(_sample(900, 1, SHIFT), _sample(1800, 2), options, 1)


def test_copies_of_an_event_stay_in_one_fold(monkeypatch):
    seen = []

    def remember(part, checks, options, seed, progress):
        seen.append((part[0], checks[0]))
        return RatioNet(options.shape)

    monkeypatch.setattr("nugen_gan.gan.ratio_training._fit_member", remember)
    rows = np.random.default_rng(1).integers(200, size=200)
    events = _sample(200, 1)[torch.from_numpy(rows)]
    fit_ratio(events, _sample(400, 2), OPTIONS, 1, groups=rows)
    assert len(seen) == 2
    for training, checks in seen:
        both = {tuple(row) for row in training.tolist()} & {tuple(row) for row in checks.tolist()}
        assert not both
        assert len(training) + len(checks) == 200


def test_progress_goes_to_one():
    done = []
    options = RatioOptions(SHAPE, steps=50, batch_size=64)
    fit_ratio(_sample(200, 1), _sample(400, 2), options, 1, progress=done.append)
    assert done == sorted(done)
    assert done[-1] == 1.0


def test_few_proposals_still_give_a_ceiling():
    refiner = Refiner(SHAPE)
    refiner.set_ceiling(_sample(30, 1))
    assert torch.equal(refiner.ceiling, torch.zeros(len(refiner.ceiling)))


def test_rounded_weights_are_stored_exactly(learned):
    refiner = rounded(Refiner(SHAPE))
    for value in refiner.state_dict().values():
        assert torch.equal(value, value.half().float())
