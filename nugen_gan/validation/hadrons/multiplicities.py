"""How many particles of each species an event has."""

# ruff: noqa: RUF001 - Greek letters are meant
from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nugen_gan.physics import species
from nugen_gan.validation.hadrons.final_state import (
    CHARGED_PIONS,
    KAONS,
    NEUTRAL_PION,
    NEUTRON,
    NUCLEONS,
    PHOTON,
    PROTON,
    FinalState,
)
from nugen_gan.validation.hadrons.samples import HadronSamples, Range
from nugen_gan.validation.metrics.binning import energy_edges
from nugen_gan.validation.metrics.means import MeanDifference, mean_difference
from nugen_gan.validation.metrics.shares import chi2_tail, counts_by_energy, pearson
from nugen_gan.validation.metrics.significance import smallest
from nugen_gan.validation.metrics.strata import Strata

__all__ = ["GROUPS", "SPECIES", "Multiplicities", "Multiplicity", "multiplicities", "number_of"]

Integers = NDArray[np.int64]

# Names of the species, those of one row of the report together.
GROUPS: Mapping[str, tuple[str, ...]] = {
    "pions": ("π+", "π0", "π−", "all π"),
    "nucleons": ("p", "n"),
    "others": ("γ", "K", "hyperons", "antibaryons", "e±", "any other"),
}
SPECIES = tuple(name for names in GROUPS.values() for name in names)
# Particles of both samples that a test needs, and so many or more in an event are one class.
FEWEST = 30
MOST = 3


@dataclass(frozen=True, slots=True)
class Multiplicity:
    """Number of particles of one species in an event.

    Attributes
    ----------
    species : its name
    mean : in the reference; generated minus reference at equal E_nu and W of the lepton, and the
        error of that
    chi2, degrees, chi2_p_value : both samples have as many events with 0, 1, 2 and more of them in
        each of ten energy bins
    """

    species: str
    mean: MeanDifference
    chi2: float
    degrees: int
    chi2_p_value: float

    @property
    def p_value(self) -> float:
        """Probability that a perfect model deviates as much in the mean or in the classes."""
        several = [self.chi2_p_value] if self.degrees else []
        return smallest([self.mean.p_value, *several])

    @property
    def relative(self) -> float:
        """Difference of the means as a part of that of the reference."""
        return self.mean.difference / self.mean.mean if self.mean.mean > 0.0 else float("inf")


@dataclass(frozen=True, slots=True)
class Multiplicities:
    """The species of one group, those with enough particles; see :data:`GROUPS`."""

    group: str
    species: tuple[Multiplicity, ...]

    @property
    def p_value(self) -> float:
        """Probability that the worst species of a perfect model is as bad."""
        return smallest(entry.p_value for entry in self.species)

    @property
    def worst(self) -> Multiplicity:
        """The species with the smallest p value."""
        return min(self.species, key=lambda entry: entry.p_value)


def number_of(state: FinalState) -> dict[str, Integers]:
    """Number of particles of each of :data:`SPECIES` in every event, shape (N,).

    Nuclei are not counted.
    """
    baryon = species.baryon_number(state.pdg)
    pions, nucleus = state.any_of(*CHARGED_PIONS, NEUTRAL_PION), state.is_nucleus
    which = {
        "π+": state.any_of(211),
        "π0": state.any_of(NEUTRAL_PION),
        "π−": state.any_of(-211),
        "all π": pions,
        "p": state.any_of(PROTON),
        "n": state.any_of(NEUTRON),
        "γ": state.any_of(PHOTON),
        "K": state.any_of(*KAONS),
        "hyperons": (baryon == 1) & ~state.any_of(*NUCLEONS) & ~nucleus,
        "antibaryons": baryon < 0,
        "e±": state.any_of(11, -11),
    }
    named = np.logical_or.reduce([*which.values(), nucleus])
    return {name: state.count(mask) for name, mask in (which | {"any other": ~named}).items()}


def multiplicities(samples: HadronSamples, energy_range: Range) -> Iterator[Multiplicities]:
    """Compare the numbers of particles, group by group; groups without enough are left out."""
    numbers = tuple(number_of(sample.state) for sample in samples.pair)
    # The number of pions hangs on W of the lepton more than on the energy.
    squares = [sample.events.derived().w2 for sample in samples.pair]
    strata = Strata.nested(samples.enu, (squares[0], squares[1]))
    edges = energy_edges(energy_range)
    for group, names in GROUPS.items():
        found = []
        for name in names:
            pair = numbers[0][name], numbers[1][name]
            if pair[0].sum() + pair[1].sum() < FEWEST:
                continue
            values = pair[0].astype(np.float64), pair[1].astype(np.float64)
            counts = (
                counts_by_energy(np.minimum(n, MOST), MOST + 1, enu, weight, edges)
                for n, enu, weight in zip(pair, samples.enu, samples.weights, strict=True)
            )
            chi2, degrees = pearson(*counts)
            p_value = chi2_tail(chi2, degrees, "the comparison of multiplicities")
            mean = mean_difference(values, samples.weights, strata)
            found.append(Multiplicity(name, mean, chi2, degrees, p_value))
        if found:
            yield Multiplicities(group, tuple(found))
