"""NuWro's parameter files, of which the parameters of the beam are used, with what they include.

NuWro reads such a file line by line: ``name = value`` replaces what was there, ``name += value``
adds a line to it, and ``@file`` reads another file at this place.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nugen_gan.adapters.fluxes.checks import check_flux
from nugen_gan.adapters.fluxes.histogram import read_root_flux
from nugen_gan.adapters.nuwro.beam import beams
from nugen_gan.errors import UsageError
from nugen_gan.physics.flux import Flux
from nugen_gan.storage.text import read_text_file

__all__ = ["card_flux", "is_card", "nuwro_line"]

PARAMETER = re.compile(r"^[ \t]*(beam_\w+)[ \t]*(\+?=)[ \t]*(.*)$", re.MULTILINE)
INCLUDE = re.compile(r"^[ \t]*@[ \t]*(.*)$", re.MULTILINE)
NUMBER = re.compile(
    r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|[+-]?(?:nan|inf)", re.IGNORECASE
)
BEAM_OF_LINE, BEAM_OF_SPECIES = 0, 1
# Parameters of several lines.
LINES = ("beam_energy", "beam_content", "beam_atmo_files")
# Which parameter makes the flux of each beam_type.
DECISIVE = {0: "beam_energy", 1: "beam_content", 5: "beam_inputroot_flux"}
UNDERSTOOD = (
    "Understood are beam_type 0 (beam_energy = E, or E1 E2, or E1 E2 b1 b2 ... in MeV), 1 "
    "(beam_content = PDG share% E1 E2 b1 b2 ...), 5 and 6 (histograms of a file beside this one), "
    "and lines that include other files (@file)"
)
# An include that includes itself would never end, and a few files can include each other often.
MAX_DEPTH, MAX_FILES = 16, 100


@dataclass
class _Card:
    """What was read so far.

    Attributes
    ----------
    path : of the parameter file itself
    values : lines of each parameter
    missing : files to be included that were not found since the parameter was set, and since ever
    notes : what was included, in words
    """

    path: Path
    values: dict[str, list[str]] = field(default_factory=dict)
    missing: dict[str, list[str]] = field(default_factory=dict)
    not_found: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    files: int = 0

    def assign(self, name: str, operator: str, value: str) -> None:
        """Carry out one line of the file."""
        if operator == "=" or name not in LINES:
            self.values[name] = [value]
            self.missing[name] = []
        else:
            self.values.setdefault(name, []).append(value)

    def passed_over(self, name: str) -> None:
        """Note a file that was not found: what was set before, it may set anew."""
        self.not_found.append(name)
        for files in self.missing.values():
            files.append(name)


def is_card(text: str) -> bool:
    """True for text with parameters of a beam, or with includes."""
    return bool(PARAMETER.search(text) or INCLUDE.search(text))


def card_flux(text: str, path: Path, probe: int | None) -> tuple[Flux, tuple[str, ...]]:
    """Flux of one species out of a file of NuWro's parameters, and what was included.

    Raises
    ------
    UsageError
        if there is no flux of this ``probe``, a file to be included is not to be found and may
        set the beam, or files include each other without end.
    """
    card = _Card(path)
    _follow(card, text, (path,))
    parameters: dict[str, Any] = {name: _word(lines[-1]) for name, lines in card.values.items()}
    for name in ("beam_energy", "beam_content"):
        parameters[f"{name}.string"] = "\n".join(card.values.get(name, ()))
    likely = BEAM_OF_SPECIES if "beam_content" in card.values else BEAM_OF_LINE
    kind = _whole(parameters.get("beam_type"), likely)
    parameters["beam_type"] = kind
    parameters["beam_particle"] = _whole(parameters.get("beam_particle"), 0)
    _check_missing(card, kind)
    flux = _of_probe(parameters, path, probe)
    if flux is None:
        _check_bins(parameters, path)
        if kind in (5, 6):
            _check_histograms(parameters, path)
        raise UsageError(
            f"flux file {path}: these beam parameters of NuWro hold no flux that can be read. "
            f"{UNDERSTOOD}"
        )
    return flux, tuple(card.notes)


def nuwro_line(numbers: Sequence[float], name: str) -> Flux:
    """Flux of NuWro's ``E1 E2 b1 b2 ...``: MeV, contents of bins of equal width."""
    line = " ".join(f"{number!r}" for number in numbers)
    flux = _of_probe({"beam_type": BEAM_OF_LINE, "beam_energy.string": line}, Path(), None)
    if flux is None:
        raise UsageError(
            f"{name} is no beam of NuWro's: it needs two energies in MeV, the smaller one first, "
            "and contents of bins that are not negative"
        )
    return flux


def _follow(card: _Card, text: str, stack: tuple[Path, ...]) -> None:
    """Carry out the lines of one file; ``stack`` is the way to it."""
    for line in text.split("\n"):
        if parameter := PARAMETER.match(line):
            card.assign(parameter[1], parameter[2], parameter[3].strip())
        elif include := INCLUDE.match(line):
            _include(card, include[1].strip(), stack)


def _include(card: _Card, name: str, stack: tuple[Path, ...]) -> None:
    found = _find(name, card.path, stack[-1])
    if found is None:
        card.passed_over(name or "@ without a name")
        return
    way = " -> ".join(str(path) for path in (*stack, found))
    if any(found.samefile(path) for path in stack):
        raise UsageError(f"flux file {card.path} includes itself without end: {way}")
    card.files += 1
    if len(stack) > MAX_DEPTH or card.files > MAX_FILES:
        raise UsageError(
            f"flux file {card.path}: files include each other {MAX_DEPTH} deep or more than "
            f"{MAX_FILES} times ({way}). Write the beam into one file"
        )
    text = read_text_file(found, f"file that {stack[-1]} includes,")
    if PARAMETER.search(text):
        card.notes.append(f"the parameters include {found}")
    _follow(card, text, (*stack, found))


def _find(name: str, card: Path, including: Path) -> Path | None:
    """A file to be included, looked for beside those that include it, and where NuWro looks."""
    data = os.environ.get("NUWRO")
    places = [including.parent, card.parent, Path(), *([Path(data) / "data"] if data else [])]
    for word in dict.fromkeys((name, *name.split()[:1])):
        for place in places if word else ():
            if (place / word).is_file():
                return place / word
    return None


def _check_missing(card: _Card, kind: int | None) -> None:
    """Refuse if a file that was not found may have set another beam, and say it if not."""
    name = DECISIVE.get(kind if kind is not None else -1)
    since = card.missing.get(name, card.not_found) if name else card.not_found
    # Files in NuWro's folder of targets set nothing but the target.
    harmful = [file for file in since if not file.startswith("target/")]
    if harmful:
        raise UsageError(
            f"flux file {card.path} includes {', '.join(harmful)}, which is not to be found and "
            "may set another beam. It was looked for beside the file, in the working folder and, "
            "if NUWRO is set, in $NUWRO/data: put it there, or remove the line if it sets no "
            f"beam. {UNDERSTOOD}"
        )
    if card.not_found:
        card.notes.append(
            f"included files were not found and are taken to leave the beam as it is: "
            f"{', '.join(card.not_found)}"
        )


def _check_histograms(parameters: dict[str, Any], path: Path) -> None:
    """Raise UsageError that says what is wrong with the histograms of a beam."""
    file = Path(parameters.get("beam_inputroot", ""))
    names = [value for name, value in parameters.items()
             if name.startswith("beam_inputroot_") and value]  # fmt: skip
    places = [place for place in (file, path.parent / file.name) if place.is_file()]
    if file.name and not places:
        raise UsageError(
            f"flux file {path} takes its beam from {file}, which is neither there nor beside it. "
            f"{UNDERSTOOD}"
        )
    for name in names if places else ():
        found = read_root_flux(places[0], name)
        check_flux(found.energies, found.values, f"{places[0]},{name}")


def _check_bins(parameters: dict[str, Any], path: Path) -> None:
    """Raise UsageError that names the first bin which is no flux, where there is one."""
    name = DECISIVE.get(parameters["beam_type"], "")
    for line in parameters.get(f"{name}.string", "").split("\n"):
        numbers = [word for word in line.split("%")[-1].split() if NUMBER.fullmatch(word)]
        for i, word in enumerate(numbers[2:], 1):
            if not 0.0 <= float(word) < float("inf"):
                raise UsageError(
                    f"flux file {path}: bin {i} of {name} is {word}; a flux is finite and not "
                    "negative"
                )


def _word(text: str) -> str:
    """The first word of a value, which may be followed by a comment."""
    words = re.split(r"#|(?<!:)//", text)[0].split()
    return words[0] if words else ""


def _whole(text: str | None, default: int) -> int | None:
    """A parameter that is a whole number; None where it is something else."""
    if not text:
        return default
    return int(text) if re.fullmatch(r"[+-]?\d{1,9}", text) else None


def _of_probe(parameters: dict[str, Any], path: Path, probe: int | None) -> Flux | None:
    """The flux of ``probe``, or of whatever is there where either side names no species."""
    found = beams(parameters, path)
    if not found:
        return None
    if probe is None and len(found) > 1:
        raise UsageError(
            f"flux file {path} has several species, PDG {', '.join(map(str, found))}: say which"
        )
    if probe is None or list(found) == [0]:
        return next(iter(found.values()))[1]
    if probe not in found:
        raise UsageError(
            f"flux file {path} has no flux of the neutrino {probe}: it has PDG "
            f"{', '.join(map(str, found))}"
        )
    return found[probe][1]
