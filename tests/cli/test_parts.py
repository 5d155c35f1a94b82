"""A run in parts from the command line."""

import json
from pathlib import Path

import numpy as np
import pytest

import nugen_gan

WORDS = ("-n", "600", "--energy", "0.5,5", "--seed", "3")


def test_parts_and_manifest(run, tiny_folder):
    whole = run("generate", tiny_folder, *WORDS, "-o", "whole.root")
    assert whole.code == 0, whole.err
    result = run("generate", tiny_folder, *WORDS, "-o", "a.root", "--parts", "3", "--workers", "2")
    assert result.code == 0, result.err
    assert "written        3 files, a.1-of-3.root to a.3-of-3.root" in result.out
    manifest = json.loads(Path("a.root.manifest.json").read_text("utf-8"))
    assert manifest["events"] == 600
    assert manifest["command"][:2] == ["nugen-gan", "generate"]
    parts = [nugen_gan.read(part["name"]) for part in manifest["parts"]]
    np.testing.assert_array_equal(
        np.concatenate([part.elep for part in parts]), nugen_gan.read("whole.root").elep
    )
    again = run("generate", tiny_folder, *WORDS, "-o", "a.root", "--parts", "3")
    assert again.code == 1
    assert "--resume to go on" in again.err
    assert (
        run("generate", tiny_folder, *WORDS, "-o", "a.root", "--parts", "3", "--resume").code == 0
    )


def test_one_file_by_several_processes(run, tiny_folder):
    for workers in (1, 2):
        done = run("generate", tiny_folder, *WORDS, "-o", f"{workers}.root", "--workers", workers)
        assert done.code == 0, done.err
    assert Path("1.root").read_bytes() == Path("2.root").read_bytes()
    assert not list(Path().glob("*.json"))


def test_a_run_goes_on_with_its_own_seed(run, tiny_folder):
    """Where none was given, the one that was drawn stands in the records."""
    words = ("generate", tiny_folder, *WORDS[:4], "-o", "a.root", "--parts", "2")
    first = run(*words)
    assert first.out.splitlines()[0] == "energies       uniform in 0.5-5 GeV"
    assert first.out.splitlines()[1].startswith("seed           ")
    parts = [Path(f"a.{k}-of-2.root") for k in (1, 2)]
    content = [part.read_bytes() for part in parts]
    parts[0].unlink()
    again = run(*words, "--resume")
    assert again.code == 0, again.err
    assert again.out.splitlines()[1] == first.out.splitlines()[1]
    assert [part.read_bytes() for part in parts] == content
    other = run(*words, "--resume", "--seed", "3")
    assert other.code == 1
    assert "is a part of another run: its seed is" in " ".join(other.err.split())
    assert [part.read_bytes() for part in parts] == content
    # Parts of two runs, one of them from elsewhere.
    record = parts[0].with_name(f"{parts[0].name}.json")
    found = json.loads(record.read_text("utf-8"))
    record.write_text(json.dumps({**found, "run_seed": 1}), "utf-8")
    mixed = run(*words, "--resume")
    assert mixed.code == 2
    assert "say with --seed which one" in " ".join(mixed.err.split())


def test_shards_need_a_seed(run, tiny_folder):
    refused = run("generate", tiny_folder, *WORDS[:4], "-o", "a.root", "--shard", "1/2")
    assert refused.code == 2
    assert "need the same seed: give one, such as --seed 1" in " ".join(refused.err.split())


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--energy", "100"), "the model tiny knows"),
        (("--flux", "no.root"), "no.root"),
        (("--parts", "601"), "600 events cannot be shared by 601 shards"),
        (("-o", "nowhere/a.root"), "no folder"),
        (("--format", "docx"), "docx"),
        (("-n", "1e14"), "Ask for fewer events"),
    ],
)
def test_what_cannot_be_is_refused_before_any_part_is_made(run, tiny_folder, more, words):
    result = run("generate", tiny_folder, *WORDS, "-o", "a.root", "--parts", "2", *more)
    assert result.code in (1, 2)
    message = " ".join(result.err.split())
    assert words in message
    assert "part 1" not in message
    assert [path.name for path in Path().iterdir()] == ["tiny"]


def test_a_shard_of_a_batch_system(run, tiny_folder):
    words = ("generate", tiny_folder, *WORDS, "-o", "a.root", "--shard")
    first = run(*words, "1/2")
    assert first.code == 0, first.err
    assert "written        a.1-of-2.root (table)" in first.out
    assert run(*words, "1/2", "--shards-from", "0").code == 0
    again = run(*words, "0/2", "--shards-from", "0", "--resume")
    assert "complete       a.1-of-2.root (table)" in again.out
    refused = run(*words, "0/2")
    assert refused.code == 2
    assert "--shards-from 0" in refused.err


def test_a_mixture_in_parts(run, tiny_folder, tiny_model):
    carbon = tiny_model.with_(process=nugen_gan.Process.from_name("numu_cc_C12"), name="carbon")
    done = run(
        "generate", "--target", "Ar[0.5],C[0.5]", tiny_folder, carbon.save("carbon"), *WORDS[:2],
        "--flux", "uniform", "--seed", "3", "-o", "b.root", "--parts", "2",
    )  # fmt: skip
    assert done.code == 0, done.err
    assert "written        4 files, b.numu_cc_Ar40.1-of-2.root to" in done.out
    listed = json.loads(Path("b.root.manifest.json").read_text("utf-8"))["parts"]
    assert {part["run_seed"] for part in listed} == {3}
    assert len({part["seed"] for part in listed}) == 2
    assert sum(part["events"] for part in listed) == 600
    done = run(
        "generate", "--target", "Ar[1.0]", tiny_folder, *WORDS[:2], "--flux", "uniform",
        "--seed", "3", "-o", "a.root", "--parts", "2",
    )  # fmt: skip
    assert done.code == 0, done.err
    assert "written        2 files" in done.out


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--shard", "1/2", "--parts", "2"), "choose one way"),
        (("--parts", "2", "-o", "-"), "number in their names"),
        (("--scheduler", "tcp://x:1", "--cluster", "local"), "choose one"),
        (("--resume",), "--shard or --parts"),
    ],
)
def test_what_does_not_go_together(run, tiny_folder, more, words):
    result = run("generate", tiny_folder, *WORDS, *more)
    assert result.code == 2
    assert words in " ".join(result.err.split())
