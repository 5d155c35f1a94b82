"""MAP-3D of each reaction channel on its own: the shapes behind the fractions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nugen_gan.events.table import EventTable
from nugen_gan.physics.process import Channel
from nugen_gan.validation.metrics.binning import ENERGY_RANGE, Binning
from nugen_gan.validation.metrics.map3d import NEEDED, map3d
from nugen_gan.validation.metrics.pull_ratio import PullRatio, over_floor
from nugen_gan.validation.metrics.samples import TooFewEventsError, prepare

__all__ = ["ChannelShapes", "channel_shapes"]

SMALLEST_CHANNEL = 1_000


@dataclass(frozen=True, slots=True)
class ChannelShapes:
    """Result of :func:`channel_shapes`.

    Attributes
    ----------
    channels : MAP-3D over floor of each channel with enough events
    left_out : names of the channels with too few
    """

    channels: tuple[PullRatio, ...]
    left_out: tuple[str, ...]

    @property
    def worst(self) -> PullRatio:
        """The channel furthest above its floor, in standard deviations."""
        return max(self.channels, key=lambda ratio: ratio.significance)


def channel_shapes(
    reference: EventTable,
    generated: EventTable,
    *,
    energy_range: tuple[float, float] = ENERGY_RANGE,
    seed: int = 0,
) -> ChannelShapes:
    """Compare the events of each channel in (enu, T fraction, theta).

    The histogram has 8 logarithmic energy bins, 25 in the kinetic fraction and 15 + 5 in theta;
    each channel is normalised to itself, so that only its shape counts.

    Parameters
    ----------
    energy_range : first and last edge of the energy bins [GeV]
    seed : for the random halves of the floors

    Raises
    ------
    TooFewEventsError
        if no channel has enough events for its histogram.
    """
    samples = prepare(reference, generated)
    binning = Binning.coarse(energy_range, 8)
    found, left_out = [], []
    for code in np.unique(samples.reference.channel).tolist():
        pair = [t[t.channel == code] for t in (samples.reference, samples.generated)]
        try:
            if min(map(len, pair)) < SMALLEST_CHANNEL:
                raise TooFewEventsError("the shape of a channel", 0, SMALLEST_CHANNEL)
            result = map3d(pair[0], pair[1], binning=binning, seed=seed)
            found.append(over_floor(Channel(code).name, result))
        except TooFewEventsError:
            left_out.append(Channel(code).name)
    if not found:
        needed = max(NEEDED, 2 * samples.smaller)
        raise TooFewEventsError("the shape of a channel", samples.smaller, needed)
    return ChannelShapes(tuple(found), tuple(left_out))
