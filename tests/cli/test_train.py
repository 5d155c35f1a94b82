import json

import pytest

from nugen_gan.model.model import load_model

QUICK = ("--steps", 20, "--batch-size", 64, "--width", 8, "--blocks", 1)


@pytest.fixture
def sample(data):
    return (
        data / "numu_Ar40_1k.root",
        "--no-hadrons",
        "--cross-section",
        data / "numu_Ar40_xsec.txt",
    )


def test_train_writes_a_model(run, sample, tmp_path):
    result = run("train", *sample, "-o", "mine", *QUICK, "--quiet")
    assert result.code == 0, result.err
    assert result.err == ""
    model = load_model(tmp_path / "mine")
    assert model.name == "mine"
    assert model.energy_range == (0.2, 20.0)
    assert model.cross_section is not None
    assert model.training["files"][0]["name"] == "numu_Ar40_1k.root"
    assert f"--seed {model.training['seed']}" in model.training["command"]
    card = (tmp_path / "mine" / "README.md").read_text()
    assert model.training["command"] in card
    log = (tmp_path / "mine" / "training" / "log.jsonl").read_text().splitlines()
    assert json.loads(log[-1])["step"] == 20


def test_the_command_on_the_card_makes_it_again(run, sample, tmp_path):
    assert run("train", *sample, "-o", "one", *QUICK).code == 0
    first = load_model(tmp_path / "one")
    assert run("train", *sample, "-o", "two", *QUICK, "--seed", first.training["seed"]).code == 0
    weights = [(tmp_path / name / "generator.safetensors").read_bytes() for name in ("one", "two")]
    assert weights[0] == weights[1]


def test_dry_run_writes_nothing(run, sample, tmp_path):
    result = run("train", *sample, "--dry-run")
    assert result.code == 0, result.err
    assert "steps of" in result.out
    assert "would write     numu_Ar40_1k_model" in result.out
    assert list(tmp_path.iterdir()) == []


def test_default_name_and_existing_model(run, sample, tmp_path):
    assert run("train", *sample, *QUICK).code == 0
    assert (tmp_path / "numu_Ar40_1k_model" / "model.json").is_file()
    again = run("train", *sample, *QUICK)
    assert again.code == 1
    assert "--overwrite" in again.err
    assert run("train", *sample, *QUICK, "--overwrite").code == 0


def test_ctrl_c_keeps_a_snapshot(run, sample, tmp_path, monkeypatch):
    from nugen_gan.cli.progress import TerminalMonitor

    advanced = TerminalMonitor.advanced

    def interrupted(self, done, **figures):
        advanced(self, done, **figures)
        if figures.get("step") == 7:
            raise KeyboardInterrupt

    monkeypatch.setattr(TerminalMonitor, "advanced", interrupted)
    result = run("train", *sample, "-o", "mine", *QUICK)
    assert result.code == 130
    assert "--resume" in result.err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.run"]
    monkeypatch.setattr(TerminalMonitor, "advanced", advanced)
    result = run("train", *sample, "-o", "mine", *QUICK, "--resume")
    assert result.code == 0, result.err
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("missing.root",), 2, "missing.root"),
        (("DATA/nuwro_nc_only_C12.root",), 1, "charged-current"),
        (("DATA/numu_Ar40_1k.root", "--device", "gpu"), 2, "cannot be used"),
        (("DATA/numu_Ar40_1k.root", "--time-limit", "soon"), 2, "not a time"),
        (("DATA/numu_Ar40_1k.root", "--cross-section", "DATA/README.md"), 2, "unit"),
        (("DATA/numu_Ar40_1k.root", "--energy-range", "0.2,0.25"), 1, "too few"),
    ],
)
def test_mistakes(run, data, tmp_path, words, code, message):
    result = run("train", *(word.replace("DATA", str(data)) for word in words))
    assert result.code == code, result.err
    assert message in " ".join(result.err.split())
    assert "Traceback" not in result.err
    assert list(tmp_path.iterdir()) == []
