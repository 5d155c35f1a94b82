import inspect

import numpy as np
import pytest

import nugen_gan
from nugen_gan.cli.progress import TerminalMonitor
from nugen_gan.model.model import load_model
from nugen_gan.storage.bundled import bundled_samples, sample_file, sample_of
from nugen_gan.transfer.finetune import FinetuneOptions

QUICK = ("--steps", 5, "--batch-size", 64)


@pytest.fixture(autouse=True)
def quick(quick_transfer):
    """Every transfer here is a short one."""


@pytest.fixture
def sample(data, base):
    return (data / "numu_Ar40_1k.root", "--no-hadrons", "--cross-section",
            data / "numu_Ar40_xsec.txt", "--base", base)  # fmt: skip


def _words(text):
    return " ".join(text.split())


def test_a_model_from_a_file(run, sample, tmp_path):
    words = ("finetune", "--quiet", *sample, "-o", "mine", *QUICK, "--generator", "NuWro 25.11")
    result = run(*words)
    assert result.code == 0, result.err
    assert result.err == ""
    for words in (
        "base            tiny (numu_cc_C12)", "1,000 events of numu_cc_Ar40",
        "note: the target of the base is", "note: the generator of the base",
        "fine-tuned      on 1,000 events in", "channel labels  log loss",
        "held-out events mean squared pull", "(1 is perfect; the base:",
        "nugen-gan generate mine -n 100000 --energy 0.2,20", "nugen-gan validate mine FILE",
    ):  # fmt: skip
        assert words in result.out
    assert result.out.count("the target of the base is") == 1
    model = load_model(tmp_path / "mine")
    assert model.process.name == "numu_cc_Ar40"
    assert model.training["generator"] == "NuWro 25.11"
    assert len(model.lineage[-1]["notices"]) == 2
    assert run("generate", "mine", "-n", 100, "--energy", "0.2,20").code == 0


def test_stages_and_notes_as_they_come(run, sample):
    result = run("finetune", *sample, *QUICK)
    assert result.code == 0, result.err
    for words in (
        "  fine-tuning the networks on 900 events: 0.0 %", "  learning the channels: 0.0 %",
        "  learning which events to accept: 0.0 %", "  measuring on held-out events",
    ):  # fmt: skip
        assert words in result.err
    # Shown with the sample already.
    assert "note:" in result.out
    assert "note:" not in result.err


def test_the_command_on_the_card_makes_it_again(run, sample, tmp_path):
    words = ("finetune", *sample, "--no-networks", "--events", 600, "--ensemble", 1)
    result = run(*words, "-o", "one")
    assert result.code == 0, result.err
    first = load_model(tmp_path / "one")
    assert first.training["events"] == 600
    assert first.training["cutflow"][-1] == ["600 at random", 600]
    command = first.training["command"]
    assert command.endswith(f"-o one --seed {first.training['seed']}")
    again = run(*command.split()[1:-4], "-o", "two", "--seed", first.training["seed"])
    assert again.code == 0, again.err
    weights = [(tmp_path / name / "generator.safetensors").read_bytes() for name in ("one", "two")]
    assert weights[0] == weights[1]


def test_the_rest_of_the_sample_measures(run, sample):
    result = run("finetune", *sample, *QUICK, "--events", 600, "--refiner-steps", 0)
    assert "other events    mean squared pull" in result.out
    assert "on 400 events" in result.out
    assert "fine-tuning the networks on 540 events: " in result.err


def test_a_first_look_in_a_hurry(run, sample, tmp_path):
    words = ("--no-networks", "--refiner-steps", 7, "--ensemble", 1, "-o", "hasty")
    result = run("finetune", *sample, *words)
    assert result.code == 0, result.err
    training = load_model(tmp_path / "hasty").training
    assert training["options"]["refiner_steps"] == training["recipe"]["ratio"]["steps"] == 7


def test_bundled_events_by_their_target(run, base, tmp_path):
    result = run("finetune", "--target", "Ar", "--base", base, "--events", 500, *QUICK)
    assert result.code == 0, result.err
    model = load_model(tmp_path / "numu_cc_Ar40_model")
    assert model.training["generator"] == "NuWro 25.11"
    assert model.cross_section is not None
    assert model.training["command"].startswith("nugen-gan finetune --target Ar")


def test_the_bundled_sample():
    assert sample_of("numu_cc_Ar40") == "numu_cc_Ar40_sample"
    assert sample_of("numu_cc_Xe132") is None
    assert {"numu_cc_Ar40_sample", "numu_cc_C12_sample"} <= set(bundled_samples())
    events = nugen_gan.read("numu_cc_Ar40_sample")
    assert len(events) == 10_000
    assert events.process.name == "numu_cc_Ar40"
    assert events.provenance.generator == "NuWro 25.11"
    assert events.cross_section(1.0) / 40 == pytest.approx(8.43599e-39)
    content = sample_file("numu_cc_Ar40_sample").read_bytes()
    assert not any(place in content for place in (b"/home", b"/work", b"/tmp"))


def test_default_name_and_existing_model(run, sample, tmp_path):
    quickest = (*QUICK, "--refiner-steps", 0)
    assert run("finetune", *sample, *quickest).code == 0
    assert (tmp_path / "numu_Ar40_1k_model" / "model.json").is_file()
    again = run("finetune", *sample, *quickest)
    assert again.code == 1
    assert "--overwrite" in again.err
    assert run("finetune", *sample, *quickest, "--overwrite").code == 0


def test_dry_run_without_the_networks(run, sample):
    result = run("finetune", *sample, "--dry-run")
    assert "networks        trained only if too few of the base's events" in result.out
    result = run("finetune", *sample, "--dry-run", "--no-networks")
    assert "networks        those of the base, as they are" in result.out
    assert "schedule" not in result.out
    assert "density ratio   2 networks, 30 steps each" in result.out
    result = run("finetune", *sample, "--dry-run", "--networks")
    assert "ratio " not in result.out


def test_dry_run_writes_nothing(run, sample, tmp_path):
    result = run("finetune", *sample, "--dry-run", "--freeze", 3)
    assert result.code == 0, result.err
    for words in ("900 events, 100 held out", "generator 0 weights, critic 0",
                  "steps of 2,048", "would write     numu_Ar40_1k_model"):  # fmt: skip
        assert words in result.out
    assert [path.name for path in tmp_path.iterdir()] == ["base"]


def test_freezing(run, sample, base, tmp_path):
    words = ("--freeze-generator", 2, "--freeze-critic", 1)
    assert run("finetune", *sample, *QUICK, *words, "-o", "mine").code == 0
    model, start = load_model(tmp_path / "mine"), load_model(base)
    assert model.training["options"]["freeze_generator"] == 2
    assert model.training["options"]["freeze_critic"] == 1
    ours, theirs = (one.proposal.generator.inward.weight for one in (model, start))
    np.testing.assert_array_equal(ours.numpy(), theirs.numpy())


def test_ctrl_c_leaves_nothing(run, sample, tmp_path, monkeypatch):
    def interrupted(self, done, **figures):
        raise KeyboardInterrupt

    monkeypatch.setattr(TerminalMonitor, "advanced", interrupted)
    result = run("finetune", *sample, *QUICK, "-o", "mine")
    assert result.code == 130
    assert "nothing was written" in result.err
    assert [path.name for path in tmp_path.iterdir()] == ["base"]


def test_defaults_are_those_of_the_library():
    from nugen_gan.cli.finetune import finetune

    options = {option.name: option.default for option in finetune.params}
    for name, parameter in inspect.signature(FinetuneOptions).parameters.items():
        if name in ("held_out", "device", "ensemble"):
            assert options[name] == parameter.default


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ((), 2, "no events were given"),
        (("--target", "Xe"), 2, "no sample of numu_cc_Xe132 is bundled"),
        (("--target", "Ar", "--probe", "nue"), 2, "Bundled are: numu_cc_Ar40_sample"),
        (("--target", "Q"), 2, "target 'Q' is unknown"),
        (("missing.root",), 2, "missing.root"),
        (("FILE", "--events", 2000), 2, "the sample has 1,000"),
        (("FILE", "--events", 50), 1, "too few"),
        (("FILE", "--freeze", 4), 2, "4 layers of the generator were to be frozen"),
        (("FILE", "--freeze", 4, "--dry-run"), 2, "4 layers of the generator"),
        (("FILE", "--freeze-critic", 3), 2, "3 layers of the critic were to be frozen"),
        (("FILE", "--freeze", 1, "--freeze-critic", 1), 2, "--freeze is for both networks"),
        (("FILE", "--networks", "--ensemble", 2), 2, "2 replicas of trained networks"),
        (("FILE", "--base", "none"), 2, "neither a folder nor a bundled model"),
        (("FILE", "--device", "gpu"), 2, "cannot be used"),
        (("FILE", "--held-out", 2), 2, "held-out fraction is 2"),
        (("FILE", "--learning-rate", 2), 2, "learning rate is 2"),
        (("FILE", "--gamma", -1), 2, "gamma is -1"),
        (("FILE", "--target", "C"), 1, "Found: numu_cc_Ar40"),
    ],
)
def test_mistakes(run, data, base, tmp_path, words, code, message):
    file = data / "numu_Ar40_1k.root"
    words = [file if word == "FILE" else word for word in words]
    words += [] if "--base" in words else ["--base", base]
    result = run("finetune", *words)
    assert result.code == code, result.err
    assert message in _words(result.err)
    assert "Traceback" not in result.err
    assert [path.name for path in tmp_path.iterdir()] == ["base"]


def test_generating_with_a_replica(run, sample, tmp_path):
    words = ("--no-networks", "--ensemble", 2)
    assert run("finetune", *sample, *words, "-o", "mine", "--seed", 2).code == 0
    assert "uncertainty" in run("info", "mine").out
    common = ("generate", "mine", "-n", 5000, "-e", "0.2,20", "--seed", 1)
    assert run(*common).code == 0
    for k in (1, 2):
        result = run(*common, "--replica", k)
        assert result.code == 0, result.err
        assert f"bootstrap replica {k}" in result.out
    names = ("mine.events.root", "mine.replica1.events.root", "mine.replica2.events.root")
    tables = [nugen_gan.read(tmp_path / name) for name in names]
    assert [t.provenance.parameters.get("replica") for t in tables] == [None, 1, 2]
    assert len({t.elep.tobytes() for t in tables}) == 3
    for k in (0, 3):
        result = run(*common, "--replica", k)
        assert result.code == 2
        assert f"replica {k} was asked for; the model mine has replicas 1 to 2" in _words(
            result.err
        )


def test_a_replica_needs_one_model_that_has_it(run, tiny_model, tiny_folder, tmp_path):
    from nugen_gan.physics.process import Process

    result = run("generate", tiny_folder, "-e", 1, "--replica", 1)
    assert result.code == 2
    assert "has no replicas" in _words(result.err)
    folders = [
        tiny_model.with_(process=Process.from_name(name), name=name).save(tmp_path / name)
        for name in ("numu_cc_C12", "numu_cc_H1")
    ]
    result = run("generate", *folders, "--target", "CH", "-e", 1, "--replica", 1)
    assert result.code == 2
    assert "single model" in _words(result.err)
