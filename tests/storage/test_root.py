"""What holds for every dialect in a ROOT file."""

import contextlib
import re

import numpy as np
import pytest
import uproot

from nugen_gan.conversion.convert import read, write
from nugen_gan.conversion.sample import Sample
from nugen_gan.errors import FormatError
from nugen_gan.physics.cross_section import CrossSection

TREES = {
    "table": ("a.table.root", "events"), "gst": ("a.gst.root", "gst"),
    "rootracker": ("a.gtrac.root", "gRooTracker"), "nuisance": ("a.flat.root", "FlatTree_VARS"),
    "nuwro": ("a.nuwro.root", "treeout"), "evtlib": ("a.evtlib.root", "C12/cc/nu_mu/records"),
}  # fmt: skip


def with_entries(path, tree, entries):
    """Replace the number of entries that the tree itself states, wherever it stands."""
    with uproot.open(path) as file:
        right = int(file[tree].num_entries)
    content = path.read_bytes()
    old, new = (np.array([number], ">i8").tobytes() for number in (right, entries))
    for found in re.finditer(re.escape(old), content):
        path.write_bytes(content[: found.start()] + new + content[found.end() :])
        with contextlib.suppress(Exception), uproot.open(path) as file:
            if int(file[tree].num_entries) == entries:
                return
    raise AssertionError("the tree's number of entries was not found")


@pytest.mark.parametrize("entries", [9, 13])
@pytest.mark.parametrize("name", TREES)
def test_a_wrong_number_of_entries_is_found(tmp_path, events, name, entries):
    """One flipped byte made a reader lose a part of the events without a word."""
    sigma = CrossSection((0.2, 1.0, 5.0), (1e-37, 6e-37), (1e-39,) * 2, "made up")
    events = events.with_(weight=np.ones(6), cross_section=sigma)
    # Eleven events: a number that stands in few other places.
    events = events[np.array([0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4])].with_(
        enu=0.5 + 0.1 * np.arange(11), elep=np.full(11, 0.3), costheta=np.linspace(-0.9, 0.9, 11)
    )
    file_name, tree = TREES[name]
    path = write(events, tmp_path / file_name)
    assert Sample([path]).read == 11
    with_entries(path, tree, entries)
    with pytest.raises(FormatError, match=r"damaged|the file was changed"):
        Sample([path])


def test_a_list_of_classes_with_an_unknown_one_is_refused(tmp_path, data):
    """uproot looks for the unknown class in the very list that it reads, without end."""
    sigma = CrossSection.from_points([0.2, 1.0, 10.0], [1e-39, 9e-38, 9e-37], "points")
    events = read(data / "genie_numu_C12.gst.root").with_(cross_section=sigma)
    path = write(events, tmp_path / "a.evtlib.root")
    content = path.read_bytes()
    # A branch of an unknown class makes uproot read the list.
    for known, unknown in ((b"TBranch\0", b"TBrancX\0"), (b"TStreamerInfo\0", b"TStreamerInfX\0")):
        assert known in content
        content = content.replace(known, unknown)
    path.write_bytes(content)
    with pytest.raises(FormatError, match="list of classes"):
        Sample([path])
