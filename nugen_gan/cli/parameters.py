"""Command-line values with a meaning: energies in GeV, durations, numbers, files to write.

Each is a click type; a function takes the text and raises BadParameter.
"""

from __future__ import annotations

import math
import os
import re
from decimal import Decimal
from typing import Any

import click

__all__ = [
    "SETTINGS_HELP",
    "Count",
    "OutputFile",
    "duration",
    "energy",
    "energy_range",
    "overwrite_option",
]

overwrite_option = click.option("--overwrite", is_flag=True, help="Replace an existing output.")
_MULTIPLES = {"": 1, "k": 10**3, "K": 10**3, "M": 10**6, "G": 10**9}

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
    return float(match[1]) * _SECONDS[match[2]]


class Count(click.IntRange):
    """A whole number: 100000, 100_000, 100,000, 1e5, 100k or 1.5M."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read the text; what int() takes is left to it."""
        if isinstance(value, str):
            value = self._whole(value.strip(), param, ctx)
        return super().convert(value, param, ctx)

    def _whole(self, text: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        match = re.fullmatch(
            r"([+-]?(?:\d+(?:_\d+)*|\d{1,3}(?:,\d{3})+)(?:\.\d*)?(?:[eE]\+?\d{1,2})?)([kKMG]?)",
            text,
        )
        number = Decimal(re.sub("[_,]", "", match[1])) * _MULTIPLES[match[2]] if match else None
        if number is None or number != int(number):
            self.fail(
                f"{text!r} is not a whole number, such as 100000, 100_000, 1e5, 100k or 1M",
                param, ctx,
            )  # fmt: skip
        return str(int(number))


class OutputFile(click.Path):
    """The name of a file to write, or ``-`` for standard output."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Take the name; one with a slash at its end would be a folder's."""
        text = os.fsdecode(value)
        if text.endswith(os.sep):
            self.fail(f"{text!r} names a folder: name a file to write", param, ctx)
        return super().convert(value, param, ctx)
