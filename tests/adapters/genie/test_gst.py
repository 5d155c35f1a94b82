import awkward as ak
import numpy as np
import pytest
import uproot
from mutants import mutants, read_or_refuse
from read_with_root_runner import read_with_root

from nugen_gan.adapters.base import Header
from nugen_gan.adapters.genie.gst import Gst
from nugen_gan.conversion.convert import convert, read, write
from nugen_gan.conversion.sample import Sample
from nugen_gan.errors import EmptySelectionError, FormatError
from nugen_gan.events.provenance import Provenance
from nugen_gan.events.table import EventTable
from nugen_gan.physics.cross_section import CrossSection
from nugen_gan.physics.process import Channel, Process

FLAGS = {"QE": "qel", "MEC": "mec", "RES": "res", "DIS": "dis", "COH": "coh"}
MUON = 0.1056583755


def summary_tree(path, remove=(), **changes):
    """Write four events by hand: numu CC QE, RES on carbon, NC DIS, and numubar CC COH."""
    n = 4
    elep = np.array([0.6, 2.0, 0.8, 1.9])
    momentum = np.sqrt(elep**2 - MUON**2)
    cosine = np.array([0.5, 0.9, 0.3, 1.0])
    columns = {
        "neu": np.array([14, 14, 14, -14], "i4"),
        "fspl": np.array([13, 13, 14, -13], "i4"),
        "tgt": np.full(n, 1000060120, "i4"),
        "cc": np.array([1, 1, 0, 1], bool),
        "qel": np.array([1, 0, 0, 0], bool),
        "res": np.array([0, 1, 0, 0], bool),
        "dis": np.array([0, 0, 1, 0], bool),
        "coh": np.array([0, 0, 0, 1], bool),
        "Ev": np.array([1.0, 5.0, 1.0, 2.0]),
        "pxv": np.zeros(n),
        "pyv": np.zeros(n),
        "pzv": np.array([1.0, 5.0, 1.0, 2.0]),
        "El": elep,
        "pxl": momentum * np.sqrt(1 - cosine**2),
        "pyl": np.zeros(n),
        "pzl": momentum * cosine,
        "wght": np.ones(n),
    } | changes
    for name in remove:
        del columns[name]
    with uproot.recreate(path) as file:
        types = {name: x.dtype if isinstance(x, np.ndarray) else x.type.content
                 for name, x in columns.items()}  # fmt: skip
        file.mktree("gst", types).extend(columns)
    return path


def test_genuine_events(shared_data):
    """The numbers of the data's README."""
    folder = shared_data / "genie"
    table = read(
        folder / "genie_numu_C12_gst.root", cross_section=folder / "genie_numu_C12_splines.xml"
    )
    assert table.process.name == "numu_cc_C12"
    assert len(table) == 5000
    counts = {name: round(5000 * x) for name, x in table.channel_fractions().items()}
    assert counts == {"QE": 930, "MEC": 243, "RES": 1445, "DIS": 2352, "COH": 30}
    assert table.energy_range() == (0.22, 10.0)
    inverse = 1.0 / table.cross_section(table.enu)
    average = 1.0 / inverse.mean()
    error = average * inverse.std() / inverse.mean() / np.sqrt(5000)
    assert abs(average - 22.71e-38) < 3.0 * error


def test_an_excerpt_of_genuine_events(data):
    path = data / "genie_numu_C12.gst.root"
    table = read(path)
    genuine = uproot.open(path)["gst"].arrays(["Ev", "El", "cthl", "Q2"], library="np")
    assert np.array_equal(table.enu, genuine["Ev"])
    assert np.array_equal(table.elep, genuine["El"])
    np.testing.assert_allclose(table.costheta, genuine["cthl"], atol=1e-12)
    np.testing.assert_allclose(table.derived().q2, genuine["Q2"], atol=1e-6)
    counts = {name: round(200 * x) for name, x in table.channel_fractions().items()}
    assert counts == {"QE": 40, "MEC": 10, "RES": 63, "DIS": 85, "COH": 2}
    assert table.cross_section is None
    assert table.provenance.generator == "GENIE"


def test_old_files_have_fewer_branches(tmp_path):
    path = summary_tree(tmp_path / "a.root", ["coh", "wght"])
    assert read(path, probe=14).channel.tolist() == [Channel.QE, Channel.RES]
    assert read(path, probe=-14).channel.tolist() == [Channel.OTHER]


@pytest.mark.parametrize(
    "name", ["neu", "fspl", "tgt", "cc", "qel", "res", "dis", "Ev", "pzv", "El", "pxl", "pzl"]
)
def test_what_is_missing_is_named(tmp_path, name):
    path = summary_tree(tmp_path / "a.root", [name])
    with pytest.raises(FormatError, match=name):
        read(path, format="gst")


def test_neutral_currents_are_left_out_and_counted(tmp_path):
    sample = Sample([summary_tree(tmp_path / "a.root")])
    assert {p.name: f.cutflow.kept for p, f in sample.found.items()} == {
        "numu_cc_C12": 2, "numubar_cc_C12": 1
    }  # fmt: skip
    assert dict(sample.others) == {"DIS": 1}


@pytest.mark.parametrize("flag", ["imd", "imdanh", "nuel", "em", "norm", "hnl", "amnugamma"])
def test_what_is_not_on_a_nucleus_is_left_out(tmp_path, flag):
    flags = {flag: np.array([1, 0, 0, 0], bool)}
    assert len(read(summary_tree(tmp_path / "a.root", **flags), probe=14)) == 1


def test_free_protons_are_hydrogen_and_free_neutrons_nothing(tmp_path):
    target = np.array([2212, 2112, 1000060120, 1000000010], "i4")
    path = summary_tree(tmp_path / "a.root", tgt=target)
    assert [table.process.name for table in [read(path)]] == ["numu_cc_H1"]


def test_charm_keeps_the_channel_of_its_own_flag(tmp_path):
    charm = np.array([1, 1, 0, 0], bool)
    table = read(summary_tree(tmp_path / "a.root", charm=charm), probe=14)
    assert table.channel.tolist() == [Channel.QE, Channel.RES]


def test_the_angle_is_to_the_neutrino(tmp_path):
    """Rotate everything: the neutrino along x."""
    plain = read(summary_tree(tmp_path / "a.root"), probe=14)
    with uproot.open(tmp_path / "a.root") as file:
        old = file["gst"].arrays(library="np")
    rotated = {"pxv": old["pzv"], "pzv": old["pxv"], "pxl": old["pzl"], "pzl": old["pxl"]}
    table = read(summary_tree(tmp_path / "b.root", **rotated), probe=14)
    np.testing.assert_allclose(table.costheta, plain.costheta)


@pytest.mark.parametrize(
    "change",
    [
        {"Ev": np.array([np.nan, 5.0, 1.0, 2.0])},
        {"El": np.array([-0.6, 2.0, 0.8, 1.9])},
        {"El": np.array([0.5, 2.0, 0.8, 1.9])},  # does not fit its momentum
        {"pzv": np.array([1.1, 5.0, 1.0, 2.0])},
        {"pzl": np.array([np.inf, 0.9 * np.sqrt(4 - MUON**2), 0.8, 1.9])},
        {"pxl": np.array([1e300, 2.0 * np.sqrt(1 - MUON**2 / 4) * np.sqrt(0.19), 0.8, 0.0])},
        {"wght": np.array([np.nan, 1.0, 1.0, 1.0])},
        {"wght": np.array([-1.0, 1.0, 1.0, 1.0])},
    ],
)
def test_what_cannot_be_is_cut(tmp_path, change):
    table = read(summary_tree(tmp_path / "a.root", **change), probe=14)
    assert table.enu.tolist() == [5.0]
    assert table.cutflow.steps[-1] == ("physical kinematics", 1)


def test_a_genuine_nan_in_w_does_no_harm(tmp_path):
    assert len(read(summary_tree(tmp_path / "a.root", W=np.full(4, np.nan)), probe=14)) == 2


def test_weights_are_kept(tmp_path):
    weight = np.array([0.5, 2.0, 1.0, 1.0])
    assert read(summary_tree(tmp_path / "a.root", wght=weight), probe=14).weight.tolist() == [
        0.5,
        2,
    ]


def test_energies_in_mev_are_told_by_the_masses(tmp_path, data):
    names = ["neu", "fspl", "tgt", "cc", "qel", "res", "dis", "Ev", "pxv", "pyv", "pzv", "El",
             "pxl", "pyl", "pzl", "hitnuc", "pxn", "pyn", "pzn", "En"]  # fmt: skip
    with uproot.open(data / "genie_numu_C12.gst.root") as file:
        columns = file["gst"].arrays(names, library="np")
    columns = {n: 1000 * x if x.dtype == np.float64 else x for n, x in columns.items()}
    with uproot.recreate(tmp_path / "a.root") as file:
        file.mktree("gst", {n: x.dtype for n, x in columns.items()}).extend(columns)
    original, back = read(data / "genie_numu_C12.gst.root"), read(tmp_path / "a.root")
    np.testing.assert_allclose(back.enu, original.enu)
    np.testing.assert_allclose(back.elep, original.elep)


def test_several_files_are_one_sample(tmp_path):
    paths = [summary_tree(tmp_path / "a.root"), summary_tree(tmp_path / "b.root", ["wght"])]
    assert len(read(paths, probe=14)) == 4


def test_an_empty_file(tmp_path):
    with uproot.open(summary_tree(tmp_path / "a.root")) as file:
        types = {name: branch.interpretation.to_dtype.newbyteorder("=")
                 for name, branch in file["gst"].items()}  # fmt: skip
    with uproot.recreate(tmp_path / "b.root") as file:
        file.mktree("gst", types)
    with pytest.raises(EmptySelectionError):
        read(tmp_path / "b.root")


@pytest.mark.parametrize("name", ["Ev", "neu", "cc", "pxl"])
def test_lists_where_numbers_should_be(tmp_path, name):
    lists = {name: ak.Array([[1.0], [], [2.0, 3.0], [1.0]])}
    path = summary_tree(tmp_path / "a.root", **lists)
    with pytest.raises(FormatError, match="damaged"):
        read(path, format="gst")


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_damage_makes_it_crash_or_make_numbers_up(data, tmp_path, seed):
    original = data / "genie_numu_C12.gst.root"
    (genuine,) = read_or_refuse(original, "gst")
    refused = 0
    for mutant in mutants(original.read_bytes(), 100, seed):
        (tmp_path / "m.root").write_bytes(mutant)
        tables = read_or_refuse(tmp_path / "m.root", "gst")
        if tables is None:
            refused += 1
            continue
        for table in tables:
            assert set(table.enu) <= set(genuine.enu) or len(table) < len(genuine) / 2
            same = np.searchsorted(genuine.enu[np.argsort(genuine.enu)], table.enu)
            reference = genuine[np.argsort(genuine.enu)[same]]
            np.testing.assert_allclose(table.elep, reference.elep, rtol=1e-3)
            np.testing.assert_allclose(table.costheta, reference.costheta, atol=1e-2)
    assert refused > 30


# Writing


@pytest.fixture
def sigma():
    return CrossSection.from_points([0.2, 1.0, 10.0], [1e-39, 9e-38, 9e-37], "points")


@pytest.fixture
def written(events, sigma, tmp_path):
    return write(events.with_(cross_section=sigma), tmp_path / "x.gst.root")


def test_all_branches_are_genie_s(written, data):
    with uproot.open(written) as ours, uproot.open(data / "genie_numu_C12.gst.root") as genuine:
        # Name, and leaf with dimensions and type, such as "Ef[nf]/D".
        expected = [(branch.name, branch.title) for branch in genuine["gst"].branches]
        assert [(branch.name, branch.title) for branch in ours["gst"].branches] == expected
        assert len(expected) == 99
        types = {name: branch.typename for name, branch in genuine["gst"].items()}
        assert {name: branch.typename for name, branch in ours["gst"].items()} == types


def test_columns_follow_the_lepton(written, events, sigma):
    with uproot.open(written) as file:
        tree = file["gst"]
        column = {name: tree[name].array(library="np") for name in tree.keys()}  # noqa: SIM118
    n = len(events)
    for name, flag in FLAGS.items():
        assert column[flag].tolist() == [c == Channel[name] for c in events.channel]
    assert column["cc"].all()
    assert not column["nc"].any()
    assert column["neut_code"].tolist() == [1, 1, 11, 26, 16, 2]
    assert column["nuance_code"].tolist() == [1, 1, 3, 91, 97, 0]
    derived = events.derived()
    np.testing.assert_allclose(column["Q2"], derived.q2)
    np.testing.assert_allclose(column["y"], derived.omega / events.enu)
    w2 = np.where(column["W"] >= 0, column["W"] ** 2, np.minimum(derived.w2, 0))
    np.testing.assert_allclose(w2, derived.w2, atol=1e-12)
    mass = np.sqrt(column["El"] ** 2 - column["pxl"] ** 2 - column["pyl"] ** 2 - column["pzl"] ** 2)
    np.testing.assert_allclose(mass, MUON, rtol=1e-4)
    np.testing.assert_allclose(column["pzl"] / column["pl"], column["cthl"], atol=1e-12)
    np.testing.assert_allclose(column["XSec"], sigma(events.enu) / 1e-38)
    assert column["iev"].tolist() == list(range(n))
    assert column["nf"].tolist() == column["ni"].tolist() == [0] * n
    assert [len(x) for x in column["Ef"]] == [0] * n
    assert set(column["Z"]) == {6}
    assert set(column["A"]) == {12}
    assert set(column["fspl"]) == {13}


def test_kinematics_are_as_genie_computes_them(data, tmp_path):
    genuine = data / "genie_numu_C12.gst.root"
    write(read(genuine), tmp_path / "x.gst.root")
    names = ["x", "y", "Q2", "W", "Ev", "El", "pl", "cthl"]
    theirs = uproot.open(genuine)["gst"].arrays(names, library="np")
    ours = uproot.open(tmp_path / "x.gst.root")["gst"].arrays(names, library="np")
    for name in names:
        np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-6, atol=1e-7, err_msg=name)


@pytest.mark.parametrize("name", ["numu_cc_C12", "numubar_cc_Ar40", "nue_cc_H1"])
def test_round_trip(tmp_path, events, sigma, name):
    table = EventTable(
        Process.from_name(name), events.enu, events.elep, events.costheta,
        [Channel.QE, Channel.HYP, Channel.OTHER, Channel.DIS, Channel.COH, Channel.MEC],
        events.weight, sigma, Provenance("nugen-gan", "1.2", {"seed": 5}),
    )  # fmt: skip
    back = read(write(table, tmp_path / "x.gst.root"))
    assert back.process == table.process
    for column in ("enu", "elep", "channel", "weight"):
        assert np.array_equal(getattr(back, column), getattr(table, column))
    np.testing.assert_allclose(back.costheta, table.costheta, atol=1e-12)
    assert back.cross_section.as_dict() == sigma.as_dict()
    assert back.provenance.generator == "nugen-gan"
    assert back.provenance.parameters == {"seed": 5}


def test_the_flux_average_comes_back_unless_the_file_was_changed(tmp_path, events, sigma):
    header = Header(events.process, len(events), sigma, None, 1.5e-37)
    Gst().write(tmp_path / "x.gst.root", [events], lambda: header)
    assert Gst().open([tmp_path / "x.gst.root"]).flux_average(events.process) == 1.5e-37
    header = Header(events.process, len(events) + 1, sigma, None, 1.5e-37)
    Gst().write(tmp_path / "y.gst.root", [events], lambda: header)
    assert Gst().open([tmp_path / "y.gst.root"]).flux_average(events.process) == 1.5e-37
    both = Gst().open([tmp_path / "x.gst.root", tmp_path / "y.gst.root"])
    assert both.cross_section(events.process).as_dict() == sigma.as_dict()


def test_equal_events_are_equal_bytes_however_they_come(tmp_path, events, sigma):
    header = Header(events.process, len(events), sigma)
    for name, parts in (("x", [events]), ("y", [events[:2], events[2:]])):
        Gst().write(tmp_path / name, parts, lambda: header)
    assert (tmp_path / "x").read_bytes() == (tmp_path / "y").read_bytes()


def test_without_cross_section_or_events(tmp_path, events):
    write(events, tmp_path / "x.gst.root")
    with uproot.open(tmp_path / "x.gst.root") as file:
        assert file["gst/XSec"].array().to_list() == [0.0] * 6
    write(events[:0], tmp_path / "y.gst.root")
    with uproot.open(tmp_path / "y.gst.root") as file:
        assert file["gst"].num_entries == 0


def test_convert_chooses_it_by_the_suffix(tmp_path, data):
    (done,) = convert(data / "genie_numu_C12.gtrac.root", tmp_path / "x.gst.root")
    assert np.array_equal(read(done.path).enu, read(data / "genie_numu_C12.gst.root").enu[:60])


def test_root_itself_reads_it(tmp_path, data, sigma):
    table = read(data / "genie_numu_C12.gst.root").with_(cross_section=sigma)
    found = read_with_root(write(table, tmp_path / "x.gst.root"), "gst")
    assert found["entries"] == 200
    assert found["Ev"] == table.enu.tolist()
    assert found["El"] == table.elep.tolist()
    assert found["cthl"] == pytest.approx(table.costheta.tolist(), abs=1e-12)
    assert found["qel"] == (table.channel == Channel.QE).astype(float).tolist()
    assert found["cc"] == [1.0] * 200
    assert found["nf"] == ak.num(table.particles).to_list()
    assert found["Ef"] == ak.flatten(table.particles.E).to_list()
    assert found["graph"][1:4] == pytest.approx([x / 1e-38 for x in sigma([0.5, 1.0, 2.5])])
