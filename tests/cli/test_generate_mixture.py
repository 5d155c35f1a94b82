import hashlib

import pytest

import nugen_gan
from nugen_gan.physics.process import Process


@pytest.fixture
def folders(tiny_model, tmp_path):
    """Model folders of carbon and oxygen, and an antineutrino's."""
    made = {}
    (tmp_path / "models").mkdir()
    for name, factor in (("numu_cc_C12", 0.3), ("numu_cc_O16", 0.4), ("numubar_cc_O16", 0.1)):
        sigma = tiny_model.cross_section.scaled(factor)
        model = tiny_model.with_(process=Process.from_name(name), cross_section=sigma, name=name)
        made[name] = model.save(tmp_path / "models" / name)
    return made


def _digests(folder, pattern):
    return [hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.glob(pattern))]


def test_a_molecule_from_two_models(run, folders, tmp_path):
    common = ("generate", folders["numu_cc_C12"], folders["numu_cc_O16"], "--target", "CO2", "-n",
              9000, "-f", "powerlaw:1", "-e", "0.5,10", "--seed", 3)  # fmt: skip
    first = run(*common, "-o", "a.table.root")
    assert first.code == 0, first.err
    assert "CO2 (2 O16, 1 C12)" in first.out
    assert "cm2 per molecule" in first.out
    assert "per nucleon" in first.out
    carbon = nugen_gan.read(tmp_path / "a.numu_cc_C12.table.root")
    oxygen = nugen_gan.read(tmp_path / "a.numu_cc_O16.table.root")
    assert len(oxygen) + len(carbon) == 9000
    assert len(oxygen) / len(carbon) == pytest.approx(2 * 0.4 / 0.3, rel=2e-3)
    assert run(*common, "-o", "b.table.root", "--chunk", 777).code == 0
    assert _digests(tmp_path, "a.*") == _digests(tmp_path, "b.*")


def test_fractions_of_mass_at_one_energy(run, folders, tmp_path):
    result = run("generate", folders["numu_cc_O16"], folders["numu_cc_C12"], "-t",
                 "C12[0.25],O16[0.75]", "-n", 1000, "-e", 1)  # fmt: skip
    assert result.code == 0, result.err
    assert "per atom, on average" in result.out
    names = sorted(path.name for path in tmp_path.glob("*.root"))
    assert names == ["O16_C12.events.numu_cc_C12.root", "O16_C12.events.numu_cc_O16.root"]


def test_a_single_nucleus_by_name(run, folders, tmp_path):
    words = ("-n", 10, "-e", 1, "-o", "x.root")
    assert run("generate", folders["numu_cc_O16"], "--target", "O", *words).code == 0
    assert len(nugen_gan.read(tmp_path / "x.root")) == 10


def test_bundled_models_by_process(run, folders, tmp_path, monkeypatch):
    monkeypatch.setattr("nugen_gan.storage.bundled.MODELS", tmp_path / "models")
    result = run("generate", "--target", "CO2", "--probe", "numu", "-n", 100, "-e", 1)
    assert result.code == 0, result.err
    result = run("generate", "--target", "O", "--probe", "antinumu", "-n", 10, "-e", 1)
    assert "numubar_cc_O16 (numubar_cc_O16)" in result.out


def test_the_t2k_flux_on_a_mixture(run, folders, shared_data):
    flux = shared_data / "flux" / "nuwro_newT2K_nu.txt"
    result = run("generate", folders["numu_cc_C12"], folders["numu_cc_O16"], "-t", "CO2", "-n",
                 1000, "-f", flux, "-e", "0.2,20")  # fmt: skip
    assert result.code == 0, result.err
    assert "NuWro's beam parameters, in MeV" in result.out


@pytest.mark.parametrize(
    ("names", "words", "message"),
    [
        (("numu_cc_C12",), ("-t", "CH", "-e", "1"), "needs a model of numu_cc_H1"),
        (("numu_cc_C12",), ("-t", "CH", "-e", "1"), "Models at hand: numu_cc_C12"),
        (("numu_cc_C12",), ("-t", "CO2", "-e", "1"), "needs a model of numu_cc_O16"),
        (("numu_cc_C12", "numu_cc_O16"), ("-e", "1"), "--target CH"),
        ((), ("-e", "1"), "0 models were given"),
        ((), ("-t", "CO2", "-e", "1"), "which neutrino"),
        (("numu_cc_C12", "numubar_cc_O16"), ("-t", "CO2", "-e", "1"), "one kind of neutrino"),
        (("numu_cc_C12", "numu_cc_O16"), ("-t", "CO2", "-e", "1,2"), "--flux uniform"),
        (("numu_cc_C12", "numu_cc_O16"), ("-t", "CO2", "--like", "x.root"), "mixture of several"),
        (("numu_cc_C12", "numu_cc_O16"), ("-t", "CO2", "-e", "25"), "0.2 to 20 GeV"),
        (("numu_cc_C12", "numu_cc_O16"), ("-t", "C12[x]", "-e", "1"), "positive number"),
        (("numu_cc_C12",), ("-f", "mono:1000"), "If you meant MeV"),
        (("numu_cc_C12",), ("-f", "10 100 1 1"), "Is its unit right?"),
    ],
)
def test_mistakes(run, folders, tmp_path, names, words, message):
    result = run("generate", *(folders[name] for name in names), *words)
    assert result.code == 2
    assert message in " ".join(result.err.split())
    assert [path.name for path in tmp_path.iterdir()] == ["models"]


@pytest.mark.parametrize(
    ("names", "words", "messages"),
    [
        (("numu_cc_O16",), ("--probe", "numubar"),
         ("is of numu (numu_cc_O16)", "--probe asks for numubar", "is numubar_cc_O16: name that")),
        (("numu_cc_C12",), ("--probe", "numubar"),
         ("No bundled model is of numubar_cc_C12", "nugen-gan finetune")),
        (("numu_cc_C12",), ("-t", "O"), ("asks for O16", "name the model numu_cc_O16 instead")),
        (("numu_cc_C12",), ("-t", "Fe"),
         ("needs a model of numu_cc_Fe56", "numu_cc_O16", "finetune EVENTS -o my_Fe56")),
        ((), ("-t", "Fe"), ("no model of Fe56", "numubar_cc_O16", "finetune EVENTS")),
        ((), ("-t", "Fe", "--probe", "numu"), ("needs a model of numu_cc_Fe56", "finetune EVENTS")),
        ((), ("--probe", "numubar"), ("0 models were given", "numubar_cc_O16")),
    ],
)  # fmt: skip
def test_a_model_that_does_not_fit_or_is_not_there(
    run, folders, tmp_path, monkeypatch, names, words, messages
):
    monkeypatch.setattr("nugen_gan.storage.bundled.MODELS", tmp_path / "models")
    result = run("generate", *(folders[name] for name in names), *words, "-e", "1")
    assert result.code == 2
    for message in messages:
        assert message in " ".join(result.err.split())


def test_a_probe_that_is_the_model_s_is_no_mistake(run, folders):
    words = ("--probe", "nu_mu", "-n", 10, "-e", 1, "-o", "x.root")
    assert run("generate", folders["numu_cc_O16"], *words).code == 0
