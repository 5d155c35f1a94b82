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
        self._live = sys.stderr.isatty()

    def __enter__(self) -> TrainingDisplay:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._live and self.step:
            click.echo("", err=True)

    def update(self, status: Status) -> None:
        """Take the state after a step."""
        self.step = status.step
        now = time.monotonic()
        if not self._live or (now - self._shown < REFRESH and status.done < 1.0):
            return
        self._shown = now
        self._first = self._first or (status.done, status.elapsed)
        click.echo("\r" + self._line(status).ljust(78)[:78], nl=False, err=True)

    def _line(self, status: Status) -> str:
        filled = int(20 * status.done)
        bar = "#" * filled + "-" * (20 - filled)
        quality = (
            f"pull^2 {status.best_pull:.3f} at {status.best_step:,d}"
            if status.best_step
            else "pull^2 not yet known"
        )
        return f"[{bar}] {status.step:,d}/{status.steps:,d}  {self._left(status)}  {quality}"

    def _left(self, status: Status) -> str:
        assert self._first is not None
        done, elapsed = status.done - self._first[0], status.elapsed - self._first[1]
        if done <= 0:
            return "--:-- left"
        seconds = round(elapsed * (1.0 - status.done) / done)
        minutes, seconds = divmod(seconds, 60)
        return f"{minutes:02d}:{seconds:02d} left"
