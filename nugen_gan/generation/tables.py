"""Tables of the events of a run, from any number on, made here or by several processes.

Event number i of a seed is the same whoever makes it, so that the tables, joined, are the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nugen_gan.model.blocks import BLOCK
from nugen_gan.monitor import SILENT, Monitor
from nugen_gan.processes import AHEAD, in_order

if TYPE_CHECKING:
    from nugen_gan.events.table import EventTable
    from nugen_gan.generation.energies import EnergyPlan
    from nugen_gan.model.model import Model

__all__ = ["Source", "tables"]


@dataclass(frozen=True, slots=True)
class Source:
    """What events are made of.

    Attributes
    ----------
    model, energies, seed : of the run
    allow_extrapolation : permit energies outside the range of the model
    """

    model: Model
    energies: EnergyPlan
    seed: int
    allow_extrapolation: bool = False

    def stream(self, first: int, events: int, chunk: int) -> Iterator[EventTable]:
        """Tables of so many events, from number ``first`` on."""
        return self.model.sampler.stream(
            self.energies.energies(self.seed), events, seed=self.seed, chunk=chunk, first=first,
            allow_extrapolation=self.allow_extrapolation,
        )  # fmt: skip

    def table(self, first: int, events: int) -> EventTable:
        """One table of them, without the cross section, which would be sent with each."""
        (made,) = self.stream(first, events, events)
        return made.with_(cross_section=None)


def tables(
    source: Source,
    first: int,
    events: int,
    *,
    chunk: int,
    workers: int = 1,
    monitor: Monitor = SILENT,
) -> Iterator[EventTable]:
    """Yield tables of events, in order.

    Parameters
    ----------
    source : what they are made of
    first : number of the first event in the run
    events : number of events
    chunk : events in memory at a time, by all workers together
    workers : processes that make them
    monitor : is told of workers that were lost
    """
    if workers == 1:
        yield from source.stream(first, events, chunk)
        return
    size = max(chunk // (AHEAD * workers) // BLOCK, 1) * BLOCK
    # Whole blocks: of a block that two workers share, each would compute all rows.
    begin = first - first % BLOCK
    jobs = (
        (max(start, first), min(start + size, first + events) - max(start, first))
        for start in range(begin, first + events, size)
    )
    # A copy of the model, without the sampler that it keeps, which other processes cannot load.
    sent = replace(source, model=replace(source.model))
    sigma = source.model.cross_section
    for table in in_order(sent.table, jobs, workers, monitor):
        yield table.with_(cross_section=sigma)
