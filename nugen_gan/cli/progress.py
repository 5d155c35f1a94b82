"""Progress: a bar on a terminal, now and then a line with the time of day elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Protocol

import click

if TYPE_CHECKING:
    from nugen_gan.gan.loop import Status

__all__ = ["Lines", "Show", "TrainingDisplay", "be_quiet", "counting", "is_quiet", "say_step"]

REFRESH = 0.2  # seconds
# Off a terminal: a line at the start, after FIRST seconds, and then every EVERY seconds.
FIRST, EVERY = 30.0, 60.0
QUIET = "nugen_gan.quiet"

Clock = Callable[[], float]


class Show(Protocol):
    """Takes what is done so far, and the whole where it was not known before."""

    def __call__(self, done: int, total: int | None = None, /) -> None:
        """Take them."""


def be_quiet(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    """Take the option --quiet."""
    if wanted:
        ctx.meta[QUIET] = True


def is_quiet() -> bool:
    """True if the verb that runs was given --quiet."""
    ctx = click.get_current_context(silent=True)
    return ctx is not None and bool(ctx.meta.get(QUIET))


@contextmanager
def counting(
    what: str, total: int | None = None, unit: str = "events", *, at_once: bool = True
) -> Iterator[Show]:
    """Show how far a count is; yield a function that takes the number done so far.

    Parameters
    ----------
    what : goes on, such as "generating"
    total : the number in the end, where it is known already
    unit : of the numbers
    at_once : show the beginning now, not when it is first told of: something may be asked before
    """
    with ExitStack() as stack:
        start = _bar if sys.stderr.isatty() else _lines
        shown: list[Show] = []

        def show(done: int, now: int | None = None) -> None:
            if not shown:
                shown.append(start(stack, what, unit, now or total))
            shown[0](done, now or total)

        if is_quiet():
            yield lambda done, now=None: None
            return
        if at_once:
            show(0)
        yield show


def _lines(stack: ExitStack, what: str, unit: str, total: int | None) -> Show:
    lines = Lines(what, unit)
    return lambda done, now=None: lines(done, now)


def _bar(stack: ExitStack, what: str, unit: str, total: int | None) -> Show:
    bar = stack.enter_context(click.progressbar(length=total or 1, label=what, file=sys.stderr))

    def show(done: int, now: int | None = None) -> None:
        bar.length = now or 1
        bar.update(done - bar.pos)

    return show


def say_step(text: str) -> None:
    """Tell a step of a work of several as it begins."""
    if not is_quiet():
        terminal = sys.stderr.isatty()
        click.echo(f"{text} ..." if terminal else f"{_time_of_day(time.time())}  {text}", err=True)


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
            self._lines(done, 1.0, "accepting and refusing")
        self._show(done, time.monotonic(), "", "accepting and refusing")

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
