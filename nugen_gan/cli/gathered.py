"""Options of the command line that belong together, as one object."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from functools import wraps
from typing import Any, TypeVar

__all__ = ["gathered"]

C = TypeVar("C", bound=Callable[..., Any])


def gathered(name: str, kind: type, *options: Callable[[Any], Any]) -> Callable[[C], C]:
    """Give a command these options, and their values as one argument.

    Parameters
    ----------
    name : of the argument
    kind : the argument's class, a dataclass; its fields have the names of the options
    options : click's, in the order of the help text
    """
    known = [field.name for field in fields(kind)]

    def decorate(command: C) -> C:
        @wraps(command)
        def collecting(**given: Any) -> Any:
            own = kind(**{field: given.pop(field) for field in known})
            return command(**given, **{name: own})

        decorated: Any = collecting
        for option in reversed(options):
            decorated = option(decorated)
        return decorated  # type: ignore[no-any-return]

    return decorate
