"""The particles beside the lepton in all of GENIE's dialects: the same events, read and written."""

from collections import Counter

import awkward as ak
import numpy as np
import pytest
import uproot
from edep_sim import simulated
from evtlib_replay import Library
from genie_toys import SIGMA, assert_same_particles, event_of, first_of, gst, rootracker
from gst_macros import hand_counts

from nugen_gan.adapters.base import Header
from nugen_gan.adapters.registry import get_adapter
from nugen_gan.conversion.convert import read, write
from nugen_gan.errors import FormatError, UsageError
from nugen_gan.events.particles import flat, particles, species_counts
from nugen_gan.events.table import EventTable
from nugen_gan.physics.cross_section import CrossSection
from nugen_gan.physics.process import Channel, Process

CARBON = 1000060120
SUFFIXES = [".gst.root", ".gtrac.root", ".evtlib.root"]
# How far a momentum [GeV] or an energy may come back: event libraries are in single precision.
PRECISION = {".gst.root": 1e-14, ".gtrac.root": 1e-14, ".evtlib.root": 2e-6}
LISTS = ["pdgf", "Ef", "pxf", "pyf", "pzf"]


@pytest.fixture(scope="module")
def sigma():
    return CrossSection.from_points(*SIGMA, "points")


@pytest.fixture(scope="module")
def excerpt(data, sigma):
    return read(data / "genie_numu_C12.gst.root").with_(cross_section=sigma)


# The genuine files


def test_both_genuine_files_hold_the_same_particles(shared_data, tmp_path, sigma):
    """Bit for bit: GENIE writes double precision into both.  And so do we."""
    folder = shared_data / "genie"
    table = read(folder / "genie_numu_C12_gst.root").with_(cross_section=sigma)
    assert len(table) == 5000
    assert_same_particles(read(folder / "genie_numu_C12_rootracker.root"), table, atol=0.0)
    counts = hand_counts(folder / "genie_numu_C12_gst.root")
    assert (counts[2212], counts[211], counts[-211], counts[111]) == (7358, 3651, 1354, 2680)
    assert species_counts(flat(table.particles)) == counts
    for suffix in SUFFIXES:
        path = write(table, tmp_path / f"x{suffix}")
        assert by_hand(path, suffix) == counts
        assert_same_particles(read(path), table, atol=PRECISION[suffix])


def by_hand(path, suffix):
    """Number of particles beside the lepton of each code, as programs for such a file count."""
    if suffix == ".gst.root":
        return hand_counts(path)
    if suffix == ".gtrac.root":
        events = [[one.pdg for one in event.tracked] for event in simulated(path)]
    else:
        events = [record["pdg"] for record in Library(path, "C12/cc/nu_mu").records]
    return Counter(code for event in events for code in event[1:])


def test_excerpts_hold_the_same_particles(data, excerpt):
    assert_same_particles(read(data / "genie_numu_C12.gtrac.root"), excerpt[:60], atol=0.0)


def test_the_frame_is_that_of_event_tables(data, excerpt):
    """Momenta along and across the neutrino and the lepton, from the columns of the file."""
    names = ["pxl", "pyl", *LISTS[2:]]
    with uproot.open(data / "genie_numu_C12.gst.root") as file:
        genuine = file["gst"].arrays(names)
    along = np.hypot(genuine.pxl, genuine.pyl)
    inside = (genuine.pxf * genuine.pxl + genuine.pyf * genuine.pyl) / along
    across = (genuine.pyf * genuine.pxl - genuine.pxf * genuine.pyl) / along
    for found, expected in (("px", inside), ("py", across), ("pz", genuine.pzf)):
        difference = ak.flatten(excerpt.particles[found] - expected)
        assert abs(ak.to_numpy(difference)).max() < 1e-14


def test_the_nucleus_of_coherent_events_stays(excerpt):
    coherent = excerpt.particles[excerpt.channel == Channel.COH]
    assert [sorted(codes) for codes in coherent.pdg.to_list()] == [[211, CARBON]] * 2
    assert not ak.any(excerpt.particles[excerpt.channel != Channel.COH].pdg == CARBON)


# Round trips


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("name", ["numu_cc_C12", "numubar_cc_Ar40", "nue_cc_Pb208"])
def test_round_trip(tmp_path, excerpt, suffix, name):
    table = EventTable(
        Process.from_name(name), excerpt.enu, excerpt.elep, excerpt.costheta, excerpt.channel,
        excerpt.weight, excerpt.cross_section, particles=excerpt.particles,
    )  # fmt: skip
    if suffix == ".evtlib.root":
        table = table.stored()
    back = read(write(table, tmp_path / f"x{suffix}"))
    assert len(back) == len(table)
    assert_same_particles(back, table, atol=PRECISION[suffix])
    assert back.cutflow.steps[-1] == ("possible hadrons", len(table))


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_leptons_alone_come_back_alone(tmp_path, excerpt, suffix):
    back = read(write(excerpt.without_particles(), tmp_path / f"x{suffix}"))
    assert len(back) == len(excerpt)
    assert back.particles is None


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_hadrons_may_be_left_out(tmp_path, excerpt, suffix):
    path = write(excerpt, tmp_path / f"x{suffix}")
    whole, leptons = read(path), read(path, hadrons=False)
    assert leptons.particles is None
    for column in ("enu", "elep", "costheta", "channel", "weight"):
        assert np.array_equal(getattr(whole, column), getattr(leptons, column))


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_equal_events_are_equal_bytes_however_they_come(tmp_path, excerpt, suffix):
    header = Header(excerpt.process, len(excerpt), excerpt.cross_section)
    adapter = get_adapter({".gst.root": "gst", ".gtrac.root": "rootracker"}.get(suffix, "evtlib"))
    for name, parts in (("x", [excerpt]), ("y", [excerpt[:30], excerpt[30:31], excerpt[31:]])):
        adapter.write(tmp_path / name, parts, lambda: header)
    assert (tmp_path / "x").read_bytes() == (tmp_path / "y").read_bytes()


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_small_blocks_make_no_difference(tmp_path, excerpt, suffix, monkeypatch):
    path = write(excerpt, tmp_path / f"x{suffix}")
    whole = read(path)
    monkeypatch.setattr("nugen_gan.storage.root.BLOCK", 17)
    assert_same_particles(read(path), whole, atol=0.0)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_files_with_and_without_hadrons_are_not_one_sample(tmp_path, excerpt, suffix):
    a = write(excerpt, tmp_path / f"a{suffix}")
    b = write(excerpt[:50].without_particles(), tmp_path / f"b{suffix}")
    with pytest.raises(UsageError, match=r"b\..*leptons alone.*--no-hadrons"):
        read([a, b])
    assert len(read([a, b], hadrons=False)) == 250
    other = write(excerpt[50:], tmp_path / f"c{suffix}")
    assert len(flat(read([a, other]).particles).counts) == 350


def test_hadrons_may_come_late(tmp_path, data, monkeypatch):
    """They are looked for in the whole file, not among its first events alone."""
    monkeypatch.setattr("nugen_gan.adapters.lists.FIRST", 10)
    monkeypatch.setattr("nugen_gan.storage.root.BLOCK", 50)
    late = np.arange(200) >= 150

    def emptied(column):
        return column[ak.broadcast_arrays(column, late)[1]]

    path = gst(tmp_path / "a.root", data / "genie_numu_C12.gst.root",
               **dict.fromkeys(LISTS, emptied))  # fmt: skip
    counts = ak.num(read(path).particles).to_numpy()
    assert not counts[:150].any()
    assert counts[150:].all()


# Robustness


@pytest.mark.parametrize("name", LISTS)
def test_a_summary_tree_without_lists_has_leptons_alone(tmp_path, data, name):
    path = gst(tmp_path / "a.root", data / "genie_numu_C12.gst.root", remove=[name])
    assert read(path).particles is None


@pytest.mark.parametrize("name", LISTS)
def test_lists_of_unequal_length(tmp_path, data, name):
    path = gst(tmp_path / "a.root", data / "genie_numu_C12.gst.root",
               **{name: lambda column: column[:, 1:]})  # fmt: skip
    with pytest.raises(FormatError, match="damaged"):
        read(path)
    assert len(read(path, hadrons=False)) == 200


def test_numbers_where_lists_should_be(tmp_path, data):
    path = gst(tmp_path / "a.root", data / "genie_numu_C12.gst.root",
               Ef=lambda column: ak.num(column) * 1.0)  # fmt: skip
    with pytest.raises(FormatError, match="damaged"):
        read(path)


@pytest.mark.parametrize(
    ("name", "value"),
    [("pdgf", 0), ("pdgf", 987654), ("Ef", np.nan), ("Ef", 0.01), ("pxf", np.inf), ("pzf", 1e3)],
)
def test_events_with_impossible_particles_are_cut(tmp_path, data, excerpt, name, value):
    path = gst(tmp_path / "a.root", data / "genie_numu_C12.gst.root",
               **{name: lambda column: first_of(column, value)})  # fmt: skip
    table = read(path)
    assert table.cutflow.steps[-1] == ("possible hadrons", 199)
    assert_same_particles(table, excerpt[1:], atol=0.0)


@pytest.mark.parametrize("code", [2000000002, 2000000101, 2009900000])
def test_pseudo_particles_are_none(tmp_path, data, excerpt, code):
    path = gst(tmp_path / "a.root", data / "genie_numu_C12.gst.root",
               pdgf=lambda column: first_of(column, code))  # fmt: skip
    table = read(path)
    assert ak.num(table.particles)[0] == ak.num(excerpt.particles)[0] - 1
    assert_same_particles(table[1:], excerpt[1:], atol=0.0)


def test_any_direction_of_the_neutrino_will_do(tmp_path, data, excerpt):
    """Everything turned so that x, y, z are z, x, y."""
    source = data / "genie_numu_C12.gst.root"
    with uproot.open(source) as file:
        old = file["gst"].arrays([a + b for a in ("px", "py", "pz") for b in "vlf"])
    turned = {a + s: (lambda column, b=b, s=s: old[b + s])
              for a, b in (("px", "py"), ("py", "pz"), ("pz", "px")) for s in "vlf"}  # fmt: skip
    assert_same_particles(read(gst(tmp_path / "a.root", source, **turned)), excerpt)


def test_momenta_in_mev(tmp_path, data, excerpt):
    names = [a + b for a in ("px", "py", "pz", "E") for b in "vlf"]
    in_mev = dict.fromkeys(names, lambda column: 1000.0 * column)
    path = gst(tmp_path / "a.root", data / "genie_numu_C12.gst.root", **in_mev)
    assert_same_particles(read(path), excerpt, rtol=1e-14)
    source = data / "genie_numu_C12.gtrac.root"
    path = rootracker(tmp_path / "b.root", source, StdHepP4=lambda column: 1000.0 * column)
    assert_same_particles(read(path), excerpt[:60], rtol=1e-14)


@pytest.mark.parametrize("name", ["gRooTracker", "nRooTracker", "giRooTracker"])
@pytest.mark.parametrize("mothers", [True, False])
def test_rootrackers_of_others(tmp_path, data, excerpt, name, mothers):
    """Without mothers, as NEUT and NuWro write them, the fastest lepton is left out."""
    path = rootracker(tmp_path / "a.root", data / "genie_numu_C12.gtrac.root", name,
                      () if mothers else ["StdHepFm"])  # fmt: skip
    assert_same_particles(read(path), excerpt[:60], atol=0.0)


def test_blobs_of_status_1_are_no_hadrons(tmp_path, data, excerpt):
    path = rootracker(
        tmp_path / "a.root", data / "genie_numu_C12.gtrac.root",
        StdHepStatus=lambda column: ak.values_astype(ak.where(column == 15, 1, column), "int32"),
    )  # fmt: skip
    assert_same_particles(read(path), excerpt[:60], atol=0.0)


def test_secondary_leptons_stay(tmp_path, sigma):
    """A pair of muons and one of electrons beside the primary electron, in every dialect."""
    table = event_of([13, -13, 11, -11, 22], process="nue_cc_C12").with_(cross_section=sigma)
    fast = flat(table.particles)
    fast = fast._replace(pz=fast.pz + 0.5, E=np.sqrt(fast.E**2 + 0.25))
    table = table.with_(particles=particles(*fast))
    for suffix in SUFFIXES:
        back = read(write(table, tmp_path / f"x{suffix}"))
        np.testing.assert_allclose(back.elep, table.elep, rtol=1e-6)
        assert_same_particles(back, table, atol=PRECISION[suffix])
