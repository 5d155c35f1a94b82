"""HepMC3's text format as header and blocks of whole events, compressed or not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nugen_gan.adapters.nuhepmc.terms import END, MAGIC, START, TARGET, unescape
from nugen_gan.errors import FormatError, NugenError
from nugen_gan.storage.compressed import open_unpacked, reading

__all__ = ["RunHeader", "blocks", "is_hepmc"]

# Characters read at a time, and what no header or event exceeds.
SIZE, LONGEST = 1 << 22, 1 << 27
EVENT = b"\nE "


def is_hepmc(path: Path) -> bool:
    """True if a file begins as HepMC3 text does; never raises."""
    try:
        with reading(path), open_unpacked(path) as stream:
            start = stream.read(200).lstrip()
    except NugenError:
        return False
    return start.startswith(MAGIC.encode()) and START.encode() in start


@dataclass(frozen=True)
class RunHeader:
    """What stands above the first event.

    Attributes
    ----------
    weights : names of the weights
    tools : (name, version, description) of the programs that made the events
    attributes : values by name, as text
    lines : number of lines
    """

    weights: tuple[str, ...] = ()
    tools: tuple[tuple[str, str, str], ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    lines: int = 0

    @classmethod
    def parse(cls, text: str, path: Path) -> RunHeader:
        """Parse everything above the first event."""
        weights: list[str] = []
        tools: list[tuple[str, str, str]] = []
        attributes: dict[str, str] = {}
        # Not splitlines: it also splits at exotic characters inside a line.
        lines = text.removesuffix("\n").split("\n")
        for number, line in enumerate(lines, 1):
            kind, _, rest = line.partition(" ")
            if kind == "W":
                weights += unescape(rest).split("\n")
            elif kind == "T":
                name, version, description, *_ = [*unescape(rest).split("\n"), "", "", ""]
                tools.append((name, version, description))
            elif kind == "A":
                name, _, value = rest.partition(" ")
                attributes[name] = unescape(value)
            elif line.strip() and not line.startswith((MAGIC, START, END)) and kind != "N":
                raise FormatError(
                    f"{path}, line {number}: {line[:60]!r} is not a line of a HepMC3 header."
                )
        return cls(tuple(weights), tuple(tools), attributes, len(lines))

    @property
    def early(self) -> bool:
        """True for NuHepMC before 0.9, whose status of a target and process numbers are free."""
        version = (self.attributes.get(f"NuHepMC.Version.{x}", "") for x in ("Major", "Minor"))
        try:
            return tuple(int(number) for number in version) < (0, 9)
        except ValueError:
            return False

    def target_status(self) -> int:
        """Status of the target; before 0.9 the one whose name speaks of a target."""
        pattern = r"NuHepMC\.ParticleStatusInfo\[(\d+)\]\.Name"
        for name, value in self.attributes.items() if self.early else ():
            found = re.fullmatch(pattern, name)
            if found and "target" in value.lower():
                return int(found[1])
        return TARGET

    def conventions(self) -> tuple[str, ...]:
        """Labels of the conventions that the file signals (G.R.4)."""
        return tuple(self.attributes.get("NuHepMC.Conventions", "").split())


def blocks(path: Path) -> Iterator[str]:
    """Yield the header, then blocks of whole events without the last line of the file.

    Raises
    ------
    FormatError
        if the file is damaged, or ends before it says so.
    """
    with reading(path), open_unpacked(path) as stream:
        rest, header = b"", True
        while more := stream.read(SIZE):
            rest += more
            cut = rest.find(EVENT) if header else rest.rfind(EVENT)
            while cut >= 0:
                yield _text(rest[: cut + 1], path)
                rest, header = rest[cut + 1 :], False
                cut = rest.rfind(EVENT)
            if len(rest) > LONGEST:
                what = "header" if header else "event"
                raise FormatError(f"{path} is damaged: its {what} never ends.")
    last = rest.rstrip()
    if not last.endswith(b"\n" + END.encode()):
        raise FormatError(
            f"{path} is truncated or was joined from parts: it does not end with {END}. Copy or "
            "make it again."
        )
    yield _text(last.removesuffix(END.encode()), path)


def _text(block: bytes, path: Path) -> str:
    try:
        text = block.decode("utf-8")
    except UnicodeDecodeError as error:
        raise FormatError(f"{path} is damaged: it holds bytes that are not text.") from error
    return text.replace("\r\n", "\n")
