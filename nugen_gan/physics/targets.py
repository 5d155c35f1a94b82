"""Targets of several nuclei: molecules and mixtures, from and to names.

There are two spellings.  A chemical formula counts atoms: ``CH``, ``H2O``.  Weights in brackets
are fractions of *mass*, as in GENIE's ``gevgen -t``: ``C12[0.923],H1[0.077]``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from nugen_gan.errors import UsageError
from nugen_gan.physics.process import (
    COMMON_MASS_NUMBER,
    SYMBOLS,
    Process,
    mass_number,
    parse_target,
)

__all__ = ["TargetMixture", "parse_mixture"]

ELEMENT = re.compile(r"([A-Z][a-z]?)(\d*)")
WEIGHTED = re.compile(r"([^\[\]]+)\[([^\[\]]*)\]")
ALLOWED = (
    "Write a nucleus (C12, Ar, 1000180400), a molecule (CH, H2O), or fractions of mass in brackets "
    "(C12[0.857],H1[0.143])"
)


@dataclass(frozen=True, slots=True)
class TargetMixture:
    """Nuclei of a target and their numbers in one molecule.

    Attributes
    ----------
    name : as it was given, such as ``CH``
    atoms : pairs (PDG code of a nucleus, how many of it are in a molecule), heaviest first.
        Where fractions of mass were given the numbers add up to 1: a "molecule" is then one
        atom, of an average kind
    by_mass : fractions of mass were given
    """

    name: str
    atoms: tuple[tuple[int, float], ...]
    by_mass: bool = False

    def __post_init__(self) -> None:
        if not self.atoms:
            raise UsageError(f"target {self.name!r} has no nuclei. {ALLOWED}")
        for target, count in self.atoms:
            Process(14, target)  # says what is wrong with it
            if not (np.isfinite(count) and count > 0.0):
                raise UsageError(
                    f"target {self.name!r}: the amount of {nucleus_name(target)} must be a "
                    f"positive number, not {count:g}"
                )

    @property
    def targets(self) -> tuple[int, ...]:
        """PDG codes of the nuclei."""
        return tuple(target for target, _ in self.atoms)

    @property
    def nucleons(self) -> float:
        """Nucleons in a molecule."""
        return sum(count * mass_number(target) for target, count in self.atoms)

    @property
    def mass_fractions(self) -> dict[int, float]:
        """Fraction of the mass in each nucleus, a nucleon's mass being the same everywhere."""
        return {t: count * mass_number(t) / self.nucleons for t, count in self.atoms}

    def __str__(self) -> str:
        if self.by_mass:
            shares = self.mass_fractions.items()
            return ", ".join(f"{share:.4g} of mass {nucleus_name(t)}" for t, share in shares)
        return ", ".join(f"{count:g} {nucleus_name(target)}" for target, count in self.atoms)


def nucleus_name(target: int) -> str:
    """Like ``C12``, from a PDG code."""
    return Process(14, target).target_name


def parse_mixture(text: str) -> TargetMixture:
    """Read a target: a nucleus, a molecule, or several of these with fractions of mass.

    A formula of two or more elements counts atoms, each element being its commonest isotope;
    a single symbol with a number is an isotope (``C12``, ``H2`` is a deuteron).  Weights need
    not add up to 1: only their ratios count.  Masses are numbers of nucleons, as in GENIE.

    Raises
    ------
    UsageError
        if the text is not understood.
    """
    parts = [part.strip() for part in text.split(",")]
    if len(parts) == 1 and "[" not in text:
        return TargetMixture(text.strip(), _sorted(_molecule(parts[0], text)))
    atoms: dict[int, float] = {}
    for part in parts:
        match = WEIGHTED.fullmatch(part)
        if not match:
            raise UsageError(f"target {text!r}: {part!r} has no weight in brackets. {ALLOWED}")
        molecule, weight = _molecule(match[1].strip(), text), _weight(match[2], part, text)
        mass = sum(count * mass_number(target) for target, count in molecule.items())
        for target, count in molecule.items():
            atoms[target] = atoms.get(target, 0.0) + weight * count / mass
    total = sum(atoms.values())
    shares = {target: count / total for target, count in atoms.items()}
    return TargetMixture(text.strip(), _sorted(shares), by_mass=True)


def _weight(word: str, part: str, text: str) -> float:
    try:
        weight = float(word)
    except ValueError:
        weight = np.nan
    if not (np.isfinite(weight) and weight > 0.0):
        raise UsageError(
            f"target {text!r}: the weight in {part!r} must be a positive number, the fraction of "
            f"the mass. {ALLOWED}"
        )
    return weight


def _molecule(formula: str, text: str) -> Mapping[int, float]:
    """Numbers of atoms by PDG code."""
    found = ELEMENT.findall(formula)
    elements = [(symbol, number) for symbol, number in found if symbol in SYMBOLS]
    whole = "".join(symbol + number for symbol, number in elements) == formula
    if not (whole and len(elements) > 1):
        try:
            return {parse_target(formula): 1.0}
        except UsageError as error:
            problem = f"target {text!r} is not understood: {formula!r}"
            raise UsageError(f"{problem}. {ALLOWED}") from error
    atoms: dict[int, float] = {}
    for symbol, number in elements:
        if symbol not in COMMON_MASS_NUMBER:
            raise UsageError(
                f"target {text!r}: which isotope of {symbol}? Name it with fractions of mass, as "
                "in C12[0.857],H1[0.143]"
            )
        target = parse_target(symbol)
        atoms[target] = atoms.get(target, 0.0) + float(number or 1)
    return atoms


def _sorted(atoms: Mapping[int, float]) -> tuple[tuple[int, float], ...]:
    pairs: Iterable[tuple[int, float]] = atoms.items()
    return tuple(sorted(pairs, reverse=True))
