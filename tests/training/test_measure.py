import numpy as np
import pytest
from transfer_toys import accepting_all, carbon

from nugen_gan.training.measure import fluctuation, measured
from nugen_gan.transfer.reweighting import adopted


class Truth:
    """A perfect model: events of the same file at the energies asked for, counted."""

    def __init__(self, events):
        self.ordered = events[np.argsort(events.enu)]
        self.made = 0
        self.sampler = self

    def sample(self, enu, *, seed, allow_extrapolation):
        self.made += len(enu)
        nearest = np.clip(np.searchsorted(self.ordered.enu, enu), 0, len(self.ordered) - 1)
        spread = np.random.default_rng(seed).integers(-15, 16, len(enu))
        return self.ordered[np.clip(nearest + spread, 0, len(self.ordered) - 1)]


def test_a_perfect_model_has_a_pull_of_one(tiny_events):
    half = np.arange(len(tiny_events)) % 2 == 0
    truth = Truth(tiny_events[half])
    found = measured(truth, tiny_events[~half], seed=1)
    # The truth here is itself a sample of as many events: the variance is twice that of one.
    assert found.pull == pytest.approx(2.0, abs=5 * 2 * found.error)
    assert found.events == (~half).sum()
    assert found.error == fluctuation(tiny_events[~half])


@pytest.mark.parametrize(("events", "each"), [(200, 20), (1000, 20), (10_000, 4)])
def test_few_events_are_met_by_many_and_many_by_few(tiny_events, events, each):
    rows = np.random.default_rng(1).integers(len(tiny_events), size=events)
    truth = Truth(tiny_events)
    measured(truth, tiny_events[rows], seed=1)
    assert truth.made == each * events


def test_a_wrong_model_is_seen(tiny_model, tiny_events):
    wrong = accepting_all(adopted(carbon(tiny_model), tiny_events))
    found = measured(wrong, tiny_events, seed=1)
    assert found.pull > 1.0 + 5 * found.error
