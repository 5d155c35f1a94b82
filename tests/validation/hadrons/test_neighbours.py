from __future__ import annotations

import numpy as np

from nugen_gan.validation.hadrons.neighbours import coordinates, hadron_neighbours
from nugen_gan.validation.hot_deck import HotDeck


def test_coordinates_of_hadrons_turned_to_another_lepton_stay(made):
    events = made([[(2212, 0.1, 0.2, 0.5), (2112, 0.0, 0.0, 0.3), (211, 0.3, 0.0, 0.2)]])
    other = made([[]], elep=0.5, costheta=-0.2)
    dealt = HotDeck.of(events).sample(other)
    # Of other energy, so rescaled: but all by one factor.
    first, second = (np.sinh(coordinates(table))[0] for table in (events, dealt))
    used = np.abs(first) > 1e-3
    ratio = second[used] / first[used]
    assert np.allclose(ratio, ratio[0], rtol=1e-3)
    assert first.size == 15


def test_all_momentum_is_in_the_coordinates(carbon):
    from nugen_gan.validation.hadrons.final_state import FinalState

    state = FinalState.of(carbon)
    along = np.einsum("ij,ij->i", state.axes()[2], state.total(state.momentum))
    found = 0.3 * np.sinh(coordinates(carbon))
    assert np.allclose(found[:, 2::3].sum(axis=1), along, atol=1e-5)


def test_events_without_hadrons_lie_at_the_origin(made):
    assert np.array_equal(coordinates(made([[], []])), np.zeros((2, 15)))


def test_copies_are_nearer_than_fresh_events(carbon):
    training, fresh, more = carbon[:1_000], carbon[1_000:1_700], carbon[1_700:]
    honest = hadron_neighbours(training, fresh, more, seed=1)
    assert abs(honest.value - 1.0) < 4.0 * honest.uncertainty
    copied = hadron_neighbours(training, fresh, HotDeck.of(training).sample(more), seed=1)
    assert copied.value < 0.5
    assert copied.p_value < 1e-6
