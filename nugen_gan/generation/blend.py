"""Events of several probes and nuclei as one sample, in random order.

A beam has several kinds of neutrinos, a target several nuclei.  Of each pair there are as many
events as its share of the flux, the number of such nuclei, and its flux-averaged cross section
demand, as when a generator is given all of them at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nugen_gan.adapters.base import Header
from nugen_gan.errors import UsageError
from nugen_gan.events.generator_settings import TRAINED_WITH
from nugen_gan.events.provenance import Provenance
from nugen_gan.generation.coverage import Coverage
from nugen_gan.generation.selected import SelectedShare, selected_events, selected_share
from nugen_gan.model.blocks import BLOCK
from nugen_gan.model.model import Model
from nugen_gan.model.sampler import spectrum_energies
from nugen_gan.monitor import SILENT, Monitor, monitored
from nugen_gan.physics.cross_section import CrossSection
from nugen_gan.physics.process import Channel
from nugen_gan.streams import derived_seed, numpy_stream

if TYPE_CHECKING:
    from nugen_gan.events.table import EventTable

__all__ = ["Blend", "Component", "Piece"]

# Events that are made at a time: hadrons of so many blocks, each on a core of its own.
CHUNK = 4 * BLOCK
# More than anybody has room for.
MOST_EVENTS = 10**10


@dataclass(frozen=True)
class Component:
    """One probe on one nucleus.

    Attributes
    ----------
    model : of it
    coverage : its flux, and sigma over it
    share : its fraction of the flux of all probes
    atoms : number of such nuclei in a molecule
    channels : the only ones to be made; None for all
    """

    model: Model
    coverage: Coverage
    share: float = 1.0
    atoms: float = 1.0
    channels: frozenset[Channel] | None = None

    @cached_property
    def selected(self) -> SelectedShare | None:
        """The share of the channels that are made; None for all of them."""
        if self.channels is None:
            return None
        cover = self.coverage
        return selected_share(self.model, self.channels, cover.spectrum(), cover.sigma, seed=0)

    @property
    def sigma(self) -> CrossSection:
        """Cross section of what is made [cm^2 per nucleus]."""
        return self.coverage.sigma if self.selected is None else self.selected.sigma

    @cached_property
    def flux_average(self) -> float:
        """Cross section of what is made, averaged over the whole flux [cm^2 per nucleus]."""
        part = 1.0 if self.selected is None else self.selected.share
        return part * self.coverage.flux_average()

    @property
    def rate(self) -> float:
        """Events per molecule, for a flux of all probes of one."""
        return self.share * self.atoms * self.flux_average

    def events(self, n: int, seed: int) -> Iterator[EventTable]:
        """Yield tables of ``n`` events in all."""
        used = derived_seed(seed, "component", self.model.process.name)
        spectrum = self.coverage.spectrum()
        if self.channels is not None:
            return selected_events(self.model, self.channels, spectrum, n, used)
        extrapolates = self.coverage.extrapolated > 0.0
        return self.model.sampler.stream(
            spectrum_energies(spectrum, used), n, seed=used, chunk=CHUNK,
            allow_extrapolation=extrapolates,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Piece:
    """Events of one component within a block.

    Attributes
    ----------
    number : of the component
    table : the events
    places : where in the block they stand, shape (len(table),)
    phi : azimuths of their leptons [rad], shape (len(table),)
    """

    number: int
    table: EventTable
    places: NDArray[np.int64]
    phi: NDArray[np.float64]


@dataclass(frozen=True)
class Blend:
    """A sample of several components.

    Attributes
    ----------
    components : at least one
    events : number of events
    seed : of all random numbers
    """

    components: tuple[Component, ...]
    events: int
    seed: int

    def __post_init__(self) -> None:
        if not self.components:
            raise UsageError("there is nothing to make events of: no probe, or no nucleus")
        if not 1 <= self.events <= MOST_EVENTS:
            raise UsageError(
                f"{self.events:,d} events were asked for: 1 or more are needed, "
                f"{MOST_EVENTS:,d} at most"
            )

    @property
    def nucleons(self) -> float:
        """Nucleons in a molecule."""
        atoms = {c.model.process.target: c.atoms * c.model.process.a for c in self.components}
        return sum(atoms.values())

    @property
    def per_nucleon(self) -> float:
        """Cross section per nucleon, averaged over the flux of all probes [cm^2]."""
        return sum(c.rate for c in self.components) / self.nucleons

    @cached_property
    def counts(self) -> tuple[int, ...]:
        """Events of each component, drawn from a multinomial distribution as nature does."""
        rates = np.array([component.rate for component in self.components])
        if len(rates) == 1:
            return (self.events,)
        drawn = numpy_stream(self.seed, "events of components").multinomial(
            self.events, rates / rates.sum()
        )
        return tuple(drawn.tolist())

    @property
    def recorded(self) -> int:
        """Events that :meth:`header` describes: none where they are of several processes.

        By this number readers tell whether what a file records is true of its events.
        """
        return self.events if len(self.components) == 1 else 0

    def header(self, extra: Mapping[str, object]) -> Header:
        """What is known beside the events; of several components where they come from alone.

        Parameters
        ----------
        extra : what to add to the provenance
        """
        first, *others = self.components
        if not others:
            return Header(
                process=first.model.process, events=self.events, cross_section=first.sigma,
                flux=first.coverage.flux, flux_average=first.flux_average,
                provenance=first.model.sampler.provenance(self.seed, extra),
            )  # fmt: skip
        return Header(first.model.process, self.events, provenance=self._provenance(extra))

    def _provenance(self, extra: Mapping[str, object]) -> Provenance:
        origin = self.components[0].model.sampler.provenance(self.seed)
        settings = [component.model.settings for component in self.components]
        alike = all(one == settings[0] for one in settings)
        known = {"seed": self.seed, "trained_on": self._trained_on()}
        known |= {TRAINED_WITH: settings[0]} if alike and settings[0] else {}
        parts = {
            component.model.process.name: {
                "model": component.model.name,
                "share_of_flux": component.share,
                "atoms": component.atoms,
                "events": count,
                "cross_section_cm2_per_nucleus": component.flux_average,
            }
            for component, count in zip(self.components, self.counts, strict=True)
        }
        known |= {"cross_section_cm2_per_nucleon": self.per_nucleon, "parts": parts}
        return Provenance(origin.generator, origin.version, {**known, **extra})

    def _trained_on(self) -> str:
        names = (str(c.model.training.get("generator", "")) for c in self.components)
        return ", ".join(dict.fromkeys(name for name in names if name))

    def blocks(
        self, size: int = 2 * BLOCK, monitor: Monitor = SILENT
    ) -> Iterator[tuple[int, Sequence[Piece]]]:
        """Yield the number of the first event of each block, and its events by component.

        Parameters
        ----------
        size : events of a block; the events are the same for any size, but their azimuths
        monitor : is told how many events are done
        """
        order = None
        if len(self.counts) > 1:
            order = np.repeat(np.arange(len(self.counts), dtype=np.int16), self.counts)
            numpy_stream(self.seed, "order of components").shuffle(order)
        taps = [
            _Tap(component.events(count, self.seed))
            for component, count in zip(self.components, self.counts, strict=True)
        ]
        with monitored(monitor, "generating", self.events, "events"):
            for block, first in enumerate(range(0, self.events, size)):
                last = min(first + size, self.events)
                here = np.zeros(last - first, np.int16) if order is None else order[first:last]
                yield first, list(self._pieces(here, taps, block))
                monitor.advanced(last)

    def _pieces(
        self, order: NDArray[np.int16], taps: Sequence[_Tap], block: int
    ) -> Iterator[Piece]:
        random = numpy_stream(self.seed, "azimuths of a blend", block)
        for number, tap in enumerate(taps):
            places = np.flatnonzero(order == number)
            for table in tap.take(len(places)):
                here, places = places[: len(table)], places[len(table) :]
                yield Piece(number, table, here, random.uniform(0.0, 2.0 * np.pi, len(table)))


class _Tap:
    """Takes any number of events at a time from a stream of tables."""

    def __init__(self, tables: Iterator[EventTable]) -> None:
        self._tables = tables
        self._rest: EventTable | None = None

    def take(self, n: int) -> Iterator[EventTable]:
        while n:
            table = self._rest if self._rest is not None else next(self._tables)
            yield table[:n]
            self._rest = table[n:] if len(table) > n else None
            n -= min(n, len(table))
