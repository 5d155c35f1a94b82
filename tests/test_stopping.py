import os
import signal
import subprocess
import sys
import time

import pytest

from nugen_gan import stopping
from nugen_gan.gan.interrupt import DeferredInterrupt
from nugen_gan.stopping import Stopped, interrupt_ignored, raised


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    monkeypatch.setattr(stopping, "_last", float("-inf"))
    # Whoever runs the tests may ignore it, as nohup does.
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize(("name", "code"), [("SIGTERM", 143), ("SIGHUP", 129)])
def test_a_signal_becomes_an_exception(name, code):
    number = getattr(signal, name)
    with raised():
        with pytest.raises(Stopped) as stopped:
            os.kill(os.getpid(), number)
        assert stopped.value.name == name
        assert stopped.value.exit_code == code
        # One that comes right after it must not break off the cleaning up.
        os.kill(os.getpid(), number)
    assert signal.getsignal(number) == signal.SIG_DFL


def test_an_ignored_signal_stays_ignored():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with raised():
            os.kill(os.getpid(), signal.SIGHUP)
            assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_it_waits_for_the_step_under_way():
    with raised():
        with DeferredInterrupt() as interrupt:
            assert interrupt.requested is None
            os.kill(os.getpid(), signal.SIGTERM)
            assert interrupt.requested == signal.SIGTERM
            assert isinstance(interrupt.error(), Stopped)
            with pytest.raises(Stopped):
                os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(Stopped):
            os.kill(os.getpid(), signal.SIGTERM)


def test_a_library_leaves_the_signals_alone():
    before = signal.getsignal(signal.SIGTERM)
    with DeferredInterrupt():
        assert signal.getsignal(signal.SIGTERM) == before


def test_what_is_started_while_ctrl_c_is_ignored_ignores_it():
    """Ctrl-C of a terminal goes to all processes; the first one ends the others in order."""
    ask = [sys.executable, "-c", "import signal; print(signal.getsignal(2) is signal.SIG_IGN)"]
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with interrupt_ignored():
            os.kill(os.getpid(), signal.SIGINT)
            assert subprocess.run(ask, capture_output=True, check=True).stdout.split() == [b"True"]
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_process_ends_with_the_one_that_started_it():
    child = (
        "import os, sys, time\n"
        "from nugen_gan.stopping import end_with_parent\n"
        "end_with_parent(os.getppid()); print(os.getpid(), flush=True); time.sleep(60)"
    )
    parent = (
        "import subprocess, sys, time\n"
        "subprocess.Popen([sys.executable, '-c', sys.argv[1]]); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", parent, child], stdout=subprocess.PIPE, text=True
    ) as first:
        second = int(first.stdout.readline())
        first.kill()
        first.wait()
        # The end of the pipe is held by the second one: it closes when that has ended.
        started = time.monotonic()
        assert first.stdout.read() == ""
        assert time.monotonic() - started < 30, f"process {second} was there for too long"
