"""A library of events gives hadrons to leptons: copies, turned and rescaled."""

from __future__ import annotations

import numpy as np
import pytest

import nugen_gan
from nugen_gan.errors import UsageError
from nugen_gan.physics.process import Channel
from nugen_gan.validation.hadrons.final_state import FinalState
from nugen_gan.validation.hadrons.observables import observables
from nugen_gan.validation.hadrons.topologies import topologies
from nugen_gan.validation.hot_deck import HotDeck


@pytest.fixture(scope="module")
def events():
    return nugen_gan.read("numu_cc_C12_whole")[:2_400]


@pytest.fixture(scope="module")
def dealt(events):
    library, leptons = events[:1_800], events[1_800:]
    deck = HotDeck.of(library)
    return library[deck.donors(leptons)], deck.sample(leptons)


def test_leptons_of_the_library_get_their_own_hadrons_back(events):
    deck = HotDeck.of(events)
    assert np.array_equal(deck.donors(events), np.arange(len(events)))
    again = FinalState.of(deck.sample(events))
    before = FinalState.of(events)
    assert np.array_equal(again.pdg, before.pdg)
    assert again.momentum == pytest.approx(before.momentum, abs=1e-6)


def test_leptons_are_kept(events, dealt):
    leptons, sample = events[1_800:], dealt[1]
    for name in ("enu", "elep", "costheta", "channel", "weight"):
        assert np.array_equal(getattr(sample, name), getattr(leptons, name))


def test_donors_are_of_the_channel_and_alike(events, dealt):
    donors, leptons = dealt[0], events[1_800:]
    for channel in (Channel.QE, Channel.RES, Channel.DIS):
        mine = leptons.channel == channel
        assert (donors.channel[mine] == channel).all()
        ratio = donors.derived().omega[mine] / leptons.derived().omega[mine]
        assert np.median(np.abs(ratio - 1.0)) < 0.1


def test_missing_energy_is_the_donor_s(dealt):
    donors, sample = (observables(FinalState.of(table)) for table in dealt)
    # Where less is transferred than the rest masses need, nothing can be done.
    same = np.abs(donors["e_missing"] - sample["e_missing"]) < 2e-5
    assert same.mean() > 0.97


def test_hadrons_are_turned_with_q(dealt):
    donors, sample = (FinalState.of(table) for table in dealt)
    cosines = []
    for state in (donors, sample):
        along = state.axes()[2][state.event]
        cosines.append(np.einsum("ij,ij->i", along, state.momentum) / state.size)
    moving = (donors.size > 1e-3) & (sample.size > 1e-3)
    assert cosines[1][moving] == pytest.approx(cosines[0][moving], abs=1e-4)


def test_topologies_are_nearly_those_of_the_donors(dealt):
    donors, sample = (topologies(FinalState.of(table)) for table in dealt)
    assert np.mean(donors == sample) > 0.95


def test_a_channel_that_the_library_lacks_gets_the_largest(events):
    deck = HotDeck.of(events[events.channel == Channel.QE])
    sample = deck.sample(events[events.channel == Channel.RES])
    assert (np.isin(FinalState.of(sample).pdg, (211, -211, 111)).mean()) < 0.1


def test_a_library_needs_hadrons(events):
    for nothing in (events.without_particles(), events[:0]):
        with pytest.raises(UsageError, match="hadrons"):
            HotDeck.of(nothing)
