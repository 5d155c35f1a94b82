"""Parts on clusters of processes: lost workers, other folders, and a batch system's commands.

No Slurm is here: its ``sbatch`` is a script that starts the job on this machine.
"""

import os
import signal
import sys
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

import nugen_gan
from nugen_gan.generation import production
from nugen_gan.generation.production import PartError, Production, run_parts
from nugen_gan.generation.shards import files_of

distributed = pytest.importorskip("distributed", reason="dask is an extra")
EVENTS = 900


@pytest.fixture
def words(tiny_model, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tiny_model.save("tiny")
    return ("tiny", "-n", str(EVENTS), "--energy", "0.5,5", "--seed", "7", "-o", "a.table.root")


@pytest.fixture
def cluster(tmp_path_factory):
    """Two workers that were started in another folder."""
    here = Path.cwd()
    os.chdir(tmp_path_factory.mktemp("elsewhere"))
    try:
        with distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None
        ) as cluster:
            os.chdir(here)
            yield cluster
    finally:
        os.chdir(here)


def same_as_one_run(model, folder, parts):
    """Whether the parts, joined, are what one run makes."""
    found = files_of(folder / "a.table.root", None, parts)
    tables = [nugen_gan.read(file) for files in found.values() for file in files]
    whole = nugen_gan.generate(model, EVENTS, folder / "w.root", energy=(0.5, 5.0), seed=7)
    expected = nugen_gan.read(whole.files[0].path)
    for name in ("enu", "elep", "costheta", "channel"):
        joined = np.concatenate([getattr(table, name) for table in tables])
        np.testing.assert_array_equal(joined, getattr(expected, name))
    return len(found) == parts


@dataclass(frozen=True, slots=True)
class Slow(Production):
    """Its parts take so long that a worker can be killed in the middle of one."""

    def command(self, number):
        wait = "import os, sys, time; time.sleep(1.5); os.execv(sys.argv[1], sys.argv[1:])"
        return [sys.executable, "-c", wait, *Production.command(self, number)]


def test_a_lost_worker_costs_time_only(words, cluster, tiny_model, tmp_path):
    victim = next(iter(cluster.workers.values())).pid

    def kill():
        # Not before it works on a part.
        while not any("time.sleep(1.5)" in line for line in _command_lines(victim)):
            time.sleep(0.05)
        os.kill(victim, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    run_parts(Slow(words, 4, scheduler=cluster.scheduler_address))
    killer.join(timeout=5)
    assert not killer.is_alive(), "the worker was not killed"
    assert same_as_one_run(tiny_model, tmp_path, 4)


def _command_lines(process):
    """Commands of the children of a process."""
    for children in Path(f"/proc/{process}/task").glob("*/children"):
        for child in children.read_text().split():
            try:
                yield Path(f"/proc/{child}/cmdline").read_text()
            except OSError:
                continue


@dataclass(frozen=True, slots=True)
class Dying(Production):
    """Each of its parts is killed, the first time or always."""

    always: bool = False

    def command(self, number):
        flag = Path(self.folder) / f"killed-{number}"
        real = Production.command(self, number)
        once = (
            "import os, sys\n"
            f"if {self.always} or not os.path.exists(sys.argv[1]):\n"
            "    open(sys.argv[1], 'w').close(); os.kill(os.getpid(), 9)\n"
            "os.execv(sys.argv[2], sys.argv[2:])"
        )
        return [sys.executable, "-c", once, str(flag), *real]


def test_a_killed_part_is_tried_again(words, cluster, tiny_model, tmp_path):
    dying = Dying(words, 3, scheduler=cluster.scheduler_address)
    run_parts(dying)
    assert same_as_one_run(tiny_model, tmp_path, 3)
    with pytest.raises(PartError, match=r"was killed by signal 9, again and again"):
        run_parts(replace(dying, always=True))


def test_workers_that_do_not_see_the_folder_say_so(words, cluster):
    with pytest.raises(PartError, match="has no folder /nowhere: run the command in a folder"):
        run_parts(Production(words, 2, scheduler=cluster.scheduler_address, folder="/nowhere"))


SBATCH = """#!/bin/sh
for script; do :; done
cp "$script" {folder}/job.$$
nohup sh {folder}/job.$$ >{folder}/log.$$ 2>&1 &
echo $! >>{folder}/jobs
echo "Submitted batch job $!"
"""


@pytest.mark.parametrize("known", [{}, {"memory": "3GB", "queue": "long"}])
def test_slurm_s_jobs_make_the_parts(words, tiny_model, tmp_path, monkeypatch, known):
    pytest.importorskip("dask_jobqueue", reason="dask-jobqueue is an extra")
    dask = pytest.importorskip("dask")
    commands = tmp_path / "commands"
    commands.mkdir()
    for name, text in (
        ("sbatch", SBATCH.format(folder=commands)),
        ("scancel", "#!/bin/sh\nkill $1\n"),
    ):
        (commands / name).write_text(text)
        (commands / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{commands}{os.pathsep}{os.environ['PATH']}")
    settings = {f"jobqueue.slurm.{name}": value for name, value in known.items()}
    local = {"jobqueue.slurm.interface": "lo", "jobqueue.slurm.scheduler-options": {
        "dashboard_address": None, "interface": "lo"}}  # fmt: skip
    with dask.config.set({**settings, **local}):
        run_parts(Production(words, 3, 2, cluster="slurm"))
    assert same_as_one_run(tiny_model, tmp_path, 3)
    scripts = [path.read_text() for path in commands.glob("job.*")]
    assert len(scripts) >= 2
    for script in scripts:
        assert "#SBATCH --cpus-per-task=1" in script
        assert f"#SBATCH --mem={known.get('memory', '2GB')[0]}G" in script
        assert ("#SBATCH -p long" in script) == ("queue" in known)


def test_htcondor_s_job_asks_for_what_it_needs(monkeypatch):
    """Its description is made without a batch system; none is here to take it."""
    queues = pytest.importorskip("dask_jobqueue", reason="dask-jobqueue is an extra")
    made = []
    monkeypatch.setattr(queues.HTCondorCluster, "scale", lambda self, n: made.append(n))
    with production._cluster(Production((), 3, 2, cluster="htcondor"), distributed) as cluster:
        script = cluster.job_script()
    assert made[0] == 2
    assert "RequestCpus = MY.DaskWorkerCores" in script
    assert "DaskWorkerDisk = 2000000000" in script
    assert "DaskWorkerMemory = 2000000000" in script
