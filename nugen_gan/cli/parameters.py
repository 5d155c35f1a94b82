"""Command-line values with a meaning: energies in GeV, durations.

Each function is a click type: it takes the text and raises BadParameter.
"""

from __future__ import annotations

import math
import re

import click

__all__ = ["SETTINGS_HELP", "duration", "energy", "energy_range"]

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
