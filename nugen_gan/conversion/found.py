"""What a pass over files found out about the events of one process."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nugen_gan.conversion.doubts import Completeness
from nugen_gan.errors import (
    EnergyRangeError,
    FormatError,
)
from nugen_gan.events.cutflow import CutFlow
from nugen_gan.events.particles import flat, species_counts
from nugen_gan.events.selection import RawEvents, select
from nugen_gan.events.table import EventTable
from nugen_gan.physics.cross_section import CrossSection, CrossSectionCounter
from nugen_gan.physics.process import (
    Channel,
)

__all__ = ["Found", "channel_counts", "weight_over_sigma_of"]


@dataclass
class Found:
    """What a pass over the files found out about one process.

    Attributes
    ----------
    counter : sees the selected events of all energies
    given : sigma(enu) that need not be counted, if any
    cutflow : of the selection
    weight_sum : of the selected events
    weight_over_sigma : sum of weight over sigma [cm^-2 nucleus] where sigma is given
    low, high : smallest and largest energy selected [GeV]
    channels : selected events by name of channel
    parts : sigma(enu) of each channel where a given one is known by channel
    expected : selected events of each channel that these foretell
    negative, undefined : charged-current events with a negative weight, or one that is no number
    squares : sum of the squared weights of the selected events
    particles : number of particles beside the lepton by PDG code; None where the files have none
    """

    counter: CrossSectionCounter
    given: CrossSection | None
    cutflow: CutFlow = field(default_factory=CutFlow)
    weight_sum: float = 0.0
    weight_over_sigma: float = 0.0
    low: float = np.inf
    high: float = 0.0
    channels: Counter[str] = field(default_factory=Counter)
    parts: dict[Channel, CrossSection] = field(default_factory=dict)
    expected: dict[Channel, float] = field(default_factory=dict)
    negative: int = 0
    undefined: int = 0
    squares: float = 0.0
    particles: Counter[int] | None = None

    def add(self, chunk: RawEvents, energy_range: tuple[float, float] | None) -> None:
        """Select from a chunk and count."""
        process = self.counter.process
        table = select(chunk, process, energy_range)
        everything = table if energy_range is None else select(chunk, process)
        self.counter.add(everything.enu, everything.weight)
        self.cutflow = self.cutflow + table.cutflow
        self.channels.update(channel_counts(table.channel))
        self.weight_sum += float(table.weight.sum())
        self.squares += float((table.weight**2).sum())
        mine = chunk.cc & (chunk.probe == process.probe) & (chunk.target == process.target)
        self.negative += int((chunk.weight[mine] < 0.0).sum())
        self.undefined += int((~np.isfinite(chunk.weight[mine])).sum())
        if table.particles is not None:
            self.particles = (self.particles or Counter()) + species_counts(flat(table.particles))
        if len(table):
            self.low = min(self.low, float(table.enu.min()))
            self.high = max(self.high, float(table.enu.max()))
        if self.given is not None:
            self.weight_over_sigma += weight_over_sigma_of(table, self.given)
            self._expect(table, self.given)

    def _expect(self, table: EventTable, sigma: CrossSection) -> None:
        """Add up how many events of each channel there should be."""
        total = sigma(table.enu) if self.parts else np.zeros(0)
        for channel, part in self.parts.items():
            share = np.divide(part(table.enu), total, out=np.zeros_like(total), where=total > 0.0)
            self.expected[channel] = self.expected.get(channel, 0.0) + float(share.sum())

    def completeness(self) -> Completeness:
        """Whether the events are of all channels of the cross section."""
        found: Counter[Channel] = Counter()
        for name, number in self.channels.items():
            # Hyperons are quasielastic in GENIE's summary tree, and so in the parts.
            found[Channel.QE if name == "HYP" else Channel[name]] += number
        return Completeness(self.parts, self.expected, found)


def channel_counts(channel: Any) -> dict[str, int]:
    """Number of events of each channel that occurs, by name."""
    codes, counts = np.unique(channel, return_counts=True)
    pairs = zip(codes.tolist(), counts.tolist(), strict=True)
    try:
        return {Channel(code).name: count for code, count in pairs}
    except ValueError as error:
        raise FormatError(f"an event has an unknown channel: {error}.") from error


def weight_over_sigma_of(table: EventTable, sigma: CrossSection) -> float:
    """Sum of weight over sigma [cm^-2 nucleus]; raises EnergyRangeError where sigma is unknown."""
    try:
        value = sigma(table.enu)
    except EnergyRangeError as error:
        raise EnergyRangeError(
            f"{error}. The cross section does not cover the events of {table.process}: "
            "restrict them with --energy-range, or give a table that does."
        ) from error
    # An event where sigma is zero tells nothing about the flux.
    return float((table.weight[value > 0.0] / value[value > 0.0]).sum())
