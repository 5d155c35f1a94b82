"""Each example explains itself, and runs on a small genuine sample."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

import nugen_gan

FOLDER = Path(__file__).parents[2] / "examples"
STUDIES = FOLDER / "studies"
COMMANDS = ("tutorials/cross_section.py", "studies/transfer_study.py", "studies/freezing_depth.py")


@pytest.mark.parametrize("name", COMMANDS)
def test_explains_itself(name, run_script, capsys):
    with pytest.raises(SystemExit) as stopped:
        run_script(FOLDER / name, "--help")
    assert not stopped.value.code
    assert capsys.readouterr().out.startswith("usage: ")


def test_cross_section(run_script, tmp_path):
    out = run_script(FOLDER / "tutorials" / "cross_section.py", "powerlaw:2", "--events", "5000")
    average, inside = (float(word) for word in out.split() if word.endswith(("e-38", "e-37")))
    # Hardly a muon of this beam has more than 5 GeV.
    assert 0.8 < inside / average <= 1.0
    assert (tmp_path / "cross_section.png").stat().st_size > 10_000


@pytest.fixture
def tables(tmp_path, data, carbon_sample):
    """What the study asks for: a thousand events of argon, and events to measure on."""
    shutil.copy(data / "numu_Ar40_1k.root", tmp_path / "numu_Ar40_1k.root")
    shutil.copy(carbon_sample, tmp_path / "numu_Ar40_val.root")
    return tmp_path


def test_transfer_study(run_script, tables):
    out = run_script(
        STUDIES / "transfer_study.py", tables, "--cases", "Ar40", "--sizes", "1k",
        "--methods", "base,resampled", "--no-auc", "-o", tables / "study",
    )  # fmt: skip
    assert "| Ar40 | 0 | base |" in out
    result = json.loads((tables / "study" / "Ar40_1k_resampled" / "result.json").read_text())
    # Resampled events are worth their own number, here of a slightly different nucleus.
    assert 300 < result["n_eq"]["value"] < 3000
    assert (tables / "study" / "figures" / "Ar40_n_eq.png").exists()


def test_flow_baseline(monkeypatch, tmp_path, data):
    pytest.importorskip("zuko", reason="zuko is installed for this example only")
    monkeypatch.syspath_prepend(str(STUDIES))
    from flow_baseline import FlowModel, FlowOptions, train_flow

    events = nugen_gan.read(data / "numu_Ar40_1k.root")
    model, history = train_flow(events, events.energy_range(), FlowOptions(steps=20))
    model.save(tmp_path / "flow.safetensors")
    again = FlowModel.load(tmp_path / "flow.safetensors")
    made = (flow.sample(events.enu, seed=1) for flow in (model, again))
    first, second = (table.elep for table in made)
    np.testing.assert_array_equal(first, second)
    assert len(history) > 0
