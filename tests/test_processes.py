"""Jobs shared by processes: in order, and a killed one costs time only."""

import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest
from recorder import Recorder

from nugen_gan.errors import UsageError
from nugen_gan.processes import AHEAD, WorkerError, in_order


def square(number):
    time.sleep(0.05 if number == 0 else 0.0)
    return number**2


def dies_once(flag, number):
    """A worker that is killed, as for want of memory, at the third job of the first attempt."""
    if number == 2 and not flag.exists():
        flag.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def always_dies(number):
    os.kill(os.getpid(), signal.SIGKILL)


def refuses(number):
    raise UsageError(f"no {number}")


def environment(name):
    return os.environ.get(name), os.getpid()


def jobs(count, taken=None):
    for number in range(count):
        if taken is not None:
            taken.append(number)
        yield (number,)


def test_results_are_in_order():
    assert list(in_order(square, jobs(20), 2)) == [n**2 for n in range(20)]
    assert list(in_order(square, iter(()), 2)) == []


def test_no_more_jobs_are_given_out_than_can_wait():
    taken = []
    results = in_order(square, jobs(1000, taken), 2)
    assert [next(results) for _ in range(3)] == [0, 1, 4]
    assert len(taken) <= 3 + AHEAD * 2
    results.close()


def test_workers_compute_on_one_core_and_are_others():
    found = set(in_order(environment, [("OMP_NUM_THREADS",)] * 8, 2))
    assert {threads for threads, _ in found} == {"1"}
    assert os.getpid() not in {process for _, process in found}


def test_a_killed_worker_costs_time_only(tmp_path):
    heard = Recorder()
    found = in_order(partial(dies_once, tmp_path / "flag"), jobs(10), 2, heard)
    assert list(found) == list(range(10))
    assert heard.notes == ["a worker process was killed: its events are made again"]


def test_one_that_always_dies_is_told():
    with pytest.raises(WorkerError, match="fewer --workers"):
        list(in_order(always_dies, jobs(3), 2))


def test_what_a_worker_raises_is_raised_here():
    with pytest.raises(UsageError, match="no 0"):
        list(in_order(refuses, jobs(3), 2))


def _children(process):
    """Processes that descend from a process, by Linux's own list."""
    found = []
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        for child in map(int, task.read_text().split()):
            found += [child, *_children(child)]
    return found


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="processes are listed by Linux")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_command_that_is_stopped_leaves_no_process_and_no_file(tmp_path, number):
    """Also one that is killed, and can tell its workers nothing."""
    run = subprocess.Popen(
        [sys.executable, "-m", "nugen_gan", "-q", "generate", "numu_cc_C12", "-n", "10000000",
         "-e", "1", "--workers", "2", "--yes", "-o", str(tmp_path / "a.hepmc3")],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    # Two workers and the process that looks after what multiprocessing shares.
    while len(_children(run.pid)) < 3 and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(1.0)
    workers = _children(run.pid)
    assert len(workers) >= 2
    run.send_signal(number)
    _, said = run.communicate(timeout=30)
    codes = {signal.SIGINT: 130, signal.SIGTERM: 128 + signal.SIGTERM, signal.SIGKILL: -9}
    assert run.returncode == codes[number], said
    assert "Traceback" not in said
    while any(Path(f"/proc/{worker}").is_dir() for worker in workers):
        assert time.monotonic() < deadline, "a worker is still there"
        time.sleep(0.1)
    assert not list(tmp_path.glob("a*"))
    assert number == signal.SIGKILL or not list(tmp_path.iterdir())
