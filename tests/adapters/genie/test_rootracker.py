import awkward as ak
import numpy as np
import pytest
import uproot
from mutants import mutants, read_or_refuse
from read_with_root_runner import read_with_root

from nugen_gan.adapters.base import Header
from nugen_gan.adapters.genie.event_code import code_of, parse_codes
from nugen_gan.adapters.genie.rootracker import Rootracker
from nugen_gan.adapters.genie.rootracker_tree import write_vectors_whole
from nugen_gan.conversion.convert import convert, read, write
from nugen_gan.conversion.sample import Sample
from nugen_gan.errors import FormatError
from nugen_gan.events.provenance import Provenance
from nugen_gan.events.table import EventTable
from nugen_gan.physics.cross_section import CrossSection
from nugen_gan.physics.nuclei import nuclear_mass
from nugen_gan.physics.process import Channel, Process

MUON = 0.1056583755
CARBON = 1000060120


def muon(energy, cosine=1.0, pdg=13, status=1, mother=0):
    momentum = np.sqrt(energy**2 - MUON**2)
    sine = np.sqrt(1 - cosine**2)
    return (pdg, status, mother, (momentum * sine, 0.0, momentum * cosine, energy))


def neutrino(energy, pdg=14):
    return (pdg, 0, -1, (0.0, 0.0, energy, energy))


def nucleus(pdg=CARBON):
    return (pdg, 0, -1, (0.0, 0.0, 0.0, 11.17))


PION = (211, 1, 4, (0.0, 0.0, 0.3, 0.331))
# A muon pair of a decay, faster than the primary one.
EVENTS = [
    ([neutrino(1.0), nucleus(), muon(0.6, 0.5)], "nu:14;tgt:1000060120;proc:Weak[CC],QES;"),
    (
        [neutrino(5.0), nucleus(), muon(2.5, 0.1, mother=5), muon(2.0, 0.9), PION],
        "nu:14;tgt:1000060120;N:2212;proc:Weak[CC],RES;res:0;",
    ),
    (
        [neutrino(5.0), nucleus(), (14, 1, 0, (0.0, 0.0, 2.0, 2.0)), PION],
        "nu:14;tgt:1000060120;proc:Weak[NC],DIS;",
    ),
]


def rootracker(path, events=EVENTS, tree="nRooTracker", remove=(), flat=False, **changes):
    """Write a tree by hand, with 1-D momenta and a counter of their own if ``flat``."""
    lists = {
        name: ak.Array([[particle[i] for particle in particles] for particles, _ in events])
        for i, name in enumerate(("StdHepPdg", "StdHepStatus", "StdHepFm"))
    }
    columns = {name: ak.values_astype(x, np.int32) for name, x in lists.items()}
    p4 = ak.Array([[list(particle[3]) for particle in particles] for particles, _ in events])
    p4 = ak.values_astype(p4, np.float64)
    columns["StdHepP4"] = ak.flatten(p4, axis=2) if flat else ak.to_regular(p4, axis=2)
    columns["EvtCode"] = ak.Array([code for _, code in events])
    columns["EvtWght"] = np.ones(len(events))
    columns |= changes
    for name in remove:
        del columns[name]
    types = {name: x.dtype if isinstance(x, np.ndarray) else x.type.content
             for name, x in columns.items()}  # fmt: skip
    if "EvtCode" in columns and not isinstance(columns["EvtCode"], np.ndarray):
        types["EvtCode"] = "string"
    with uproot.recreate(path) as file:
        new = file.mktree(tree, types)
        write_vectors_whole(new)
        new.extend(columns)
    return path


# Reading


def test_genuine_events_are_those_of_the_summary_tree(shared_data):
    folder = shared_data / "genie"
    ours = read(folder / "genie_numu_C12_rootracker.root")
    theirs = read(folder / "genie_numu_C12_gst.root")
    assert len(ours) == 5000
    for column in ("enu", "elep", "channel", "weight"):
        assert np.array_equal(getattr(ours, column), getattr(theirs, column))
    np.testing.assert_allclose(ours.costheta, theirs.costheta, atol=1e-12)
    counts = {name: round(5000 * x) for name, x in ours.channel_fractions().items()}
    assert counts == {"QE": 930, "MEC": 243, "RES": 1445, "DIS": 2352, "COH": 30}


def test_an_excerpt_of_genuine_events(data):
    ours = read(data / "genie_numu_C12.gtrac.root")
    theirs = read(data / "genie_numu_C12.gst.root")[:60]
    assert ours.provenance.generator == "GENIE"
    for column in ("enu", "elep", "channel", "weight"):
        assert np.array_equal(getattr(ours, column), getattr(theirs, column))
    np.testing.assert_allclose(ours.costheta, theirs.costheta, atol=1e-12)


@pytest.mark.parametrize("tree", ["gRooTracker", "nRooTracker", "giRooTracker"])
@pytest.mark.parametrize("flat", [False, True])
def test_the_primary_lepton_is_found(tmp_path, tree, flat):
    table = read(rootracker(tmp_path / "a.root", tree=tree, flat=flat))
    assert table.process.name == "numu_cc_C12"
    assert table.elep.tolist() == [0.6, 2.0]
    assert table.costheta == pytest.approx([0.5, 0.9])
    assert table.channel.tolist() == [Channel.QE, Channel.RES]


@pytest.mark.parametrize("mothers", ["StdHepFm", None])
def test_without_mothers_the_fastest_lepton_of_the_flavour_counts(tmp_path, mothers):
    events = [
        (
            [
                neutrino(5.0), nucleus(), muon(1.0, 0.9, mother=-999999),
                muon(2.0, 0.5, mother=-999999), muon(3.0, 0.1, pdg=-13, mother=-999999),
                muon(4.0, 0.1, status=0, mother=-999999),
            ],
            "2",
        )
    ]  # fmt: skip
    remove = () if mothers else ("StdHepFm",)
    table = read(rootracker(tmp_path / "a.root", events, remove=remove))
    assert table.elep.tolist() == [2.0]
    assert table.channel.tolist() == [Channel.MEC]


@pytest.mark.parametrize(
    ("code", "cc", "channel"),
    [
        ("nu:14;tgt:1000060120;N:2112;proc:Weak[CC],QES;", True, Channel.QE),
        ("nu:14;tgt:1000060120;N:2112;proc:Weak[CC],QES;charm:4122;", True, Channel.QE),
        ("nu:-14;tgt:1000060120;N:2212;proc:Weak[CC],QES;strange:3122;", True, Channel.HYP),
        ("nu:14;tgt:1000060120;N:2000000201;proc:Weak[CC],MEC;", True, Channel.MEC),
        ("nu:14;tgt:1000060120;N:2112;q:1(v);proc:Weak[CC],DIS;", True, Channel.DIS),
        ("nu:14;tgt:1000060120;proc:Weak[CC],COH;hmult:(p=0,n=0,pi+=1);", True, Channel.COH),
        ("nu:14;tgt:1000060120;proc:Weak[CC],1Kaon;", True, Channel.RES),
        ("nu:14;tgt:1000060120;proc:Weak[CC],Unknown;", True, Channel.OTHER),
        ("nu:14;tgt:1000060120;proc:Weak[CC],IMD;", False, Channel.OTHER),
        ("nu:14;tgt:1000060120;proc:Weak[CC+NC+interference],NuEEL;", False, Channel.OTHER),
        ("nu:14;tgt:1000060120;N:2112;proc:Weak[NC],QES;", False, Channel.QE),
        ("1", True, Channel.QE), ("-26", True, Channel.DIS), (" 13 ", True, Channel.RES),
        ("16", True, Channel.COH), ("2", True, Channel.MEC), ("51", False, Channel.QE),
        ("100", False, Channel.OTHER), ("0", False, Channel.OTHER), ("what", False, Channel.OTHER),
    ],
)  # fmt: skip
def test_codes(code, cc, channel):
    found, channels = parse_codes([code], np.array([True]))
    assert (found[0], channels[0]) == (cc, channel)


@pytest.mark.parametrize(("flavour", "mass"), [(14, MUON), (12, 0.00051099895)])
def test_momenta_in_mev_are_told_by_the_masses(tmp_path, flavour, mass):
    """As NEUT's public converter writes them, with the mass number as the energy of the target."""
    events = []
    for energy in (0.6, 1.7, 16.0):
        lepton = (flavour - 1, 1, -1, (0.0, 0.0, np.sqrt((energy / 2) ** 2 - mass**2), energy / 2))
        proton = (2212, 1, -1, (0.0, 0.3, 0.0, np.sqrt(0.3**2 + 0.93827**2)))
        lines = [neutrino(energy, flavour), lepton, proton]
        scaled = [(*line[:3], tuple(1000 * np.array(line[3]))) for line in lines]
        events.append(([scaled[0], (CARBON, 0, -1, (0, 0, 0, 12.0)), *scaled[1:]], "1"))
    sample = Sample([rootracker(tmp_path / "a.root", events)])
    (process,) = sample.pick()
    (table,) = sample.tables(process)
    np.testing.assert_allclose(table.enu, [0.6, 1.7, 16.0])
    np.testing.assert_allclose(table.elep, [0.3, 0.85, 8.0])
    assert "in MeV" in dict(sample.source.summary())["energies"]


def test_a_moving_proton_is_not_hydrogen(tmp_path):
    struck = [(2212, 0, -1, (0.1, -0.1, 0.05, p)) for p in (0.93, 0.95)]
    free = (2212, 0, -1, (0.0, 0.0, 0.0, 0.938272))
    good = [([neutrino(1.0), free, muon(0.6, 0.5)], "1")] * 2
    assert read(rootracker(tmp_path / "a.root", good)).process.name == "numu_cc_H1"
    bad = [([neutrino(1.0), nucleon, muon(0.6, 0.5)], "1") for nucleon in struck]
    with pytest.raises(FormatError, match="2 events is a proton that moves"):
        read(rootracker(tmp_path / "b.root", bad))


def test_without_a_code_the_lepton_tells():
    found, channels = parse_codes(["", ""], np.array([True, False]))
    assert found.tolist() == [True, False]
    assert channels.tolist() == [Channel.OTHER] * 2


@pytest.mark.parametrize("channel", list(Channel))
def test_our_own_codes_come_back(channel):
    found, channels = parse_codes([code_of(Process(14, CARBON), channel)], np.array([True]))
    assert found[0]
    assert channels[0] == channel


@pytest.mark.parametrize("name", ["G2NeutEvtCode", "GiBUU2NeutCode", "EvtCode"])
def test_codes_may_be_numbers(tmp_path, name):
    codes = {name: np.array([1, 11, 46], "i4")}
    remove = () if name == "EvtCode" else ("EvtCode",)
    table = read(rootracker(tmp_path / "a.root", remove=remove, **codes))
    assert table.channel.tolist() == [Channel.QE, Channel.RES]


def test_neutral_currents_and_free_neutrons_are_left_out(tmp_path):
    events = [
        *EVENTS,
        ([neutrino(1.0), nucleus(2112), muon(0.6)], "1"),
        ([neutrino(1.0), nucleus(2212), muon(0.6)], "1"),
        ([neutrino(1.0)], "1"),
        ([], "1"),
    ]
    sample = Sample([rootracker(tmp_path / "a.root", events)])
    assert {p.name: f.cutflow.kept for p, f in sample.found.items()} == {
        "numu_cc_C12": 2, "numu_cc_H1": 1
    }  # fmt: skip
    assert sample.read == 7


def test_weights_are_kept(tmp_path):
    path = rootracker(tmp_path / "a.root", EvtWght=np.array([0.5, 2.0, 1.0]))
    assert read(path).weight.tolist() == [0.5, 2.0]
    assert read(rootracker(tmp_path / "b.root", remove=["EvtWght"])).weight.tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    "first",
    [
        [neutrino(np.nan), nucleus(), muon(0.6)],
        [neutrino(-1.0), nucleus(), muon(0.6)],
        [neutrino(1.0), nucleus(), muon(1.6)],
        [neutrino(1.0), nucleus(), (13, 1, 0, (0.0, 0.0, 0.6, -0.6))],
        [neutrino(1.0), nucleus(), (13, 1, 0, (0.0, 0.0, 0.3, 0.6))],
        [neutrino(1.0), nucleus(), (13, 1, 0, (0.0, np.inf, 0.3, 0.6))],
        [neutrino(1.0), nucleus(), muon(0.6, pdg=11)],
        [neutrino(1.0), nucleus(), muon(0.6, status=2)],
        [(14, 1, -1, (0.0, 0.0, 1.0, 1.0)), nucleus(), muon(0.6)],
    ],
)
def test_what_cannot_be_is_cut(tmp_path, first):
    events = [(first, "1"), EVENTS[1]]
    assert read(rootracker(tmp_path / "a.root", events)).elep.tolist() == [2.0]


@pytest.mark.parametrize("name", ["StdHepPdg", "StdHepStatus", "StdHepP4"])
def test_what_is_missing_is_named(tmp_path, name):
    with pytest.raises(FormatError, match=name):
        read(rootracker(tmp_path / "a.root", remove=[name]), format="rootracker")


@pytest.mark.parametrize("name", ["StdHepPdg", "StdHepStatus", "StdHepP4", "StdHepFm"])
def test_lists_of_unequal_length(tmp_path, name):
    wrong = {name: ak.values_astype(ak.Array([[1], [2, 3], [4]]), np.int32)}
    with pytest.raises(FormatError, match="damaged"):
        read(rootracker(tmp_path / "a.root", **wrong))


def test_other_files_are_refused(data):
    with pytest.raises(FormatError, match="gRooTracker"):
        read(data / "genie_numu_C12.gst.root", format="rootracker")


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_damage_makes_it_crash_or_make_numbers_up(data, tmp_path, seed):
    original = data / "genie_numu_C12.gtrac.root"
    (genuine,) = read_or_refuse(original, "rootracker")
    refused = 0
    for mutant in mutants(original.read_bytes(), 100, seed):
        (tmp_path / "m.root").write_bytes(mutant)
        tables = read_or_refuse(tmp_path / "m.root", "rootracker")
        if tables is None:
            refused += 1
            continue
        order = np.argsort(genuine.enu)
        for table in tables:
            reference = genuine[order[np.searchsorted(genuine.enu[order], table.enu)]]
            np.testing.assert_allclose(table.enu, reference.enu)
            np.testing.assert_allclose(table.elep, reference.elep, rtol=1e-3)
            np.testing.assert_allclose(table.costheta, reference.costheta, atol=1e-2)
    assert refused > 50


# Writing


@pytest.fixture
def sigma():
    return CrossSection.from_points([0.2, 1.0, 10.0], [1e-39, 9e-38, 9e-37], "points")


@pytest.fixture
def written(events, sigma, tmp_path):
    return write(events.with_(cross_section=sigma), tmp_path / "x.gtrac.root")


def test_leaves_are_genie_s(written, data):
    with (
        uproot.open(written) as ours,
        uproot.open(data / "genie_numu_C12.gtrac.root") as genuine,
    ):
        # Name, and leaf with dimensions and type, such as "StdHepP4[StdHepN][4]/D".
        expected = [(branch.name, branch.title) for branch in genuine["gRooTracker"].branches]
        found = [(branch.name, branch.title) for branch in ours["gRooTracker"].branches]
        # Objects of C++ classes: one left out, the other a C string.
        assert expected[:2] == [("EvtFlags", "EvtFlags"), ("EvtCode", "EvtCode")]
        assert found == [("EvtCode", "EvtCode/C"), *expected[2:]]
        vectors = [branch for branch in ours["gRooTracker"].branches if "][" in branch.title]
        lengths = [branch.member("fLeaves")[0].member("fLen") for branch in vectors]
        assert lengths == [4, 4, 3]


def test_offsets_count_bytes_of_whole_vectors(written, events):
    """What uproot's own writer gets wrong, and ROOT then misreads."""
    with uproot.open(written) as file:
        basket = file["gRooTracker/StdHepP4"].basket(0)
        offsets = np.asarray(basket.byte_offsets)
    assert np.diff(offsets).tolist() == [4 * 4 * 8] * len(events)


def test_four_momentum_is_closed_and_codes_are_right(written, events, sigma):
    with uproot.open(written) as file:
        tree = file["gRooTracker"]
        p4 = tree["StdHepP4"].array().to_numpy()
        assert tree["StdHepPdg"].array().to_list() == [[14, CARBON, 13, 2000000002]] * 6
        assert tree["StdHepStatus"].array().to_list() == [[0, 0, 1, 15]] * 6
        assert tree["StdHepFm"].array().to_list() == [[-1, -1, 0, 1]] * 6
        codes = tree["EvtCode"].array().to_list()
        np.testing.assert_allclose(tree["EvtXSec"].array(), sigma(events.enu) * 1e38)
        assert tree["EvtNum"].array().to_list() == list(range(6))
        for zeros in ("StdHepX4", "StdHepPolz", "EvtVtx"):
            assert not ak.any(tree[zeros].array())
    np.testing.assert_allclose(p4[:, 0] + p4[:, 1], p4[:, 2] + p4[:, 3], atol=1e-12)
    assert p4[0, 1].tolist() == [0.0, 0.0, 0.0, nuclear_mass(CARBON)]
    assert nuclear_mass(CARBON) == pytest.approx(11.1748631, abs=2e-6)  # GENIE's own
    assert codes[0] == "nu:14;tgt:1000060120;proc:Weak[CC],QES;"
    assert codes[5] == "nu:14;tgt:1000060120;proc:Weak[CC],MEC;"


@pytest.mark.parametrize("name", ["numu_cc_C12", "numubar_cc_Ar40", "nue_cc_H1"])
def test_round_trip(tmp_path, events, sigma, name):
    table = EventTable(
        Process.from_name(name), events.enu, events.elep, events.costheta,
        [Channel.QE, Channel.HYP, Channel.OTHER, Channel.DIS, Channel.COH, Channel.MEC],
        events.weight, sigma, Provenance("nugen-gan", "1.2", {"seed": 5}),
    )  # fmt: skip
    back = read(write(table, tmp_path / "x.gtrac.root"))
    assert back.process == table.process
    for column in ("enu", "elep", "channel", "weight"):
        assert np.array_equal(getattr(back, column), getattr(table, column))
    np.testing.assert_allclose(back.costheta, table.costheta, atol=1e-12)
    assert back.cross_section.as_dict() == sigma.as_dict()
    assert back.provenance.parameters == {"seed": 5}


def test_equal_events_are_equal_bytes_however_they_come(tmp_path, events, sigma):
    header = Header(events.process, len(events), sigma)
    for name, parts in (("x", [events]), ("y", [events[:2], events[2:]])):
        Rootracker().write(tmp_path / name, parts, lambda: header)
    assert (tmp_path / "x").read_bytes() == (tmp_path / "y").read_bytes()


def test_no_events(tmp_path, events):
    write(events[:0], tmp_path / "x.gtrac.root")
    with uproot.open(tmp_path / "x.gtrac.root") as file:
        assert file["gRooTracker"].num_entries == 0


def test_convert_chooses_it_by_the_suffix(tmp_path, data):
    (done,) = convert(data / "genie_numu_C12.gst.root", tmp_path / "x.gtrac.root")
    assert np.array_equal(read(done.path).enu, read(data / "genie_numu_C12.gst.root").enu)


def test_root_itself_reads_it(tmp_path, data, sigma, monkeypatch):
    """Through SetBranchAddress, over several baskets."""
    monkeypatch.setattr("nugen_gan.adapters.genie.rootracker.BLOCK", 64)
    table = read(data / "genie_numu_C12.gst.root", hadrons=False).with_(cross_section=sigma)
    path = write(table, tmp_path / "x.gtrac.root")
    found = read_with_root(path, "gRooTracker")
    with uproot.open(path) as file:
        tree = file["gRooTracker"]
        assert tree["StdHepP4"].num_baskets == 4
        p4 = tree["StdHepP4"].array().to_list()
        codes = tree["EvtCode"].array().to_list()
    numbers = [*range(50), 199]
    assert found["entries"] == 200
    assert [event["p4"] for event in found["events"]] == [p4[i] for i in numbers]
    assert [event["code"] for event in found["events"]] == [codes[i] for i in numbers]
    assert all(event["pdg"] == [14, CARBON, 13, 2000000002] for event in found["events"])
    assert all(event["status"] == [0, 0, 1, 15] for event in found["events"])
    assert all(event["zeros"] == 0.0 for event in found["events"])
    assert found["drawn"] == table.elep.tolist()
    assert found["graph"][1:4] == pytest.approx([x / 1e-38 for x in sigma([0.5, 1.0, 2.5])])
