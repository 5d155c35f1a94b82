"""Events of some channels alone, out of a model of all of them.

The leptons are made first, those of other channels are dropped, and the hadrons of the rest follow.
What the cross section of these channels is, the model does not tell; it is counted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nugen_gan.errors import UsageError
from nugen_gan.hadrons.tiles import independent
from nugen_gan.model.blocks import BLOCK
from nugen_gan.model.model import Model
from nugen_gan.model.sampler import spectrum_energies
from nugen_gan.physics.cross_section import CrossSection
from nugen_gan.physics.process import Channel
from nugen_gan.physics.spectrum import Spectrum
from nugen_gan.streams import derived_seed, numpy_stream

if TYPE_CHECKING:
    from nugen_gan.events.table import EventTable

__all__ = ["SelectedShare", "selected_events", "selected_share"]

# Events that are counted, and bins of energy that they are counted in.
COUNTED, BINS = 8 * BLOCK, 24
# Blocks without a single event of the channels after which the search ends.
PATIENCE = 100


@dataclass(frozen=True, slots=True)
class SelectedShare:
    """How much of the cross section some channels have.

    Attributes
    ----------
    sigma : cross section of these channels [cm^2 per nucleus], over the energies of the flux
    share : their fraction of all events
    error : statistical error of it
    """

    sigma: CrossSection
    share: float
    error: float


def selected_share(
    model: Model, channels: Collection[Channel], spectrum: Spectrum, sigma: CrossSection, seed: int
) -> SelectedShare:
    """Count the events of some channels, by energy.

    Parameters
    ----------
    model : of all channels
    channels : that are wanted
    spectrum : flux times ``sigma``
    sigma : cross section of all channels [cm^2 per nucleus]
    seed : of the random numbers

    Raises
    ------
    UsageError
        if the model makes no events of these channels.
    """
    used = derived_seed(seed, "share of channels")
    light = model.without_hadrons().sampler
    enu, taken = [], []
    for table in light.stream(
        spectrum_energies(spectrum, used), COUNTED, seed=used, chunk=BLOCK, allow_extrapolation=True
    ):
        enu.append(table.enu)
        taken.append(np.isin(table.channel, [int(channel) for channel in channels]))
    energies, mine = np.concatenate(enu), np.concatenate(taken)
    share = float(mine.mean())
    if share == 0.0:
        raise UsageError(_none(model, channels))
    error = float(np.sqrt(share * (1.0 - share) / len(mine)))
    return SelectedShare(_curve(energies, mine, sigma), share, error)


def _curve(enu: NDArray[Any], mine: NDArray[Any], sigma: CrossSection) -> CrossSection:
    """Sigma times the share of the channels, which is a straight line between bins."""
    source = f"part of {sigma.source}" if sigma.source else "part of all channels"
    order = np.argsort(enu, kind="stable")
    parts = np.array_split(order, BINS if enu[order[0]] < enu[order[-1]] else 1)
    middle = np.array([enu[part].mean() for part in parts])
    fraction = np.array([mine[part].mean() for part in parts])
    energy, values = sigma.points()
    return CrossSection.from_points(energy, values * np.interp(energy, middle, fraction), source)


def selected_events(
    model: Model, channels: Collection[Channel], spectrum: Spectrum, n: int, seed: int
) -> Iterator[EventTable]:
    """Yield tables of ``n`` events of some channels in all.

    Parameters as :func:`selected_share`.  The same seed gives the same events.
    """
    light, wanted = model.without_hadrons().sampler, [int(channel) for channel in channels]
    energies = spectrum_energies(spectrum, seed)
    endless = light.stream(energies, 1 << 60, seed=seed, chunk=BLOCK, allow_extrapolation=True)
    left, empty = n, 0
    for number, table in enumerate(endless):
        mine = table[np.isin(table.channel, wanted)]
        empty = 0 if len(mine) else empty + 1
        if empty > PATIENCE:
            raise UsageError(_none(model, channels))
        if len(mine) and model.hadrons is not None:
            random = numpy_stream(seed, "hadrons of selected events", number)
            mine = mine.with_(particles=model.hadrons.sample(mine, independent(random, len(mine))))
        if len(mine):
            yield mine[:left]
            left -= min(left, len(mine))
        if not left:
            return


def _none(model: Model, channels: Collection[Channel]) -> str:
    names = ", ".join(channel.name for channel in channels)
    known = ", ".join(Channel(code).name for code in model.labels.channels)
    return (
        f"the model {model.name} makes no events of {names} at these energies: its channels are "
        f"{known}. Ask for others, or for other energies"
    )
