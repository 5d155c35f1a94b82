"""Lists of particles: their form, what can be, and how tables handle them."""

import awkward as ak
import numpy as np
import pytest

from nugen_gan.errors import UsageError
from nugen_gan.events.particles import (
    FIELDS,
    Flat,
    flat,
    in_memory,
    joined,
    no_particles,
    particles,
    possible,
    species_counts,
)
from nugen_gan.events.selection import POSSIBLE, RawEvents, select
from nugen_gan.events.table import EventTable, rechunk

COUNTS = [2, 0, 1, 3, 0, 1]


@pytest.fixture
def lists():
    """Particles of six events: nucleons, pions, a photon."""
    pdg = [2212, 211, 2112, 2212, -211, 22, 111]
    momenta = np.arange(21.0).reshape(3, 7) / 20.0
    mass = np.array([0.938272, 0.139570, 0.939565, 0.938272, 0.139570, 0.0, 0.134977])
    energy = np.sqrt(mass**2 + (momenta**2).sum(axis=0))
    return particles(COUNTS, pdg, *momenta, energy)


@pytest.fixture
def whole(events, lists):
    return events.with_(particles=lists)


def test_flat_is_the_inverse(lists):
    those = flat(lists)
    assert those.counts.tolist() == COUNTS
    assert those.event().tolist() == [0, 0, 2, 3, 3, 3, 5]
    assert ak.almost_equal(particles(*those), lists)
    assert those.sums(np.ones(7)).tolist() == COUNTS
    assert those.number(those.pdg == 2212).tolist() == [1, 0, 0, 1, 0, 0]
    protons = those.pick(those.pdg == 2212)
    assert protons.counts.tolist() == [1, 0, 0, 1, 0, 0]
    assert protons.px.tolist() == [0.0, 0.15]


@pytest.mark.parametrize("index", [slice(2, 4), [True, False] * 3, [5, 0, 3], slice(0, 0)])
def test_flat_of_picked_events(lists, index):
    picked = lists[index] if isinstance(index, slice) else lists[np.array(index)]
    assert flat(picked).pdg.tolist() == ak.flatten(picked.pdg).tolist()
    assert flat(picked).counts.tolist() == ak.num(picked).tolist()


def test_a_user_picks_particles_by_species(whole):
    protons = whole.particles[whole.particles.pdg == 2212]
    assert ak.num(protons).tolist() == [1, 0, 0, 1, 0, 0]
    assert whole.with_(particles=protons).particles.pdg.tolist()[0] == [2212]


def test_anything_with_the_fields_is_taken(events):
    record = {"pdg": 2212, "px": 0, "py": 0, "pz": 1, "E": 1.5, "more": 1}
    table = events.with_(particles=[[record], [], [], [], [], []])
    assert str(table.particles.type.content) == str(no_particles(1).type.content)
    assert table.particles.fields == list(FIELDS)
    assert len(in_memory([[], []])) == 2
    with pytest.raises(ValueError, match="need the fields pdg"):
        events.with_(particles=[[{"pdg": 1}]] + 5 * [[]])
    with pytest.raises(ValueError, match="one shape"):
        events.with_(particles=no_particles(5))


def test_tables_are_picked_joined_and_cut_in_blocks_with_their_particles(whole):
    assert ak.num(whole[whole.enu > 1.2].particles).tolist() == [1, 3, 0, 1]
    blocks = list(rechunk([whole[:1], whole[1:5], whole[5:]], 4))
    assert [ak.num(block.particles).tolist() for block in blocks] == [[2, 0, 1, 3], [0, 1]]
    back = EventTable.concatenate(blocks)
    assert ak.almost_equal(back.particles, whole.particles)
    assert whole.without_particles().particles is None
    with pytest.raises(UsageError, match="some have particles, others do not"):
        EventTable.concatenate([whole, whole.without_particles()])
    assert ak.almost_equal(joined([whole.particles[:2], whole.particles[2:]]), whole.particles)


def test_stored_is_single_precision(whole):
    stored = flat(whole.stored().particles)
    exact = flat(whole.particles)
    assert stored.px.tolist() == exact.px.astype("f4").tolist() != exact.px.tolist()
    assert stored.pdg.tolist() == exact.pdg.tolist()


def one(pdg, p, energy):
    return Flat(
        np.array([1]), np.array([pdg], np.int32), *(np.array([x]) for x in (0.0, 0.0, p, energy))
    )


@pytest.mark.parametrize(
    ("pdg", "p", "energy", "can_be"),
    [
        (2212, 0.0, 0.93827, True),  # as NuWro rounds it
        (2212, 0.0, 0.936, False),
        (2212, 1.0, 1.3713, True),
        (2212, 1.0, 0.99, False),
        (22, 1.0, 0.99999, True),  # as single precision rounds it
        (22, 1.0, 0.99, False),
        (211, 0.3, np.nan, False),
        (211, np.inf, 1.0, False),
        (0, 0.0, 1.0, False),
        (99999, 0.0, 1.0, False),
        (2000000002, 0.0, 1.0, False),
        (1000060120, 0.3, 11.173, True),  # recoils coherently, in GENIE
        (1000060120, 0.3, 10.0, False),
    ],
)
def test_what_a_particle_can_be(pdg, p, energy, can_be):
    assert possible(one(pdg, p, energy)).tolist() == [can_be]


def test_events_with_impossible_particles_are_dropped_and_counted(whole):
    bad = flat(whole.particles)
    bad.E[2] = 0.5
    raw = RawEvents(
        *(np.full(6, code, np.int32) for code in (14, 1000060120, 13)), np.ones(6, bool),
        **{name: getattr(whole, name) for name in whole.present()[:-1]}, particles=particles(*bad),
    )  # fmt: skip
    table = select(raw, whole.process)
    assert table.cutflow.steps[-1] == (POSSIBLE, 5)
    assert ak.num(table.particles).tolist() == [2, 0, 3, 0, 1]


def test_species_are_counted(lists):
    assert species_counts(flat(lists)) == {2212: 2, 211: 1, 2112: 1, -211: 1, 22: 1, 111: 1}


def test_events_with_more_energy_than_came_in_are_dropped(whole):
    """A nucleus of carbon has 11 GeV at rest; what knocks out 50 GeV is no event."""
    hot = flat(whole.particles)
    hot.E[0] = 60.0
    hot.pz[0] = 59.9
    raw = RawEvents(
        *(np.full(6, code, np.int32) for code in (14, 1000060120, 13)), np.ones(6, bool),
        **{name: getattr(whole, name) for name in whole.present()[:-1]}, particles=particles(*hot),
    )  # fmt: skip
    assert select(raw, whole.process).cutflow.steps[-1] == (POSSIBLE, 5)
