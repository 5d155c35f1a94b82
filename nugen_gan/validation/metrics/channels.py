"""Fractions of the reaction channels against neutrino energy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nugen_gan.errors import MissingExtraError
from nugen_gan.events.table import EventTable
from nugen_gan.physics.process import Channel
from nugen_gan.validation.metrics.binning import ENERGY_RANGE, Counts, energy_edges
from nugen_gan.validation.metrics.map3d import SMALLEST_COUNT
from nugen_gan.validation.metrics.samples import Samples, TooFewEventsError, prepare

__all__ = ["ChannelFractions", "channel_fractions"]

Floats = NDArray[np.float64]

NEEDED = 500


@dataclass(frozen=True, slots=True)
class ChannelFractions:
    """Result of :func:`channel_fractions`.

    Attributes
    ----------
    edges : of the energy bins [GeV], shape (n + 1,)
    channels : names of the channels that occur
    reference, generated : fractions, shape (channels, n); nan in bins without events
    reference_error, generated_error : their binomial errors, same shape
    chi2, degrees, p_value : both samples have the same fractions in every energy bin
    has_channels : False if the generated events carry no channel
    """

    edges: Floats
    channels: tuple[str, ...]
    reference: Floats
    generated: Floats
    reference_error: Floats
    generated_error: Floats
    chi2: float
    degrees: int
    p_value: float
    has_channels: bool

    @property
    def value(self) -> float:
        """chi2 per degree of freedom; 1 is perfect."""
        return self.chi2 / self.degrees if self.degrees else float("nan")

    @property
    def uncertainty(self) -> float:
        """Scatter of :attr:`value` for a perfect model."""
        return float(np.sqrt(2.0 / self.degrees)) if self.degrees else float("nan")


def channel_fractions(
    reference: EventTable,
    generated: EventTable,
    *,
    energy_range: tuple[float, float] = ENERGY_RANGE,
) -> ChannelFractions:
    """Compare the shares of the channels in ten energy bins.

    Raises
    ------
    TooFewEventsError
        with fewer than 500 events in either sample.
    MissingExtraError
        if scipy, which turns chi2 into a probability, is not installed.
    """
    samples = prepare(reference, generated)
    if samples.smaller < NEEDED:
        raise TooFewEventsError("the comparison of channels", samples.smaller, NEEDED)
    edges = energy_edges(energy_range)
    codes = np.unique(np.concatenate([reference.channel, generated.channel]))
    first = _counts(samples.reference, codes, edges)
    second = _counts(samples.generated, codes, edges)
    chi2, degrees = _chi2(first, second)
    (share1, error1), (share2, error2) = _fractions(first), _fractions(second)
    return ChannelFractions(
        edges, tuple(Channel(int(code)).name for code in codes), share1, share2, error1, error2,
        chi2, degrees, _p_value(chi2, degrees), _has_channels(samples),
    )  # fmt: skip


def _has_channels(samples: Samples) -> bool:
    only_other = bool(np.all(samples.generated.channel == Channel.OTHER))
    return not only_other or bool(np.all(samples.reference.channel == Channel.OTHER))


def _counts(table: EventTable, codes: NDArray[np.int16], edges: Floats) -> Counts:
    """Sums of weights and of their squares, shape (channels, energy bins)."""
    shape = (len(codes), len(edges) - 1)
    energy = np.clip(np.searchsorted(edges, table.enu, side="right") - 1, 0, shape[1] - 1)
    index = np.searchsorted(codes, table.channel) * shape[1] + energy
    flat = Counts.of(index, table.weight, shape[0] * shape[1])
    return Counts(flat.sum.reshape(shape), flat.squares.reshape(shape))


def _fractions(counts: Counts) -> tuple[Floats, Floats]:
    total = counts.sum.sum(axis=0)
    safe = np.where(total > 0.0, total, np.nan)
    fraction = counts.sum / safe
    # binomial: f (1 - f) / n, with the effective number of events n
    entries = safe**2 / np.where(total > 0.0, counts.squares.sum(axis=0), np.nan)
    return fraction, np.sqrt(fraction * (1.0 - fraction) / entries)


def _chi2(first: Counts, second: Counts) -> tuple[float, int]:
    """Pearson's chi2 of each energy bin, channels too rare to count joined into one."""
    chi2, degrees = 0.0, 0
    for bin_ in range(first.sum.shape[1]):
        columns = [c[:, bin_] for c in (*first, *second)]
        total1, total2 = float(columns[0].sum()), float(columns[2].sum())
        if min(total1, total2) < 2 * SMALLEST_COUNT:
            continue
        rare = (columns[0] + columns[2]) * min(total1, total2) / (total1 + total2) < SMALLEST_COUNT
        n1, v1, n2, v2 = (np.append(c[~rare], c[rare].sum()) for c in columns)
        scale = total1 / total2
        unweighted = np.array_equal(n1, v1) and np.array_equal(n2, v2)
        variance = scale * (n1 + n2) if unweighted else v1 + scale**2 * v2
        filled = variance > 0.0
        chi2 += float(np.sum((n1 - scale * n2)[filled] ** 2 / variance[filled]))
        degrees += int(filled.sum()) - 1
    return chi2, degrees


def _p_value(chi2: float, degrees: int) -> float:
    try:
        from scipy.special import chdtrc
    except ImportError as error:
        raise MissingExtraError("scipy", "report", "the comparison of channels") from error
    return float(chdtrc(degrees, chi2)) if degrees else float("nan")
