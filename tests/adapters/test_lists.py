from pathlib import Path

import awkward as ak
import numpy as np
import pytest

from nugen_gan.adapters.lists import check_lengths, common, flat_lists, is_real, scan_ranges
from nugen_gan.errors import FormatError, UsageError

NAMES = ("pdg", "px", "py", "pz", "E")
BLOCK = {
    "pdg": ak.Array([[2212, 211], [], [111]]),
    "px": ak.Array([[1.0, 2.0], [], [3.0]]),
    "py": ak.Array([[0.1, 0.2], [], [0.3]]),
    "pz": ak.Array([[10.0, 20.0], [], [30.0]]),
    "E": ak.Array([[11.0, 22.0], [], [33.0]]),
}


def test_lists_become_flat():
    those = flat_lists(Path("a"), BLOCK, NAMES, 1e-3)
    assert those.counts.tolist() == [2, 0, 1]
    assert those.pdg.tolist() == [2212, 211, 111]
    assert those.pz.tolist() == [0.01, 0.02, 0.03]
    assert those.E.tolist() == [0.011, 0.022, 0.033]


@pytest.mark.parametrize("name", NAMES)
def test_lists_of_unequal_length(name):
    wrong = BLOCK | {name: ak.Array([[1], [], [3]])}
    with pytest.raises(FormatError, match="differ in length"):
        flat_lists(Path("a"), wrong, NAMES)


def test_pseudo_particles():
    codes = np.array([2000000002, 2009900000, 2000000101, 1000060120, 2212, -211, 0])
    assert is_real(codes).tolist() == [False] * 3 + [True] * 4


@pytest.mark.parametrize("entries", [0, 1, 999, 1000, 1001, 50_999, 123_456])
def test_every_entry_is_looked_at_once(entries):
    seen = [number for start, stop in scan_ranges(entries) for number in range(start, stop)]
    assert seen == list(range(entries))


def test_all_files_or_none():
    a, b = Path("a.root"), Path("b.root")
    assert common([(a, True), (b, True)])
    assert not common([(a, False), (b, False)])
    assert not common([])
    with pytest.raises(UsageError, match=r"a.root.*b.root has leptons alone.*--no-hadrons"):
        common([(a, True), (b, False)])


def test_longer_lists_than_there_is_room_for():
    check_lengths(np.array([1, 250]), 250, "x")
    check_lengths(np.zeros(0, np.int64), 250, "x")
    with pytest.raises(UsageError, match=r"251 particles.*room for 250"):
        check_lengths(np.array([1, 251]), 250, "x")
