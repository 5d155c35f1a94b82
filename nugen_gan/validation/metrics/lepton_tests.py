"""The lepton in each reaction channel: tests that work from a thousand events up.

Each looks at one number of one channel, with the dependence on the neutrino energy taken out
(:mod:`nugen_gan.validation.metrics.strata`), so that even small samples have the precision of all
their events: a histogram in three dimensions, or a peak at one energy, needs a hundred times as
many.

- *Peaks*: median and width of W and omega in QE and RES.  The median is the most precise
  measure of where a peak is, and needs no window.
- *Distributions*: Kolmogorov-Smirnov tests of W, omega and Q2, at all energies together and in
  ranges of energy, for all events and for every channel.
- *Shares*: of each channel among the events, the same ways.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nugen_gan.events.table import EventTable
from nugen_gan.physics.process import Channel
from nugen_gan.validation.metrics.kolmogorov import rank_test
from nugen_gan.validation.metrics.quantiles import location, location_errors
from nugen_gan.validation.metrics.samples import Samples, TooFewEventsError, prepare
from nugen_gan.validation.metrics.shares import share_difference
from nugen_gan.validation.metrics.significance import smallest, student, two_sided
from nugen_gan.validation.metrics.strata import Strata

__all__ = [
    "ALL",
    "Distribution",
    "Distributions",
    "LeptonTests",
    "PeakNumber",
    "Share",
    "lepton_tests",
    "lepton_variables",
]

Floats = NDArray[np.float64]
Range = tuple[float, float]

ALL = "all"
PEAK_CHANNELS = (Channel.QE, Channel.RES)
VARIABLES = ("W", "omega", "Q2")
# Events of each sample for a test, and of the whole sample for any.
SMALLEST_COUNT = 100
NEEDED = 1_000


@dataclass(frozen=True, slots=True)
class PeakNumber:
    """Median or width of one variable in one channel, all in GeV.

    Attributes
    ----------
    channel, variable, quantity : such as "QE", "W", "median" (or "width")
    reference : the number in the reference
    difference, error : generated minus reference at equal neutrino energies, with its
        statistical error
    events : reference and generated events of the channel
    """

    channel: str
    variable: str
    quantity: str
    reference: float
    difference: float
    error: float
    events: tuple[int, int]

    @property
    def p_value(self) -> float:
        """Probability that a perfect model differs as much."""
        if self.error > 0.0:
            # The error comes from so many events around the quantile, and scatters itself.
            first, second = self.events
            events = 2.0 * (first + second) ** 1.5 / (first * second) ** 0.5
            return two_sided(student(self.difference / self.error, 0.5 * events))
        return 1.0 if self.difference == 0.0 else 0.0


@dataclass(frozen=True, slots=True)
class Distribution:
    """Kolmogorov-Smirnov test of one variable at the neutrino energies ``low`` to ``high`` [GeV].

    Attributes
    ----------
    distance : largest difference of the cumulative distributions, between 0 and 1
    p_value : probability that a perfect model has a larger one
    events : reference and generated events
    """

    variable: str
    low: float
    high: float
    distance: float
    p_value: float
    events: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Distributions:
    """All tests of one channel, or of "all" events."""

    channel: str
    tests: tuple[Distribution, ...]

    @property
    def p_value(self) -> float:
        """Probability that the worst test of a perfect model is as bad."""
        return smallest(test.p_value for test in self.tests)

    @property
    def worst(self) -> Distribution:
        """The test with the smallest p value."""
        return min(self.tests, key=lambda test: test.p_value)


@dataclass(frozen=True, slots=True)
class Share:
    """Share of one channel among the events of the energies ``low`` to ``high`` [GeV].

    Attributes
    ----------
    reference, difference, error : share in the reference; generated minus reference at equal
        neutrino energies, with its statistical error
    """

    channel: str
    low: float
    high: float
    reference: float
    difference: float
    error: float

    @property
    def p_value(self) -> float:
        """Probability that a perfect model differs as much."""
        return two_sided(self.difference / self.error)


@dataclass(frozen=True, slots=True)
class LeptonTests:
    """Result of :func:`lepton_tests`.

    Attributes
    ----------
    peaks, distributions, shares : of the channels with enough events
    left_out : names of the channels with fewer than 100 events in a sample
    has_channels : False if the generated events carry no channel
    """

    peaks: tuple[PeakNumber, ...]
    distributions: tuple[Distributions, ...]
    shares: tuple[Share, ...]
    left_out: tuple[str, ...]
    has_channels: bool


def lepton_tests(
    reference: EventTable,
    generated: EventTable,
    *,
    energy_range: Range,
    energy_ranges: Sequence[Range] = (),
) -> LeptonTests:
    """Compare the lepton of two samples channel by channel.

    Parameters
    ----------
    energy_range : lowest and highest neutrino energy [GeV]
    energy_ranges : parts of it that are tested on their own as well

    Raises
    ------
    TooFewEventsError
        with fewer than 100 events in either sample.
    """
    samples = prepare(reference, generated)
    if samples.smaller < SMALLEST_COUNT:
        raise TooFewEventsError("the test of the lepton", samples.smaller, NEEDED)
    ranges = (energy_range, *energy_ranges)
    pair = samples.reference, samples.generated
    distributions = [Distributions(ALL, tuple(_distributions(pair, ranges)))]
    peaks: list[PeakNumber] = []
    left_out: list[str] = []
    has_channels = _has_channels(samples)
    for code in _codes(samples) if has_channels else ():
        name = Channel(code).name
        part = pair[0][pair[0].channel == code], pair[1][pair[1].channel == code]
        if min(map(len, part)) < SMALLEST_COUNT:
            left_out.append(name)
            continue
        if code in PEAK_CHANNELS:
            peaks += _peaks(name, part)
        distributions.append(Distributions(name, tuple(_distributions(part, ranges))))
    shares = tuple(_shares(samples, ranges)) if has_channels else ()
    return LeptonTests(tuple(peaks), tuple(distributions), shares, tuple(left_out), has_channels)


def lepton_variables(events: EventTable) -> dict[str, Floats]:
    """W [GeV], omega [GeV] and Q2 [GeV^2] of every event, each of shape (N,)."""
    more = events.derived()
    return {"W": np.sqrt(np.clip(more.w2, 0.0, None)), "omega": more.omega, "Q2": more.q2}


def _codes(samples: Samples) -> list[int]:
    channels = samples.reference.channel, samples.generated.channel
    return [int(code) for code in np.unique(np.concatenate(channels))]


def _has_channels(samples: Samples) -> bool:
    only_other = bool(np.all(samples.generated.channel == Channel.OTHER))
    return not only_other or bool(np.all(samples.reference.channel == Channel.OTHER))


def _peaks(channel: str, pair: tuple[EventTable, EventTable]) -> Iterator[PeakNumber]:
    first, second = pair
    strata = Strata.of(first.enu, second.enu)
    values1, values2 = lepton_variables(first), lepton_variables(second)
    count = len(first), len(second)
    for variable in ("W", "omega"):
        residuals = strata.residuals(values1[variable], values2[variable])
        mine, theirs = (location(r, t.weight) for r, t in zip(residuals, pair, strict=True))
        errors = location_errors(*residuals, first.weight, second.weight)
        position = location(values1[variable], first.weight).median
        yield PeakNumber(
            channel, variable, "median", position, theirs.median - mine.median, errors.median,
            count,
        )  # fmt: skip
        yield PeakNumber(
            channel, variable, "width", mine.width, theirs.width - mine.width, errors.width, count
        )


def _distributions(
    pair: tuple[EventTable, EventTable], ranges: Sequence[Range]
) -> Iterator[Distribution]:
    for low, high in ranges:
        first, second = (_within(table, low, high) for table in pair)
        if min(len(first), len(second)) < SMALLEST_COUNT:
            continue
        strata = Strata.of(first.enu, second.enu)
        values1, values2 = lepton_variables(first), lepton_variables(second)
        weights = first.weight, second.weight
        for name in VARIABLES:
            found = rank_test((values1[name], values2[name]), weights, strata)
            yield Distribution(name, low, high, *found, (len(first), len(second)))


def _shares(samples: Samples, ranges: Sequence[Range]) -> Iterator[Share]:
    for low, high in ranges:
        pair = tuple(_within(t, low, high) for t in (samples.reference, samples.generated))
        if min(map(len, pair)) < SMALLEST_COUNT:
            continue
        strata = Strata.of(pair[0].enu, pair[1].enu)
        weights = pair[0].weight, pair[1].weight
        for code in _codes(samples):
            mine = pair[0].channel == code, pair[1].channel == code
            found = share_difference(mine, weights, strata)
            if found is not None:
                yield Share(Channel(code).name, low, high, *found)


def _within(events: EventTable, low: float, high: float) -> EventTable:
    # Files hold float32: an energy at the edge may lie beyond it by a rounding error.
    return events[(events.enu >= low * (1.0 - 1e-6)) & (events.enu <= high * (1.0 + 1e-6))]
