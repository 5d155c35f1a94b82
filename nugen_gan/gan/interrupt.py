"""Ctrl-C and SIGTERM between two steps, never within one: a snapshot must be of a whole state."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType
from typing import Any

from nugen_gan.stopping import SIGNALS, Stopped, is_raised

__all__ = ["DeferredInterrupt"]


class DeferredInterrupt:
    """While active, the first Ctrl-C only sets ``requested``; a second one interrupts at once.

    The same holds for SIGTERM and SIGHUP, where they would raise an exception.  Does nothing
    outside the main thread, where Python delivers no signals.
    """

    def __init__(self) -> None:
        self.requested: int | None = None
        self._previous: dict[int, Any] = {}

    def __enter__(self) -> DeferredInterrupt:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, *filter(is_raised, SIGNALS)):
                self._previous[number] = signal.signal(number, self._note)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)

    def error(self) -> KeyboardInterrupt:
        """What to raise once the step is done."""
        if self.requested is not None and self.requested in SIGNALS:
            return Stopped(self.requested)
        return KeyboardInterrupt()

    def _note(self, number: int, frame: FrameType | None) -> None:
        again = self.requested == number
        self.requested = number
        if again:
            raise self.error()
