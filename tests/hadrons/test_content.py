"""Which particles there are: the catalogue of rare ones and the order of the chain."""

import numpy as np

from nugen_gan.events.particles import Flat, flat
from nugen_gan.hadrons.content import Catalogue, counted


def lists(*events):
    pdg = np.array([code for event in events for code in event], np.int32)
    nothing = np.zeros(len(pdg))
    return Flat(np.array([len(event) for event in events]), pdg, nothing, nothing, nothing, nothing)


EVENTS = [
    (2212,),
    (2212, 3122, 321),
    (22, 22, 2112),
    (321, 3122),
    (-2212, 2212, 2212),
    (22, 22),
    (),
]


def test_a_catalogue_has_the_frequent_combinations():
    cat = Catalogue.found(lists(*EVENTS), 2)
    assert set(cat.codes) == {22, 321, 3122}
    assert len(cat.entries) == 3
    assert cat.entries[0] == (0, 0, 0)
    assert Catalogue.from_dict(cat.as_dict()) == cat
    assert cat.order.tolist() == [211, 111, -211, *cat.codes, 2212, 2112]
    counts, complete = counted(lists(*EVENTS), cat.order)
    assert complete.tolist() == [True, True, True, True, False, True, True]
    entry = cat.entry_of(counts)
    rare = [tuple(sorted(np.repeat(cat.codes, cat.entries[k]))) for k in entry]
    assert rare[:4] == [(), (321, 3122), (22, 22), (321, 3122)]
    assert rare[5:] == [(22, 22), ()]


def test_what_is_too_rare_is_in_no_entry():
    cat = Catalogue.found(lists(*EVENTS), 2)
    counts, _ = counted(lists((321,), (22,), (22, 22, 22, 22)), cat.order)
    assert cat.entry_of(counts).tolist() == [-1, -1, -1]


def test_nothing_rare_is_a_catalogue_too():
    cat = Catalogue.found(lists((2212,), (211, 2112)), 1)
    assert cat.codes == ()
    assert cat.entries == ((),)
    counts, complete = counted(lists((2212,), (211, 2112)), cat.order)
    assert complete.all()
    assert cat.entry_of(counts).tolist() == [0, 0]


def test_a_nucleus_is_what_is_left_and_does_not_count():
    cat = Catalogue.found(lists((211, 1000060120)), 1)
    assert cat.codes == ()
    assert counted(lists((211, 1000060120)), cat.order)[1].all()


def test_energy_at_rest_and_quantum_numbers():
    cat = Catalogue.found(lists((-2212, 3122, 321, 22)), 1)
    by_code = dict(zip(cat.order.tolist(), cat.cost.round(3).tolist(), strict=True))
    assert by_code[22] == 0.0
    assert by_code[2212] == -0.001
    assert by_code[3122] == 0.177  # a Lambda for a nucleon
    assert by_code[-2212] == 1.877  # an antiproton, and the nucleon that it comes with
    assert dict(zip(cat.order.tolist(), cat.charge.tolist(), strict=True))[-2212] == -1


def test_the_genuine_sample(whole, catalogue):
    counts, complete = counted(flat(whole.particles), catalogue.order)
    assert complete.mean() > 0.98
    assert (catalogue.entry_of(counts) >= 0)[complete].mean() > 0.98
    assert {321, 3122, 22} <= set(catalogue.codes)
