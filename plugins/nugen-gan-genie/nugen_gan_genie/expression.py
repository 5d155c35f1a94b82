"""Functions of x as text, such as ``x*exp(-x)``: parsed and computed here, never executed.

Understood are numbers, ``x``, ``pi``, ``+ - * / ^ **``, comparisons (1 or 0), ``&&`` and ``||``,
brackets, and the functions of :data:`FUNCTIONS`, also with ``TMath::`` or ``std::`` before them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nugen_gan.errors import UsageError

__all__ = ["FUNCTIONS", "Expression"]

Floats = NDArray[np.float64]
Node = Callable[[Floats], Any]

TOKEN = re.compile(
    r"\s*(?:(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|((?:TMath::|std::)?[A-Za-z_]\w*)"
    r"|(\*\*|<=|>=|==|!=|&&|\|\||[-+*/^()<>,]))"
)
# Name in small letters -> (how many arguments, function).
FUNCTIONS: dict[str, tuple[int, Callable[..., Any]]] = {
    "exp": (1, np.exp), "log": (1, np.log), "log10": (1, np.log10), "sqrt": (1, np.sqrt),
    "abs": (1, np.abs), "fabs": (1, np.abs), "sin": (1, np.sin), "cos": (1, np.cos),
    "tan": (1, np.tan), "atan": (1, np.arctan), "sinh": (1, np.sinh), "cosh": (1, np.cosh),
    "tanh": (1, np.tanh), "sq": (1, np.square), "pow": (2, np.power), "power": (2, np.power),
    "min": (2, np.minimum), "max": (2, np.maximum),
    "gaus": (3, lambda x, mean, sigma: np.exp(-0.5 * ((x - mean) / sigma) ** 2)),
}  # fmt: skip
CONSTANTS = {"pi": np.pi, "e": np.e}
# From the weakest binding to the strongest; powers and signs are dealt with apart.
BINARY: tuple[dict[str, Callable[..., Any]], ...] = (
    {"||": np.logical_or},
    {"&&": np.logical_and},
    {"<": np.less, ">": np.greater, "<=": np.less_equal, ">=": np.greater_equal,
     "==": np.equal, "!=": np.not_equal},
    {"+": np.add, "-": np.subtract},
    {"*": np.multiply, "/": np.divide},
)  # fmt: skip
# Brackets within brackets; more are nobody's flux.
DEEPEST, LONGEST = 50, 2000


class Expression:
    """A function of x.

    Parameters
    ----------
    text : to be understood

    Raises
    ------
    UsageError
        if it is not, with the place.

    Examples
    --------
    >>> Expression("x*exp(-x)")(np.array([0.0, 1.0])).round(4)
    array([0.    , 0.3679])
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._depth = 0
        self._tokens = self._split()
        self._next = 0
        self._function = self._binary(0)
        if self._next < len(self._tokens):
            raise self._error(f"{self._tokens[self._next]!r} is not expected there")

    def __call__(self, x: Floats) -> Floats:
        """Values at ``x``; shape of ``x``."""
        with np.errstate(all="ignore"):
            values = np.asarray(self._function(x), np.float64)
        return np.broadcast_to(values, x.shape).copy()

    def _split(self) -> list[str]:
        tokens, place = [], 0
        text = self.text.rstrip()
        if len(text) > LONGEST:
            raise UsageError(f"a function of {len(text):,d} characters is too long: {LONGEST:,d}")
        while place < len(text):
            match = TOKEN.match(text, place)
            if match is None:
                raise self._error(f"{text[place:].strip()[:10]!r} is not understood")
            tokens.append(match[0].strip())
            place = match.end()
        return tokens

    def _error(self, problem: str) -> UsageError:
        names = ", ".join(FUNCTIONS)
        return UsageError(
            f"the function {self.text!r}: {problem}. Understood are numbers, x, pi, + - * / ^ **, "
            f"comparisons, brackets, and {names}"
        )

    def _take(self, *wanted: str) -> str | None:
        """The next token if it is one of these."""
        if self._next < len(self._tokens) and self._tokens[self._next] in wanted:
            self._next += 1
            return self._tokens[self._next - 1]
        return None

    def _binary(self, level: int) -> Node:
        if level == len(BINARY):
            return self._signed()
        left = self._binary(level + 1)
        while (symbol := self._take(*BINARY[level])) is not None:
            left = _joined(BINARY[level][symbol], left, self._binary(level + 1))
        return left

    def _signed(self) -> Node:
        sign = self._take("-", "+")
        if sign is None:
            return self._power()
        with _Deeper(self):
            inner = self._signed()
        return (lambda x: np.negative(inner(x))) if sign == "-" else inner

    def _power(self) -> Node:
        base = self._atom()
        if self._take("^", "**") is None:
            return base
        with _Deeper(self):
            # To the right first: 2^3^2 is 2^9, and -x^2 is -(x^2).
            return _joined(np.power, base, self._signed())

    def _atom(self) -> Node:
        if self._next == len(self._tokens):
            raise self._error("it ends too early")
        token = self._tokens[self._next]
        self._next += 1
        if token == "(":
            with _Deeper(self):
                inner = self._binary(0)
            self._close()
            return inner
        if token[0].isdigit() or token[0] == ".":
            number = np.float64(token)
            return lambda x: number
        if token == "x":
            return lambda x: x
        return self._named(token)

    def _named(self, token: str) -> Node:
        name = token.split("::")[-1].lower()
        if name in FUNCTIONS and self._take("("):
            count, function = FUNCTIONS[name]
            with _Deeper(self):
                arguments = [self._binary(0)]
                while self._take(","):
                    arguments.append(self._binary(0))
            self._close()
            if len(arguments) != count:
                raise self._error(f"{token} takes {count} numbers, not {len(arguments)}")
            return lambda x: function(*(argument(x) for argument in arguments))
        if name in CONSTANTS:
            if "::" in token and self._take("("):
                self._close()
            value = CONSTANTS[name]
            return lambda x: value
        raise self._error(f"{token!r} is not understood")

    def _close(self) -> None:
        if self._take(")") is None:
            raise self._error("a bracket is not closed")

    def deeper(self, step: int) -> None:
        """Count brackets within brackets."""
        self._depth += step
        if self._depth > DEEPEST:
            raise self._error(f"more than {DEEPEST} brackets within brackets")


class _Deeper:
    def __init__(self, expression: Expression) -> None:
        self._expression = expression

    def __enter__(self) -> None:
        self._expression.deeper(1)

    def __exit__(self, *_: object) -> None:
        self._expression.deeper(-1)


def _joined(function: Callable[..., Any], left: Node, right: Node) -> Node:
    return lambda x: function(left(x), right(x))
