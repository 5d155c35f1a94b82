"""``nugen-gevgen`` and what follows it in the usual chains."""

import awkward as ak
import numpy as np
import pytest
import uproot
from gst_analysis import analyse
from nugen_gan_genie import evtlib, gevgen, gevgen_fnal, gntpc, nuisflat, prepare
from nugen_gan_nuwro import program as nuwro
from nuwro_analysis import pulls

import nugen_gan

CARBON = ("-p", 14, "-t", 1000060120, "--event-generator-list", "CC", "--seed", 5)
QUICK = ("-n", 400, *CARBON, "-e", "0.5,5", "-f", "x*exp(-x)")


def alike(ours, theirs):
    """The same answers within statistical errors."""
    n = 1 / theirs["events"] + 1 / ours["events"]
    for which in ("shares", "cc0pi", "cc1pi"):
        share = np.atleast_1d(theirs[which])
        error = np.sqrt(np.maximum(share, 1e-3) * (1 - share) * n + (0.02 * share) ** 2)
        assert np.all(abs(ours[which] - share) < 4 * error), which
    edges = {"enu": np.geomspace(0.2, 10, 13), "elep": np.geomspace(0.12, 10, 13),
             "costheta": np.linspace(-1, 1, 13), "q2": np.geomspace(0.01, 10, 13),
             "w": np.linspace(0.5, 4, 15), "proton": np.geomspace(0.1, 3, 11),
             "pion": np.geomspace(0.05, 3, 11)}  # fmt: skip
    for name, bins in edges.items():
        found = np.array(pulls(ours[name], theirs[name], bins))
        # Four standard deviations of a chi-square with so many bins.
        assert (found**2).sum() < found.size + 4 * np.sqrt(2 * found.size + 1), name


@pytest.fixture
def genuine(data):
    """The 200 genuine events that the repository has."""
    return analyse(data / "genie_numu_C12.gst.root")


def same_flux(program, number):
    result = program(
        gevgen.main, "-n", number, *CARBON, "-e", "0.2,10", "-f", "1/x",
        "--tune", "G18_10a_02_11a",
    )  # fmt: skip
    assert result.code == 0, result.err
    assert "WARNING" not in result.err
    return result


def test_it_answers_as_genuine_events(program, genuine, tmp_path):
    result = same_flux(program, 8000)
    alike(analyse(tmp_path / "gntp.0.gst.root"), genuine)
    # GENIE's own splines give 22.71e-38 cm2 per nucleus for this flux.
    sigma = float(result.said.split("events, ")[1].split("e-38 cm2 per nucleus")[0])
    assert sigma == pytest.approx(22.71, rel=2e-3)


def test_it_answers_as_a_large_genuine_file(program, shared_data, tmp_path):
    same_flux(program, 20_000)
    alike(analyse(tmp_path / "gntp.0.gst.root"),
          analyse(shared_data / "genie" / "genie_numu_C12_gst.root"))  # fmt: skip


def test_what_scripts_look_for_afterwards(program, tmp_path):
    result = program(gevgen.main, *QUICK, "-r", 12)
    assert result.code == 0, result.err
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "genie-mcjob-12.status", "gntp.12.gst.root", "gntp.12.gtrac.root", "input-flux.root",
    ]  # fmt: skip
    assert "gntp.12.ghep.root is not written: only GENIE can" in result.said
    assert "model: numu_cc_C12_genie" in result.out
    assert "complete" in (tmp_path / "genie-mcjob-12.status").read_text()
    with uproot.open(tmp_path / "input-flux.root") as file:
        contents, edges = file["spectrum"].to_numpy()
    middle = 0.5 * (edges[1:] + edges[:-1])
    expected = middle * np.exp(-middle)
    np.testing.assert_allclose(contents / contents.sum(), expected / expected.sum(), rtol=1e-3)


def test_names_from_the_output_option(program, tmp_path):
    assert program(gevgen.main, *QUICK, "-o", "mine.ghep.root").code == 0
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"mine.gst.root", "mine.gtrac.root", "mine.status", "input-flux.root"}


def test_the_same_seed_gives_the_same_bytes(program, tmp_path):
    for number in (1, 2):
        program(gevgen.main, *QUICK, "-r", number)
    for kind in ("gst", "gtrac"):
        first, second = ((tmp_path / f"gntp.{n}.{kind}.root").read_bytes() for n in (1, 2))
        assert first == second


def test_a_mixture_is_one_file_in_random_order(program, tmp_path):
    result = program(
        gevgen.main, "-n", 20_000, "-p", 14, "-t", "1000060120[0.5],1000180400[0.5]", "-e", 1,
        "--event-generator-list", "CC", "--seed", 1,
    )  # fmt: skip
    assert result.code == 0, result.err
    with uproot.open(tmp_path / "gntp.0.gst.root") as file:
        gst = file["gst"].arrays(["iev", "tgt", "El", "nf", "XSec"], library="np")
    with uproot.open(tmp_path / "gntp.0.gtrac.root") as file:
        tree = file["gRooTracker"]
        tracker = tree.arrays(["EvtNum", "StdHepPdg", "StdHepN"])
        momenta = tree["StdHepP4"].array()
    np.testing.assert_array_equal(gst["iev"], np.arange(20_000))
    np.testing.assert_array_equal(gst["iev"], tracker["EvtNum"])
    np.testing.assert_array_equal(gst["tgt"], tracker["StdHepPdg"][:, 1])
    np.testing.assert_allclose(gst["El"], ak.to_numpy(momenta[:, 2, 3]))
    models = {1000060120: "numu_cc_C12", 1000180400: "numu_cc_Ar40"}
    sigma = {pdg: float(nugen_gan.load_model(name).cross_section(1.0))
             for pdg, name in models.items()}  # fmt: skip
    rates = {1000060120: sigma[1000060120] / 12, 1000180400: sigma[1000180400] / 40}
    argon = gst["tgt"] == 1000180400
    share = rates[1000180400] / sum(rates.values())
    assert argon.mean() == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / 20_000))
    assert argon[:5000].mean() == pytest.approx(share, abs=5 * np.sqrt(0.25 / 5000))
    np.testing.assert_allclose(gst["XSec"][argon], sigma[1000180400] / 1e-38)


def test_a_mixture_tells_where_it_comes_from_and_is_normalised(program, tmp_path):
    program(gevgen.main, "-n", 2000, "-p", 14, "-t", "1000060120[0.5],1000180400[0.5]", "-e",
            "0.5,3", "-f", 1, "--event-generator-list", "CC", "--seed", 1)  # fmt: skip
    carbon = nugen_gan.read(tmp_path / "gntp.0.gst.root", target="C12")
    assert carbon.provenance.generator == "nugen-gan"
    assert carbon.provenance.parameters["trained_on"] == "NuWro 25.11"
    assert carbon.provenance.parameters["parts"]["numu_cc_Ar40"]["model"] == "numu_cc_Ar40"
    assert carbon.cross_section is None  # the file has those of two nuclei
    done = program(nuisflat.main, "-i", "gntp.0.gst.root", "-o", "f.root", "--target", "C12")
    assert done.code == 0, done.err
    with uproot.open(tmp_path / "f.root") as file:
        scale = file["FlatTree_VARS"]["fScaleFactor"].array()[0]
    average = carbon.provenance.parameters["parts"]["numu_cc_C12"]["cross_section_cm2_per_nucleus"]
    assert scale * len(carbon) * 12 == pytest.approx(average, rel=0.03)
    both = program(nuisflat.main, "-i", "gntp.0.gst.root", "-o", "f.root")
    assert both.code == 2
    assert "--target" in both.said


def test_a_list_of_one_channel(program, tmp_path):
    """GENIE's splines of this tune have 4.94e-38 cm2 for quasielastic scattering at 1 GeV."""
    result = program(gevgen.main, "-n", 300, "-p", 14, "-t", 1000060120, "-e", 1,
                     "--event-generator-list", "CCQE", "--seed", 2)  # fmt: skip
    assert result.code == 0, result.err
    with uproot.open(tmp_path / "gntp.0.gst.root") as file:
        gst = file["gst"].arrays(["qel", "XSec", "nfp"], library="np")
    assert gst["qel"].all()
    assert gst["nfp"].mean() > 0.5  # whole events
    assert gst["XSec"][0] == pytest.approx(4.94, rel=0.03)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "usage"),
        (("-p", 14), "-n is missing"),
        (("-n", 10, "-t", 1000060120, "-e", 1), "-p is missing"),
        (("-n", 10, "-p", 14, "-t", 1000060120), "-e is missing"),
        (("-n", 10, "-p", 11, "-t", 1000060120, "-e", 1), "Allowed: nue (12)"),
        (("-n", 0, *CARBON, "-e", 1), "1 or more"),
        ((*QUICK, "-w"), "weights"),
        ((*QUICK, "-F", "1,0,0"), "+z"),
        ((*QUICK, "--seed", "x"), "--seed"),
        (("-n", 10, *CARBON, "-e", 0.15), "--allow-extrapolation"),
        (("-n", 10, *CARBON, "-e", 0.05), "threshold"),
        (("-n", 10, *CARBON, "-e", "0.2,20", "-f", "1"), "above 10 GeV"),
        ((*QUICK, "-o", "no/folder/x.root"), "no folder"),
        ((*QUICK, "-o", ""), "names no file"),
        ((*QUICK, "-n", 1e30), "at most"),
    ],
)
def test_what_is_refused(words, said, program, tmp_path):
    result = program(gevgen.main, *words)
    assert result.code in (1, 2)
    assert said in result.said
    assert list(tmp_path.iterdir()) == []


def test_the_chain_to_nuisance(program, fluxes):
    assert program(gevgen.main, *QUICK).code == 0
    same = program(gntpc.main, "-i", "gntp.0.ghep.root", "-f", "gst")
    assert "there already" in same.said
    other = program(gntpc.main, "-i", "gntp.0.ghep.root", "-f", "rootracker", "-o", "my.root")
    assert other.code == 0, other.err
    assert (fluxes / "my.root").read_bytes() == (fluxes / "gntp.0.gtrac.root").read_bytes()
    few = program(gntpc.main, "-i", "gntp.0.gst.root", "-f", "rootracker", "-o", "few.root",
                  "-n", 10)  # fmt: skip
    assert few.code == 0, few.err
    assert len(nugen_gan.read(fluxes / "few.root")) == 10
    done = program(prepare.main, "-i", "gntp.0.ghep.root", "-f", "input-flux.root,spectrum", "-t",
                   1000060120, "-o", "prep.root")  # fmt: skip
    assert done.code == 0, done.err
    average = float(done.out.split(": ")[1].split("e-38")[0])
    record = nugen_gan.read(fluxes / "gntp.0.gst.root")
    with uproot.open(fluxes / "prep.root") as file:
        flux, edges = file["nuisance_flux"].to_numpy()
        rate = file["nuisance_events"].values()
        ratio = file["nuisance_xsec"].values()
    width = np.diff(edges)
    assert (rate * width).sum() / (flux * width).sum() == pytest.approx(average, rel=1e-5)
    middle = 0.5 * (edges[1:] + edges[:-1])
    sigma = record.cross_section(middle) / 12 / 1e-38
    np.testing.assert_allclose(ratio, sigma, rtol=0.01)
    flat = program(nuisflat.main, "-f", "GenericVectors", "-i", "GENIE:prep.root", "-o", "f.root")
    assert flat.code == 0, flat.err
    with uproot.open(fluxes / "f.root") as file:
        assert file["FlatTree_VARS"].num_entries == 400
        scale = file["FlatTree_VARS"]["fScaleFactor"].array()[0]
    assert scale * 400 / 1e-38 == pytest.approx(average, rel=1e-4)


def test_the_chain_of_nuwro(program, tmp_path):
    done = program(nuwro.main, "-o", "out.root", "-p", "number_of_events=300", "-p",
                   "beam_energy = 500 3000 1 2 1", "-p", "random_seed=2")  # fmt: skip
    assert done.code == 0, done.err
    done = program(prepare.main, "-f", "out.root", "-o", "prep.root")
    assert done.code == 0, done.err
    with uproot.open(tmp_path / "prep.root") as file:
        flux, edges = file["FluxHist"].to_numpy()
        rate = file["EvtHist"].values()
        weight = file["treeout"]["weight"].array()[0]
    np.testing.assert_allclose(edges, [0.5, 0.5 + 2.5 / 3, 0.5 + 5 / 3, 3.0])
    np.testing.assert_allclose(flux / flux.sum(), [0.25, 0.5, 0.25])
    assert rate.sum() / flux.sum() == pytest.approx(weight / 1e-38)
    flat = program(nuisflat.main, "-i", "NuWro:prep.root", "-o", "flat.root", "-q",
                   "nuisflat_SaveSignalFlags=false")  # fmt: skip
    assert flat.code == 0, flat.err
    assert "-q is ignored" in flat.said


def test_a_genuine_summary_with_genuine_graphs(program, shared_data):
    genie = shared_data / "genie"
    program(gevgen.main, "-n", 10, *CARBON, "-e", "0.2,10", "-f", "1/x")
    done = program(prepare.main, "-i", genie / "genie_numu_C12_gst.root", "-t", 1000060120, "-f",
                   "input-flux.root,spectrum", "--cross-sections",
                   genie / "genie_numu_C12_xsec.root", "-o", "prep.root")  # fmt: skip
    assert done.code == 0, done.err
    average = float(done.out.split(": ")[1].split("e-38")[0])
    assert average == pytest.approx(22.71 / 12, rel=2e-3)


def test_a_library_for_genie(program, tmp_path):
    done = program(evtlib.main, "-p", 14, "-t", 1000180400, "-n", 100, "-e", "0.2,10", "--seed", 1)
    assert done.code == 0, done.err
    with uproot.open(tmp_path / "numu_cc_Ar40.evtlib.root") as file:
        assert file["Ar40/cc/nu_mu/records"].num_entries == 100


@pytest.mark.parametrize(
    ("main", "words", "said"),
    [
        (gevgen_fnal.main, ("-f", "dk2nu.root,DET"), "nugen-evtlib"),
        (gntpc.main, ("-i", "gntp.0.ghep.root", "-f", "gst"), "gntp.0.gst.root"),
        (gntpc.main, ("-i", "flux.root", "-f", "gxml"), "gst and rootracker"),
        (prepare.main, ("-i", "gntp.0.ghep.root", "-t", "1000060120", "-o", "x.root"), "neither"),
        (prepare.main, ("-i", "flux.root", "-t", "1000060120", "-o", "x.root"), "no tree gst"),
        (prepare.main, ("-f",), "0 files"),
        (prepare.main, ("flux.root",), "not a NuWro event file"),
        (nuisflat.main, ("-i", "GENIE:flux.root", "-o", "x.root", "-f", "MINERvA"), "Generic"),
        (nuisflat.main, ("-i", "XYZ:flux.root", "-o", "x.root"), "type 'XYZ'"),
        (nuisflat.main, ("-i", "GENIE:flux.root", "-o", "x.root"), "flux.root"),
        (evtlib.main, ("-p", "14", "-t", "1000060120[0.5],1000180400[0.5]", "-n", "10"), "one nu"),
        (evtlib.main, ("-p", "14", "-t", "1000180400", "-n", "10", "-e", "1"), "range"),
    ],
)
def test_what_the_others_refuse(main, words, said, program, fluxes):
    result = program(main, *words)
    assert result.code in (1, 2), result.said
    assert said in result.said
    assert sorted(path.name for path in fluxes.iterdir()) == ["flux.root", "flux.txt"]


@pytest.mark.parametrize(
    "main", [gevgen.main, gntpc.main, prepare.main, nuisflat.main, evtlib.main]
)
def test_help(main, program):
    assert "usage: nugen-" in program(main, "-h").out
