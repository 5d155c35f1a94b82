import awkward as ak
import numpy as np
import pytest
import uproot
from edep_sim import simulated
from genie_toys import SIGMA, event_of
from read_with_root_runner import read_with_root

from nugen_gan.conversion.convert import read, write
from nugen_gan.errors import UsageError
from nugen_gan.events.particles import flat
from nugen_gan.physics.cross_section import CrossSection
from nugen_gan.physics.nuclei import nuclear_mass
from nugen_gan.physics.process import Channel

CARBON, BLOB = 1000060120, 2000000002
WORDS = {Channel.QE: "QES", Channel.MEC: "MEC", Channel.RES: "RES", Channel.DIS: "DIS",
         Channel.COH: "COH"}  # fmt: skip
LISTS = ("Pdg", "Status", "Rescat", "X4", "P4", "Polz", "Fd", "Ld", "Fm", "Lm")


@pytest.fixture(scope="module")
def table(data):
    """Genuine events: 60 with two coherent ones moved to the front."""
    events = read(data / "genie_numu_C12.gst.root")
    order = np.argsort(events.channel != Channel.COH, kind="stable")
    sigma = CrossSection.from_points(*SIGMA, "points")
    return events.with_(cross_section=sigma)[order]


@pytest.fixture
def written(table, tmp_path):
    return write(table, tmp_path / "x.gtrac.root")


def lists(path):
    with uproot.open(path) as file:
        tree = file["gRooTracker"]
        columns = {name: tree[f"StdHep{name}"].array() for name in LISTS}
        assert tree["StdHepN"].array().to_list() == ak.num(columns["Pdg"]).to_list()
    return columns


def test_lines_of_an_event(written, table):
    columns = {name: column.to_list() for name, column in lists(written).items()}
    hadrons = table.particles.pdg.to_list()
    for event, inside in enumerate(hadrons):
        pdg, status, mother = (columns[name][event] for name in ("Pdg", "Status", "Fm"))
        n = len(inside)
        body = [14, CARBON, 13, *inside]
        assert pdg[: n + 3] == body
        coherent = CARBON in inside
        assert len(pdg) == n + (3 if coherent else 4)
        assert status == [0, 0, *[1] * (n + 1), *([] if coherent else [15])]
        assert mother == [-1, -1, 0, *[1] * n, *([] if coherent else [1])]
        assert columns["Lm"][event] == columns["Rescat"][event] == [-1] * len(pdg)


def test_daughters_and_mothers_agree(written):
    columns = {name: column.to_list() for name, column in lists(written).items()}
    for first, last, mother in zip(columns["Fd"], columns["Ld"], columns["Fm"], strict=True):
        for line in range(len(mother)):
            mine = [i for i, its in enumerate(mother) if its == line]
            expected = [] if first[line] < 0 else list(range(first[line], last[line] + 1))
            assert mine == expected


def test_what_is_left_of_the_nucleus(written, table):
    """What was there less what came out, and as heavy as that to some ten MeV."""
    columns = lists(written)
    last = ak.to_numpy(columns["Pdg"][:, -1])
    p4 = ak.to_numpy(columns["P4"][:, -1])
    left = ak.to_numpy(columns["Status"][:, -1]) == 15
    assert left.tolist() == (table.channel != Channel.COH).tolist()
    ion = left & (last != BLOB)
    assert ion.sum() > 190
    codes = flat(table.particles)
    nucleons = codes.number(np.isin(codes.pdg, (2212, 2112)))
    plain = ion & (codes.number(~np.isin(codes.pdg, (2212, 2112, 111, 22))) == 0)
    assert plain.sum() > 60
    assert (last[plain] // 10 % 1000 == 12 - nucleons[plain]).all()
    mass = np.sqrt(p4[:, 3] ** 2 - (p4[:, :3] ** 2).sum(axis=1))
    expected = [nuclear_mass(int(code)) for code in last[ion]]
    assert np.median(abs(mass[ion] - expected)) < 0.05


def test_four_momentum_is_closed(written):
    columns = lists(written)
    status, p4 = columns["Status"], columns["P4"]
    before = ak.to_numpy(ak.sum(p4[status == 0], axis=1))
    after = ak.to_numpy(ak.sum(p4[status != 0], axis=1))
    left = ak.to_numpy(ak.any(status == 15, axis=1))
    np.testing.assert_allclose(before[left], after[left], atol=1e-12)
    # The nucleus of a coherent event is no heavier afterwards than its binding allows.
    np.testing.assert_allclose(before[~left], after[~left], atol=0.05)


def test_a_remnant_that_is_no_nucleus_is_a_blob(tmp_path):
    """Thirteen protons from carbon; all of it, and exactly nothing, from hydrogen."""
    columns = lists(write(event_of([2212], copies=13), tmp_path / "x.gtrac.root"))
    assert ak.all(columns["Pdg"][:, -1] == BLOB)
    assert ak.all(columns["Status"][:, -1] == 15)
    free = event_of([2112], process="numubar_cc_H1")
    columns = lists(write(free, tmp_path / "y.gtrac.root"))
    assert columns["Pdg"].to_list() == [[-14, 1000010010, -13, 2112]] * 8
    assert columns["Fd"].to_list() == [[2, 3, -1, -1]] * 8


def test_offsets_count_bytes_of_whole_vectors(written, table):
    """What uproot's own writer gets wrong, and ROOT then misreads; lists differ in length."""
    counts = ak.num(lists(written)["Pdg"]).to_numpy()
    assert counts.min() < counts.max()
    with uproot.open(written) as file:
        for name, size in (("P4", 4), ("X4", 4), ("Polz", 3)):
            basket = file[f"gRooTracker/StdHep{name}"].basket(0)
            assert np.diff(np.asarray(basket.byte_offsets)).tolist() == (8 * size * counts).tolist()


def test_detector_simulations_track_the_whole_event(written, table):
    hadrons = table.particles.pdg.to_list()
    energies = table.particles.E.to_list()
    for number, event in enumerate(simulated(written)):
        assert [one.pdg for one in event.incoming] == [14, CARBON]
        assert [one.pdg for one in event.tracked] == [13, *hadrons[number]]
        assert [one.energy for one in event.tracked[1:]] == pytest.approx(
            [1000.0 * energy for energy in energies[number]]
        )
        assert event.tracked[0].energy == pytest.approx(1000.0 * table.elep[number])
        assert event.lost == []
        assert event.lepton == 13
        assert event.channel == WORDS[Channel(table.channel[number])]


def test_leptons_alone_have_a_blob_for_the_rest(table, tmp_path):
    path = write(table.without_particles(), tmp_path / "x.gtrac.root")
    columns = lists(path)
    assert columns["Pdg"].to_list() == [[14, CARBON, 13, BLOB]] * len(table)
    assert all(len(event.tracked) == 1 for event in simulated(path))


def test_no_more_lines_than_there_is_room_for(tmp_path):
    most = event_of([111], copies=246)  # neutrino, nucleus, lepton, remnant
    assert ak.all(ak.num(lists(write(most, tmp_path / "x.gtrac.root"))["Pdg"]) == 250)
    with pytest.raises(UsageError, match=r"251 particles.*room for 250"):
        write(event_of([111], copies=247), tmp_path / "y.gtrac.root")


def test_root_itself_reads_long_lists(tmp_path, table, monkeypatch):
    monkeypatch.setattr("nugen_gan.adapters.genie.rootracker.BLOCK", 64)
    path = write(table, tmp_path / "x.gtrac.root")
    found = read_with_root(path, "gRooTracker")
    columns = lists(path)
    for number, event in zip([*range(50), 199], found["events"], strict=True):
        for name, column in (("pdg", "Pdg"), ("status", "Status"), ("p4", "P4"), ("fm", "Fm"),
                             ("fd", "Fd"), ("ld", "Ld")):  # fmt: skip
            assert event[name] == columns[column][number].to_list()
        assert event["zeros"] == 0.0
    assert found["drawn"] == table.elep.tolist()
