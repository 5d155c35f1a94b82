"""The conventions of NuHepMC 1.0, in the order of the specification."""

from __future__ import annotations

__all__ = ["CONVENTIONS", "LEVELS", "level_of"]

# label -> what it asks for, in our words
CONVENTIONS = {
    "G.R.1": "a run header",
    "G.R.2": "the version of the specification",
    "G.R.3": "name and version of a generator",
    "G.R.4": "the list of conventions, all of them kept",
    "G.R.5": "a flux-averaged total cross section, by G.C.2 or E.C.4",
    "G.R.6": "the unit of cross sections",
    "G.R.7": "the central weight CV in every event",
    "G.R.8": "numbers, names and descriptions of processes",
    "G.R.9": "statuses of vertices",
    "G.R.10": "statuses of particles",
    "G.R.11": "particle numbers that are not in the PDG scheme",
    "G.C.1": "the exposure",
    "G.C.2": "the flux-averaged total cross section in the header",
    "G.C.3": "citations",
    "G.C.4": "the flux",
    "G.C.5": "descriptions of additional particles",
    "G.S.1": "the configuration of the generator",
    "G.S.2": "standard statuses listed too",
    "G.S.3": "composition of the target material",
    "E.R.1": "a valid event graph",
    "E.R.2": "event numbers that are not negative and not repeated",
    "E.R.3": "a process number in every event",
    "E.R.4": "units of every event",
    "E.R.5": "a position in the laboratory",
    "E.R.6": "one primary vertex",
    "E.R.7": "one beam particle and one target",
    "E.R.8": "all external particles",
    "E.R.9": "momenta in the laboratory frame",
    "E.C.1": "process numbers in the ranges of the specification",
    "E.C.2": "the total cross section at the energy of the event",
    "E.C.3": "the cross section of the process at the energy of the event",
    "E.C.4": "a running estimate of the total cross section",
    "E.C.5": "the time of the event",
    "E.S.1": "the history of the beam particle",
    "V.R.1": "statuses of vertices in their ranges",
    "V.C.1": "vertices that separate a nucleon from the nucleus",
    "P.R.1": "statuses of particles in their ranges",
    "P.C.1": "struck nucleons",
    "P.C.2": "nuclear remnants",
}
LEVELS = {"R": "required", "C": "convention", "S": "suggestion"}


def level_of(label: str) -> str:
    """Return "required", "convention" or "suggestion"."""
    return LEVELS[label.split(".")[1]]
