"""What can be refused is refused before torch is loaded or data are read, by --dry-run too."""

import subprocess
import sys

import pytest

ABSENT = "this_file_is_not_read.root"


def _words(text):
    return " ".join(text.split())


@pytest.mark.parametrize("verb", ["train", "finetune"])
@pytest.mark.parametrize("dry", [(), ("--dry-run",)])
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--device", "foo"), "device 'foo' cannot be used: allowed are cpu, and cuda"),
        (("--batch-size", "1000000000"), "batch size is 1000000000; allowed: whole numbers"),
        (("--steps", "0"), "steps is 0; allowed: whole numbers from 1 to 100,000,000"),
        (("--steps", "1.5"), "steps is '1.5'"),
        (("--learning-rate", "nan"), "learning rate is nan; allowed: above 0 to 0.999"),
        (("--learning-rate", "2"), "learning rate is 2"),
        (("--gamma", "inf"), "gamma is inf; allowed: from 0 to 1,000,000"),
        (("--gamma", "-1"), "gamma is -1"),
        (("--held-out", "0"), "held-out fraction is 0.0; allowed: above 0 to 0.5"),
        (("--time-limit", "99999999h"), "time limit is"),
        (("--seed", "-1"), "seed is -1; allowed: whole numbers from 0 to 2^63 - 1"),
        (("-o", "none/model"), "Its folder does not exist"),
        (("-o", "a_file"), "exists and is not a model folder"),
        (("-o", "a_file/model"), "Part of that path is a file"),
    ],
)
def test_by_the_command_line(run, tmp_path, verb, dry, words, message):
    (tmp_path / "a_file").write_text("years of work")
    result = run(verb, ABSENT, *words, *dry)
    assert result.code in (1, 2)
    assert message in _words(result.err)
    assert ABSENT not in result.err
    assert [path.name for path in tmp_path.iterdir()] == ["a_file"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--width", "100000000"), "width is 100000000; allowed: whole numbers from 1 to 1,024"),
        (("--blocks", "100000000"), "blocks is 100000000; allowed: whole numbers from 0 to 32"),
    ],
)
def test_sizes_of_networks(run, words, message):
    result = run("train", ABSENT, *words, "--dry-run")
    assert result.code == 2
    assert message in _words(result.err)


def test_neither_torch_nor_data_for_it(tmp_path):
    code = (
        "import sys; from nugen_gan.cli.main import main\n"
        "try:\n main()\nfinally:\n assert 'torch' not in sys.modules"
    )
    words = ("train", ABSENT, "-o", str(tmp_path / "none" / "model"))
    done = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "Its folder does not exist" in _words(done.stderr)


def test_a_folder_of_somebody_else_s_beside_the_model(run, tmp_path):
    (tmp_path / "mine.run").mkdir()
    (tmp_path / "mine.run" / "thesis.tex").write_text("years of work")
    for more in ((), ("--dry-run",), ("--overwrite",)):
        result = run("train", ABSENT, "-o", "mine", *more)
        assert result.code == 1
        assert "not the folder of a training: it is left alone" in _words(result.err)
    assert (tmp_path / "mine.run" / "thesis.tex").read_text() == "years of work"


def test_a_device_that_is_not_there(run):
    import torch

    if torch.cuda.is_available():
        pytest.skip("this machine has one")
    result = run("train", ABSENT, "--device", "cuda", "--dry-run")
    assert result.code == 2
    assert "device 'cuda' cannot be used" in _words(result.err)
    assert "Torch finds here: cpu" in _words(result.err)
    assert ABSENT not in result.err
