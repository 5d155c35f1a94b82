"""What the conventions ask of the run header."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from itertools import pairwise

from nugen_gan.adapters.nuhepmc.check.records import Records
from nugen_gan.adapters.nuhepmc.check.report import Problem
from nugen_gan.adapters.nuhepmc.terms import CM2_OF_UNIT

__all__ = ["HEADER_RULES", "numbers", "value"]

Rule = Callable[[Records], Problem | None]
PREFIX = "NuHepMC."
SCALES = ("PerAtom", "PerNucleon")


def value(run: Records, name: str) -> str:
    """Text of an attribute without its prefix; "" if it is absent."""
    return run.header.attributes.get(PREFIX + name, "").strip()


def numbers(run: Records, name: str) -> list[float] | None:
    """Finite numbers of an attribute; None if it is absent or holds something else."""
    if PREFIX + name not in run.header.attributes:
        return None
    try:
        found = [float(word) for word in value(run, name).split()]
    except ValueError:
        return None
    return found if all(map(math.isfinite, found)) else None


def _problem(run: Records, name: str, reason: str) -> Problem:
    text = value(run, name)
    what = f"{PREFIX}{name} is {text[:40]!r}" if text else f"{PREFIX}{name} is absent"
    return Problem(f"{what}: {reason}", run.attribute_lines.get(PREFIX + name))


def _header(run: Records) -> Problem | None:
    if run.problems:
        return run.problems[0]
    header = run.header
    if not (header.attributes or header.tools or header.weights):
        return Problem("there is nothing before the first event")
    return None


def _version(run: Records) -> Problem | None:
    for name in ("Version.Major", "Version.Minor", "Version.Patch"):
        if not re.fullmatch(r"\d+", value(run, name)):
            return _problem(run, name, "an integer is needed")
    if value(run, "Version.Major") != "1":
        return _problem(run, "Version.Major", "this checks version 1; readers of older files "
                        "rename their conventions")  # fmt: skip
    return None


def _tools(run: Records) -> Problem | None:
    if not run.header.tools:
        return Problem("no line T names a program")
    for name, version, _ in run.header.tools:
        if not name.strip() or not version.strip():
            return Problem(f"the program {name!r} has the version {version!r}")
    return None


def _conventions(run: Records) -> Problem | None:
    if not run.header.conventions():
        return _problem(run, "Conventions", "a list of labels is needed")
    return None


def _units(run: Records) -> Problem | None:
    unit, scale = "Units.CrossSection.Unit", "Units.CrossSection.TargetScale"
    if value(run, unit) not in CM2_OF_UNIT:
        return _problem(run, unit, f"one of {', '.join(CM2_OF_UNIT)} is needed")
    if value(run, scale) not in SCALES:
        return _problem(run, scale, f"one of {', '.join(SCALES)} is needed")
    return None


def _weights(run: Records) -> Problem | None:
    if "CV" not in run.header.weights:
        return Problem(f"the weights are {', '.join(run.header.weights) or 'none'}, without CV")
    return None


def _listed(names: str, information: str, may_be_empty: bool = False) -> Rule:
    """A list of integers, each with a name and a description."""

    def rule(run: Records) -> Problem | None:
        found = numbers(run, names)
        if found is None or not (found or may_be_empty) or any(x != int(x) for x in found):
            return _problem(run, names, "a list of integers is needed")
        for number in map(int, found):
            for part in ("Name", "Description"):
                if not value(run, f"{information}[{number}].{part}"):
                    return _problem(run, f"{information}[{number}].{part}", "a text is needed")
        return None

    return rule


def _additional(run: Records) -> Problem | None:
    found = numbers(run, "AdditionalParticleNumbers")
    if found is None:
        return _problem(run, "AdditionalParticleNumbers", "a list, perhaps empty, is needed")
    for number in map(int, found):
        if not value(run, f"AdditionalParticleNumber[{number}].Name"):
            return _problem(run, f"AdditionalParticleNumber[{number}].Name", "a text is needed")
    return None


def _exposure(run: Records) -> Problem | None:
    found = [numbers(run, f"Exposure.{name}") for name in ("POT", "Livetime")]
    if not any(number and number[0] > 0.0 for number in found):
        return _problem(run, "Exposure.POT", "it or Exposure.Livetime is needed, above zero")
    return None


def _average(run: Records) -> Problem | None:
    found = numbers(run, "FluxAveragedTotalCrossSection")
    if found is None or len(found) != 1 or not found[0] > 0.0:
        return _problem(run, "FluxAveragedTotalCrossSection", "a number above zero is needed")
    return None


def _citations(run: Records) -> Problem | None:
    if not any(
        name.startswith(PREFIX + "Citations.") and text.strip()
        for name, text in run.header.attributes.items()
    ):
        return Problem(f"there is no {PREFIX}Citations")
    return None


def _flux(run: Records) -> Problem | None:
    if value(run, "Beam.EnergyUnit") not in ("GEV", "MEV"):
        return _problem(run, "Beam.EnergyUnit", "GEV or MEV is needed")
    pattern = re.compile(r"NuHepMC\.Beam\[(-?\d+)\]\.Type")
    beams = [match[1] for name in run.header.attributes if (match := pattern.fullmatch(name))]
    if not beams:
        return Problem(f"there is no {PREFIX}Beam[number].Type")
    return next(filter(None, (_beam(run, beam) for beam in beams)), None)


def _beam(run: Records, pdg: str) -> Problem | None:
    kind = value(run, f"Beam[{pdg}].Type")
    if kind == "MonoEnergetic":
        name = f"Beam[{pdg}].MonoEnergetic.Energy"
        energy = numbers(run, name)
        wrong = PREFIX + name in run.header.attributes and not (energy and energy[0] > 0.0)
        return _problem(run, name, "an energy above zero is needed") if wrong else None
    if kind != "Histogram":
        return _problem(run, f"Beam[{pdg}].Type", "MonoEnergetic or Histogram is needed")
    edges = numbers(run, f"Beam[{pdg}].Histogram.BinEdges")
    content = numbers(run, f"Beam[{pdg}].Histogram.BinContent")
    if not edges or any(b <= a for a, b in pairwise(edges)):
        return _problem(run, f"Beam[{pdg}].Histogram.BinEdges", "rising numbers are needed")
    if not content or len(content) != len(edges) - 1 or min(content) < 0.0 or not sum(content):
        return _problem(run, f"Beam[{pdg}].Histogram.BinContent",
                        f"{len(edges) - 1} numbers, not negative, are needed")  # fmt: skip
    return None


def _descriptions(run: Records) -> Problem | None:
    for number in map(int, numbers(run, "AdditionalParticleNumbers") or ()):
        # The specification spells it in two ways.
        names = [f"{word}[{number}].Description"
                 for word in ("AdditionalParticleInfo", "AdditionalParticleNumber")]  # fmt: skip
        if not any(value(run, name) for name in names):
            return _problem(run, names[0], "a text is needed")
    return None


def _provenance(run: Records) -> Problem | None:
    if not any(name.startswith(PREFIX + "Provenance") for name in run.header.attributes):
        return Problem(f"there is no {PREFIX}Provenance")
    return None


def _standard_statuses(run: Records) -> Problem | None:
    needed = {"VertexStatusIDs": {1}, "ParticleStatusIDs": {1, 4, 20}}
    for name, standard in needed.items():
        if not standard <= set(numbers(run, name) or ()):
            return _problem(run, name, f"{sorted(standard)} are not all listed")
    return None


def _material(run: Records) -> Problem | None:
    name = "TargetMaterialRelativeAtomicAbundance"
    words = value(run, name).split()
    if not words or not all(re.fullmatch(r"\d{10}(\[[0-9.eE+-]+\])?", word) for word in words):
        return _problem(run, name, "nuclei like 1000060120[0.5] are needed")
    return None


HEADER_RULES: dict[str, Rule] = {
    "G.R.1": _header,
    "G.R.2": _version,
    "G.R.3": _tools,
    "G.R.4": _conventions,
    "G.R.6": _units,
    "G.R.7": _weights,
    "G.R.8": _listed("ProcessIDs", "ProcessInfo"),
    "G.R.9": _listed("VertexStatusIDs", "VertexStatusInfo"),
    "G.R.10": _listed("ParticleStatusIDs", "ParticleStatusInfo"),
    "G.R.11": _additional,
    "G.C.1": _exposure,
    "G.C.2": _average,
    "G.C.3": _citations,
    "G.C.4": _flux,
    "G.C.5": _descriptions,
    "G.S.1": _provenance,
    "G.S.2": _standard_statuses,
    "G.S.3": _material,
}
