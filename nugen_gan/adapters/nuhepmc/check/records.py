"""Events of a HepMC3 text one by one, with the numbers of their lines, mistakes included."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from nugen_gan.adapters.nuhepmc.check.report import Problem
from nugen_gan.adapters.nuhepmc.lines import RunHeader
from nugen_gan.adapters.nuhepmc.terms import END
from nugen_gan.errors import FormatError
from nugen_gan.storage.compressed import open_unpacked, reading

__all__ = ["Event", "Particle", "Records", "Vertex"]


@dataclass(frozen=True, slots=True)
class Particle:
    """A line P; momentum is (px, py, pz, E, m) in the unit of the event."""

    id: int
    parent: int
    pdg: int
    momentum: tuple[float, ...]
    status: int
    line: int


@dataclass(frozen=True, slots=True)
class Vertex:
    """A line V."""

    id: int
    status: int
    incoming: tuple[int, ...]
    line: int


@dataclass(slots=True)
class Event:
    """All lines of one event, as far as they can be understood.

    Attributes
    ----------
    number, vertex_count, particle_count, line : of the line E
    attributes : (number of the object, 0 for the event; name) -> (value, line)
    problems : lines that cannot be understood
    """

    number: int
    vertex_count: int
    particle_count: int
    line: int
    units: list[str] = field(default_factory=list)
    weights: list[list[str]] = field(default_factory=list)
    particles: list[Particle] = field(default_factory=list)
    vertices: list[Vertex] = field(default_factory=list)
    attributes: dict[tuple[int, str], tuple[str, int]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def with_status(self, status: int) -> list[Particle]:
        """Particles of that status."""
        return [particle for particle in self.particles if particle.status == status]

    def numbers(self, name: str) -> tuple[list[float] | None, int]:
        """Numbers in an attribute of the event, and its line; None if it is not there."""
        if (0, name) not in self.attributes:
            return None, self.line
        value, line = self.attributes[0, name]
        try:
            return [float(word) for word in value.split()], line
        except ValueError:
            return None, line


class Records:
    """A file: its header at once, its events in :meth:`events`.

    Attributes
    ----------
    header : run header; empty if it cannot be understood
    attribute_lines : line of each attribute of the header
    problems : what is wrong with the file as a whole; complete after the last event
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problems: list[Problem] = []
        self.attribute_lines: dict[str, int] = {}
        lines = []
        for line in self._lines():
            if line.startswith("E ") or line == END:
                break
            lines.append(line)
            if line.startswith("A "):
                self.attribute_lines[line.split(" ")[1]] = len(lines)
        try:
            self.header = RunHeader.parse("\n".join(lines), path)
        except FormatError as error:
            self.header = RunHeader()
            self.problems.append(Problem(str(error)))

    def _lines(self) -> Iterator[str]:
        with reading(self.path), open_unpacked(self.path) as stream:
            for line in stream:
                yield line.decode("utf-8", "replace").rstrip("\r\n")

    def events(self) -> Iterator[Event]:
        """Yield all events."""
        event, number, ended = None, 0, 0
        for number, line in enumerate(self._lines(), 1):
            if number <= self.header.lines or (event is None and not line.startswith("E ")):
                ended = ended or (number if line == END else 0)
                continue
            if ended and line.strip():
                self.problems.append(Problem(f"something follows the line {END}", number))
                break
            if line.startswith("E "):
                if event is not None:
                    yield event
                event = _head(line, number)
            elif line == END:
                ended = number
            elif event is not None and line.strip():
                _add(event, line, number)
        if event is not None:
            yield event
        if not ended:
            self.problems.append(Problem(f"the file does not end with {END}", number))


def _head(line: str, number: int) -> Event:
    try:
        event, vertices, particles = (int(word) for word in line.split()[1:4])
    except ValueError:
        broken = Event(-1, 0, 0, number)
        broken.problems.append(Problem(f"{line[:60]!r} is not the first line of an event", number))
        return broken
    return Event(event, vertices, particles, number)


def _add(event: Event, line: str, number: int) -> None:
    kind, _, rest = line.partition(" ")
    words = rest.split()
    try:
        if kind == "P":
            event.particles.append(_particle(words, number))
        elif kind == "V":
            event.vertices.append(_vertex(words, number))
        elif kind == "A":
            target, name, *_ = words
            value = rest.split(maxsplit=2)[2] if len(words) > 2 else ""
            event.attributes[int(target), name] = value, number
        elif kind == "W":
            event.weights.append(words)
        elif kind == "U":
            event.units.append(rest)
        else:
            raise ValueError("unknown kind of line")
    except ValueError as error:
        event.problems.append(Problem(f"{line[:60]!r} cannot be understood: {error}", number))


def _particle(words: list[str], line: int) -> Particle:
    if len(words) != 9:
        raise ValueError("nine numbers are needed")
    identity = [int(word) for word in words[:3]]
    momentum = tuple(float(word) for word in words[3:8])
    return Particle(identity[0], identity[1], identity[2], momentum, int(words[8]), line)


def _vertex(words: list[str], line: int) -> Vertex:
    if len(words) < 3 or not (words[2].startswith("[") and words[2].endswith("]")):
        raise ValueError("number, status and [incoming particles] are needed")
    incoming = tuple(int(word) for word in words[2][1:-1].split(",") if word)
    return Vertex(int(words[0]), int(words[1]), incoming, line)
