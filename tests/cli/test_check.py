import json

import pytest

from nugen_gan.conversion.convert import convert


@pytest.fixture
def file(data, tmp_path):
    path = tmp_path / "events.hepmc3"
    convert(data / "nuwro_numu_C12_1GeV.root", path)
    return path


def test_a_good_file_ends_with_zero(run, file):
    result = run("check", file)
    assert result.code == 0
    assert "2,000 events" in result.out
    assert "conformant: all 22 required conventions are met" in result.out


def test_a_broken_file_ends_with_one(run, file):
    file.write_text(file.read_text().replace("\nV -1 1 ", "\nV -1 0 "))
    result = run("check", file)
    assert result.code == 1
    assert "V.R.1   required    missing         event 0, line" in result.out


def test_json(run, file):
    record = json.loads(run("check", "--json", file).out)
    assert record["conforms"] is True
    file.write_text(file.read_text().replace(" PerAtom", " PerAcre"))
    result = run("check", "--json", file)
    assert result.code == 1
    broken = [c for c in json.loads(result.out)["conventions"] if c["status"] == "missing"]
    assert [c["label"] for c in broken] == ["G.R.6"]


def test_mistakes(run, data):
    assert run("check", "none.hepmc3").code == 2
    result = run("check", data / "numu_Ar40_1k.root")
    assert result.code == 1
    assert "not HepMC3 text" in result.err


def test_info_of_a_nuhepmc_file(run, file):
    out = run("info", file).out
    for words in ("format: nuhepmc", "generator: NuWro", "NuHepMC 1.0.0", "(G.C.2)",
                  "2,000 charged-current events", "1.09152248e-37 cm2 per nucleus"):  # fmt: skip
        assert words in out
