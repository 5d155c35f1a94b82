import hashlib
import json
import shutil
import subprocess
import sys

import numpy as np
import pytest

from nugen_gan.errors import ModelError, OutputError, UsageError
from nugen_gan.model.folder import describe, is_model, write_sums
from nugen_gan.model.model import load_model
from nugen_gan.storage.bundled import bundled_models

FILES = ("model.json", "generator.safetensors", "critic.safetensors", "README.md", "SHA256SUMS")


@pytest.fixture
def folder(tiny_model, tmp_path):
    return tiny_model.save(tmp_path / "tiny")


def test_load_gives_the_same_model(tiny_model, folder):
    loaded = load_model(folder)
    enu = np.linspace(0.3, 15.0, 300)
    one, other = tiny_model.sample(enu, seed=1), loaded.sample(enu, seed=1)
    for name in ("enu", "elep", "costheta", "channel"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    assert loaded.process == tiny_model.process
    assert loaded.energy_range == tiny_model.energy_range
    assert loaded.cross_section == tiny_model.cross_section
    assert loaded.metrics == tiny_model.metrics


def test_what_older_models_lack_is_as_it_was(tiny_model, folder):
    """Whatever the program uses now."""
    record = json.loads((folder / "model.json").read_text())
    del record["proposal"]["reach"]
    for step in record["steps"]:
        del step["softness"], step["power"]
        for name in ("rejected_from", "rejected_to", "rejection_weight", "largest"):
            (step["ratio"] or {name: 0}).pop(name)
    (folder / "model.json").write_text(json.dumps(record))
    write_sums(folder)
    loaded = load_model(folder)
    reach, (step,) = loaded.proposal.reach, loaded.steps
    assert (reach.down, reach.up, reach.spread) == (0.05, 0.02, 0.3)
    assert (step.softness, step.power) == (0.008, 2.0)
    if step.ratio is not None:
        shape = step.ratio.shape
        assert (shape.rejected_from, shape.rejected_to, shape.rejection_weight, shape.largest) == (
            -0.5, -10.0, 0.5, 12.0
        )  # fmt: skip
    enu = np.linspace(0.3, 15.0, 300)
    one, other = (model.sample(enu, seed=1) for model in (tiny_model, loaded))
    np.testing.assert_array_equal(one.elep, other.elep)


def test_folder_is_complete_and_checkable(folder):
    assert {path.name for path in folder.iterdir()} == set(FILES)
    for line in (folder / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    record = json.loads((folder / "model.json").read_text())
    assert record["process"]["name"] == "numu_cc_Ar40"
    assert record["units"] == {"energy": "GeV", "cross_section": "cm2 per nucleus"}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("where", [0.01, 0.5, 0.99])
def test_a_flipped_byte_is_noticed(folder, name, where):
    path = folder / name
    content = bytearray(path.read_bytes())
    content[int(where * len(content))] ^= 0x04
    path.write_bytes(content)
    with pytest.raises(ModelError):
        load_model(folder)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_noticed(folder, name):
    (folder / name).unlink()
    with pytest.raises((ModelError, UsageError)):
        load_model(folder)


def test_a_later_version_is_refused(folder):
    record = json.loads((folder / "model.json").read_text())
    record["format_version"] = 99
    (folder / "model.json").write_text(json.dumps(record))
    from nugen_gan.model.folder import write_sums

    write_sums(folder)
    with pytest.raises(ModelError, match="format version 99"):
        load_model(folder)


def test_names_that_are_no_models(tmp_path):
    with pytest.raises(UsageError, match="neither a folder nor a bundled model"):
        load_model("no_such_model")
    with pytest.raises(ModelError, match=r"no model\.json"):
        load_model(tmp_path)
    assert not is_model(tmp_path)


def test_save_leaves_other_folders_alone(tiny_model, folder, tmp_path):
    with pytest.raises(OutputError, match="--overwrite"):
        tiny_model.save(folder)
    other = tmp_path / "mine"
    other.mkdir()
    (other / "thesis.tex").write_text("years of work")
    with pytest.raises(OutputError, match="not a model folder"):
        tiny_model.save(other, overwrite=True)
    assert (other / "thesis.tex").read_text() == "years of work"
    tiny_model.save(folder, overwrite=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine", "tiny"]


def test_nothing_is_left_of_a_failed_save(tiny_model, tmp_path, monkeypatch):
    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("nugen_gan.model.folder._write_weights", full)
    with pytest.raises(OutputError, match="disk is full"):
        tiny_model.save(tmp_path / "model")
    assert list(tmp_path.iterdir()) == []


def test_a_model_moves(folder, tmp_path):
    moved = tmp_path / "elsewhere" / "renamed"
    shutil.copytree(folder, moved)
    assert load_model(moved).name == "tiny"


def test_description_needs_no_torch(folder):
    code = (
        "import sys; from nugen_gan.model.folder import describe; print(describe(sys.argv[1]));"
        "assert 'torch' not in sys.modules"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, folder], capture_output=True, text=True, check=True
    )
    assert "numu_cc_Ar40" in done.stdout
    assert describe(folder).splitlines() == done.stdout.rstrip().splitlines()


@pytest.mark.parametrize("name", bundled_models())
def test_bundled_models_load_and_generate(name):
    model = load_model(name)
    low, high = model.energy_range
    enu = np.geomspace(low, high, 20_000)
    events = model.sample(enu, seed=1)
    assert events.is_physical().all()
    assert model.name == name
    # A second model of one process says in its name what it was trained on.
    assert name == model.process.name or name.startswith(f"{model.process.name}_")
    assert (model.cross_section(enu) > 0).all()


def test_it_prints_as_a_few_lines(tiny_model):
    lines = repr(tiny_model).splitlines()
    assert lines[0] == "Model tiny: numu_cc_Ar40, 0.2-20 GeV"
    assert lines[1].startswith("  trained on 1,000 events of ")
    assert lines[2] == "  cross section: 3 bins, 0.2-20 GeV (made up)"
    assert len(lines) == 3
    assert len(repr(tiny_model.with_(training={}, cross_section=None)).splitlines()) == 3
