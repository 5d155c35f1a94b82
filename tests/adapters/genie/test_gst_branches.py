import awkward as ak
import pytest
import uproot
from genie_toys import SIGMA, event_of
from gst_macros import COUNTER_OF, COUNTERS, events_of, hand_counts, selected, sums
from read_with_root_runner import read_with_root

from nugen_gan.conversion.convert import read, write
from nugen_gan.errors import UsageError
from nugen_gan.events.particles import flat, species_counts
from nugen_gan.physics.cross_section import CrossSection

FULL = "genie_numu_C12_gst.root"


@pytest.fixture(scope="module")
def excerpt(data):
    return data / "genie_numu_C12.gst.root"


def test_the_definitions_are_genie_s(shared_data):
    """Counters and sums recomputed from the lists are the stored ones in all 5,000 events."""
    events = events_of(shared_data / "genie" / FULL)
    assert len(events) == 5000
    for event in events:
        counts = dict.fromkeys(COUNTERS, 0)
        for code in event["pdgf"]:
            counts[COUNTER_OF.get(code, "nfother")] += 1
        assert {name: event[name] for name in COUNTERS} == counts
        assert sums(event) == pytest.approx((event["sumKEf"], event["calresp0"]), abs=1e-10)


def test_our_columns_are_genie_s(shared_data, tmp_path):
    """All columns of the final state of a file read and written again, in all 5,000 events."""
    original = shared_data / "genie" / FULL
    path = write(read(original), tmp_path / "x.gst.root")
    names = ["nf", "pdgf", "Ef", "pzf", "pf", "cthf", "sumKEf", "calresp0", *COUNTERS]
    with uproot.open(original) as genuine, uproot.open(path) as ours:
        theirs, found = (file["gst"].arrays(names) for file in (genuine, ours))
    for name in ("nf", "pdgf", "Ef", "pzf", *COUNTERS):
        assert ak.all(theirs[name] == found[name]), name
    for name, tolerance in (("pf", 1e-14), ("cthf", 1e-14), ("sumKEf", 1e-7), ("calresp0", 1e-7)):
        assert ak.max(abs(theirs[name] - found[name])) < tolerance, name
    assert hand_counts(path) == hand_counts(original)
    assert selected(path) == selected(original)


def test_macros_find_what_they_look_for(excerpt, tmp_path):
    table = read(excerpt)
    path = write(table, tmp_path / "x.gst.root")
    assert hand_counts(path) == hand_counts(excerpt) == species_counts(flat(table.particles))
    assert selected(path) == selected(excerpt)
    assert min(selected(path)) > 20
    for event in events_of(path):
        assert event["nf"] == sum(event[name] for name in COUNTERS)
        assert sums(event) == pytest.approx((event["sumKEf"], event["calresp0"]), abs=1e-6)
        assert event["ni"] == event["hitnuc"] == 0


@pytest.mark.parametrize(("code", "counter"), COUNTER_OF.items())
def test_counters(tmp_path, code, counter):
    path = write(event_of([code, 3122], copies=2), tmp_path / "x.gst.root")
    for event in events_of(path):
        counts = {name: event[name] for name in COUNTERS}
        assert counts == dict.fromkeys(COUNTERS, 0) | {counter: 2, "nfother": 2}
        assert event["pf"] == [0.0] * 4
        assert event["cthf"] == [1.0] * 4


def test_antinucleons_annihilate_and_photons_shower(tmp_path):
    path = write(event_of([-2212, 111, 211]), tmp_path / "x.gst.root")
    response = [event["calresp0"] for event in events_of(path)]
    assert response == pytest.approx([3 * 0.938272 + 1.3 * 0.134977] * 8, abs=1e-5)


def test_columns_of_the_lepton_do_not_change(excerpt, tmp_path):
    """Q2, W, x and y are those of the lepton, whatever the hadrons do."""
    table = read(excerpt)
    with (
        uproot.open(write(table, tmp_path / "x.gst.root")) as whole,
        uproot.open(write(table.without_particles(), tmp_path / "y.gst.root")) as leptons,
    ):
        a, b = whole["gst"], leptons["gst"]
        assert [branch.title for branch in a.branches] == [branch.title for branch in b.branches]
        changed = {branch.name for branch in a.branches
                   if branch.array().to_list() != b[branch.name].array().to_list()}  # fmt: skip
        assert not ak.any(b["nf"].array())
    lists = {"pdgf", "Ef", "pxf", "pyf", "pzf", "pf", "cthf"}
    absent = {name for name in COUNTERS if not ak.any(ak.Array(events_of(excerpt))[name])}
    assert changed == {*lists, "nf", "sumKEf", "calresp0", *COUNTERS} - absent


def test_no_more_than_there_is_room_for(tmp_path):
    write(event_of([2112], copies=250), tmp_path / "x.gst.root")
    with pytest.raises(UsageError, match=r"251 particles.*room for 250"):
        write(event_of([2112], copies=251), tmp_path / "y.gst.root")
    assert not (tmp_path / "y.gst.root").exists()


def test_root_itself_reads_the_lists(tmp_path, excerpt, monkeypatch):
    """Through SetBranchAddress into arrays of 250, over several baskets."""
    monkeypatch.setattr("nugen_gan.adapters.genie.gst.BLOCK", 64)
    sigma = CrossSection.from_points(*SIGMA, "points")
    path = write(read(excerpt).with_(cross_section=sigma), tmp_path / "x.gst.root")
    found = read_with_root(path, "gst")["events"]
    expected = events_of(path)
    assert len(found) == 200
    for ours, theirs in zip(found, expected, strict=True):
        assert ours == {name: theirs[name] for name in ours}
