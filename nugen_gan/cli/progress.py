"""Progress on a terminal; silence in a pipe."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from nugen_gan.gan.loop import Status

__all__ = ["TrainingDisplay", "counting"]

REFRESH = 0.2  # seconds


@contextmanager
def counting(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show a bar on a terminal; yield a function that takes the number done so far."""
    if not sys.stderr.isatty():
        yield lambda done: None
        return
    with click.progressbar(length=total, label=what, file=sys.stderr) as bar:
        yield lambda done: bar.update(done - bar.pos)


class TrainingDisplay:
    """One line that follows a training: steps, time, and how good it is so far."""

    def __init__(self) -> None:
        self.step = 0
        self._shown = 0.0
        self._first: tuple[float, float] | None = None
        self._open = False
        self._live = sys.stderr.isatty()

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
        steps = f"{status.step:,d}/{status.steps:,d}  "
        self._show(status.done, status.elapsed, steps, quality)

    def refining(self, done: float) -> None:
        """Take the fraction done of a refiner."""
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
