"""Probabilities of deviations, and what remains of them when many are looked at.

Every row of a report has a p value: the probability that a perfect model deviates as far or
further.  Of twenty rows one has p < 0.05 by a fluctuation, so the verdicts are made from corrected
values (S. Holm, Scand. J. Statist. 6 (1979) 65): for a perfect model, all rows taken together,
the smallest of these is below 0.05 in at most 5 % of the reports.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import erfc, exp, isfinite, pi, sqrt
from statistics import NormalDist

from nugen_gan.errors import MissingExtraError

__all__ = [
    "ALPHA",
    "POWER",
    "detectable",
    "distance_tail",
    "gamma_tail",
    "holm",
    "kolmogorov_tail",
    "normal_tail",
    "smallest",
    "student",
    "two_sided",
]

# A corrected p below this is significant, below the second it is beyond doubt.
ALPHA = 0.05
BEYOND_DOUBT = 0.01
# A shift "would be seen" if it is significant in so many of all cases.
POWER = 0.9


def normal_tail(z: float) -> float:
    """Probability of a normal number above ``z`` standard deviations; 1 where z is undefined."""
    return 0.5 * erfc(z / sqrt(2.0)) if z == z else 1.0


def two_sided(z: float) -> float:
    """Probability of a normal number further than ``z`` standard deviations from 0."""
    return min(1.0, 2.0 * normal_tail(abs(z)))


def student(z: float, degrees: float) -> float:
    """What ``z`` in units of an error that is itself measured is worth in normal deviations.

    Student's t distribution with that many degrees of freedom, by the usual normal approximation.
    """
    return z * (1.0 - 0.25 / degrees) / sqrt(1.0 + 0.5 * z**2 / degrees)


def gamma_tail(value: float, spread: float) -> float:
    """Probability above ``value`` under a gamma distribution of mean 1 and this ``spread``.

    The distribution of sums of squares, and nearly that of distances: its tail is longer upwards.
    """
    if not (isfinite(value) and isfinite(spread) and spread > 0.0):
        return 1.0
    try:
        from scipy.special import gammaincc
    except ImportError as error:
        raise MissingExtraError(
            "scipy", "report", "turning distances into probabilities"
        ) from error
    shape = 1.0 / spread**2
    return float(gammaincc(shape, shape * max(value, 0.0)))


def distance_tail(value: float, mean: float, spread: float, cubes: float) -> float:
    """Probability above ``value`` under the gamma distribution, shifted, that has these moments.

    Parameters
    ----------
    mean, spread, cubes : mean, standard deviation and third central moment of a distance; as
        these are measured from few, its skewness is at least that of a gamma distribution from 0 up
    """
    if not spread > 0.0:
        # Values that are all alike have no distance, whoever is dealt what.
        return float(value <= mean)
    skew = max(cubes / spread**3, 2.0 * spread / mean)
    shape = 4.0 / skew**2
    # In a gamma distribution of this shape and mean 1, the same number of standard deviations
    # above.
    return gamma_tail(1.0 + (value - mean) / spread / sqrt(shape), 1.0 / sqrt(shape))


def kolmogorov_tail(distance: float, size: float) -> float:
    """Probability that two samples of one distribution have a larger Kolmogorov-Smirnov distance.

    Parameters
    ----------
    distance : largest difference of the two cumulative distributions
    size : N1 N2 / (N1 + N2)

    Notes
    -----
    Asymptotic, with the correction of M. A. Stephens, J. R. Stat. Soc. B 32 (1970) 115
    for finite samples.
    """
    x = (sqrt(size) + 0.12 + 0.11 / sqrt(size)) * distance
    if x < 1.18:
        # Here the usual series converges too slowly; this is its theta-function twin.
        if x < 0.1:
            return 1.0
        terms = (exp(-((2 * k - 1) ** 2) * pi**2 / (8.0 * x**2)) for k in range(1, 6))
        return float(1.0 - sqrt(2.0 * pi) / x * sum(terms))
    terms = ((-1.0) ** (k - 1) * exp(-2.0 * (k * x) ** 2) for k in range(1, 9))
    return float(min(1.0, 2.0 * sum(terms)))


def smallest(p_values: Iterable[float]) -> float:
    """Probability that the smallest of several p values is so small, at most; 1 if none."""
    found = tuple(p_values)
    return min(1.0, len(found) * min(found)) if found else 1.0


def holm(p_values: Sequence[float]) -> list[float]:
    """Corrected p values, in the order given: each at least as large as before.

    Whatever depends on whatever, the chance that any corrected value of a true hypothesis is
    below alpha is at most alpha.
    """
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    corrected, running = [1.0] * len(p_values), 0.0
    for rank, i in enumerate(order):
        running = max(running, min(1.0, (len(p_values) - rank) * p_values[i]))
        corrected[i] = running
    return corrected


def detectable(error: float, tests: int) -> float:
    """Smallest true shift that is found significant in 90 % of cases.

    Parameters
    ----------
    error : standard deviation of the measured shift, in its unit
    tests : how many rows are judged together
    """
    normal = NormalDist()
    return error * (normal.inv_cdf(1.0 - ALPHA / (2.0 * max(tests, 1))) + normal.inv_cdf(POWER))
