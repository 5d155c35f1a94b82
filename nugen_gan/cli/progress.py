"""Progress: a bar on a terminal, now and then a line with the time of day elsewhere."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime

import click

__all__ = ["Bar", "Lines", "TerminalMonitor", "be_quiet", "is_quiet"]

REFRESH = 0.2  # seconds
# Off a terminal: a line at the start, after FIRST seconds, and then every EVERY seconds.
FIRST, EVERY = 30.0, 60.0
QUIET = "nugen_gan.quiet"
# Characters of a bar, and of the name of a stage that still stands in front of it.
SHORTEST, LONGEST, LONGEST_NAME = 6, 20, 20

Clock = Callable[[], float]


def be_quiet(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    """Take the option --quiet."""
    if wanted:
        ctx.meta[QUIET] = True


def is_quiet() -> bool:
    """True if the verb that runs was given --quiet."""
    ctx = click.get_current_context(silent=True)
    return ctx is not None and bool(ctx.meta.get(QUIET))


class TerminalMonitor:
    """Shows stages of work on standard error: bars on a terminal, lines now and then elsewhere.

    A stage without a known end is one line.  Nothing but notes is shown to who asked for quiet.

    Parameters
    ----------
    known : notes that were shown before and need not be shown again

    Attributes
    ----------
    step : the latest step of a training that it was told of; 0 before the first
    """

    def __init__(self, known: Collection[str] = ()) -> None:
        self.step = 0
        self._known = known
        self._total: float | None = None
        self._bar: Bar | None = None
        self._lines: Lines | None = None

    def started(self, what: str, total: float | None = None, unit: str = "") -> None:
        """Show the beginning of a stage."""
        self.finished()
        if is_quiet():
            return
        terminal = sys.stderr.isatty()
        self._total = total
        if total is None:
            moment = _time_of_day(time.time())
            click.echo(f"{what} ..." if terminal else f"{moment}  {what}", err=True)
        elif terminal:
            self._bar = Bar(what)
            self._bar(0.0)
        else:
            self._lines = Lines(what, unit)
            self._lines(0, total)

    def advanced(self, done: float, **figures: float) -> None:
        """Show how far it is, and the figures where there is room."""
        self.step = int(figures.get("step", self.step))
        if self._bar is not None:
            share = min(done / self._total, 1.0) if self._total else 1.0
            self._bar(share, ", ".join(_in_words(figures)))
        if self._lines is not None:
            self._lines(done, self._total, ", ".join([*_speed(figures), *_in_words(figures)]))

    def note(self, text: str) -> None:
        """Show a line, below a bar if there is one."""
        if text in self._known:
            return
        if self._bar is not None:
            self._bar.end_line()
        click.echo(f"note: {text}", err=True)

    def finished(self) -> None:
        """End the line of a bar."""
        if self._bar is not None:
            self._bar.end_line()
        self._bar = self._lines = None


def _in_words(figures: Mapping[str, float]) -> Iterator[str]:
    """Figures of a stage; of those of a training the few that a line has room for."""
    if "steps" not in figures:
        yield from (f"{name} {value:.4g}" for name, value in figures.items())
        return
    yield f"step {figures['step']:,.0f}/{figures['steps']:,.0f}"
    if "best_pull" in figures:
        yield f"pull^2 {figures['best_pull']:.3f} at {figures['best_step']:,.0f}"
    else:
        yield "pull^2 not yet known"


def _speed(figures: Mapping[str, float]) -> Iterator[str]:
    """How fast a training is, in all its sessions."""
    if figures.get("elapsed"):
        yield f"{figures['step'] / figures['elapsed']:,.3g} steps per second"


class _Pace:
    """How fast a stage is, but for what is done in its first second.

    What a training that is resumed has done before would make it look too fast.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._started: float | None = None
        self._first = self._latest = (0.0, 0.0)

    def take(self, done: float) -> float:
        """Remember how much is done; returns the time."""
        now = self._clock()
        self._started = now if self._started is None else self._started
        self._latest = (now, done)
        if now < self._started + 1.0:
            self._first = self._latest
        return now

    def per_second(self) -> float | None:
        """Return how much is done in a second, or None where that is not known yet."""
        seconds, done = (new - old for new, old in zip(self._latest, self._first, strict=True))
        return done / seconds if seconds > 0.0 and done > 0.0 else None


class Bar:
    """A bar on a terminal that fills, the time that is left, and what else there is to tell.

    Parameters
    ----------
    what : goes on; a long name has a line of its own
    clock : seconds
    """

    def __init__(self, what: str, clock: Clock = time.monotonic) -> None:
        self._name = f"{what}  " if len(what) <= LONGEST_NAME else ""
        if not self._name:
            click.echo(what, err=True)
        self._pace = _Pace(clock)
        self._shown = float("-inf")
        self._open = False

    def __call__(self, share: float, note: str = "") -> None:
        """Draw it, unless it was drawn a moment ago.

        Parameters
        ----------
        share : how much is done, from 0 to 1
        note : behind the bar
        """
        now = self._pace.take(share)
        if now - self._shown < REFRESH and share < 1.0:
            return
        # The first news is shown at once.
        self._shown, self._open = (now if share else float("-inf")), True
        text = f"] {100 * share:3.0f}%  {self._left(share)}  {note}"
        # The last column would wrap on some terminals.
        width = shutil.get_terminal_size().columns - 1
        room = width - len(self._name) - len(text) - 1
        size = min(max(room, SHORTEST), LONGEST)
        filled = int(size * share)
        line = f"{self._name}[{filled * '#'}{(size - filled) * '-'}{text}"
        click.echo("\r" + line.ljust(width)[:width], nl=False, err=True)

    def end_line(self) -> None:
        """End the line, if there is one; what follows stands below."""
        if self._open:
            click.echo("", err=True)
        self._open, self._shown = False, float("-inf")

    def _left(self, share: float) -> str:
        rate = self._pace.per_second()
        if rate is None and share < 1.0:
            return "--:-- left"
        minutes, seconds = divmod(round((1.0 - share) / rate) if rate else 0, 60)
        return f"{minutes:02d}:{seconds:02d} left"


class Lines:
    """Lines that tell how far something is, few enough for the log of a batch job.

    Parameters
    ----------
    what : goes on
    unit : of the numbers
    clock : seconds since 1970
    """

    def __init__(self, what: str, unit: str = "", clock: Clock = time.time) -> None:
        self.what, self.unit = what, unit
        self._pace = _Pace(clock)
        self._due = float("-inf")

    def __call__(self, done: float, total: float | None = None, note: str = "") -> None:
        """Print a line if it is time to.

        Parameters
        ----------
        done, total : numbers of ``unit``, or without one parts of 1
        note : what else there is to tell
        """
        now = self._pace.take(done)
        if now < self._due:
            return
        self._due = now + (FIRST if self._due == float("-inf") else EVERY)
        parts = [self._place(done, total), *self._rate(now, done, total), note]
        text = ", ".join(part for part in parts if part)
        click.echo(f"{_time_of_day(now)}  {self.what}{': ' if text else ''}{text}", err=True)

    def _place(self, done: float, total: float | None) -> str:
        if total is None:
            return ""
        percent = f"{100 * done / total:.1f} %" if total else ""
        return f"{percent}, {done:,.0f} of {total:,.0f} {self.unit}" if self.unit else percent

    def _rate(self, now: float, done: float, total: float | None) -> Iterator[str]:
        rate = self._pace.per_second()
        if rate is None:
            return
        if self.unit:
            yield f"{rate:,.0f} per second" if rate >= 10 else f"{rate:.2g} per second"
        if total is not None:
            yield f"ends about {_time_of_day(now + (total - done) / rate, now)}"


def _time_of_day(when: float, now: float | None = None) -> str:
    """Time of day, with the date where it is not that of ``now``."""
    moment = datetime.fromtimestamp(when)
    if now is None or moment.date() == datetime.fromtimestamp(now).date():
        return moment.strftime("%H:%M:%S")
    return moment.strftime("%Y-%m-%d %H:%M")
