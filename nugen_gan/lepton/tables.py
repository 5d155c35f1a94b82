"""Quantiles in tables: events at the price of a few look-ups.

A table holds the quantiles of the first proxy for each channel, energy and probability, and those
of the second proxy also for each of the first.  Between its entries it is linear, in the logarithm
of the energy and in the logits of the probabilities, in which quantiles are nearly straight.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nugen_gan.lepton.density import quantiles
from nugen_gan.lepton.inputs import channel_inputs, energy_place, omega_inputs

__all__ = ["NUMBERS", "QuantileTables"]

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Network = Callable[[Singles], Singles]
# Entries in the energy and in the two probabilities; these lie between logits -REACH and REACH.
# Part of the meaning of a seed, so they must never change.
ENERGIES, FIRST, SECOND = 64, 72, 64
REACH = 11.0
# Random numbers of an event: for its channel and its two probabilities.
NUMBERS = 3
# Rows that go through a network together: few enough for the caches of a processor.
ROWS = 1024


@dataclass(frozen=True)
class QuantileTables:
    """Quantiles of both proxies, and the fractions of the channels.

    Attributes
    ----------
    energy_range : of the table [GeV]
    below : fraction of the channels before each but the first, at equally spaced logarithms of the
        energy, (C - 1, K)
    first : quantiles of the first proxy, (C, ENERGIES, FIRST)
    second : of the second proxy, (C, ENERGIES, FIRST, SECOND)
    """

    energy_range: tuple[float, float]
    below: Singles
    first: Singles
    second: Singles

    @classmethod
    def of(
        cls,
        first: Network,
        second: Network,
        fractions: Singles,
        energy_range: tuple[float, float],
        mass: float,
    ) -> QuantileTables:
        """Ask the networks for all entries.

        Parameters
        ----------
        first, second : describe the densities of the proxies; see :mod:`.inputs`, :mod:`.density`
        fractions : of the channels, (K, C)
        energy_range : of the table [GeV]
        mass : of the lepton [GeV]
        """
        channels = fractions.shape[1]
        place = np.tile(np.linspace(0.0, 1.0, ENERGIES), channels)
        rows = channel_inputs(place, np.repeat(np.arange(channels), ENERGIES), channels)
        steps = (np.linspace(-REACH, REACH, number) for number in (FIRST, SECOND))
        logits = tuple(steps)
        one = _in_parts(lambda part: quantiles(first(part), logits[0]), rows)
        low, high = energy_range
        enu = np.repeat(low * (high / low) ** place, FIRST)
        rows = np.concatenate(
            [np.repeat(rows, FIRST, axis=0), omega_inputs(enu, one.ravel(), mass)], axis=1
        )
        two = _in_parts(lambda part: quantiles(second(part), logits[1]), rows)
        return cls(
            energy_range,
            np.cumsum(fractions, axis=1)[:, :-1].T.astype(np.float32, order="C"),
            one.reshape(channels, ENERGIES, FIRST).astype(np.float32),
            two.reshape(channels, ENERGIES, FIRST, SECOND).astype(np.float32),
        )

    def draw(self, enu: Floats, uniform: Floats) -> tuple[Singles, Singles, NDArray[np.int32]]:
        """Return both proxies and the number of the channel, from 0, of N events, each (N,).

        Parameters
        ----------
        enu : neutrino energies [GeV], (N,)
        uniform : random numbers in [0, 1), (NUMBERS, N)
        """
        place = energy_place(enu, self.energy_range).astype(np.float32)
        channel = self._channel(place, uniform[0].astype(np.float32))
        # In double precision, or the upper tail would have steps.
        odds = np.maximum(uniform[1:], 1e-12)
        odds /= 1.0 - odds
        logit = np.log(odds.astype(np.float32))
        energy, over = _between(place, ENERGIES)
        one, right = _between((logit[0] + REACH) / (2.0 * REACH), FIRST)
        two, up = _between((logit[1] + REACH) / (2.0 * REACH), SECOND)
        at = (channel * ENERGIES + energy) * FIRST + one
        first = _interpolated(self.first.ravel(), at, ((FIRST, over), (1, right)))
        strides = ((FIRST * SECOND, over), (SECOND, right), (1, up))
        second = _interpolated(self.second.ravel(), at * SECOND + two, strides)
        return first, second, channel

    def _channel(self, place: Singles, uniform: Singles) -> NDArray[np.int32]:
        channel = np.zeros(len(place), np.int32)
        if len(self.below):
            knot, part = _between(place, self.below.shape[1])
            for below in self.below:
                channel += uniform >= _interpolated(below, knot, ((1, part),))
        return channel


def _in_parts(work: Callable[[Singles], Floats], rows: Singles) -> Floats:
    """The same for all rows, in parts of one size, for products of others may round differently."""
    filled = np.concatenate([rows, np.repeat(rows[:1], -len(rows) % ROWS, axis=0)])
    parts = [work(filled[first : first + ROWS]) for first in range(0, len(filled), ROWS)]
    return np.concatenate(parts)[: len(rows)]


def _between(place: Singles, entries: int) -> tuple[NDArray[np.int32], Singles]:
    """Which entry lies below, and how far on the next is; beyond the ends the straight line."""
    scaled = place * np.float32(entries - 1)
    entry = np.clip(scaled.astype(np.int32), 0, entries - 2)
    return entry, (scaled - entry).astype(np.float32)


def _interpolated(
    table: Singles, at: NDArray[np.int32], strides: Sequence[tuple[int, Singles]]
) -> Singles:
    """Linear in each of some directions, from their strides and the parts of the way."""
    if not strides:
        return table[at]
    (stride, part), *rest = strides
    low = _interpolated(table, at, rest)
    high = _interpolated(table, at + np.int32(stride), rest)
    high -= low
    high *= part
    low += high
    return low
