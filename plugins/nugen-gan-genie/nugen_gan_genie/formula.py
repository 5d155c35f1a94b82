"""Formulas of x such as ``x*x*exp((-x*x+3)/4)``: parsed by a grammar of our own, never executed.

sum     = product { (+ | -) product }
product = sign { (* | /) sign }
sign    = (+ | -) sign | power
power   = atom [ (^ | **) sign ]
atom    = number | x | pi | function ( sum {, sum} ) | ( sum )
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nugen_gan.errors import UsageError

__all__ = ["Formula"]

Floats = NDArray[np.float64]
Node = Callable[[Floats], Any]
TOKEN = re.compile(
    r"\s*(?:(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|([A-Za-z_][\w:]*)|(\*\*|.))"
)
# Functions of ROOT's formulas that fluxes use, with the number of their arguments.
FUNCTIONS: dict[str, tuple[int, Callable[..., Any]]] = {
    "exp": (1, np.exp), "log": (1, np.log), "log10": (1, np.log10), "sqrt": (1, np.sqrt),
    "abs": (1, np.abs), "sin": (1, np.sin), "cos": (1, np.cos), "tan": (1, np.tan),
    "tanh": (1, np.tanh), "pow": (2, np.power), "min": (2, np.minimum), "max": (2, np.maximum),
    "gaus": (3, lambda x, mean, width: np.exp(-0.5 * ((x - mean) / width) ** 2)),
}  # fmt: skip
# Longer ones, or deeper ones, are no flux of anybody.
LONGEST, DEEPEST = 1000, 50


class Formula:
    """A function of x.

    Parameters
    ----------
    text : as ROOT's formulas are written

    Raises
    ------
    UsageError
        if it is none.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        if len(text) > LONGEST:
            raise UsageError(f"a formula of {len(text):,d} characters is too long")
        self._tokens = [match.groups() for match in TOKEN.finditer(text.strip())]
        self._at = self._depth = 0
        self._node = self._sum()
        if self._at < len(self._tokens):
            raise self._wrong()

    def __call__(self, x: Floats) -> Floats:
        """Values at x, (N,)."""
        with np.errstate(all="ignore"):
            return np.broadcast_to(np.asarray(self._node(x), np.float64), x.shape)

    def _sum(self) -> Node:
        left = self._product()
        while (sign := self._take("+", "-")) is not None:
            left = _joined(np.add if sign == "+" else np.subtract, left, self._product())
        return left

    def _product(self) -> Node:
        left = self._sign()
        while (sign := self._take("*", "/")) is not None:
            left = _joined(np.multiply if sign == "*" else np.divide, left, self._sign())
        return left

    def _sign(self) -> Node:
        sign = self._take("+", "-")
        if sign is None:
            return self._power()
        self._deeper()
        inner = self._sign()
        return inner if sign == "+" else lambda x: np.negative(inner(x))

    def _power(self) -> Node:
        base = self._atom()
        if self._take("^", "**") is None:
            return base
        self._deeper()
        return _joined(np.power, base, self._sign())

    def _atom(self) -> Node:
        if self._at >= len(self._tokens):
            raise self._wrong()
        number, name, sign = self._tokens[self._at]
        self._at += 1
        if number:
            value = float(number)
            return lambda x: value
        if name:
            return self._named(name.removeprefix("TMath::").lower())
        if sign == "(":
            return self._inside(1)[0]
        self._at -= 1
        raise self._wrong()

    def _named(self, name: str) -> Node:
        if name == "x":
            return lambda x: x
        if name == "pi":
            self._take_call()
            return lambda x: np.pi
        if name not in FUNCTIONS or self._take("(") is None:
            self._at -= 1
            raise self._wrong()
        number, function = FUNCTIONS[name]
        parts = self._inside(number)
        return lambda x: function(*(part(x) for part in parts))

    def _take_call(self) -> None:
        if self._take("(") is not None and self._take(")") is None:
            raise self._wrong()

    def _inside(self, number: int) -> list[Node]:
        """So many sums and the bracket that closes."""
        self._deeper()
        parts = [self._sum()]
        while len(parts) < number:
            if self._take(",") is None:
                raise self._wrong()
            parts.append(self._sum())
        if self._take(")") is None:
            raise self._wrong()
        self._depth -= 1
        return parts

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise UsageError(f"the formula {self.text[:60]!r}... is nested too deep")

    def _take(self, *signs: str) -> str | None:
        if self._at < len(self._tokens) and self._tokens[self._at][2] in signs:
            self._at += 1
            return self._tokens[self._at - 1][2]
        return None

    def _wrong(self) -> UsageError:
        where = "its end"
        if self._at < len(self._tokens):
            where = repr(next(part for part in self._tokens[self._at] if part))
        return UsageError(
            f"{self.text!r} is not understood at {where}. A formula has numbers, x, pi, + - * / ^, "
            f"brackets and {', '.join(FUNCTIONS)}"
        )


def _joined(operation: Callable[..., Any], left: Node, right: Node) -> Node:
    return lambda x: operation(left(x), right(x))
