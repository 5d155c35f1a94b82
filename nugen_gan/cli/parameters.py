"""Command-line values with a meaning: energies in GeV, durations, options with bounds, devices.

Each function is a click type: it takes the text and raises BadParameter.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable

import click

from nugen_gan.errors import UsageError
from nugen_gan.limits import ALLOWED, check, check_device_name

__all__ = ["device", "duration", "energy", "energy_range", "number"]

_SECONDS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}


def energy(text: str) -> tuple[float, ...]:
    """One energy, or two separated by a comma [GeV]."""
    try:
        numbers = tuple(float(part) for part in text.split(","))
    except ValueError:
        numbers = ()
    if len(numbers) not in (1, 2):
        raise click.BadParameter(
            f"{text!r} is neither one energy nor two with a comma between them, such as 0.2,10 "
            "(GeV)"
        )
    if not all(math.isfinite(number) and number > 0.0 for number in numbers):
        raise click.BadParameter(f"{text!r}: energies must be positive numbers (GeV)")
    if len(numbers) == 2 and numbers[0] >= numbers[1]:
        raise click.BadParameter(f"{text!r}: the smaller energy comes first")
    return numbers


def energy_range(text: str) -> tuple[float, float]:
    """Two energies separated by a comma [GeV]."""
    numbers = energy(text)
    if len(numbers) != 2:
        raise click.BadParameter(f"{text!r}: two energies are needed, such as 0.2,10 (GeV)")
    return numbers[0], numbers[1]


def duration(text: str) -> float:
    """Seconds from 90, 90s, 15m or 2h."""
    match = re.fullmatch(r"(\d+(?:\.\d*)?)\s*([smh]?)", text.strip().lower())
    if not match or float(match[1]) <= 0.0:
        raise click.BadParameter(f"{text!r} is not a time such as 90s, 15m or 2h")
    seconds = float(match[1]) * _SECONDS[match[2]]
    _refused(check, "time limit", seconds)
    return seconds


def number(name: str) -> Callable[[str], float]:
    """A number within the bounds that :mod:`nugen_gan.limits` has under this name."""
    whole = ALLOWED[name].whole

    def read(text: str) -> float:
        try:
            value = int(text) if whole else float(text)
        except ValueError:
            allowed = ALLOWED[name]
            raise click.BadParameter(f"{name} is {text!r}; allowed: {allowed}") from None
        _refused(check, name, value)
        return value

    # What click calls the type, in help and errors.
    read.__name__ = "integer" if whole else "float"
    return read


def device(text: str) -> str:
    """The name of a device; whether it is there is asked before data are read."""
    _refused(check_device_name, text)
    return text


def _refused(check: Callable[..., None], *values: object) -> None:
    """Check values; what is wrong with them is wrong with an option."""
    try:
        check(*values)
    except UsageError as error:
        raise click.BadParameter(str(error)) from error
