"""Fractions of the reaction channels against neutrino energy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nugen_gan.events.table import EventTable
from nugen_gan.physics.process import Channel
from nugen_gan.validation.metrics.binning import ENERGY_RANGE, energy_edges
from nugen_gan.validation.metrics.samples import Samples, TooFewEventsError, prepare
from nugen_gan.validation.metrics.shares import chi2_tail, counts_by_energy, fractions, pearson

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
    first, second = (
        counts_by_energy(np.searchsorted(codes, t.channel), codes.size, t.enu, t.weight, edges)
        for t in (samples.reference, samples.generated)
    )
    chi2, degrees = pearson(first, second)
    p_value = chi2_tail(chi2, degrees, "the comparison of channels")
    (share1, error1), (share2, error2) = fractions(first), fractions(second)
    return ChannelFractions(
        edges, tuple(Channel(int(code)).name for code in codes), share1, share2, error1, error2,
        chi2, degrees, p_value, _has_channels(samples),
    )  # fmt: skip


def _has_channels(samples: Samples) -> bool:
    only_other = bool(np.all(samples.generated.channel == Channel.OTHER))
    return not only_other or bool(np.all(samples.reference.channel == Channel.OTHER))
