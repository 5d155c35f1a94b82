"""Command lines in GENIE's way: any order, one dash or two, values that may begin with a dash."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from nugen_gan.errors import UsageError

__all__ = ["Given", "Option", "dashed", "read_options", "usage"]

# How like a word must be to an option to be taken for it.
SIMILAR = 0.85


@dataclass(frozen=True, slots=True)
class Option:
    """An option of a program.

    Attributes
    ----------
    name : without dashes, as the program's own code asks for it
    help : in a few words
    value : what it takes, for the help; "" for a switch
    also : other names
    ignored : why nothing is done with it; "" if something is
    variable : of the environment that switches it on with 1
    many : may be given several times
    """

    name: str
    help: str
    value: str = ""
    also: tuple[str, ...] = ()
    ignored: str = ""
    variable: str = ""
    many: bool = False

    @property
    def shown(self) -> str:
        """With its dashes and what it takes."""
        names = [dashed(name) for name in (self.name, *self.also)]
        return f"{', '.join(names)}{' ' if self.value else ''}{self.value}"


@dataclass(slots=True)
class Given:
    """What was given.

    Attributes
    ----------
    values : by name of the option; of a switch "1"
    lists : all values of options that may be given several times
    rest : words that belong to no option
    notes : what was ignored or taken for something else, in words
    """

    values: dict[str, str] = field(default_factory=dict)
    lists: dict[str, list[str]] = field(default_factory=dict)
    rest: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def get(self, name: str) -> str | None:
        """The value of an option; None if it was not given."""
        return self.values.get(name)

    def required(self, name: str, example: str) -> str:
        """The value of an option that must be given."""
        if name not in self.values:
            raise UsageError(f"{dashed(name)} is missing, as in {dashed(name)} {example}")
        return self.values[name]

    def whole(self, name: str, default: int | None = None) -> int:
        """A whole number that is not negative; 1e5 is one."""
        text = self.values.get(name)
        if text is None and default is not None:
            return default
        text = self.required(name, "1000")
        try:
            number = float(text)
        except ValueError:
            number = -1.0
        if not (number >= 0.0 and number == int(number)):
            raise UsageError(f"{dashed(name)} {text}: a whole number is needed, such as 1000")
        return int(number)


def dashed(name: str) -> str:
    """One dash before a letter, two before a word."""
    return f"-{name}" if len(name) == 1 else f"--{name}"


def read_options(words: Sequence[str], options: Sequence[Option], *, free: bool = False) -> Given:
    """Take a command line apart.

    Parameters
    ----------
    words : of the command line
    options : that there are
    free : words that belong to no option are allowed

    Raises
    ------
    UsageError
        if an option is not known, or its value is missing.
    """
    table = {name: option for option in options for name in (option.name, *option.also)}
    found = Given()
    left = list(words)
    while left:
        word = left.pop(0)
        name, equals, value = word.lstrip("-").partition("=")
        if not word.startswith("-") or not name:
            if not free:
                raise UsageError(
                    f"{word!r} belongs to no option: are quotes missing? Options: {_names(options)}"
                )
            found.rest.append(word)
            continue
        option = _option(word.partition("=")[0], name, table, found)
        if not option.value:
            found.values[option.name] = "1"
        elif equals:
            _put(found, option, value)
        elif left:
            _put(found, option, left.pop(0))
        else:
            raise UsageError(f"{word} needs a value behind it: {option.shown}")
        if option.ignored:
            found.notes.append(f"{word} is ignored: {option.ignored}")
    for option in options:
        if option.variable and os.environ.get(option.variable) == "1":
            found.values.setdefault(option.name, "1")
    return found


def _option(word: str, name: str, table: Mapping[str, Option], found: Given) -> Option:
    if name in table:
        return table[name]
    plain = name.lower().replace("_", "-")
    near = [plain] if plain in table else get_close_matches(plain, table, n=1, cutoff=SIMILAR)
    if not near or len(near[0]) == 1:
        like = get_close_matches(plain, table, n=2, cutoff=0.5)
        advice = f" Did you mean {' or '.join(map(dashed, like))}?" if like else ""
        raise UsageError(
            f"the option {word} is not known.{advice} There are {_names(list(table.values()))}"
        )
    found.notes.append(f"{word} is taken for {dashed(near[0])}")
    return table[near[0]]


def _put(found: Given, option: Option, value: str) -> None:
    found.values[option.name] = value
    if option.many:
        found.lists.setdefault(option.name, []).append(value)


def _names(options: Sequence[Option]) -> str:
    return ", ".join(dict.fromkeys(dashed(option.name) for option in options))


def usage(program: str, purpose: str, options: Sequence[Option], words: str = "") -> str:
    """The text of ``--help``."""
    width = max(len(option.shown) for option in options) + 2
    lines = [f"usage: {program} [options]{f' {words}' if words else ''}", "", purpose, ""]
    for option in options:
        variable = f" ({option.variable}=1)" if option.variable else ""
        lines.append(f"  {option.shown:<{width}}{option.help}{variable}")
    return "\n".join(lines) + "\n"
