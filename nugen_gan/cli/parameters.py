"""Command-line values with a meaning: energies in GeV, durations, numbers with bounds, files.

Each is a click type; a function takes the text and raises BadParameter.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import click

from nugen_gan.errors import UsageError
from nugen_gan.gan.limits import ALLOWED, check, check_device_name

__all__ = [
    "GENERATOR_HELP",
    "SETTINGS_HELP",
    "Count",
    "OutputFile",
    "device",
    "duration",
    "energy",
    "energy_range",
    "number",
    "overwrite_option",
]

overwrite_option = click.option("--overwrite", is_flag=True, help="Replace an existing output.")
_MULTIPLES = {"": 1, "k": 10**3, "K": 10**3, "M": 10**6, "G": 10**9}

GENERATOR_HELP = "What made the events, where the input does not tell: NuWro 25.11, ..."
SETTINGS_HELP = (
    "Physics switches of the generator, where the input does not tell: an event file of the same "
    "set-up, its params.txt, a model, FSI_on=1,sf_method=1 or tune=G18_10a_02_11a.  Of several "
    "the last one counts."
)
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


class Count(click.IntRange):
    """A whole number: 100000, 100_000, 100,000, 1e5, 100k or 1.5M."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read the text; what int() takes is left to it."""
        if isinstance(value, str):
            try:
                value = str(_whole(value.strip()))
            except ValueError as error:
                self.fail(str(error), param, ctx)
        return super().convert(value, param, ctx)


def _whole(text: str) -> int:
    match = re.fullmatch(
        r"([+-]?(?:\d+(?:_\d+)*|\d{1,3}(?:,\d{3})+)(?:\.\d*)?(?:[eE]\+?\d{1,2})?)([kKMG]?)",
        text,
    )
    number = Decimal(re.sub("[_,]", "", match[1])) * _MULTIPLES[match[2]] if match else None
    if number is None or number != int(number):
        raise ValueError(f"{text!r} is not a whole number, such as 100000, 1e5, 100k or 1M")
    return int(number)


class OutputFile(click.Path):
    """The name of a file to write, or ``-`` for standard output."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Take the name; one with a slash at its end would be a folder's."""
        text = os.fsdecode(value)
        if text.endswith(os.sep):
            self.fail(f"{text!r} names a folder: name a file to write", param, ctx)
        return super().convert(value, param, ctx)


def number(name: str) -> Callable[[str], float]:
    """A number within the bounds that :mod:`nugen_gan.gan.limits` has under this name."""
    whole = ALLOWED[name].whole

    def read(text: str) -> float:
        try:
            # A default of an option comes as a number.
            value = _whole(str(text)) if whole else float(text)
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
