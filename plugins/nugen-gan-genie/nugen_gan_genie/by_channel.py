"""Events of some channels: those of a model whose channel is one of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from nugen_gan.adapters.base import Header
from nugen_gan.adapters.output import check_event_output, event_output
from nugen_gan.errors import UsageError
from nugen_gan.events.table import EventTable
from nugen_gan.generation.energies import EnergyPlan
from nugen_gan.generation.single import Part
from nugen_gan.model.model import Model
from nugen_gan.physics.process import Channel

__all__ = ["Chosen", "generate_channels"]

CHUNK = 50_000
# After so many events without one of the channels there are none at these energies.
PATIENCE = 5_000_000


@dataclass
class Chosen:
    """Some channels of a run.

    Attributes
    ----------
    part : what the events come from
    channels : that are kept
    tried, found : events so far
    """

    part: Part
    channels: Sequence[Channel]
    tried: int = 0
    found: int = 0

    @property
    def flux_average(self) -> float | None:
        """Flux-averaged cross section of these channels [cm^2 per nucleus]."""
        whole = self.part.flux_average
        return None if whole is None else whole * self.found / max(self.tried, 1)

    def header(self) -> Header:
        """What the writer is told; complete when all events are made."""
        head, names = self.part.header, [channel.name for channel in self.channels]
        known = {**head.provenance.parameters, "channels": names}
        return replace(
            head, events=self.part.events, flux_average=self.flux_average, cross_section=None,
            provenance=replace(head.provenance, parameters=known),
        )  # fmt: skip

    def tables(self) -> Iterator[EventTable]:
        """Events of the channels, as many as were asked for."""
        part, wanted = self.part, [int(channel) for channel in self.channels]
        energies, first = part.energies.energies(part.seed), 0
        while self.found < part.events:
            if not self.found and first >= PATIENCE:
                raise UsageError(
                    f"none of {first:,d} events was {' or '.join(c.name for c in self.channels)}"
                )
            table = next(
                iter(part.model.sampler.stream(energies, CHUNK, seed=part.seed, first=first))
            )
            mine = np.flatnonzero(np.isin(table.channel, wanted))
            missing = part.events - self.found
            if len(mine) > missing:
                mine = mine[:missing]
                self.tried += int(mine[-1]) + 1
            else:
                self.tried += len(table)
            self.found += len(mine)
            first += len(table)
            if len(mine):
                kept = table[mine].with_(flux=part.energies.flux, cross_section=None)
                yield kept.with_(provenance=self.header().provenance)


def generate_channels(
    model: Model, events: int, output: Path, plan: EnergyPlan, channels: Sequence[Channel],
    seed: int, output_format: str,
) -> Chosen:  # fmt: skip
    """Write events of some channels; return what there was."""
    adapter = check_event_output(output, output_format, overwrite=True)
    chosen = Chosen(Part(model, events, plan, seed), channels)
    with event_output(adapter, output, overwrite=True) as write:
        write(chosen.tables(), chosen.header)
    return chosen
