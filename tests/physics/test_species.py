"""Masses, charges and baryon numbers of arrays of codes."""

import numpy as np
import pytest

from nugen_gan.physics import species

CODES = np.array([2212, 2112, 211, -211, 111, 22, 11, -11, 321, 311, 3122, -2212, 3222, 4122])


def test_charges_and_baryon_numbers_by_the_quarks():
    assert species.charge(CODES).tolist() == [1, 0, 1, -1, 0, 0, -1, 1, 1, 0, 0, -1, 1, 1]
    assert species.baryon_number(CODES).tolist() == [1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, -1, 1, 1]
    assert (
        species.is_meson(CODES).tolist()
        == [False] * 2 + [True] * 3 + [False] * 3 + [True] * 2 + [False] * 4
    )


def test_masses_are_in_gev():
    masses = species.mass(np.array([2212, 211, 22, 3122, -14], np.int32))
    np.testing.assert_allclose(masses, [0.938272, 0.139570, 0.0, 1.115683, 0.0], atol=1e-6)


def test_a_nucleus_is_a_particle():
    carbon = np.array([1000060120, 1000060121])
    np.testing.assert_allclose(species.mass(carbon), 11.17486, atol=1e-4)
    assert species.charge(carbon).tolist() == [6, 6]
    assert species.baryon_number(carbon).tolist() == [12, 12]
    assert species.is_nucleus_code(carbon).all()
    assert not species.is_nucleus_code(CODES).any()


@pytest.mark.parametrize("code", [0, 7777777, 2000000002, 2009900000, -2147483648, 1000000000])
def test_what_is_no_particle_has_no_mass(code):
    assert np.isnan(species.mass(np.array([code, 2212]))[0])


def test_names():
    names = [species.name_of(code) for code in (2212, -211, 1000060120, 2000000002)]
    assert names == ["p", "pi-", "C12", "2000000002"]


def test_shapes_are_kept():
    assert species.mass(np.zeros((0,), np.int32)).shape == (0,)
    assert species.charge(np.array([[2212, 211], [22, -211]])).tolist() == [[1, 1], [0, -1]]
