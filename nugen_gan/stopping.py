"""SIGTERM and SIGHUP, which batch systems and closed terminals send, as an exception.

Like Ctrl-C it runs through all that cleans up after itself.  A process that works for another one
ends with it, too, where that was killed and cannot send a signal any more.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["PARENT", "SIGNALS", "Stopped", "end_with_parent", "is_raised", "raised"]

SIGNALS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))
# Both often come together, and the second must not break off the cleaning up [s].
GRACE = 5.0
# Variable that names the process with which this one is to end, and time between looks [s].
PARENT, PAUSE = "NUGEN_GAN_PARENT", 0.5

_last = float("-inf")


class Stopped(KeyboardInterrupt):
    """A signal asked the program to end.

    Attributes
    ----------
    name : of the signal
    exit_code : by which shells know it
    """

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.name = signal.Signals(number).name
        self.exit_code = 128 + number


@contextmanager
def raised() -> Iterator[None]:
    """While active, these signals raise :class:`Stopped`; ignored ones stay ignored, as by nohup.

    Does nothing outside the main thread, where Python delivers no signals.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    ours = [number for number in SIGNALS if signal.getsignal(number) == signal.SIG_DFL]
    for number in ours:
        signal.signal(number, _raise)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, signal.SIG_DFL)


def end_with_parent(parent: int) -> None:
    """Send this process SIGTERM when the one that started it is gone, even if that was killed.

    Parameters
    ----------
    parent : number of the process that started this one
    """

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(PAUSE)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="end-with-parent", daemon=True).start()


def is_raised(number: int) -> bool:
    """True if that signal raises :class:`Stopped` now."""
    return signal.getsignal(number) is _raise


def _raise(number: int, frame: FrameType | None) -> None:
    global _last
    now = time.monotonic()
    if now - _last > GRACE:
        _last = now
        raise Stopped(number)
