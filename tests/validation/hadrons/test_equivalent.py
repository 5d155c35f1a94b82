from __future__ import annotations

import numpy as np
import pytest
from wrong_hadrons import more_pions

from nugen_gan.validation.hadrons.equivalent import energy_size, topology_size
from nugen_gan.validation.hadrons.samples import HadronSamples
from nugen_gan.validation.metrics.samples import TooFewEventsError

RANGE = (0.2, 20.0)


def test_independent_events_are_worth_their_number(hadron_tables):
    events = hadron_tables("numu_C12_train", 0, 40_000)
    reference, other = events[:20_000], events[20_000:]
    for size in (energy_size, topology_size):
        honest = size(HadronSamples.of(reference, other), RANGE, 1)
        assert honest.pull.significance < 4.0
        assert honest.size.value > 10_000
    wrong = HadronSamples.of(reference, more_pions(other, 0.5))
    assert topology_size(wrong, RANGE, 1).size.value < 1_000


def test_proton_momenta_have_bins_of_their_own(halves):
    """Events that differ in the momentum of the proton only are told apart."""
    from nugen_gan.validation.hadrons.equivalent import PROTON_MOMENTUM, _energy_class

    events = halves[0]
    index = _energy_class(events) % len(PROTON_MOMENTUM)
    samples = HadronSamples.of(*halves)
    momentum = samples.reference.values["p_proton"]
    order = np.argsort(events.enu, kind="stable")
    assert np.array_equal(index[order] == 0, ~np.isfinite(momentum))
    assert np.array_equal(index[order] == 1, momentum < 0.3)


def test_small_samples_are_refused(halves):
    for size in (energy_size, topology_size):
        with pytest.raises(TooFewEventsError):
            size(HadronSamples.of(*halves), RANGE, 1)
