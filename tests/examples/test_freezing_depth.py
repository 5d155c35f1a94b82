import importlib.util
from pathlib import Path

import pytest
from transfer_toys import carbon, make_quick

SCRIPT = Path(__file__).parents[2] / "examples" / "studies" / "freezing_depth.py"


@pytest.fixture(scope="module")
def study():
    specification = importlib.util.spec_from_file_location("freezing_depth", SCRIPT)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.fixture
def words(data, tiny_model, tmp_path, monkeypatch):
    make_quick(monkeypatch)
    base = carbon(tiny_model).save(tmp_path / "base")
    return [str(data / "numu_Ar40_1k.root"), "--base", str(base), "--steps", "5"]


def test_a_row_for_each_depth(study, words, capsys):
    study.main([*words, "--refiner-steps", "5", "--depths", "0", "2", "3"])
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in capsys.readouterr().out.splitlines()
    ]
    assert [row[0] for row in rows[2:]] == ["0", "2", "3", "networks alone", "base"]
    weights = [int(row[1].replace(",", "")) for row in rows[2:-1]]
    assert weights == [1523, 51, 0, 0]
    assert all("+-" in row[2] for row in rows[2:])


def test_depths_that_a_base_does_not_have(study, words, capsys):
    with pytest.raises(SystemExit):
        study.main([*words, "--depths", "4"])
    assert "allows 0 to 3" in capsys.readouterr().err
