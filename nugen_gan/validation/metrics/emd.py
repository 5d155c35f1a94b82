"""Earth mover's distances in one dimension, in units of their statistical fluctuation.

The distance of two samples of one distribution shrinks as ``sqrt(1 / N1 + 1 / N2)``.  The floor is
the mean distance of random halves of the reference, brought to the sizes of the samples by that
rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from nugen_gan.errors import MissingExtraError
from nugen_gan.events.table import EventTable
from nugen_gan.validation.metrics.binning import ENERGY_RANGE, energy_edges
from nugen_gan.validation.metrics.permutation import chance_distances
from nugen_gan.validation.metrics.samples import (
    Samples,
    TooFewEventsError,
    effective_size,
    prepare,
    random_half,
)
from nugen_gan.validation.metrics.significance import distance_tail

__all__ = [
    "EmdBin",
    "EmdRatio",
    "earth_movers_distance",
    "emd_ratios",
    "information",
    "observables",
]

Floats = NDArray[np.float64]

UNITS = {"E_lep": "GeV", "theta": "rad", "Q2": "GeV^2", "W": "GeV"}
# Events of each sample in an energy bin that counts, and in a sample that fills most bins.
SMALLEST_COUNT = 100
NEEDED = 2_000
SPLITS = 16
DEALS = 30
# The floor is at least this, in any unit: below what float32 holds.
TINY = 1e-12
# Relative scatter where it cannot be measured, about that of any distance.
NO_SPREAD = 0.5


@dataclass(frozen=True, slots=True)
class EmdBin:
    """Distance in one energy bin.

    Attributes
    ----------
    low, high : edges of the bin [GeV]
    distance, floor : earth mover's distance and its statistical floor, in the variable's unit
    ratio, uncertainty : distance over floor; how much that of a perfect model scatters around 1
    chance, chance_spread, chance_skew : mean, standard deviation and skewness of the distance
        over floor when the pooled events are dealt out at random
    """

    low: float
    high: float
    distance: float
    floor: float
    ratio: float
    uncertainty: float
    chance: float
    chance_spread: float
    chance_skew: float


@dataclass(frozen=True, slots=True)
class EmdRatio:
    """Distances of one variable.

    Attributes
    ----------
    variable, unit : "E_lep", "theta", "Q2" or "W", and its unit
    value, uncertainty : mean over energy bins of the ratio to the floor; 1 is perfect
    p_value : probability that a perfect model has a larger one
    bins : one entry for each energy bin with enough events
    """

    variable: str
    unit: str
    value: float
    uncertainty: float
    p_value: float
    bins: tuple[EmdBin, ...]


def observables(events: EventTable) -> dict[str, Floats]:
    """E_lep [GeV], theta [rad], Q2 [GeV^2] and W [GeV] of every event, each of shape (N,)."""
    more = events.derived()
    return {
        "E_lep": events.elep,
        "theta": np.arccos(np.clip(events.costheta, -1.0, 1.0)),
        "Q2": more.q2,
        "W": np.sqrt(np.clip(more.w2, 0.0, None)),
    }


def emd_ratios(
    reference: EventTable,
    generated: EventTable,
    *,
    energy_range: tuple[float, float] = ENERGY_RANGE,
    seed: int = 0,
) -> tuple[EmdRatio, ...]:
    """Earth mover's distances of E_lep, theta, Q2 and W in ten energy bins.

    Parameters
    ----------
    energy_range : first and last edge of the logarithmic energy bins [GeV]
    seed : for the random halves of the floor, and for dealing events out

    Raises
    ------
    TooFewEventsError
        if no energy bin has 100 events of each sample.
    MissingExtraError
        if scipy is not installed.
    """
    samples = prepare(reference, generated)
    edges = energy_edges(energy_range)
    rng = np.random.default_rng([seed, 1]), np.random.default_rng([seed, 8])
    found: dict[str, list[EmdBin]] = {name: [] for name in UNITS}
    for low, high in pairwise(edges.tolist()):
        part = _between(samples, low, high, last=high == edges[-1])
        if part.smaller >= SMALLEST_COUNT:
            for name, entry in _in_bin(part, low, high, *rng).items():
                found[name].append(entry)
    if not found["E_lep"]:
        raise TooFewEventsError("the earth mover's distance", samples.smaller, NEEDED)
    return tuple(_average(name, entries) for name, entries in found.items())


def _average(variable: str, entries: list[EmdBin]) -> EmdRatio:
    count = len(entries)
    value = sum(entry.ratio for entry in entries) / count
    uncertainty = float(np.linalg.norm([entry.uncertainty for entry in entries])) / count
    chance = sum(entry.chance for entry in entries) / count
    spread = float(np.linalg.norm([entry.chance_spread for entry in entries])) / count
    cubes = sum(entry.chance_skew * entry.chance_spread**3 for entry in entries) / count**3
    p_value = distance_tail(value, chance, spread, cubes)
    return EmdRatio(variable, UNITS[variable], value, uncertainty, p_value, tuple(entries))


def _between(samples: Samples, low: float, high: float, *, last: bool) -> Samples:
    def select(table: EventTable) -> EventTable:
        below = table.enu <= high if last else table.enu < high
        return table[(table.enu >= low) & below]

    return Samples(select(samples.reference), select(samples.generated), samples.shared_energies, 0)


def _in_bin(
    samples: Samples,
    low: float,
    high: float,
    rng: np.random.Generator,
    dealer: np.random.Generator,
) -> dict[str, EmdBin]:
    reference, generated = samples.reference, samples.generated
    size = information(reference.weight, generated.weight)
    values1, values2 = observables(reference), observables(generated)
    halves = [
        random_half(len(reference), rng, neighbours=samples.shared_energies) for _ in range(SPLITS)
    ]
    dealt = chance_distances(
        [np.concatenate([values1[name], values2[name]]) for name in UNITS],
        (reference.weight, generated.weight), DEALS, dealer, pairs=samples.shared_energies,
    )  # fmt: skip
    result = {}
    for i, name in enumerate(UNITS):
        distance = earth_movers_distance(
            values1[name], values2[name], reference.weight, generated.weight
        )
        chance = np.array(
            [_half_distance(values1[name], reference.weight, half, size) for half in halves]
        )
        # Values that are all the same have no distance, and none to compare it with.
        floor = max(float(chance.mean()), TINY)
        spread = float(chance.std(ddof=1)) / floor or NO_SPREAD
        chance_mean, chance_spread = dealt[:, i].mean(), dealt[:, i].std(ddof=1)
        cubes = float(np.mean((dealt[:, i] - chance_mean) ** 3))
        skew = cubes / chance_spread**3 if chance_spread > 0.0 else 0.0
        result[name] = EmdBin(
            low, high, distance, floor, distance / floor, spread,
            float(chance_mean) / floor,
            float(chance_spread) / floor, skew,
        )  # fmt: skip
    return result


def _half_distance(values: Floats, weight: Floats, half: NDArray[np.bool_], size: float) -> float:
    """Distance of two halves, brought to samples of ``size`` = N1 N2 / (N1 + N2)."""
    distance = earth_movers_distance(values[half], values[~half], weight[half], weight[~half])
    return distance * float(np.sqrt(information(weight[half], weight[~half]) / size))


def information(first: Floats, second: Floats) -> float:
    """N1 N2 / (N1 + N2) with the effective sizes of two samples of these weights."""
    size1, size2 = effective_size(first), effective_size(second)
    return size1 * size2 / (size1 + size2)


def earth_movers_distance(first: Floats, second: Floats, weight1: Floats, weight2: Floats) -> float:
    """Wasserstein distance of two weighted samples of one variable, in its unit.

    Raises
    ------
    MissingExtraError
        if scipy is not installed.
    """
    try:
        from scipy.stats import wasserstein_distance
    except ImportError as error:
        raise MissingExtraError("scipy", "report", "the earth mover's distance") from error
    return float(wasserstein_distance(first, second, weight1, weight2))
