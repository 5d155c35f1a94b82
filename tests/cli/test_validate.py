from __future__ import annotations

import json

import numpy as np
import pytest
from click.testing import CliRunner

from nugen_gan.cli.validate import validate
from nugen_gan.conversion import convert as conversion
from nugen_gan.errors import EmptySelectionError, ModelError, UsageError
from nugen_gan.events.table import EventTable
from nugen_gan.model import folder as model_folder
from nugen_gan.model import model
from nugen_gan.physics.process import Channel, Process


def events(n: int, seed: int, process: str = "numu_cc_C12") -> EventTable:
    rng = np.random.default_rng(seed)
    enu = rng.uniform(0.5, 2.0, n)
    return events_at(enu, seed, process)


def events_at(enu, seed: int, process: str = "numu_cc_C12") -> EventTable:
    rng = np.random.default_rng([seed, 1])
    what = Process.from_name(process)
    elep = what.lepton_mass + rng.beta(8, 8, len(enu)) * (enu - what.lepton_mass)
    return EventTable(
        what, enu, elep, np.cos(rng.beta(2, 9, len(enu))), np.full(len(enu), Channel.QE),
        np.ones(len(enu)),
    )  # fmt: skip


class Perfect:
    process = Process.from_name("numu_cc_C12")
    energy_range = (0.5, 2.0)
    name = "perfect"

    def sample(self, enu, *, seed=None):
        return events_at(np.asarray(enu), 999)


@pytest.fixture
def run(monkeypatch, tmp_path):
    """Run the verb in an empty folder, with models and files that exist in memory only."""
    monkeypatch.chdir(tmp_path)
    asked = []

    def read(path, *, probe=None, target=None):
        asked.append((str(path), probe, target))
        if "mixture" in str(path) and probe is None:
            raise UsageError("several processes")
        if "empty" in str(path):
            raise EmptySelectionError("no events")
        return events(3000, len(str(path)))

    def load_model(name):
        if name != "perfect":
            raise ModelError(f"no model {name}")
        return Perfect()

    monkeypatch.setattr(conversion, "read", read)
    monkeypatch.setattr(model_folder, "is_model", lambda name: name == "perfect")
    monkeypatch.setattr(model, "load_model", load_model)
    monkeypatch.setattr("sys.argv", ["nugen-gan", "validate", "typed words"])

    def call(*words):
        return CliRunner().invoke(validate, [*words, "--no-classifier"]), asked

    return call


def test_model_against_reference(run, tmp_path):
    result, _ = run("perfect", "reference.root", "--seed", "3")
    assert result.exit_code == 0, result.output
    assert "3,000 generated against 3,000 reference events, seed 3" in result.output
    assert "not enough events (needs 20,000)" in result.output
    assert "report: perfect_report/report.html" in result.output
    content = json.loads((tmp_path / "perfect_report" / "report.json").read_text())
    assert content["command"] == "nugen-gan validate 'typed words' --seed 3"


def test_process_of_the_model_is_taken_from_a_mixture(run):
    result, asked = run("perfect", "mixture.root", "--seed", "3", "-o", "there")
    assert result.exit_code == 0, result.output
    assert asked[-1] == ("mixture.root", 14, 1000060120)


def test_probe_and_target_are_handed_on(run):
    run("perfect", "mixture.root", "--probe", "numu", "--target", "C12")
    again = run("perfect", "r.root", "--probe", "numu", "--overwrite")
    assert again[1][-1] == ("r.root", "numu", None)


def test_events_file_against_reference(run, tmp_path):
    (tmp_path / "generated.root").write_bytes(b"")
    result, asked = run("generated.root", "reference.root", "--seed", "1", "--events", "2000")
    assert result.exit_code == 0, result.output
    assert {path for path, _, _ in asked} == {"generated.root", "reference.root"}
    assert (tmp_path / "generated_report" / "report.html").is_file()
    assert "2,000 generated against 2,000" in result.output


@pytest.mark.parametrize(
    ("words", "error"),
    [(("nothing", "reference.root"), ModelError), (("perfect", "empty.root"), EmptySelectionError)],
)
def test_errors_reach_the_main_program(run, tmp_path, words, error):
    result, _ = run(*words)
    assert isinstance(result.exception, error)
    assert list(tmp_path.iterdir()) == []


def test_help_names_the_options():
    text = CliRunner().invoke(validate, ["--help"]).output
    for option in ("--output", "--events", "--seed", "--probe", "--target", "--allow-mismatch"):
        assert option in text
