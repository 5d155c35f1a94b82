import numpy as np
import pytest

from nugen_gan.adapters.final_particles import final_particles

ROW = np.dtype([("status", "i8"), ("pdg", "i8"), ("px", "f8"), ("py", "f8"), ("pz", "f8"),
                ("e", "f8")])  # fmt: skip
CARBON = 1000060120


def codes(*events, target=CARBON):
    """Codes of the final particles of events of (status, pdg), of which the first is the lepton."""
    rows = np.zeros(sum(map(len, events)), ROW)
    rows["status"], rows["pdg"] = np.array([row for event in events for row in event]).T
    counts = np.array([len(event) for event in events])
    owner, lepton = np.repeat(np.arange(len(events)), counts), np.cumsum(counts) - counts
    found = final_particles(rows, owner, lepton, np.full(len(events), target))
    return np.split(found.pdg, np.cumsum(found.counts)[:-1])


def test_all_that_is_final_but_the_lepton():
    first, second = codes([(1, 13), (1, 2212), (3, 211), (1, -13), (4, 14)], [(1, 13), (2, 111)])
    assert first.tolist() == [2212, -13]
    assert second.tolist() == []


@pytest.mark.parametrize("code", [2000000002, 2009900000, -2000000101, 2099999999])
def test_codes_that_generators_make_up_are_none(code):
    assert codes([(1, 13), (1, code), (1, 2112)])[0].tolist() == [2112]


@pytest.mark.parametrize("code", [2**31, -(2**63), 2**63 - 1, 99999999999])
def test_what_is_no_code_is_of_nothing(code):
    assert codes([(1, 13), (1, code)])[0].tolist() == [0]


def test_the_remnant_as_a_nucleus():
    """nu_mu C12 -> mu- p B... : what is left is C11, if charge and baryon number say so."""
    left = [(1, 13), (1, 2212), (1, 1000060110)]
    fragment = [(1, 13), (1, 2212), (1, 1000020040)]
    whole = [(1, 13), (1, 211), (1, CARBON)]
    both = [(1, 13), (1, 2212), (1, 1000020040), (1, 1000040070)]
    found = [x.tolist() for x in codes(left, fragment, whole, both)]
    assert found == [[2212], [2212, 1000020040], [211, CARBON], [2212, 1000020040]]
