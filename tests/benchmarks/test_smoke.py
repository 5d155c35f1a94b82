"""Each benchmark explains itself, and runs on a small genuine sample."""

import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"
SCRIPTS = sorted(FOLDER.glob("*.py"))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_explains_itself(script, run_script, capsys):
    with pytest.raises(SystemExit) as stopped:
        run_script(script, "--help")
    assert not stopped.value.code
    said = capsys.readouterr().out
    assert said.startswith("usage: ")
    # Every argument says what it is: an option of argparse without help ends its line at once.
    bare = [line for line in said.splitlines() if re.fullmatch(r"  (-\S+ .*[A-Z]|\w+)", line)]
    helped = said.splitlines()
    assert [line for line in bare if not _helped(line, helped)] == []


def _helped(line, lines):
    """Whether the help of an argument, too long for its line, stands on the next one."""
    after = lines[lines.index(line) + 1 :]
    return bool(after) and after[0].startswith(" " * 20)


def test_channel_shapes(run_script):
    out = run_script(
        FOLDER / "channel_shapes.py", "numu_cc_C12", "numu_cc_Ar40_sample", "--copies", "2"
    )
    assert re.search(r"\| QE \| \d\.\d{3} \|", out)


def test_closeup_of_a_file_beside_itself_finds_nothing(run_script, carbon_sample):
    out = run_script(FOLDER / "closeup.py", carbon_sample, carbon_sample)
    agreeing, of = map(int, re.search(r"peaks that agree: (\d+) of (\d+)", out).groups())
    assert agreeing == of > 20
    assert "chi2 0 in" in out


def test_equivalent_size(run_script, carbon_sample):
    out = run_script(FOLDER / "equivalent_size.py", "numu_cc_C12", carbon_sample, "--copies", "1")
    assert re.search(r"\| 1 \| -?\d\.\d{4} \+- \d\.\d{4} \| (> )?[\d,]+", out)


def test_speed(run_script):
    out = run_script(
        FOLDER / "speed.py", "--events", "500", "--networks", "500", "--whole", "100", "--runs", "1"
    )
    assert "numu_cc_C12, median of 1 runs" in out
    assert out.count("| lepton, event table | ") == 3


def test_costs(run_script):
    out = run_script(FOLDER / "costs.py", "numu_cc_C12", "--events", "100", "--runs", "1")
    assert "| what is written | events/s of one core | bytes an event |" in out
    sample = re.search(r"DUNE.* \| NuWro, at the margin; in jobs of 10,000 \| ([\d,]+);", out)
    assert sample[1] == "429"


def test_golden_models(run_script):
    out = run_script(FOLDER / "golden_models.py")
    assert re.search(r"\| numu_cc_C12 \| \d", out)


def test_known_truth(run_script, data):
    out = run_script(
        FOLDER / "known_truth.py", "numu_cc_Ar40", data / "numu_Ar40_1k.root",
        "--proposals", "3", "--members", "2", "--steps", "20",
    )  # fmt: skip
    assert len(re.findall(r"\d\.\d{5} ± \d\.\d{5}", out)) == 4


def test_other_lepton(run_script, carbon_sample):
    out = run_script(
        FOLDER / "other_lepton.py", carbon_sample, "numu_cc_C12_sample",
        "--sizes", "300", "--steps", "20",
    )  # fmt: skip
    assert re.search(r"\| 300 \| \d+ \| [\d,]+ \(", out)


def test_shift(run_script, carbon_sample):
    out = run_script(
        FOLDER / "shift.py", carbon_sample,
        "--number", "300", "--shifts", "4", "--copies", "1", "--steps", "20",
    )  # fmt: skip
    assert "shift 4 MeV: acceptance" in out
    assert "MeV, found" in out


def test_training_size(run_script, carbon_sample):
    out = run_script(
        FOLDER / "training_size.py", "numu_cc_C12_sample", carbon_sample, "1000", "--steps", "20"
    )
    assert re.search(r"1,000 +20 ", out)


def test_training_ways(run_script, carbon_sample):
    out = run_script(
        FOLDER / "training_ways.py", "numu_cc_C12_sample",
        "--steps", "20", "--refiner-steps", "20", "--validation", "42000", "--ways", "1",
    )  # fmt: skip
    assert "| another seed |" in out


def test_writers(run_script):
    out = run_script(FOLDER / "writers.py", "2000", "1")
    for name in ("table", "nuhepmc .hepmc3.gz", "gst", "rootracker", "evtlib", "nuwro"):
        assert re.search(rf"^{re.escape(name)}.* [\d,]+ +[\d.]+$", out, re.MULTILINE)
