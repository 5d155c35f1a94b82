"""The batch scripts do what they say, with the variable that the batch system would set."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import nugen_gan

FOLDER = Path(__file__).parents[2] / "examples" / "batch"
CPP = FOLDER.parent / "onnx_cpp" / "generate.cpp"


def run(script, *words, folder, **variables):
    few = {"EVENTS": "40", "PARTS": "2", **variables}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(
        ["bash", str(FOLDER / script), *words], check=True, cwd=folder,
        env={**os.environ, **few, "PATH": path},
    )  # fmt: skip


def test_slurm(tmp_path):
    for number in ("1", "2"):
        run("slurm.sh", folder=tmp_path, SLURM_ARRAY_TASK_ID=number)
    parts = sorted(tmp_path.glob("events.*-of-2.hepmc3.gz"))
    assert [len(nugen_gan.read(part)) for part in parts] == [20, 20]
    before = [part.stat().st_mtime_ns for part in parts]
    # What the script says to do at the end: the same command, with all parts in place of one.
    text = (FOLDER / "slurm.sh").read_text("utf-8")
    whole = text.replace('--shard "$SLURM_ARRAY_TASK_ID/$PARTS"', '--parts "$PARTS"')
    assert whole != text
    (tmp_path / "whole.sh").write_text(whole, "utf-8")
    run(tmp_path / "whole.sh", folder=tmp_path)
    listed = json.loads((tmp_path / "events.hepmc3.gz.manifest.json").read_text("utf-8"))
    assert [part["name"] for part in listed["parts"]] == [part.name for part in parts]
    assert [part.stat().st_mtime_ns for part in parts] == before


def test_htcondor(tmp_path):
    run("htcondor.sh", "0", folder=tmp_path)
    assert (tmp_path / "events" / "events.1-of-2.gst.root").is_file()
    assert "executable   = htcondor.sh" in (FOLDER / "htcondor.sub").read_text("utf-8")


def test_grid(tmp_path):
    (tmp_path / "there").mkdir()
    run("grid.sh", "there", folder=tmp_path, CLUSTER_INDEX="1")
    part = tmp_path / "there" / "events.2-of-2.gtrac.root"
    record = json.loads(part.with_name(f"{part.name}.json").read_text("utf-8"))
    assert (record["first_event"], record["size"]) == (20, part.stat().st_size)


def test_the_c_plus_plus_example_compiles(tmp_path):
    include = os.environ.get("ORT_INCLUDE", "/usr/include/onnxruntime")
    compiler = shutil.which("c++")
    if compiler is None or not (Path(include) / "onnxruntime_cxx_api.h").is_file():
        pytest.skip("no C++ headers of onnxruntime (ORT_INCLUDE)")
    subprocess.run([compiler, "-std=c++17", "-fsyntax-only", f"-I{include}", str(CPP)], check=True)
