"""The texts that NuWro leaves beside a file of events: ``.par`` and ``.txt``."""

from __future__ import annotations

from collections.abc import Iterable

from nugen_gan_nuwro.cards import Card
from nugen_gan_nuwro.names import PARAMETERS, Value

__all__ = ["parameters_text", "table_text"]


def parameters_text(card: Card) -> str:
    """Every parameter with its value, as a parameter file that can be read again.

    NuWro's own cannot be where a parameter has several lines; here these are joined by ``+=``.
    """
    rows = []
    for name, parameter in PARAMETERS.items():
        value = card.values[name]
        lines = str(value).split("\n") if parameter.kind == "line" else [_said(value)]
        for number, line in enumerate(lines):
            rows.append(f"        {name} {'+=' if number else '='} {line.strip()}")
    return "\n".join(rows) + "\n"


def _said(value: Value) -> str:
    if isinstance(value, tuple):
        return " ".join(f"{number:.12g}" for number in value)
    if isinstance(value, bool):
        return str(int(value))
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def table_text(rows: Iterable[tuple[int, int, float, float]]) -> str:
    """The table of channels: dyn, events, their fraction, cross section [cm^2 per nucleon]."""
    lines = ["dyn     events        ratio   sigma[cm2]"]
    lines += [f"{dyn:3d} {n:10d} {ratio:12.6g} {sigma:12.6g}" for dyn, n, ratio, sigma in rows]
    return "\n".join(lines) + "\n"
