"""nugen-nuwro: NuWro's words, parameter files, exit codes and file."""

import functools
from pathlib import Path

import numpy as np
import pytest
import uproot

import nugen_gan

CC = tuple(f"dyn_{name}_nc=0" for name in ("qel", "res", "dis", "coh", "mec"))
QUICK = ("number_of_events=300", "random_seed=3", "beam_energy=1000", "nucleus_p=6", "nucleus_n=6")


@pytest.fixture
def nuwro(command):
    return functools.partial(command, "nugen-gan-nuwro", "nugen_gan_nuwro.command")


def lines(*values):
    return [word for value in values for word in ("-p", value)]


def test_a_parameter_file_with_an_include(nuwro, tmp_path):
    (tmp_path / "carbon.txt").write_text("nucleus_p = 6\nnucleus_n = 6\n")
    (tmp_path / "params.txt").write_text(
        "# what people have\n@carbon.txt\nnumber_of_events = 200 // not many\nrandom_seed = 3\n"
        "beam_type = 0\nbeam_particle = 14\nbeam_energy = 500 2000\nkaskada_on = 1\n"
        "sf_coulomb = 1\ndyn_e_el = 0\n"
    )
    done = nuwro("-i", "params.txt", "-o", "out", *lines(*CC))
    assert done.code == 0, done.err
    assert "model numu_cc_C12, which learned from NuWro 25.11): not NuWro itself" in done.out
    assert "dyn_e_el is of older versions" in done.out
    table = nugen_gan.read("out.root")
    assert len(table) == 200
    assert 0.5 <= table.enu.min() < table.enu.max() <= 2.0
    assert Path("out.root.par").read_text().count("=") > 8
    rows = [line.split() for line in Path("out.root.txt").read_text().splitlines()]
    assert rows[0] == ["dyn", "events", "ratio", "sigma[cm2]"]
    assert sum(float(row[2]) for row in rows[1:]) == pytest.approx(1.0, abs=1e-4)


def test_neutral_currents_are_on_unless_set_off(nuwro, monkeypatch):
    refused = nuwro("-o", "a.root", *lines(*QUICK))
    assert refused.code == 2
    assert "--cc-only" in refused.err
    assert not Path("a.root").exists()
    done = nuwro("-o", "a.root", *lines(*QUICK), "--cc-only")
    assert done.code == 0, done.err
    assert "charged currents only" in done.out
    monkeypatch.setenv("NUGEN_CC_ONLY", "1")
    assert nuwro("-o", "b.root", *lines(*QUICK)).code == 0


def test_the_switches_choose_the_model(nuwro):
    done = nuwro("-o", "a.root", *lines(*QUICK, *CC, "sf_method=0"))
    assert "model numu_cc_C12_lfg" in done.out
    done = nuwro("-o", "b.root", *lines(*QUICK, *CC, "beam_particle=-14"))
    assert "model numubar_cc_C12" in done.out


@pytest.mark.parametrize(
    ("extra", "code", "words"),
    [
        (("qel_cc_axial_mass=1200",), 2, "qel_cc_axial_mass = 1200, the model has 1030"),
        (("kaskada_on=0",), 2, "FSI_on = 0, the model has 1"),
        (("dyn_res_cc=0",), 2, "makes all charged-current channels together"),
        (("nucleus_p=7",), 2, "no model of numu_cc_N13"),
        (("beam_energy=0 1000",), 2, "--restrict"),
        (("beam_energy=50",), 2, "knows 0.2 to 20 GeV"),
        (("beam_direction=0 1 0",), 2, "along z"),
        (("beam_type=2",), 2, "beam_type = 2"),
        (("target_type=2",), 2, "target_type = 2"),
        (("target_type=1", "target_content=6 6 1x", "target_content+=1 0 1x"), 2, "several nuclei"),
        (("beam_type=5", "beam_inputroot=nowhere.root"), 30, "no such file"),
        (("target_type=1", "target_content=x"), 32, "6 6 1x"),
        (("number_of_events=many",), 15, "whole number"),
        (("no_such_name=1",), 14, "no parameter 'no_such_name'"),
        (("no_equals",), 13, "name = value"),
        (("@nowhere.txt",), 11, "not to be found"),
    ],
)
def test_what_is_refused(nuwro, extra, code, words):
    result = nuwro("-o", "a.root", *lines(*QUICK, *CC, *extra))
    assert (result.code, words in " ".join(result.err.split())) == (code, True), result.err
    assert not list(Path().glob("a.root*"))


@pytest.mark.parametrize("words", [("-p",), ("-x", "1"), ("-i",), ("-o", "-p")])
def test_words_that_nuwro_does_not_understand(nuwro, words):
    result = nuwro(*words)
    assert result.code == 22
    assert "usage: nugen-nuwro" in result.err


def test_version_and_help(nuwro):
    assert nuwro("-v").out.startswith("nugen-nuwro of nugen-gan")
    assert "--cc-only" in nuwro("--help").out


def test_a_beam_of_several_neutrinos_needs_a_choice(nuwro):
    beam = ("beam_type=1", "beam_content=14 90% 500 1500", "beam_content+=-14 10% 500 1500")
    refused = nuwro("-o", "a.root", *lines(*QUICK, *CC, *beam))
    assert refused.code == 2
    assert "--probe" in refused.err
    done = nuwro("-o", "a.root", *lines(*QUICK, *CC, *beam), "--probe", "numubar")
    assert done.code == 0, done.err
    assert "is 10.00% of the beam" in done.out


def test_below_the_threshold_there_is_nothing(nuwro):
    done = nuwro("-o", "a.root", *lines(*QUICK, *CC, "beam_energy=0 1000"), "--restrict")
    assert done.code == 0, done.err
    assert "11.16% of the flux is below the threshold" in done.out
    assert "8.84% of the flux, outside of the model's energies" in done.out


def card_of(file, tmp_path, events):
    """The parameters that a genuine file was made with, as a file of parameters."""
    tree = uproot.open(file)["treeout"]
    text, vectors = [], {}
    for branch in tree["e/par"].branches:
        name = branch.name.split("par.")[-1]
        value = branch.array(entry_stop=1, library="np")[0]
        base, _, part = name.partition(".")
        value = int(value) if isinstance(value, np.bool_) else value
        if part in ("x", "y", "z"):
            vectors.setdefault(base, []).append(str(value))
        elif str(value) != "":
            text.append(f"{base} = {value}")
    text += [f"{name} = {' '.join(values)}" for name, values in vectors.items()]
    text += [f"number_of_events = {events}", "random_seed = 7"]
    (tmp_path / "params.txt").write_text("\n".join(text))


@pytest.mark.parametrize(
    "name", ["nuwro_numu_C12", "nuwro_numu_Ar40", "nuwro_numubar_C12", "nuwro_numu_C12_LFG"]
)
def test_a_script_for_nuwro_s_file_finds_the_same(nuwro, shared_data, tmp_path, name):
    """Same parameters, same answers: spectra, channels, cross section, topologies."""
    genuine = shared_data / "nuwro" / f"{name}.root"
    card_of(genuine, tmp_path, 5000)
    done = nuwro("-i", "params.txt", "-o", "ours.root", "--cc-only")
    if done.code and "was trained with other physics" in done.err:
        pytest.skip(done.err)
    assert done.code == 0, done.err
    theirs, ours = analysed(genuine), analysed("ours.root")
    assert ours["sigma"] == pytest.approx(theirs["sigma"], rel=0.02)
    n, m = len(theirs["elep"]), len(ours["elep"])
    for what in ("elep", "costheta", "q2"):
        one, other = theirs[what], ours[what]
        error = np.hypot(one.std() / np.sqrt(n), other.std() / np.sqrt(m))
        assert abs(one.mean() - other.mean()) < 4.0 * error, what
    for channel in ("qel", "res", "dis", "mec"):
        one, other = theirs[channel].mean(), ours[channel].mean()
        assert abs(one - other) < 4.0 * np.sqrt(one * (1 - one) * (1 / n + 1 / m)) + 1e-3, channel


def analysed(file):
    """What a script that knows NuWro's tree only would take from it."""
    tree = uproot.open(file)["treeout"]
    prefix = "e/" if "e/out" in tree else ""

    def leaf(name):
        found = [key for key in tree.keys() if key.split("/")[-1] == name]  # noqa: SIM118
        return tree[found[0]].array()

    assert prefix in ("", "e/")
    keep = np.asarray(leaf("flag.cc"))
    lepton = {x: np.asarray(leaf(f"out.{x}")[:, 0], float)[keep] / 1e3 for x in "txyz"}
    enu = np.asarray(leaf("in.t")[:, 0], float)[keep] / 1e3
    size = np.sqrt(lepton["x"] ** 2 + lepton["y"] ** 2 + lepton["z"] ** 2)
    q2 = size**2 + enu**2 - 2.0 * enu * lepton["z"] - (enu - lepton["t"]) ** 2
    flags = {name: np.asarray(leaf(f"flag.{name}"))[keep] for name in ("qel", "res", "dis", "mec")}
    sigma = float(np.asarray(leaf("weight"))[keep].mean())
    return {"elep": lepton["t"], "costheta": lepton["z"] / size, "q2": q2, "sigma": sigma, **flags}
