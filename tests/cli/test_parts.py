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
