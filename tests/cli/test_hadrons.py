"""Hadrons on the command line: counted, left out, learned and generated."""

import awkward as ak
import pytest

import nugen_gan


def test_convert_counts_them_or_leaves_them_out(run, data):
    sample = data / "numu_Ar40_1k.root"
    result = run("convert", sample)
    assert result.code == 0, result.err
    assert "possible hadrons" in result.out
    assert "hadrons (per event): p 1," in result.out
    events = nugen_gan.read("numu_Ar40_1k.table.root")
    protons = int(ak.sum(events.particles.pdg == 2212))
    assert f"p {protons:,} (" in result.out
    assert f"p {protons:,} (" in run("info", "numu_Ar40_1k.table.root").out
    alone = run("convert", sample, "--no-hadrons", "-o", "alone.table.root")
    assert "hadrons: left out (--no-hadrons)" in alone.out
    assert nugen_gan.read("alone.table.root").particles is None
    assert "hadrons: none in the file" in run("info", "alone.table.root").out


@pytest.fixture
def trained(run, data, tmp_path):
    """The folder of a model of so few steps that it knows next to nothing, hadrons included."""
    result = run("train", data / "numu_Ar40_1k.root", "--cross-section",
                 data / "numu_Ar40_xsec.txt",
                 "--steps", 5, "--seed", 1, "--width", 16, "--blocks", 1, "--time-limit", "16s",
                 "-o", "argon")  # fmt: skip
    assert result.code == 0, result.err
    assert "hadrons         learned too" in result.out
    return tmp_path / "argon"


@pytest.mark.filterwarnings("ignore:the model argon is poor")
def test_a_trained_model_makes_whole_events(run, trained):
    assert "hadrons          pi+, pi0, pi-, p, n" in run("info", trained).out
    made = run("generate", trained, "-n", 500, "--energy", 2, "--seed", 1, "-o", "a.gst.root")
    assert made.code == 0, made.err
    assert "events are     whole, with their hadrons" in made.out
    whole = nugen_gan.read("a.gst.root")
    assert ak.sum(ak.num(whole.particles)) > 500
    alone = run("generate", trained, "-n", 500, "--energy", 2, "--seed", 1, "-o", "b.gst.root",
                "--no-hadrons")  # fmt: skip
    assert "events are     charged leptons alone" in alone.out
    bare = nugen_gan.read("b.gst.root")
    assert bare.particles is None
    assert bare.elep.tolist() == whole.elep.tolist()
