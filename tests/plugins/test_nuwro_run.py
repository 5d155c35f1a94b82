"""``nugen-nuwro`` makes files that an analysis written for NuWro's takes for NuWro's."""

import hashlib

import awkward as ak
import numpy as np
import pytest
import uproot
from nugen_gan_nuwro.program import main
from nugen_gan_nuwro.run import carry_out, prepare
from nugen_gan_nuwro.words import Words
from nuwro_analysis import CHANNELS, analyse, pulls
from nuwro_cards import card_of

import nugen_gan
from nugen_gan.monitor import Silent

SPECTRA = {
    "elep": np.linspace(0.1, 1.0, 19), "costheta": np.linspace(-1, 1, 21),
    "q2": np.geomspace(0.01, 2, 16), "proton": np.linspace(0.1, 1.5, 15),
    "pion": np.linspace(0.05, 0.8, 16),
}  # fmt: skip


def params(*lines):
    """Words of ``-p`` for these lines."""
    return [word for line in lines for word in ("-p", line)]


FEW = params("number_of_events = 200", "random_seed = 3", "dyn_lep = 0")


def alike(ours, theirs):
    """The same answers within statistical errors; NuWro fixes its shares by test events."""
    assert ours["weight"] == pytest.approx(theirs["weight"], rel=0.03)
    assert ours["xsections"] == pytest.approx(ours["weight"], rel=1e-12)
    n = 1 / theirs["events"] + 1 / ours["events"]
    for which in ("shares", "cc0pi", "cc1pi"):
        share = np.atleast_1d(theirs[which])
        error = np.sqrt(np.maximum(share, 1e-4) * (1 - share) * n + (0.02 * share) ** 2)
        assert np.all(abs(ours[which] - share) < 4 * error), which
    for name, edges in SPECTRA.items():
        found = np.array(pulls(ours[name], theirs[name], edges))
        # Four standard deviations of a chi-square with so many bins.
        assert (found**2).sum() < found.size + 4 * np.sqrt(2 * found.size + 1), name


def test_it_answers_as_a_genuine_file(program, data, tmp_path):
    genuine = data / "nuwro_numu_C12_1GeV.root"
    (tmp_path / "params.txt").write_text(card_of(genuine))
    result = program(main, "-i", "params.txt", "-o", "out", "-p", "number_of_events=10000")
    assert result.code == 0, result.err
    assert "its switches are those of the run" in result.said
    assert "scattering off electrons, about 0.0086 %" in result.said
    alike(analyse(tmp_path / "out.root"), analyse(genuine))


@pytest.mark.parametrize("name", ["numu_C12", "numu_Ar40", "numubar_C12", "numu_C12_LFG"])
def test_it_answers_as_a_large_genuine_file(name, program, shared_data, tmp_path):
    genuine = shared_data / "nuwro" / f"nuwro_{name}.root"
    (tmp_path / "params.txt").write_text(card_of(genuine))
    result = program(main, "-i", "params.txt", "-o", "out", "-p", "number_of_events=20000")
    assert result.code == 0, result.err
    alike(analyse(tmp_path / "out.root"), analyse(genuine))


def test_the_leaves_are_those_of_a_genuine_file(program, data, tmp_path):
    assert program(main, *FEW).code == 0
    with (
        uproot.open(tmp_path / "eventsout.root") as ours,
        uproot.open(data / "nuwro_numu_C12_1GeV.root") as theirs,
    ):
        genuine = {branch.name: branch.typename for branch in theirs["treeout"].itervalues()}
        for branch in ours["treeout"].branches:
            name = branch.name
            if name in ("nin", "nout", "npost"):  # counters, which C++ vectors have inside
                continue
            assert name in genuine
            if name.startswith("par.") and not name.endswith("string"):
                same = genuine[name] == branch.typename
                assert same or branch.typename == "char*", name
        assert [name for name in genuine if name.startswith("par.")
                and name != "par.path_to_data" and name not in ours["treeout"]] == []  # fmt: skip


def test_what_lies_beside_it(program, tmp_path):
    result = program(main, "-o", "out.root", *FEW, *params("kaskada_on=1", "sf_coulomb=1"))
    assert result.code == 0, result.err
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "out.root", "out.root.par", "out.root.txt"
    ]  # fmt: skip
    rows = (tmp_path / "out.root.txt").read_text().splitlines()
    assert rows[0].split() == ["dyn", "events", "ratio", "sigma[cm2]"]
    assert [int(row.split()[0]) for row in rows[1:]] == list(CHANNELS)
    assert sum(int(row.split()[1]) for row in rows[1:]) == 200
    assert "        FSI_on = 1\n" in (tmp_path / "out.root.par").read_text()


def test_the_parameters_beside_it_make_it_again(program, tmp_path):
    program(main, "-o", "a.root", *FEW, *params("random_seed = 0"))
    program(main, "-i", "a.root.par", "-o", "b.root")
    first, second = (
        hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() for name in ("a.root", "b.root")
    )
    assert first == second


def test_nugen_gan_itself_reads_it(program, tmp_path):
    program(main, "-o", "out.root", *FEW)
    events = nugen_gan.read(tmp_path / "out.root")
    assert events.process.name == "numu_cc_C12"
    assert events.cross_section is not None
    assert events.particles is not None


def test_a_beam_of_two_histograms_in_another_direction(program, fluxes):
    result = program(
        main, "-o", "out.root",
        *params("beam_type = 6", "beam_inputroot = flux.root", "beam_inputroot_numu = numu",
                "beam_inputroot_numub = numubar", "beam_direction = 0 3 4", "random_seed = 1",
                "number_of_events = 6000", "dyn_lep=0"),
    )  # fmt: skip
    assert result.code == 0, result.err
    with uproot.open(fluxes / "out.root") as file:
        tree = file["treeout"].arrays(["in.pdg", "in.x", "in.y", "in.z", "in.t", "out.x", "out.y",
                                       "out.z", "out.t", "out._mass", "weight"])  # fmt: skip
    first = {name: ak.to_numpy(ak.firsts(tree[name])) for name in ak.fields(tree)[:-1]}
    np.testing.assert_allclose(first["in.x"], 0.0, atol=1e-9)
    np.testing.assert_allclose(first["in.y"] / first["in.t"], 0.6)
    np.testing.assert_allclose(first["in.z"] / first["in.t"], 0.8)
    square = sum(first[f"out.{axis}"] ** 2 for axis in "xyz")
    np.testing.assert_allclose(first["out.t"] ** 2 - square, first["out._mass"] ** 2, rtol=1e-6)
    # Events of each follow its share of the flux times its cross section.
    models = {pdg: nugen_gan.load_model(name)
              for pdg, name in ((14, "numu_cc_C12"), (-14, "numubar_cc_C12"))}  # fmt: skip
    rates = {}
    with uproot.open(fluxes / "flux.root") as file:
        for pdg, name in ((14, "numu"), (-14, "numubar")):
            contents, edges = file[name].to_numpy()
            fine = edges[:-1, None] + np.diff(edges)[:, None] * (np.arange(50) + 0.5) / 50
            rates[pdg] = (contents * models[pdg].cross_section(fine).mean(axis=1)).sum()
            rates["flux"] = rates.get("flux", 0.0) + contents.sum()
    antineutrinos = (first["in.pdg"] == -14).mean()
    expected = rates[-14] / (rates[14] + rates[-14])
    assert antineutrinos == pytest.approx(expected, abs=4 * np.sqrt(expected / 6000))
    assert tree["weight"][0] == pytest.approx((rates[14] + rates[-14]) / rates["flux"] / 12, 1e-3)
    # In random order.
    half = first["in.pdg"][:3000] == -14
    assert half.mean() == pytest.approx(expected, abs=5 * np.sqrt(expected / 3000))


def test_a_mixture_with_a_channel_off(program, tmp_path):
    result = program(
        main, "-o", "out.root", "--no-hadrons",
        *params("target_type = 1", "target_content = 6 6 3x", "target_content += 18 22 1x",
                "dyn_mec_cc = 0", "number_of_events=4000", "random_seed=2", "dyn_lep=0"),
    )  # fmt: skip
    assert result.code == 0, result.err
    assert "channels that are on make 88" in result.said
    with uproot.open(tmp_path / "out.root") as file:
        tree = file["treeout"].arrays(["par.nucleus_p", "par.nucleus_n", "dyn", "weight"])
        assert len(file["xsections"].values()) == 5  # a bin for each channel that is on
    assert not ak.any(tree["dyn"] == 8)
    origin = nugen_gan.read(tmp_path / "out.root", target="Ar").provenance
    assert origin.generator == "nugen-gan"
    assert origin.parameters["parts"]["numu_cc_C12"]["atoms"] == 3.0
    carbon, argon = (nugen_gan.load_model(f"numu_cc_{name}") for name in ("C12", "Ar40"))
    rates = 3 * carbon.cross_section(1.0) * 0.882, argon.cross_section(1.0) * 0.875
    share = float(ak.mean(tree["par.nucleus_p"] == 18))
    assert share == pytest.approx(float(rates[1] / sum(rates)), abs=0.03)
    assert tree["weight"][0] == pytest.approx(float(sum(rates) / 76), rel=0.01)


def test_the_charged_part_of_all_currents(program, monkeypatch, tmp_path):
    asked = [*FEW, *params("dyn_qel_nc = 1", "dyn_res_nc = 1")]
    refused = program(main, *asked)
    assert refused.code == 2
    assert "--cc-only" in refused.err
    assert list(tmp_path.iterdir()) == []
    done = program(main, *asked, "--cc-only")
    assert done.code == 0
    assert "share of neutral currents is not known" in done.said
    monkeypatch.setenv("NUGEN_CC_ONLY", "1")
    from nugen_gan_nuwro.words import read_words

    assert read_words(asked).cc_only


def test_energies_that_the_model_does_not_know(program, fluxes):
    asked = ["-o", "out.root", *FEW, *params("beam_type = 5", "beam_inputroot = flux.root",
             "beam_inputroot_flux = from_zero", "beam_particle = 14")]  # fmt: skip
    refused = program(main, *asked)
    assert refused.code == 2
    assert "fraction of 0.00898" in refused.said
    assert "--allow-extrapolation" in refused.said
    done = program(main, *asked, "--allow-extrapolation")
    assert done.code == 0, done.err
    assert "0.011 of the flux for numu_cc_C12 lies below the threshold" in done.said
    enu = analyse(fluxes / "out.root")["enu"]
    assert enu.min() > 0.1102


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["-i"], 22, "needs a value"),
        (["-o", "-x"], 22, "needs a value"),
        (["-o", "folder/"], 22, "names no file"),
        (params("number_of_events = 99999999999999999999"), 2, "at most"),
        (["params.txt"], 22, "usage"),
        (params("energy = 1"), 14, "beam_energy"),
        (params("dyn_qel_cc = no"), 15, "0 or 1"),
        (params("dyn_qel_cc"), 13, "neither"),
        (params("@nothing.txt"), 11, "no file"),
        (params(*(f"dyn_{n}_cc = 0" for n in ("qel", "res", "dis", "coh", "mec", "hyp"))), 19,
         "no charged-current channel"),
        (params("beam_type = 2"), 30, "beam simulation"),
        (params("beam_energy = 5 x y"), 2, "below"),
        (params("beam_energy = x"), 30, "no flux"),
        (params("beam_particle = 11"), 30, "only neutrinos"),
        (params("beam_type = 5"), 30, "beam_inputroot"),
        (params("beam_type = 5", "beam_inputroot = gone.root"), 30, "no such file"),
        (params("beam_direction = 0 0 0"), 30, "no direction"),
        (params("beam_type=5", "beam_inputroot=flux.root", "beam_inputroot_flux=no"), 30, "numu"),
        (params("target_type = 2"), 32, "event library"),
        (params("@target/CH.txt"), 2, "numu_cc_H1 (7.69 % of the target's nucleons are in H1)"),
        (params("@target/Fe.txt"), 2, "no model of numu_cc_Fe56"),
        (params("beam_energy = 100"), 2, "threshold"),
        (params("beam_energy = 150"), 2, "--allow-extrapolation"),
        (params("number_of_events = 0"), 2, "1 or more"),
        (params("dyn_qel_el = 1"), 2, "scattering of electrons"),
        (["-o", "no/such/folder/out.root"], 1, "there is no folder"),
        (["--model", "nothing"], 2, "nothing"),
    ],
)  # fmt: skip
def test_what_is_refused(words, code, said, program, fluxes):
    result = program(main, *words)
    assert result.code == code, result.said
    assert said in result.said
    assert sorted(path.name for path in fluxes.iterdir()) == ["flux.root", "flux.txt"]


@pytest.mark.parametrize(("word", "said"), [("-v", "nugen-nuwro"), ("--help", "--cc-only")])
def test_it_tells_what_it_is(word, said, program):
    result = program(main, word)
    assert result.code == 0
    assert said in result.out


def test_nothing_is_left_of_a_run_that_is_stopped(tmp_path):
    class Impatient(Silent):
        def advanced(self, done, **figures):
            raise KeyboardInterrupt

    lines = [line for line in FEW if line != "-p"]
    run = prepare(Words(output=tmp_path / "out.root", lines=lines, card=tmp_path / "none.txt"))
    with pytest.raises(KeyboardInterrupt):
        carry_out(run, tmp_path / "out.root", Impatient())
    assert list(tmp_path.iterdir()) == []


def test_an_older_output_is_replaced_as_nuwro_does(program, tmp_path):
    (tmp_path / "eventsout.root").write_text("old")
    assert program(main, *FEW).code == 0
    assert analyse(tmp_path / "eventsout.root")["events"] == 200
