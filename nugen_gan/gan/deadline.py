"""When a stage of a training must have ended, and how far it is until then.

A run with a time limit gives each of its stages a part of the time that is left; a stage that ends
early leaves the rest to those after it.  A stage under a deadline goes through its steps faster
where there is no time for all of them: its learning rate follows the clock, so that it has come
down when the time is over.  Without a limit nothing looks at the clock.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field

__all__ = ["NONE", "Deadline"]


@dataclass(frozen=True, slots=True)
class Deadline:
    """The end of a stage.

    Attributes
    ----------
    start, end : on the clock of ``time.monotonic`` [s]; infinite if there is no limit
    cut : what had to be shortened or left out so far, by stage, in words; common to all parts
    """

    start: float = 0.0
    end: float = math.inf
    cut: dict[str, str] = field(default_factory=dict, compare=False)

    @classmethod
    def within(cls, seconds: float | None) -> Deadline:
        """Begin now and end after so many seconds; None: whenever it is done."""
        now = time.monotonic()
        return cls(now, math.inf if seconds is None else now + seconds)

    @property
    def limited(self) -> bool:
        """Whether there is an end."""
        return self.end < math.inf

    def left(self) -> float:
        """Seconds until the end, not below zero."""
        return max(0.0, self.end - time.monotonic()) if self.limited else math.inf

    def part(self, share: float) -> Deadline:
        """A stage that begins now and may use this share of what is left."""
        if not self.limited:
            return self
        now = time.monotonic()
        return Deadline(now, now + share * self.left(), self.cut)

    def place(self, step: int, steps: int) -> float:
        """How far a stage is after ``step`` of its ``steps``: in steps, but sooner by the clock."""
        if not self.limited:
            return step
        spent = (time.monotonic() - self.start) / max(self.end - self.start, 1e-9)
        return min(float(steps), max(float(step), steps * spent))

    def record(self, stage: str, step: int, steps: int) -> None:
        """Note how far a stage came, if not to its end."""
        if step < steps:
            self.cut[stage] = f"{step:,d} of {steps:,d} steps"


NONE = Deadline()
"""No limit."""
