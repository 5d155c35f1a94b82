import os
import signal

import pytest

from nugen_gan import stopping
from nugen_gan.gan.interrupt import DeferredInterrupt
from nugen_gan.stopping import Stopped, raised


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
