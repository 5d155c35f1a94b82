"""Many parts at a time, of which some die."""

import json
import signal
import subprocess
import sys
import time
from dataclasses import dataclass

import numpy as np
import pytest

import nugen_gan
from nugen_gan.errors import UsageError
from nugen_gan.generation.production import (
    PartError,
    Production,
    manifest_of,
    run_parts,
    write_manifest,
)
from nugen_gan.generation.shards import files_of


class Notes:
    def __init__(self):
        self.notes, self.done = [], 0.0

    def started(self, what, total=None, unit=""):
        pass

    def advanced(self, done, **figures):
        self.done = done

    def note(self, text):
        self.notes.append(text)

    def finished(self):
        pass


@pytest.fixture
def words(tiny_model, tmp_path):
    tiny_model.save(tmp_path / "tiny")
    return (
        str(tmp_path / "tiny"), "-n", "900", "--energy", "0.5,5", "--seed", "7",
        "-o", str(tmp_path / "a.table.root"),
    )  # fmt: skip


def _parts(tmp_path, number):
    found = files_of(tmp_path / "a.table.root", None, number)
    return [file for files in found.values() for file in files]


@dataclass(frozen=True, slots=True)
class Dying(Production):
    """Its second part kills itself the first time, as for want of memory."""

    flag: str = ""

    def command(self, number):
        real = Production.command(self, number)
        if number != 2:
            return real
        once = (
            "import os, sys\n"
            "if not os.path.exists(sys.argv[1]):\n"
            "    open(sys.argv[1], 'w').close(); os.kill(os.getpid(), 9)\n"
            "os.execv(sys.argv[2], sys.argv[2:])"
        )
        return [sys.executable, "-c", once, self.flag, *real]


def test_a_part_that_dies_is_made_again(words, tiny_model, tmp_path):
    monitor = Notes()
    run_parts(Dying(words, 3, 2, flag=str(tmp_path / "flag")), monitor)
    assert monitor.notes == ["part 2 was killed by signal 9: it is made again"]
    assert monitor.done == 3
    files = _parts(tmp_path, 3)
    tables = [nugen_gan.read(file) for file in files]
    whole = nugen_gan.generate(
        tiny_model, 900, tmp_path / "whole.root", energy=(0.5, 5.0), seed=7
    ).files[0]
    np.testing.assert_array_equal(
        np.concatenate([table.elep for table in tables]), nugen_gan.read(whole.path).elep
    )
    listed = json.loads(write_manifest(tmp_path / "a.table.root", files, ["x"]).read_text("utf-8"))
    assert listed["events"] == 900
    assert [part["name"] for part in listed["parts"]] == [file.name for file in files]
    assert manifest_of(tmp_path / "a.table.root").exists()


def test_one_that_cannot_be_made_ends_the_run(words, tmp_path):
    wrong = (*words[:3], "--energy", "0.001", *words[5:])
    with pytest.raises(PartError, match=r"part 1 of 2 failed: .*GeV were asked for"):
        run_parts(Production((*wrong[:-2], "-o", str(tmp_path / "b.root")), 2, 1))
    assert not list(tmp_path.glob("b*"))


def test_a_part_without_a_record_is_told(tmp_path):
    (tmp_path / "a.root").touch()
    with pytest.raises(PartError, match="no record beside it"):
        write_manifest(tmp_path / "a.root", [tmp_path / "a.root"], [])


def test_no_scheduler_there(words):
    pytest.importorskip("distributed")
    with pytest.raises(UsageError, match="no dask scheduler answers"):
        run_parts(Production(words, 2, scheduler="tcp://127.0.0.1:9"))


def test_without_dask_it_is_told(words, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match=r"nugen-gan\[dask\]"):
        run_parts(Production(words, 2, cluster="local"))


def test_stopped_from_outside_it_leaves_no_process(words, tmp_path):
    """Ctrl-C or a batch system's signal ends the parts, too."""
    many = [*words[:2], "2000000", *words[3:], "--parts", "2", "--workers", "2"]
    run = subprocess.Popen(
        [sys.executable, "-m", "nugen_gan", "generate", *many],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    time.sleep(4.0)
    run.send_signal(signal.SIGTERM)
    _, said = run.communicate(timeout=60)
    assert run.returncode == 128 + signal.SIGTERM, said
    assert not list(tmp_path.glob("a*"))
