"""Distributions of the hadronic observables: one test each, and the distance over its floor.

The p value is that of a Kolmogorov-Smirnov test of the ranks among events of about the same
neutrino energy, over all energies and in ranges.  The size of a difference is the earth mover's
distance over its floor, the mean of two random halves of the reference brought to the size of the
samples; 1 is perfect.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nugen_gan.validation.hadrons.samples import HadronSample, HadronSamples, Range
from nugen_gan.validation.hadrons.topologies import Topology
from nugen_gan.validation.metrics.emd import earth_movers_distance, information
from nugen_gan.validation.metrics.kolmogorov import rank_test
from nugen_gan.validation.metrics.means import mean_difference
from nugen_gan.validation.metrics.permutation import chance_distances
from nugen_gan.validation.metrics.significance import smallest
from nugen_gan.validation.metrics.strata import Strata

__all__ = ["GROUPS", "Spectra", "Spectrum", "hadron_spectra", "selected"]

Floats = NDArray[np.float64]

# Observables that share a row of the report.
GROUPS: Mapping[str, tuple[str, ...]] = {
    "proton": ("p_proton", "cos_proton"),
    "neutron": ("p_neutron", "cos_neutron"),
    "pion": ("p_pion", "cos_pion"),
    "pi0": ("p_pi0", "cos_pi0"),
    "energy": ("kinetic", "available"),
    "mass": ("w_visible",),
    "missing": ("e_missing", "p_missing_along", "p_missing_in", "p_missing_out"),
    "imbalance": ("dpt", "dalphat", "dphit", "azimuth"),
}
# Where it is measured, the imbalance is that of events without pions.
ONLY_WITHOUT_PIONS = GROUPS["imbalance"]
# Angles [degrees] that are tested by the mean of their cosine.
BY_COSINE = ("azimuth",)
# Events of each sample with such a number, for a test.
SMALLEST_COUNT = 100
SPLITS = 10
# The floor is at least this, in any unit: below what float32 holds.
TINY = 1e-12


class Values(NamedTuple):
    """An observable, weights and neutrino energies [GeV] of some events of a sample, (N,) each."""

    value: Floats
    weight: Floats
    enu: Floats


@dataclass(frozen=True, slots=True)
class Spectrum:
    """One observable at the neutrino energies ``low`` to ``high`` [GeV].

    Attributes
    ----------
    distance, p_value : Kolmogorov-Smirnov distance, and the probability that a perfect model has a
        larger one; of the azimuth, that the means of the cosine differ as much
    emd, ratio, scatter : earth mover's distance in the observable's unit, over its floor, and how
        much that of a perfect model scatters
    events : reference and generated events that have such a number
    """

    variable: str
    low: float
    high: float
    distance: float
    p_value: float
    emd: float
    ratio: float
    scatter: float
    events: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Spectra:
    """All tests of one group of observables; see :data:`GROUPS`."""

    group: str
    tests: tuple[Spectrum, ...]

    @property
    def p_value(self) -> float:
        """Probability that the worst test of a perfect model is as bad.

        The tests at all energies have half of the say: they see most.
        """
        widest = max(self.tests, key=lambda test: test.high - test.low)
        whole = [test for test in self.tests if (test.low, test.high) == (widest.low, widest.high)]
        parts = [test.p_value for test in self.tests if test not in whole]
        both = [smallest(test.p_value for test in whole)]
        return smallest([*both, smallest(parts)] if parts else both)

    @property
    def worst(self) -> Spectrum:
        """The test with the smallest p value; of several of 0, the largest distance."""
        return min(self.tests, key=lambda test: (test.p_value, -test.distance))


def hadron_spectra(samples: HadronSamples, ranges: Sequence[Range], seed: int) -> Iterator[Spectra]:
    """Compare all observables; those that too few events have are left out.

    Parameters
    ----------
    samples : both samples
    ranges : of the neutrino energy [GeV]
    seed : for the random halves of the floor
    """
    rng = np.random.default_rng([seed, 21])
    inside = [(where, tuple(samples.within(where))) for where in ranges]
    for group, names in GROUPS.items():
        tests = []
        for name in names:
            values = [selected(sample, name) for sample in samples.pair]
            for where, masks in inside:
                chosen = [m & np.isfinite(v) for m, v in zip(masks, values, strict=True)]
                if min(int(mask.sum()) for mask in chosen) >= SMALLEST_COUNT:
                    cut = [
                        Values(v[m], w[m], enu[m])
                        for v, w, enu, m in zip(
                            values, samples.weights, samples.enu, chosen, strict=True
                        )
                    ]
                    tests.append(_spectrum(name, where, cut[0], cut[1], rng))
        if tests:
            yield Spectra(group, tuple(tests))


def selected(sample: HadronSample, name: str) -> Floats:
    """Values of an observable, nan also in the events that its comparison leaves out."""
    values = sample.values[name]
    if name in ONLY_WITHOUT_PIONS:
        return np.where(sample.topology <= Topology.CC0PI_NP, values, np.nan)
    return values


def _spectrum(
    name: str, where: Range, first: Values, second: Values, rng: np.random.Generator
) -> Spectrum:
    weights = first.weight, second.weight
    strata = Strata.of(first.enu, second.enu)
    distance, p_value = rank_test((first.value, second.value), weights, strata)
    if name in BY_COSINE:
        # Flat but for a first harmonic: its mean cosine is the sharper test.
        cosines = np.cos(np.deg2rad(first.value)), np.cos(np.deg2rad(second.value))
        p_value = mean_difference(cosines, weights, strata).p_value
    emd = earth_movers_distance(first.value, second.value, *weights)
    chance = _floor(first.value, first.weight, information(*weights), rng)
    floor = max(float(chance.mean()), TINY)
    return Spectrum(
        name, *where, distance, p_value, emd, emd / floor, float(chance.std(ddof=1)) / floor,
        (first.value.size, second.value.size),
    )  # fmt: skip


def _floor(values: Floats, weight: Floats, size: float, rng: np.random.Generator) -> Floats:
    """Distances of random halves of the reference, brought to samples of ``size``, (SPLITS,).

    ``size`` is N1 N2 / (N1 + N2) of the samples compared.
    """
    half = values.size // 2
    weights = weight[:half], weight[half:]
    found = chance_distances([values], weights, SPLITS, rng, pairs=False)[:, 0]
    return np.asarray(found * np.sqrt(information(*weights) / size))
