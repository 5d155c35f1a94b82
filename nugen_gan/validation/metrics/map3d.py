"""MAP-3D, the mean absolute pull on a three-dimensional histogram, and its floor.

The measure of arXiv:2508.12987.  With ``n1`` reference and ``n2`` generated events in a bin, of
``N1`` and ``N2`` in all and ``s = N1 / N2``::

    pull = (n1 - s n2) / sqrt(s (n1 + n2))

which is ``(n1 - n2) / sqrt(n1 + n2)`` for samples of one size.  Given ``n1 + n2``, two samples of
one distribution have ``<pull^2> = 1`` exactly (``n1`` is binomial), whatever the distribution.
Weighted events enter as sums of weights, with variance ``sum w1^2 + s^2 sum w2^2``.  Bins count
where the smaller sample expects at least 10 events, which is ``n1 + n2 >= 20`` for samples of one
size.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nugen_gan.events.table import EventTable
from nugen_gan.validation.metrics.binning import Binning, Counts, Histogram, Indices
from nugen_gan.validation.metrics.samples import (
    Samples,
    TooFewEventsError,
    effective_size,
    prepare,
    random_half,
)

__all__ = ["EnergyBin", "Floor", "Map3D", "map3d", "map3d_floor", "pulls"]

Floats = NDArray[np.float64]

# Expected events of the smaller sample in a bin that counts.
SMALLEST_COUNT = 10.0
# Fewer bins than this make no average worth quoting (its error would be above 0.1).
SMALLEST_BINS = 30
# A sample of this size fills that many bins, in the floor's halves too.
NEEDED = 20_000


@dataclass(frozen=True, slots=True)
class EnergyBin:
    """MAP-3D of the bins at one neutrino energy.

    Attributes
    ----------
    low, high : edges of the energy bin [GeV]
    value, uncertainty : mean absolute pull; nan where no bin counts
    floor : the same for two halves of the reference
    bins : bins that count
    """

    low: float
    high: float
    value: float
    uncertainty: float
    floor: float
    bins: int


@dataclass(frozen=True, slots=True)
class Floor:
    """What two samples of one distribution give, averaged over random halves of the reference.

    Attributes
    ----------
    value, uncertainty : mean absolute pull
    mean_square, mean_square_uncertainty : mean squared pull
    by_energy : mean absolute pull in each energy bin
    """

    value: float
    uncertainty: float
    mean_square: float
    mean_square_uncertainty: float
    by_energy: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Map3D:
    """Result of :func:`map3d`.

    Attributes
    ----------
    value, uncertainty : mean absolute pull
    mean_square, mean_square_uncertainty : mean squared pull
    floor : the same of two halves of the reference
    bins : bins that count
    information : N1 N2 / (N1 + N2), half of N for samples of one size (effective sizes for
        weighted events); what turns an excess of <pull^2> into an equivalent sample size
    by_energy : one entry for each energy bin
    """

    value: float
    uncertainty: float
    mean_square: float
    mean_square_uncertainty: float
    floor: Floor
    bins: int
    information: float
    by_energy: tuple[EnergyBin, ...]

    @property
    def excess(self) -> float:
        """Mean squared pull above the floor: the bias of the model, in variances."""
        return self.mean_square - self.floor.mean_square

    @property
    def excess_uncertainty(self) -> float:
        """Standard deviation of :attr:`excess`."""
        errors = (self.mean_square_uncertainty, self.floor.mean_square_uncertainty)
        return float(np.hypot(*errors))

    @property
    def significance(self) -> float:
        """How far MAP-3D is above its floor, in standard deviations."""
        error = np.hypot(self.uncertainty, self.floor.uncertainty)
        return float((self.value - self.floor.value) / error)


class Pulls(NamedTuple):
    """Pulls of the bins that count, and where these are in the flat histogram."""

    value: Floats
    bins: NDArray[np.int64]


def pulls(first: Counts, second: Counts) -> Pulls:
    """Pull of each bin with enough events; see the head of this module.

    Parameters
    ----------
    first, second : contents of two histograms of one binning, shape (bins,)
    """
    total1, total2 = float(first.sum.sum()), float(second.sum.sum())
    scale = total1 / total2
    both, squares = first.sum + second.sum, first.squares + second.squares
    if np.array_equal(both, squares):
        variance = scale * both
    else:
        variance = first.squares + scale**2 * second.squares
    entries = np.divide(both**2, squares, out=np.zeros_like(both), where=squares > 0.0)
    share = min(total1, total2) / (total1 + total2)
    bins = np.flatnonzero((entries * share >= SMALLEST_COUNT) & (variance > 0.0))
    difference = first.sum - scale * second.sum
    return Pulls(difference[bins] / np.sqrt(variance[bins]), bins)


def map3d(
    reference: EventTable,
    generated: EventTable,
    *,
    binning: Histogram | None = None,
    floor: Floor | None = None,
    seed: int = 0,
) -> Map3D:
    """Mean absolute pull between two samples on a histogram in (enu, T fraction, theta).

    Parameters
    ----------
    reference, generated : samples, normally of one size and with the same neutrino energies
    binning : histogram; the standard one from 0.2 to 20 GeV if absent
    floor : a floor computed before for this reference and binning; computed here if absent
    seed : for the random halves of the floor

    Raises
    ------
    TooFewEventsError
        if fewer than 30 bins have enough events.
    """
    binning = binning or Binning.standard()
    samples = prepare(reference, generated)
    if samples.smaller < 2:
        raise TooFewEventsError("MAP-3D", samples.smaller, NEEDED)
    if floor is None:
        floor = _floor(samples, binning, splits=16, seed=seed)
    counts = (
        Counts.of(binning.index(table), table.weight, binning.size)
        for table in (samples.reference, samples.generated)
    )
    result = _within(pulls(*counts), binning)
    _require(result.value.size, samples.smaller)
    size1 = effective_size(samples.reference.weight)
    size2 = effective_size(samples.generated.weight)
    value, uncertainty = _mean(np.abs(result.value))
    mean_square = float(np.mean(result.value**2))
    return Map3D(
        value, uncertainty, mean_square, _mean_square_error(mean_square, result.value.size),
        floor, result.value.size, size1 * size2 / (size1 + size2),
        _by_energy(result, binning, floor),
    )  # fmt: skip


def map3d_floor(
    reference: EventTable,
    *,
    binning: Histogram | None = None,
    shared_energies: bool = True,
    splits: int = 16,
    seed: int = 0,
) -> Floor:
    """MAP-3D of two halves of one sample, averaged over random splits.

    A random split is a hypergeometric draw, so that splits scatter independently around one
    expectation; averaging removes the noise that a single split would add to every number
    compared with the floor.

    Parameters
    ----------
    shared_energies : whether the samples to be judged share their neutrino energies
    splits : how many random splits to average
    """
    binning = binning or Binning.standard()
    samples = prepare(reference, reference)
    samples = Samples(samples.reference, samples.generated, shared_energies, 0)
    return _floor(samples, binning, splits=splits, seed=seed)


def _floor(samples: Samples, binning: Histogram, *, splits: int, seed: int) -> Floor:
    rng = np.random.default_rng([seed, 3])
    index, weight = binning.index(samples.reference), samples.reference.weight
    means, squares, energies = [], [], []
    for _ in range(splits):
        half = random_half(index.size, rng, neighbours=samples.shared_energies)
        result = _within(_split_pulls(index, weight, half, binning.size), binning)
        _require(result.value.size, index.size)
        means.append(float(np.mean(np.abs(result.value))))
        squares.append(float(np.mean(result.value**2)))
        energies.append(_energy_means(result, binning)[0])
    count = result.value.size * splits
    return Floor(
        float(np.mean(means)), float(np.sqrt((1.0 - 2.0 / np.pi) / count)),
        float(np.mean(squares)), float(np.sqrt(2.0 / count)),
        tuple(np.ma.masked_invalid(energies).mean(axis=0).filled(np.nan).tolist()),
    )  # fmt: skip


def _split_pulls(index: Indices, weight: Floats, half: NDArray[np.bool_], size: int) -> Pulls:
    return pulls(
        Counts.of(index[half], weight[half], size), Counts.of(index[~half], weight[~half], size)
    )


def _within(result: Pulls, binning: Histogram) -> Pulls:
    """Leave out the bin of the events outside the region."""
    inside = result.bins < binning.cells
    return Pulls(result.value[inside], result.bins[inside])


def _require(bins: int, events: int) -> None:
    if bins < SMALLEST_BINS:
        raise TooFewEventsError("MAP-3D", events, max(NEEDED, 2 * events))


def _mean(values: Floats) -> tuple[float, float]:
    return float(np.mean(values)), float(np.std(values, ddof=1) / np.sqrt(values.size))


def _mean_square_error(mean_square: float, bins: int) -> float:
    """Error of <pull^2>: the variance of one squared pull is 2 + 4 bias^2."""
    return float(np.sqrt((2.0 + 4.0 * max(mean_square - 1.0, 0.0)) / bins))


def _energy_means(result: Pulls, binning: Histogram) -> tuple[Floats, Floats]:
    """Mean |pull| and number of bins, for each energy bin."""
    rows, columns = binning.shape[0], binning.cells // binning.shape[0]
    row = result.bins // columns
    count = np.bincount(row, minlength=rows).astype(np.float64)
    total = np.bincount(row, np.abs(result.value), minlength=rows)
    return np.divide(total, count, out=np.full(rows, np.nan), where=count > 0), count


def _by_energy(result: Pulls, binning: Histogram, floor: Floor) -> tuple[EnergyBin, ...]:
    means, counts = _energy_means(result, binning)
    # 1 - 2 / pi is the variance of the absolute value of a standard normal number.
    errors = np.sqrt((1.0 - 2.0 / np.pi) / np.where(counts > 0, counts, np.nan))
    return tuple(
        EnergyBin(
            float(binning.enu[i]), float(binning.enu[i + 1]), float(means[i]), float(errors[i]),
            floor.by_energy[i], int(counts[i]),
        )
        for i in range(counts.size)
    )  # fmt: skip
