"""One observer of all long work: conversion, generation, validation, training.

Work tells a monitor what it begins, how far it is and what should be known.  The command line
shows that on the screen; a notebook or a batch system may do something else with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

__all__ = ["SILENT", "Monitor", "Part", "Silent", "monitored"]


class Monitor(Protocol):
    """What is told of the course of long work.

    One stage follows another: each is started, may advance, and is finished before the next one.
    An exception raised by a monitor ends the work as Ctrl-C would; no output is left half written.
    """

    def started(self, what: str, total: float | None = None, unit: str = "") -> None:
        """A stage begins.

        Parameters
        ----------
        what : the stage in a few words, such as "generating"
        total : how far it will advance; None where it tells no progress
        unit : of the progress, such as "events"; "" for a plain fraction of ``total``
        """

    def advanced(self, done: float, **figures: float) -> None:
        """The stage has come so far.

        Parameters
        ----------
        done : between 0 and ``total``
        figures : what else was measured, by name, such as ``pull`` or ``loss``
        """

    def note(self, text: str) -> None:
        """Something that the user should know, in one sentence."""

    def finished(self) -> None:
        """The stage has ended, for whatever reason."""


class Silent:
    """A monitor that shows nothing; the default everywhere.

    >>> from nugen_gan.monitor import Silent
    >>> Silent().started("generating", 1000, "events")
    """

    def started(self, what: str, total: float | None = None, unit: str = "") -> None:
        """Show nothing."""

    def advanced(self, done: float, **figures: float) -> None:
        """Show nothing."""

    def note(self, text: str) -> None:
        """Show nothing."""

    def finished(self) -> None:
        """Show nothing."""


SILENT: Monitor = Silent()


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a stage, told as if it were all of it: from 0 to 1.

    Attributes
    ----------
    monitor : of the whole stage, which goes from 0 to 1
    first, share : where the part begins, and how much of the stage it is

    Examples
    --------
    >>> from nugen_gan.monitor import SILENT, Part
    >>> Part(SILENT, first=0.25, share=0.5).advanced(0.5)  # half of the stage
    """

    monitor: Monitor
    first: float
    share: float

    @classmethod
    def of(cls, monitor: Monitor, number: int, parts: int) -> Part:
        """Part ``number``, from 0, of so many equal ones."""
        return cls(monitor, number / parts, 1.0 / parts)

    def started(self, what: str, total: float | None = None, unit: str = "") -> None:
        """Show nothing: the stage has begun already."""

    def advanced(self, done: float, **figures: float) -> None:
        """Tell how far the whole stage is."""
        self.monitor.advanced(self.first + self.share * done, **figures)

    def note(self, text: str) -> None:
        """Pass it on."""
        self.monitor.note(text)

    def finished(self) -> None:
        """Show nothing: the stage goes on."""


@contextmanager
def monitored(
    monitor: Monitor, what: str, total: float | None = None, unit: str = ""
) -> Iterator[None]:
    """Tell a monitor of a stage, also of its end where an exception ends it.

    Parameters
    ----------
    monitor, what, total, unit : as for :meth:`Monitor.started`
    """
    monitor.started(what, total, unit)
    try:
        yield
    finally:
        monitor.finished()
