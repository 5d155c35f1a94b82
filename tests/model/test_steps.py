import numpy as np
import pytest
import torch

from nugen_gan.density_ratio.inputs import COLUMNS, CONDITION, CONTINUED, EDGES, KNOWN
from nugen_gan.density_ratio.network import DensityRatio, RatioShape
from nugen_gan.model.steps import (
    Stage,
    Step,
    log_acceptance,
    log_ratio,
    proposal_energies,
    seen_by_next,
    stages_after,
    stages_before,
    without_ratios,
)

ELECTRON, MUON = 0.000511, 0.105658


@pytest.fixture
def events():
    random = np.random.default_rng(1)
    enu = torch.from_numpy(np.exp(random.uniform(np.log(0.08), np.log(20.0), 2000)))
    return enu, torch.from_numpy(random.normal(0.0, 1.5, (2000, 2)))


@pytest.mark.parametrize(
    ("mass", "steps"),
    [
        (ELECTRON, [Step(ELECTRON)]),
        (MUON, [Step(MUON), Step(ELECTRON, 0.01)]),
        (MUON, [Step(MUON), Step(ELECTRON, 0.0), Step(ELECTRON, -0.02)]),
        (ELECTRON, [Step(ELECTRON), Step(MUON, 0.01), Step(ELECTRON, 0.005)]),
    ],
)
def test_there_and_back(events, mass, steps):
    enu, proxies = events
    known = proposal_energies(enu, mass, steps)
    after = stages_after(Stage(known, proxies, mass), enu, steps)
    assert [stage.mass for stage in after] == [step.lepton_mass for step in steps]
    assert after[-1].enu is enu
    before = stages_before(after[-1], steps)
    for one, other in zip(after, before, strict=True):
        assert one.mass == other.mass
        torch.testing.assert_close(one.enu, other.enu)
        torch.testing.assert_close(one.proxies, other.proxies, atol=1e-3, rtol=0)


def test_nothing_happened_is_the_same_tensor(events):
    enu, proxies = events
    stages = stages_after(Stage(enu, proxies, ELECTRON), enu, [Step(ELECTRON), Step(ELECTRON)])
    assert stages[0].proxies is stages[1].proxies is proxies


def test_energies_that_make_no_muon_are_raised_for_it(events):
    enu, _ = events
    known = proposal_energies(enu, MUON, [Step(MUON), Step(ELECTRON)])
    assert (known > MUON).all()
    assert proposal_energies(enu, MUON, [Step(MUON)]) is enu


def _ratio(seed, continues):
    """A ratio of random weights."""
    torch.manual_seed(seed)
    ratio = DensityRatio(RatioShape(2, 4, 1, free=False, continues=continues))
    for weights in ratio.parameters():
        torch.nn.init.normal_(weights, std=0.5)
    ratio.shrinkage.fill_(0.8)
    return ratio.eval().requires_grad_(False)


@pytest.fixture
def rows():
    torch.manual_seed(3)
    return [torch.randn(50, COLUMNS) for _ in range(3)]


def test_each_ratio_sees_what_those_before_it_say(rows):
    first, last = _ratio(1, continues=False), _ratio(2, continues=True)
    # A step that only changes the lepton has no ratio.
    steps = [Step(MUON, 0.0, first), Step(ELECTRON), Step(ELECTRON, 0.01, last)]
    known = first(rows[0])
    seen = torch.cat([rows[2], rows[1][:, EDGES.start, None], known[:, None]], dim=1)
    assert seen.shape[1] == CONTINUED
    assert torch.equal(seen, seen_by_next(steps[:2], rows, known))
    assert torch.equal(seen[:, KNOWN], known)
    torch.testing.assert_close(log_ratio(steps, rows), last(seen) + known)
    # What the first one says matters to the last one, not only in the sum.
    assert not torch.allclose(last(seen), last(seen_by_next(steps[:2], rows, 2.0 * known)))
    torch.testing.assert_close(log_ratio(steps[:2], rows[:2]), known)
    assert torch.equal(seen_by_next(without_ratios(steps), rows, known), rows[2])


def test_the_last_ratio_has_the_ceiling(rows):
    first, last = _ratio(1, continues=False), _ratio(2, continues=True)
    first.ceiling.fill_(-100.0)
    last.ceiling.fill_(0.3)
    steps = [Step(MUON, 0.0, first), Step(MUON, 0.01, last)]
    two = rows[:2]
    two[1][:, CONDITION.start] = torch.linspace(-1.0, 1.0, 50)
    expected = (log_ratio(steps, two) - 0.3).clamp(max=0.0)
    torch.testing.assert_close(log_acceptance(steps, two), expected)
    assert float(expected.min()) < 0.0
    # With a change of the lepton behind it, it is still the last one.
    more = [*steps, Step(ELECTRON)]
    last.ceiling.fill_(0.3)
    torch.testing.assert_close(log_acceptance(more, [*two, two[1]]), expected)
    assert log_acceptance(without_ratios(steps), two) is None
