"""What the conventions ask of each event."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from nugen_gan.adapters.nuhepmc.check.header_rules import numbers, value
from nugen_gan.adapters.nuhepmc.check.records import Event, Particle, Records
from nugen_gan.adapters.nuhepmc.check.report import Problem
from nugen_gan.adapters.nuhepmc.terms import BEAM, DECAYED, FINAL, PRIMARY, REMNANT, TARGET

__all__ = ["event_rules"]

Rule = Callable[[Event], Problem | None]
NUCLEONS = (2112, 2212)
NEUTRON = 2112
# No PDG code of a nucleus is larger.
LARGEST_NUCLEUS = 1_099_999_999
# A target at rest, relative to the energy of the beam.
AT_REST = 1e-6
# How far the events' cross sections may be from the header's before one of them is wrong.
SIGMAS, RELATIVE = 6.0, 0.05


def event_rules(run: Records) -> dict[str, Rule]:
    """Return the rules by label; some remember earlier events of this run."""
    return {
        "G.R.7": lambda event: _weights(event, run.header.weights),
        "G.R.8": _Declared(run, "ProcessIDs", _processes),
        "G.R.9": _Declared(run, "VertexStatusIDs", _vertex_statuses),
        "G.R.10": _Declared(run, "ParticleStatusIDs", _particle_statuses),
        "G.R.11": _Declared(run, "AdditionalParticleNumbers", _strange_particles),
        "G.C.4": lambda event: _has_flux(event, run),
        "E.R.1": _graph,
        "E.R.2": _Unique(),
        "E.R.3": _process,
        "E.R.4": _units,
        "E.R.5": lambda event: _position(event, 3),
        "E.R.6": _primary,
        "E.R.7": _incoming,
        "E.R.8": _external,
        "E.R.9": _frame,
        "E.C.1": _ranges,
        "E.C.2": lambda event: _positive(event, "tot_xs"),
        "E.C.3": lambda event: _positive(event, "proc_xs"),
        "E.C.4": lambda event: _estimate(event, len(run.header.weights)),
        "E.C.5": lambda event: _position(event, 4),
        "E.S.1": _history,
        "V.R.1": _vertex_ranges,
        "V.C.1": _separation,
        "P.R.1": _particle_ranges,
        "P.C.1": _struck,
        "P.C.2": _remnants,
    }


def _weights(event: Event, names: tuple[str, ...]) -> Problem | None:
    if len(event.weights) != 1 or len(event.weights[0]) != len(names):
        return Problem(f"one line W with {len(names)} numbers is needed", event.line)
    try:
        good = all(math.isfinite(float(word)) for word in event.weights[0])
    except ValueError:
        good = False
    return None if good else Problem("a weight is not a finite number", event.line)


class _Declared:
    """Numbers that occur in events must be in a list of the header."""

    def __init__(
        self, run: Records, name: str, used: Callable[[Event], list[tuple[int, int]]]
    ) -> None:
        self.name, self.used = name, used
        self.known = set(map(int, numbers(run, name) or ()))
        if name == "AdditionalParticleNumbers" and "P.C.2" in run.header.conventions():
            self.known.add(REMNANT)

    def __call__(self, event: Event) -> Problem | None:
        for number, line in self.used(event):
            if number not in self.known:
                return Problem(f"{number} is not in the header's NuHepMC.{self.name}", line)
        return None


def _processes(event: Event) -> list[tuple[int, int]]:
    found, line = event.numbers("signal_process_id")
    return [(int(found[0]), line)] if found and math.isfinite(found[0]) else []


def _vertex_statuses(event: Event) -> list[tuple[int, int]]:
    return [(v.status, v.line) for v in event.vertices if v.status > 20]


def _particle_statuses(event: Event) -> list[tuple[int, int]]:
    return [(p.status, p.line) for p in event.particles if p.status > TARGET]


def _strange_particles(event: Event) -> list[tuple[int, int]]:
    return [(p.pdg, p.line) for p in event.particles if abs(p.pdg) > LARGEST_NUCLEUS]


def _has_flux(event: Event, run: Records) -> Problem | None:
    for beam in event.with_status(BEAM):
        if not value(run, f"Beam[{beam.pdg}].Type"):
            return Problem(f"the header has no NuHepMC.Beam[{beam.pdg}].Type", beam.line)
    return None


def _graph(event: Event) -> Problem | None:
    if event.problems:
        return event.problems[0]
    if len(event.particles) != event.particle_count or len(event.vertices) > event.vertex_count:
        return Problem(
            f"{event.vertex_count} vertices and {event.particle_count} particles are announced, "
            f"{len(event.vertices)} and {len(event.particles)} are there",
            event.line,
        )
    known = {vertex.id for vertex in event.vertices}
    for place, particle in enumerate(event.particles, 1):
        if particle.id != place or particle.parent >= place:
            return Problem("particles are out of order", particle.line)
        if particle.parent < 0 and particle.parent not in known:
            return Problem(f"there is no vertex {particle.parent}", particle.line)
        if not all(map(math.isfinite, particle.momentum)):
            return Problem("a momentum is not a finite number", particle.line)
    return _vertices(event)


def _vertices(event: Event) -> Problem | None:
    seen: set[int] = set()
    for vertex in event.vertices:
        if vertex.id >= 0 or vertex.id in seen:
            return Problem(f"the number {vertex.id} of a vertex is wrong or repeated", vertex.line)
        seen.add(vertex.id)
        if not vertex.incoming:
            return Problem("nothing goes into a vertex", vertex.line)
        if not all(1 <= number <= len(event.particles) for number in vertex.incoming):
            return Problem("a particle that is not there goes into a vertex", vertex.line)
        outgoing = [p for p in event.particles if p.parent == vertex.id]
        if not outgoing:
            return Problem("nothing comes out of a vertex", vertex.line)
        if max(vertex.incoming) >= min(particle.id for particle in outgoing):
            return Problem("a particle comes out of a vertex before it goes in", vertex.line)
    return None


class _Unique:
    def __init__(self) -> None:
        self.seen: set[int] = set()

    def __call__(self, event: Event) -> Problem | None:
        number = event.number
        if number < 0:
            return Problem(f"the event number is {number}", event.line)
        if number in self.seen:
            return Problem("an earlier event has the same number", event.line)
        self.seen.add(number)
        return None


def _process(event: Event) -> Problem | None:
    text, line = event.attributes.get((0, "signal_process_id"), ("", event.line))
    if not re.fullmatch(r"-?\d+", text.strip()):
        return Problem("an integer signal_process_id is needed", line)
    return None


def _units(event: Event) -> Problem | None:
    if len(event.units) != 1 or event.units[0].split() not in (
        ["GEV", "CM"], ["GEV", "MM"], ["MEV", "CM"], ["MEV", "MM"],
    ):  # fmt: skip
        return Problem("one line U with GEV or MEV, CM or MM is needed", event.line)
    return None


def _position(event: Event, length: int) -> Problem | None:
    found, line = event.numbers("lab_pos")
    if found is None or len(found) not in range(length, 5) or not all(map(math.isfinite, found)):
        return Problem(f"lab_pos with {length} numbers is needed", line)
    return None


def _primary(event: Event) -> Problem | None:
    count = sum(vertex.status == PRIMARY for vertex in event.vertices)
    if count != 1:
        return Problem(f"{count} vertices have the status {PRIMARY}", event.line)
    for vertex in event.vertices:
        if vertex.status == 0:
            return Problem("a vertex has the status 0", vertex.line)
    for particle in event.particles:
        if particle.parent > 0:
            return Problem(
                "a particle comes straight from another one, from a vertex of status 0",
                particle.line,
            )
    return None


def _incoming(event: Event) -> Problem | None:
    for status, what in ((BEAM, "beam particles"), (TARGET, "targets")):
        found = event.with_status(status)
        if len(found) != 1:
            return Problem(f"{len(found)} {what}, of status {status}", event.line)
    target = event.with_status(TARGET)[0]
    if target.pdg == NEUTRON:
        return Problem("a neutron is never free: the target is its nucleus", target.line)
    return None


def _external(event: Event) -> Problem | None:
    if not event.with_status(FINAL):
        return Problem("there is no final particle", event.line)
    for particle in event.particles:
        if particle.parent == 0 and particle.status not in (BEAM, TARGET):
            return Problem("a particle that is neither beam nor target comes from nowhere",
                           particle.line)  # fmt: skip
        if particle.status in (BEAM, FINAL) and particle.momentum[3] < 0.0:
            return Problem("an energy is negative", particle.line)
    return _connected(event)


def _connected(event: Event) -> Problem | None:
    used = {number for vertex in event.vertices for number in vertex.incoming}
    used |= {particle.parent for particle in event.particles}
    for particle in event.particles:
        if particle.status == FINAL and particle.id in used:
            return Problem("a final particle goes on, so that it is there twice", particle.line)
        if particle.status == DECAYED and particle.id not in used:
            return Problem("a decayed particle has no decay: what became of it is missing",
                           particle.line)  # fmt: skip
    for particle in event.with_status(BEAM) + event.with_status(TARGET):
        if particle.id not in used:
            return Problem("beam or target goes nowhere", particle.line)
    return None


def _frame(event: Event) -> Problem | None:
    beams = event.with_status(BEAM)
    scale = max((abs(beam.momentum[3]) for beam in beams), default=0.0)
    for target in event.with_status(TARGET):
        if _size(target) > AT_REST * scale:
            return Problem("the target moves in the laboratory", target.line)
    return None


def _size(particle: Particle) -> float:
    return math.sqrt(sum(component**2 for component in particle.momentum[:3]))


def _ranges(event: Event) -> Problem | None:
    for number, line in _processes(event):
        if 0 <= number < 100:
            return Problem(f"the process number {number} is in no range", line)
    return None


def _positive(event: Event, name: str) -> Problem | None:
    found, line = event.numbers(name)
    if found is None or len(found) != 1 or not 0.0 < found[0] < math.inf:
        return Problem(f"{name}, a number above zero, is needed", line)
    return None


def _estimate(event: Event, weights: int) -> Problem | None:
    found, line = event.numbers("GenCrossSection")
    if found is None or len(found) not in (4, 2 + 2 * max(weights, 1)):
        return Problem("a GenCrossSection with an error for each weight is needed", line)
    if not (all(map(math.isfinite, found)) and found[0] > 0.0 and min(found[2:4]) >= 0.0):
        return Problem("GenCrossSection must be above zero, and its counts too", line)
    return None


def _history(event: Event) -> Problem | None:
    if any(beam.parent == 0 for beam in event.with_status(BEAM)):
        return Problem("the beam particle has no parents")
    return None


def _vertex_ranges(event: Event) -> Problem | None:
    for vertex in event.vertices:
        if not (1 <= vertex.status <= 2 or 21 <= vertex.status <= 999):
            return Problem(f"a vertex has the reserved status {vertex.status}", vertex.line)
    return None


def _separation(event: Event) -> Problem | None:
    targets = {particle.id for particle in event.with_status(TARGET)}
    for vertex in event.vertices:
        if vertex.status == 21 and not targets & set(vertex.incoming):
            return Problem("the target does not go into a vertex of status 21", vertex.line)
    return None


def _particle_ranges(event: Event) -> Problem | None:
    for particle in event.particles:
        if particle.status < 1 or 5 <= particle.status <= 19:
            return Problem(f"a particle has the reserved status {particle.status}", particle.line)
    return None


def _struck(event: Event) -> Problem | None:
    for particle in event.with_status(21):
        if particle.pdg not in NUCLEONS:
            return Problem(f"{particle.pdg} of status 21 is not a nucleon", particle.line)
    return None


def _remnants(event: Event) -> Problem | None:
    remnants = {particle.id for particle in event.particles if particle.pdg == REMNANT}
    for (owner, name), (text, line) in event.attributes.items():
        if name != "remnant_particle_number":
            continue
        if owner not in remnants:
            return Problem(f"the particle {owner} is no remnant {REMNANT}", line)
        if not re.fullmatch(r"10\d{8}|2212|2112", text.strip()):
            return Problem(f"the remnant's number {text.strip()!r} is not a nucleus", line)
    return None
