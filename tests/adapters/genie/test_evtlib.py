import awkward as ak
import numpy as np
import pytest
import uproot
from mutants import assert_no_new_events, mutants, read_or_refuse
from read_with_root_runner import read_with_root

from nugen_gan.adapters.base import Header
from nugen_gan.adapters.genie.evtlib import EvtLib
from nugen_gan.conversion.convert import convert, read, read_all, write
from nugen_gan.conversion.sample import Sample
from nugen_gan.errors import FormatError, UsageError
from nugen_gan.events.provenance import Provenance
from nugen_gan.events.table import EventTable
from nugen_gan.physics.cross_section import CrossSection
from nugen_gan.physics.process import Channel, Process

MUON = 0.1056583755
FOLDER = "C12/cc/nu_mu"


@pytest.fixture
def sigma():
    return CrossSection.from_points([0.2, 1.0, 10.0], [1e-39, 9e-38, 9e-37], "points")


@pytest.fixture
def sample(data, sigma):
    """Genuine events in single precision, the precision of the format."""
    table = read(data / "genie_numu_C12.gst.root")
    return table.with_(cross_section=sigma).stored()


def particle(pdg, energy, cosine=1.0, mass=MUON):
    momentum = np.sqrt(energy**2 - mass**2)
    return (pdg, energy, momentum * np.sqrt(1 - cosine**2), 0.0, momentum * cosine)


EVENTS = [
    (1.0, [particle(13, 0.6, 0.5)]),
    # Pion first, and a muon pair of a decay after the primary one.
    (5.0, [particle(211, 0.5, mass=0.13957), particle(13, 2.0, 0.9), particle(-13, 1.0),
           particle(13, 1.5)]),
    (2.0, [particle(2112, 1.5, mass=0.9396)]),
]  # fmt: skip


def library(path, events=EVENTS, folders=(FOLDER,), remove=(), graph=True, **changes):
    """Write a library by hand, as GENIE's example programs do, with flat lists."""
    columns = {"Enu": np.array([energy for energy, _ in events], "f4")}
    columns["prod_id"] = np.ones(len(events), "i4")
    kinds = {"pdg": np.int32, "E": np.float32, "px": np.float32, "py": np.float32,
             "pz": np.float32}  # fmt: skip
    for i, (name, kind) in enumerate(kinds.items()):
        lists = ak.Array([[float(p[i]) for p in particles] for _, particles in events])
        columns[name] = ak.values_astype(lists, kind)
    columns |= changes
    for name in remove:
        del columns[name]
    types = {name: x.dtype if isinstance(x, np.ndarray) else x.type.content
             for name, x in columns.items()}  # fmt: skip
    with uproot.recreate(path) as file:
        for folder in folders:
            file.mktree(f"{folder}/records", types).extend(columns)
            if graph:
                file[f"{folder}/xsec"] = uproot.as_TGraph(
                    {"x": np.array([0.0, 1.0, 10.0]), "y": np.array([0.0, 9.0, 90.0])}
                )
    return path


# Reading


def test_the_primary_lepton_is_found(tmp_path):
    table = read(library(tmp_path / "a.root"))
    assert table.process.name == "numu_cc_C12"
    assert table.enu.tolist() == [1.0, 5.0]
    assert table.elep == pytest.approx([0.6, 2.0])
    assert table.costheta == pytest.approx([0.5, 0.9])
    # What prod_id means is known for our own files only.
    assert table.channel.tolist() == [Channel.OTHER] * 2
    assert table.weight.tolist() == [1.0, 1.0]


def test_the_graph_is_the_cross_section(tmp_path):
    sigma = read(library(tmp_path / "a.root")).cross_section
    assert sigma([1.0, 5.5]) == pytest.approx([9e-38, 49.5e-38])
    assert read(library(tmp_path / "b.root", graph=False)).cross_section is None


def test_several_targets_and_neutral_currents(tmp_path):
    anti = [(e, [(-p[0], *p[1:]) for p in particles]) for e, particles in EVENTS]
    path = library(tmp_path / "a.root", folders=[FOLDER, "Ar40/cc/nu_mu", "C12/nc/nu"])
    tables = read_all(path)
    assert {process.name: len(t) for process, t in tables.items()} == {
        "numu_cc_C12": 2, "numu_cc_Ar40": 2
    }  # fmt: skip
    assert Sample([path]).others == {"OTHER": 3}
    other = library(tmp_path / "b.root", anti, folders=["C12/cc/nu_mu_bar"])
    assert {p.name for p in read_all([path, other])} == {
        "numu_cc_C12", "numu_cc_Ar40", "numubar_cc_C12"
    }  # fmt: skip
    assert Sample([path, other]).source.entries == 12


def test_weights_are_kept(tmp_path):
    path = library(tmp_path / "a.root", weight=np.array([0.5, 2.0, 1.0], "f4"))
    assert read(path).weight.tolist() == [0.5, 2.0]


@pytest.mark.parametrize(
    ("energy", "lepton"),
    [
        (np.nan, particle(13, 0.6)), (-1.0, particle(13, 0.6)), (1.0, particle(13, 1.6)),
        (1.0, particle(-13, 0.6)), (1.0, (13, 0.6, 0.0, 0.0, 0.3)),
        (1.0, (13, 0.6, 0.0, np.inf, 0.3)), (1.0, (13, -0.6, 0.0, 0.0, 0.59)),
    ],
)  # fmt: skip
def test_what_cannot_be_is_cut(tmp_path, energy, lepton):
    events = [(energy, [lepton]), EVENTS[1]]
    table = read(library(tmp_path / "a.root", events))
    assert table.elep.tolist() == [2.0]


@pytest.mark.parametrize("name", ["Enu", "pdg", "E", "px", "py", "pz"])
def test_what_is_missing_is_named(tmp_path, name):
    path = library(tmp_path / "a.root", remove=[name])
    with pytest.raises(FormatError, match=f"lacks {name}"):
        read(path, format="evtlib")
    assert not EvtLib().sniff(path)


@pytest.mark.parametrize("name", ["pdg", "E", "pz"])
def test_lists_of_unequal_length(tmp_path, name):
    wrong = {name: ak.values_astype(ak.Array([[13], [2, 3], []]), np.int32)}
    with pytest.raises(FormatError, match="damaged"):
        read(library(tmp_path / "a.root", **wrong))


def test_a_graph_that_is_no_cross_section(tmp_path):
    path = library(tmp_path / "a.root", graph=False)
    with uproot.update(path) as file:
        bad = {"x": np.array([1.0, 0.5, 2.0]), "y": np.array([1.0, 1.0, 1.0])}
        file[f"{FOLDER}/xsec"] = uproot.as_TGraph(bad)
    with pytest.raises(FormatError, match="energies of a cross section must increase"):
        read(path)


def test_other_files_are_refused(data):
    with pytest.raises(FormatError, match="C12/cc/nu_mu/records"):
        read(data / "genie_numu_C12.gst.root", format="evtlib")


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_damage_makes_it_crash_or_make_numbers_up(tmp_path, sample, seed):
    path = write(sample, tmp_path / "a.evtlib.root")
    genuine, refused = read(path), 0
    for mutant in mutants(path.read_bytes(), 100, seed):
        (tmp_path / "m.root").write_bytes(mutant)
        tables = read_or_refuse(tmp_path / "m.root", "evtlib")
        refused += tables is None
        assert_no_new_events(tables or [], genuine)
    assert refused > 30


# Writing


@pytest.mark.parametrize("name", ["numu_cc_C12", "numubar_cc_Ar40", "nue_cc_Pb208"])
def test_round_trip(tmp_path, sample, sigma, name):
    table = EventTable(
        Process.from_name(name), sample.enu, sample.elep, sample.costheta,
        np.resize([int(channel) for channel in Channel], len(sample)), sample.weight, sigma,
        Provenance("nugen-gan", "1.2", {"seed": 5}),
    )  # fmt: skip
    back = read(write(table, tmp_path / "x.evtlib.root"))
    assert back.process == table.process
    for column in ("enu", "elep", "channel", "weight"):
        assert np.array_equal(getattr(back, column), getattr(table, column))
    # The momenta are in single precision.
    np.testing.assert_allclose(back.costheta, table.costheta, atol=2e-7)
    assert back.cross_section.as_dict() == sigma.as_dict()
    assert back.provenance.parameters == {"seed": 5}


def test_the_flux_average_comes_back(tmp_path, sample):
    header = Header(sample.process, len(sample), sample.cross_section, flux_average=3e-37)
    EvtLib().write(tmp_path / "x.evtlib.root", [sample], lambda: header)
    assert Sample([tmp_path / "x.evtlib.root"]).header(sample.process).flux_average == 3e-37


def test_leaves_are_those_of_genie_s_example(tmp_path, sample):
    with uproot.open(write(sample, tmp_path / "x.evtlib.root")) as file:
        assert file.keys(cycle=False, recursive=False) == ["C12"]
        tree = file[f"{FOLDER}/records"]
        assert [branch.title for branch in tree.branches] == [
            "Enu/F", "weight/F", "prod_id/I", "nparts/I", "pdg[nparts]/I", "E[nparts]/F",
            "px[nparts]/F", "py[nparts]/F", "pz[nparts]/F",
        ]  # fmt: skip


def test_the_graph_is_zero_where_there_are_no_records(tmp_path, sample, sigma):
    with uproot.open(write(sample, tmp_path / "x.evtlib.root")) as file:
        energy, value = file[f"{FOLDER}/xsec"].values()
    assert (np.diff(energy) > 0).all()
    assert value[:2].tolist() == value[-2:].tolist() == [0.0, 0.0]
    assert energy[2] == sample.enu.min()
    assert energy[-3] == sample.enu.max()
    np.testing.assert_allclose(value[2:-2], sigma(energy[2:-2]) * 1e38)


def test_without_our_text_the_graph_counts(tmp_path, sample, sigma):
    path = write(sample, tmp_path / "x.evtlib.root")
    source = EvtLib().open([path])
    graph = source._libraries[0].cross_section
    assert graph.energy_range == (sample.enu.min(), sample.enu.max())
    np.testing.assert_allclose(graph(sample.enu), sigma(sample.enu))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"cross_section": None}, "--cross-section"),
        ({"process": Process.from_name("numu_cc_H1")}, "free nucleons"),
        ({"weight": np.linspace(1, 2, 200)}, "unequal weights"),
        ({"enu": np.full(200, 20.0), "cross_section": CrossSection.from_points([20.0], [1e-37])},
         "over a range"),
    ],
)  # fmt: skip
def test_what_genie_would_replay_wrongly_is_refused(tmp_path, sample, change, words):
    with pytest.raises(UsageError, match=words):
        write(sample.with_(**change), tmp_path / "x.evtlib.root")
    assert not list(tmp_path.iterdir())


def test_too_few_records(tmp_path, sample):
    with pytest.raises(UsageError, match="8 are needed"):
        write(sample[:7], tmp_path / "x.evtlib.root")


def test_equal_events_are_equal_bytes_however_they_come(tmp_path, sample, sigma):
    header = Header(sample.process, len(sample), sigma)
    for name, parts in (("x", [sample]), ("y", [sample[:2], sample[2:]])):
        EvtLib().write(tmp_path / name, parts, lambda: header)
    assert (tmp_path / "x").read_bytes() == (tmp_path / "y").read_bytes()


def test_convert_chooses_it_by_the_suffix(tmp_path, shared_data):
    source = shared_data / "nuwro" / "nuwro_numu_C12.root"
    (done,) = convert(source, tmp_path / "x.evtlib.root")
    np.testing.assert_allclose(read(done.path).enu, read(source).enu, rtol=1e-7)


def test_root_itself_reads_it(tmp_path, sample, sigma, monkeypatch):
    """Through SetBranchAddress, as GENIE does, over several baskets."""
    monkeypatch.setattr("nugen_gan.adapters.genie.evtlib.BLOCK", 64)
    path = write(sample, tmp_path / "x.evtlib.root")
    found = read_with_root(path, f"{FOLDER}/records")
    with uproot.open(path) as file:
        tree = file[f"{FOLDER}/records"]
        expected = {name: tree[name].array().to_list() for name in ("pdg", "E", "px", "py", "pz")}
    assert [event["Enu"] for event in found["events"]] == sample.enu.tolist()
    assert [event["prod_id"] for event in found["events"]] == sample.channel.tolist()
    for name, lists in expected.items():
        assert [event[name] for event in found["events"]] == lists
    inside = sigma([0.5, 1.0, 2.5]) * 1e38
    assert found["graph"] == pytest.approx([0.0, *inside, 0.0])
