"""In which unit the energies of a flux file are: said by the user, by the file, or assumed."""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from nugen_gan.errors import UsageError

__all__ = ["UNIT_WORDS", "energy_unit", "units_in"]

Floats = NDArray[np.float64]
UNIT_WORDS = ("GEV", "MEV")
# Sizes in GeV.
UNITS = {"keV": 1e-6, "MeV": 1e-3, "GeV": 1.0, "TeV": 1e3}
# A unit behind a number ("120 GeV protons") or a stroke ("per 50 MeV", "/GeV", "/(cm2 GeV)"), or
# with a negative power ("GeV^{-1}") is none of the energies.
WORD = re.compile(r"([kMGT]eV)(?![A-Za-z])(?!\s*(?:\^|\*\*)?[{(]?\s*-\s*\d)", re.IGNORECASE)
OTHER_MEANING = re.compile(r"(?:/|\bper|\d)[\s(\[]*$|(?:/|\bper)\s*[(\[{][^)\]}]*$", re.IGNORECASE)
# But in "E_nu/MeV" it is.
ENERGY_OVER = re.compile(r"\b(?:E|energy)[\w#{}\\]*\s*/\s*$", re.IGNORECASE)
# Accelerator beams in GeV reach 500 only rarely, and those in MeV always do.
LARGEST_IN_GEV = 500.0
# No flux in use begins above this in GeV.
LARGEST_START = 100.0


def units_in(texts: Iterable[str]) -> list[str]:
    """Units of energy that texts give to their numbers, each once, as ``GeV``."""
    known = {name.lower(): name for name in UNITS}
    found = [
        known[match[1].lower()]
        for text in texts
        for match in WORD.finditer(text)
        if not text[: match.start()][-1:].isalpha()
        and (
            not OTHER_MEANING.search(text[: match.start()])
            or ENERGY_OVER.search(text[: match.start()])
        )
    ]
    return list(dict.fromkeys(found))


def energy_unit(
    energies: Floats,
    given: str,
    told: list[str],
    name: str,
    energy_range: tuple[float, float] | None = None,
) -> tuple[float, tuple[str, ...]]:
    """Factor from a file's energies to GeV, and how it was found, in words.

    Parameters
    ----------
    energies : between the first and the last of which there is flux, in the file's unit
    given : ``GEV`` or ``MEV`` if the user said so, else ""
    told : units that the file names, such as ``["GeV"]``
    name : of the file, for messages
    energy_range : energies that are asked for [GeV]; a unit in which the flux has none of them
        is not meant

    Raises
    ------
    UsageError
        if the unit cannot be known: the file names several, or none and energies of 500 or more.
    """
    if given:
        unit = next(unit for unit in UNITS if unit.upper() == given)
        against = [other for other in told if other != unit]
        but = f" (the file says {' and '.join(against)})" if against else ""
        return UNITS[unit], (f"energies are in {unit}, as {given} says{but}",)
    if len(told) > 1:
        raise UsageError(
            f"flux file {name} speaks of {' and of '.join(told)}: in which are its energies? "
            f"Write '{name},GEV' or '{name},MEV'"
        )
    if told:
        return UNITS[told[0]], (f"energies are in {told[0]}, as the file says",)
    return _assumed(energies, name, energy_range)


def _assumed(
    energies: Floats, name: str, energy_range: tuple[float, float] | None
) -> tuple[float, tuple[str, ...]]:
    low, high = float(energies.min()), float(energies.max())
    if high < LARGEST_IN_GEV:
        return 1.0, (f"energies up to {high:g} are taken as GeV; ',MEV' behind the file says MeV",)
    possible = [
        unit
        for unit in ("GeV", "MeV")
        if energy_range is None
        or (low * UNITS[unit] < energy_range[1] and high * UNITS[unit] > energy_range[0])
    ]
    if len(possible) == 1:
        (unit,), other = possible, "MeV" if possible == ["GeV"] else "GeV"
        return UNITS[unit], (
            f"energies up to {high:g} are taken as {unit}: in {other} there would be no flux at "
            f"the energies asked for (',{other.upper()}' behind the file says {other})",
        )
    if possible and low >= LARGEST_START:
        return UNITS["MeV"], (
            f"energies from {low:g} to {high:g} are taken as MeV; ',GEV' behind the file says GeV",
        )
    raise UsageError(
        f"flux file {name} does not say whether its energies, {low:g} to {high:g}, are in GeV or "
        f"in MeV: it spans {low:g}-{high:g} GeV in the one case and {low / 1000:g}-"
        f"{high / 1000:g} GeV in the other. Write '{name},GEV' or '{name},MEV'"
    )
