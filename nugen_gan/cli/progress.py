"""Progress: a bar on a terminal, now and then a line with the time of day elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

    from nugen_gan.gan.loop import Status

__all__ = ["Lines", "TerminalMonitor", "TrainingDisplay", "be_quiet", "is_quiet"]

REFRESH = 0.2  # seconds
# Off a terminal: a line at the start, after FIRST seconds, and then every EVERY seconds.
FIRST, EVERY = 30.0, 60.0
QUIET = "nugen_gan.quiet"
# Parts of a bar: finer than any terminal is wide.
PARTS = 1000

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
    """

    def __init__(self) -> None:
        self._total: float | None = None
        self._bar: ProgressBar[int] | None = None
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
            self._bar = click.progressbar(length=PARTS, label=what, file=sys.stderr)
            self._bar.__enter__()
        else:
            self._lines = Lines(what, unit)
            self._lines(0, total)

    def advanced(self, done: float, **figures: float) -> None:
        """Show how far it is, and the figures where there is room."""
        if self._bar is not None:
            share = min(done / self._total, 1.0) if self._total else 1.0
            self._bar.update(round(PARTS * share) - self._bar.pos)
        if self._lines is not None:
            note = ", ".join(f"{name} {value:.4g}" for name, value in figures.items())
            self._lines(done, self._total, note)

    def note(self, text: str) -> None:
        """Show a line, below a bar if there is one."""
        if self._bar is not None:
            click.echo("", err=True)
        click.echo(f"note: {text}", err=True)

    def finished(self) -> None:
        """End the line of a bar."""
        if self._bar is not None:
            self._bar.__exit__(None, None, None)
        self._bar = self._lines = None


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
        self._clock = clock
        self._due = float("-inf")
        self._began: tuple[float, float] | None = None
        self._latest = 0.0

    def __call__(self, done: float, total: float | None = None, note: str = "") -> None:
        """Print a line if it is time to.

        Parameters
        ----------
        done, total : numbers of ``unit``, or without one parts of 1
        note : what else there is to tell
        """
        now = self._clock()
        if self._began is None or done < self._latest:  # another stage
            self._began = (now, done)
        self._latest = done
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
        assert self._began is not None
        began, first = self._began
        if done <= first or now <= began:
            return
        rate = (done - first) / (now - began)
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


class TrainingDisplay:
    """One line that follows a training: steps, time, and how good it is so far.

    Off a terminal it is a line now and then.
    """

    def __init__(self) -> None:
        self.step = 0
        self._shown = 0.0
        self._first: tuple[float, float] | None = None
        self._open = False
        self._live = sys.stderr.isatty() and not is_quiet()
        self._lines = None if self._live or is_quiet() else Lines("training")

    def __enter__(self) -> TrainingDisplay:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.end_line()

    def update(self, status: Status) -> None:
        """Take the state after a step of the networks."""
        self.step = status.step
        quality = (
            f"pull^2 {status.best_pull:.3f} at {status.best_step:,d}"
            if status.best_step
            else "pull^2 not yet known"
        )
        steps = f"{status.step:,d}/{status.steps:,d}"
        if self._lines is not None:
            rate = f"{status.step / status.elapsed:,.3g} steps per second" if status.elapsed else ""
            note = f"step {steps}, {rate}{', ' if rate else ''}{quality}"
            self._lines(status.done, 1.0, note)
        self._show(status.done, status.elapsed, f"{steps}  ", quality)

    def refining(self, done: float) -> None:
        """Take the fraction done of a refiner."""
        if self._lines is not None:
            self._lines(done, 1.0, "learning what to accept")
        self._show(done, time.monotonic(), "", "learning what to accept")

    def end_line(self) -> None:
        """End the line, if there is one; what follows is another task."""
        if self._open:
            click.echo("", err=True)
        self._open, self._first, self._shown = False, None, 0.0

    def _show(self, done: float, elapsed: float, before: str, after: str) -> None:
        now = time.monotonic()
        if not self._live or (now - self._shown < REFRESH and done < 1.0):
            return
        if self._first is not None and done < self._first[0]:
            self.end_line()
        self._shown, self._open = now, True
        self._first = self._first or (done, elapsed)
        filled = int(20 * done)
        bar = "#" * filled + "-" * (20 - filled)
        line = f"[{bar}] {before}{self._left(done, elapsed)}  {after}"
        click.echo("\r" + line.ljust(78)[:78], nl=False, err=True)

    def _left(self, done: float, elapsed: float) -> str:
        assert self._first is not None
        first, began = self._first
        if done <= first:
            return "--:-- left"
        seconds = round((elapsed - began) * (1.0 - done) / (done - first))
        minutes, seconds = divmod(seconds, 60)
        return f"{minutes:02d}:{seconds:02d} left"
