"""NuWro's parameter files: line by line, with includes, and the lines of the command line after."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nugen_gan.errors import NugenError
from nugen_gan.storage.text import read_text_file
from nugen_gan_nuwro.errors import BadValueError, IncludeError, LineError
from nugen_gan_nuwro.names import OLD, PARAMETERS, Value, known_name, read_value
from nugen_gan_nuwro.targets import BUILT_IN

__all__ = ["Card", "old_switches", "read_card"]

ASSIGNMENT = re.compile(r"\s*([^\s=+]+)\s*(\+?=)(.*)", re.DOTALL)
# An include that includes itself would never end.
DEEPEST = 16


@dataclass
class Card:
    """All parameters of a run.

    Attributes
    ----------
    values : by today's names; those of the old switches only where they were set
    lines : lines of the parameters that may have several
    said : names that somebody set, and where
    notes : what was found or assumed on the way, in words
    """

    values: dict[str, Value] = field(
        default_factory=lambda: {p.name: p.default for p in PARAMETERS.values()}
    )
    lines: dict[str, list[str]] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def set(self, name: str, operator: str, text: str, where: str) -> None:
        """Carry out ``name = text`` or ``name += text``."""
        today = known_name(name)
        value = read_value(today, text.strip())
        is_line = today in PARAMETERS and PARAMETERS[today].kind == "line"
        if operator == "+=" and not is_line:
            many = ", ".join(p.name for p in PARAMETERS.values() if p.kind == "line")
            raise BadValueError(f"{name} has one value: += adds lines to {many} only")
        if is_line:
            before = self.lines.get(today, []) if operator == "+=" else []
            self.lines[today] = [*before, str(value)]
            value = "\n".join(self.lines[today])
        self.values[today] = value
        self.said[today] = f"{where}, as {name}" if name != today else where

    def number(self, name: str) -> float:
        """A parameter that is a number."""
        value = self.values[name]
        assert isinstance(value, (bool, int, float))
        return value

    def whole(self, name: str) -> int:
        """A parameter that is a whole number or a switch."""
        return int(self.number(name))

    def text(self, name: str) -> str:
        """A parameter that is text."""
        return str(self.values[name])

    def as_leaves(self) -> dict[str, bool | int | float | str]:
        """Leaves of ``par`` as NuWro's files have them: lines as ``.string``, vectors by axis."""
        leaves: dict[str, bool | int | float | str] = {}
        for name, parameter in PARAMETERS.items():
            value = self.values[name]
            if isinstance(value, tuple):
                leaves |= {f"{name}.{axis}": v for axis, v in zip("xyz", value, strict=True)}
            elif parameter.kind == "line":
                leaves[f"{name}.string"] = str(value)
            else:
                leaves[name] = value
        return leaves


def read_card(path: Path | None, lines: Iterable[str] = ()) -> Card:
    """Read a file of parameters, and then some lines more, such as those of ``-p``.

    Parameters
    ----------
    path : the file; as NuWro does, one that is not there is noted and passed over
    lines : carried out after it, in their order

    Raises
    ------
    IncludeError, LineError, UnknownNameError, BadValueError
        where a line cannot be understood; the message names file and line.
    """
    card = Card()
    if path is not None and path.is_file():
        _follow(card, path, (path,))
    elif path is not None:
        card.notes.append(f"there is no file {path}: defaults of NuWro 25.11 and -p are used")
    for line in lines:
        _carry_out(card, line, f"-p {line.strip()!r}", (path or Path("params.txt"),))
    return card


def _follow(card: Card, path: Path, way: tuple[Path, ...]) -> None:
    for number, line in enumerate(read_text_file(path, "parameter file").splitlines(), 1):
        _carry_out(card, line, f"{path}, line {number}", way)


def _carry_out(card: Card, line: str, where: str, way: tuple[Path, ...]) -> None:
    text = line.strip()
    if not text or text.startswith("#"):
        return
    if text.startswith("@"):
        _include(card, text[1:].strip(), where, way)
        return
    match = ASSIGNMENT.fullmatch(text)
    if match is None:
        raise LineError(f"{where}: {text!r} is neither 'name = value', '@file' nor a comment (#)")
    try:
        card.set(match[1], match[2], match[3], where)
    except NugenError as error:
        raise type(error)(f"{where}: {error}") from error


def _include(card: Card, name: str, where: str, way: tuple[Path, ...]) -> None:
    words = dict.fromkeys((name, *name.split()[:1]))
    found = next((path for word in words for path in _places(word, way) if path.is_file()), None)
    if found is not None:
        if len(way) > DEEPEST or any(found.samefile(path) for path in way if path.is_file()):
            raise IncludeError(f"{where}: {name} includes itself, or {DEEPEST} files deep")
        _follow(card, found, (*way, found))
        return
    for word in words:
        key = word.removeprefix("target/").removesuffix(".txt")
        if word.startswith("target/") and key.removesuffix("_lfg") in BUILT_IN:
            content: Mapping[str, str] = BUILT_IN[key.removesuffix("_lfg")]
            for parameter, value in content.items():
                for i, part in enumerate(value.split("\n")):
                    card.set(parameter, "+=" if i else "=", part, where)
            card.notes.append(f"@{word} is not here: the built-in target of that name is taken")
            return
    searched = ", ".join(str(place.parent) for place in _places(Path(name).name, way))
    raise IncludeError(
        f"{where}: there is no file {name}. It was looked for in {searched}; put it there, or set "
        "NUWRO to the folder of NuWro, whose data has the files of beams and targets"
    )


def _places(name: str, way: tuple[Path, ...]) -> list[Path]:
    """Where NuWro looks: here and in its data; and beside the files that include it."""
    data = os.environ.get("NUWRO")
    folders = [Path(), *([Path(data) / "data"] if data else []), *(p.parent for p in way[::-1])]
    return list(dict.fromkeys(folder / name for folder in folders)) if name else []


def old_switches(card: Card) -> Mapping[str, Value]:
    """Switches that only older versions have, where they were set."""
    return {name: card.values[name] for name in OLD if name in card.values}
