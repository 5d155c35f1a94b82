"""Lists of final particles become those of a table."""

import awkward as ak
import numpy as np
import pytest
import uproot

from nugen_gan.adapters.final_lists import beside_lepton, more_than_one
from nugen_gan.events.particles import Flat, flat, possible

MUON, PROTON = 0.1056583755, 0.93827208816


def lists(*events):
    """Particles from (pdg, px, py, pz, mass)."""
    rows = np.array([row for event in events for row in event], np.float64).reshape(-1, 5)
    energy = np.sqrt((rows[:, 1:] ** 2).sum(axis=1))
    counts = np.array([len(event) for event in events], np.int64)
    return Flat(counts, rows[:, 0].astype(np.int32), *rows[:, 1:4].T, energy)


def beside(those, code=13, energy=None, costheta=None, neutrino=(0.0, 0.0, 1.0)):
    n = len(those.counts)
    energy = np.full(n, np.hypot(0.5, MUON)) if energy is None else energy
    costheta = np.full(n, 0.8) if costheta is None else costheta
    neutrinos = np.tile(neutrino, (n, 1))
    return flat(beside_lepton(those, neutrinos, np.full(n, code), energy, costheta))


LEPTON = (13, 0.0, 0.3, 0.4, MUON)
NUCLEON = (2212, 0.0, -0.3, 0.2, PROTON)


def test_the_lepton_is_taken_out_wherever_it_stands():
    those = lists([LEPTON, NUCLEON], [NUCLEON, LEPTON], [LEPTON])
    rest = beside(those)
    assert rest.counts.tolist() == [1, 1, 0]
    np.testing.assert_allclose(rest.px, -0.3, atol=1e-15)
    np.testing.assert_allclose(rest.py, 0.0, atol=1e-15)
    np.testing.assert_allclose(rest.pz, 0.2)
    assert possible(rest).all()


def test_of_two_leptons_the_one_with_the_known_energy_is_taken_out():
    other = (13, 0.1, 0.0, 0.2, MUON)
    rest = beside(lists([other, LEPTON], [LEPTON, other]))
    assert rest.pdg.tolist() == [13, 13]
    np.testing.assert_allclose(rest.pz, 0.2)


def test_of_two_equal_leptons_one_stays():
    assert beside(lists([LEPTON, LEPTON])).counts.tolist() == [1]


def test_leptons_of_other_codes_stay():
    pair = [(11, 0.1, 0.0, 0.1, 0.000511), (-11, 0.1, 0.0, 0.1, 0.000511), (22, 0, 0, 0.1, 0)]
    assert beside(lists([LEPTON, *pair])).pdg.tolist() == [11, -11, 22]


def test_what_is_no_particle_is_left_out_and_a_nucleus_stays():
    odd = [(code, 0.0, 0.0, 0.1, 1.0) for code in (2000000002, 2009900000, 2000000101)]
    rest = beside(lists([*odd, LEPTON, (1000060120, 0.0, 0.0, 0.1, 11.175)]))
    assert rest.pdg.tolist() == [1000060120]


@pytest.mark.parametrize("event", [[], [NUCLEON], [(-13, 0.0, 0.3, 0.4, MUON), NUCLEON]])
def test_an_event_without_its_lepton_is_impossible(event):
    rest = beside(lists([LEPTON], event, [LEPTON, NUCLEON]))
    assert possible(rest).tolist() == [True, False, True]


def test_a_lepton_of_another_energy_or_direction_is_another_one():
    those = lists(*[[LEPTON, NUCLEON]] * 3)
    right = np.hypot(0.5, MUON)
    rest = beside(those, energy=np.array([right, 1.01 * right, right]),
                  costheta=np.array([0.8, 0.8, 0.7]))  # fmt: skip
    assert possible(rest).tolist() == [True, False, False]


def test_other_currents_have_no_hadrons():
    assert beside(lists([LEPTON, NUCLEON], []), code=0).counts.tolist() == [0, 0]


def test_numbers_that_are_none_are_impossible():
    those = lists([LEPTON, NUCLEON], [LEPTON, NUCLEON])
    for column in those[2:]:
        broken = column.copy()
        broken[2] = np.nan  # of the second lepton
        names = [name for name in Flat._fields if getattr(those, name) is column]
        rest = beside(those._replace(**{names[0]: broken}))
        assert possible(rest).tolist() == [True, False]


def test_the_neutrino_may_go_any_way():
    those = lists([(13, 0.4, 0.0, 0.3, MUON), (2212, 0.2, 0.1, -0.3, PROTON)])
    rest = beside(those, neutrino=(5.0, 0.0, 0.0))
    np.testing.assert_allclose([rest.px[0], rest.pz[0]], [-0.3, 0.2])
    assert abs(rest.py[0]) == pytest.approx(0.1)


def test_no_events():
    assert len(beside(lists()).counts) == 0


@pytest.mark.parametrize(("pdg", "more"), [([[13], [13]], False), ([[13], [13, 2212]], True)])
def test_more_than_a_lepton(tmp_path, pdg, more):
    with uproot.recreate(tmp_path / "a.root") as file:
        file.mktree("t", {"pdg": "var * int32"}).extend({"pdg": ak.Array(pdg)})
    assert more_than_one(tmp_path / "a.root", "t", "pdg") == more
