"""What sizes and numbers are allowed, wherever they come from: options, command line, model files.

The bounds are far beyond what is of use.  They are there for the mistyped zero too many, which
would fill the memory before anything was said, and for files that were tampered with.
"""

from __future__ import annotations

import math
import numbers
import re
from dataclasses import dataclass
from typing import Any

from nugen_gan.errors import UsageError

__all__ = ["ALLOWED", "Allowed", "check", "check_device_name"]

DEVICES = re.compile(r"cpu|mps|cuda(:\d{1,3})?")
DEVICE_NAMES = "cpu, and cuda (cuda:0, ...) or mps where torch finds such a device"


@dataclass(frozen=True, slots=True)
class Allowed:
    """The numbers that an option may be.

    Attributes
    ----------
    low, high : smallest and largest
    whole : whether it must be an integer
    open : whether the bounds themselves are excluded at the lower end
    """

    low: float
    high: float
    whole: bool = True
    open: bool = False

    def holds(self, value: Any) -> bool:
        """Whether a value is a finite number, and one of these."""
        kind = numbers.Integral if self.whole else numbers.Real
        if isinstance(value, bool) or not isinstance(value, kind):
            return False
        if not self.whole and not math.isfinite(value):
            return False
        number: float = value  # type: ignore[assignment]
        return (self.low < number if self.open else self.low <= number) and number <= self.high

    def __str__(self) -> str:
        what = "whole numbers " if self.whole else ""
        low = f"above {_plain(self.low)}" if self.open else f"from {_plain(self.low)}"
        return f"{what}{low} to {_plain(self.high)}"


def _plain(bound: float) -> str:
    return "2^63 - 1" if bound == 2**63 - 1 else f"{bound:,.12g}"


ALLOWED = {
    "steps": Allowed(1, 10**8),
    "batch size": Allowed(2, 2**20),
    "learning rate": Allowed(0.0, 0.999, whole=False, open=True),
    "warmup": Allowed(0, 10**7),
    "final learning rate": Allowed(0.0, 1.0, whole=False),
    "gamma": Allowed(0.0, 1e6, whole=False),
    "decay of the average": Allowed(0.0, 1.0, whole=False),
    "held-out fraction": Allowed(0.0, 0.5, whole=False, open=True),
    "steps between evaluations": Allowed(1, 10**8),
    "time limit": Allowed(0.0, 3.2e7, whole=False, open=True),  # a year of seconds
    "seed": Allowed(0, 2**63 - 1),
    "refiner steps": Allowed(0, 10**7),
    "width": Allowed(1, 1024),
    "blocks": Allowed(0, 32),
    "latent": Allowed(1, 256),
    "members": Allowed(1, 64),
    "frozen layers": Allowed(0, 100),
    "ensemble": Allowed(0, 1000),
}


def check(name: str, value: Any, of: str | None = None) -> None:
    """Raise UsageError unless ``value`` is allowed for what has this name in ``ALLOWED``.

    ``of`` is what to call it; None: its name.
    """
    allowed = ALLOWED[name]
    if not allowed.holds(value):
        raise UsageError(f"{of or name} is {value}; allowed: {allowed}")


def check_device_name(name: str) -> None:
    """Raise UsageError for what is the name of no device; whether there is one, torch knows."""
    if not isinstance(name, str) or not DEVICES.fullmatch(name):
        raise UsageError(f"device {name!r} cannot be used: allowed are {DEVICE_NAMES}.")
