"""Two samples with hadrons, made comparable, with what is computed from each event once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nugen_gan.events.table import EventTable
from nugen_gan.validation.hadrons.final_state import FinalState
from nugen_gan.validation.hadrons.observables import observables
from nugen_gan.validation.hadrons.topologies import topologies
from nugen_gan.validation.metrics.samples import Samples, TooFewEventsError, prepare

__all__ = ["NEEDED", "HadronSample", "HadronSamples", "Range"]

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Range = tuple[float, float]

# Events of each sample for any comparison of the hadrons.
NEEDED = 1_000


@dataclass(frozen=True, slots=True)
class HadronSample:
    """Events with their particles in flat arrays, their observables and topologies.

    Attributes
    ----------
    events : N events
    state : their particles
    values : observables by name, each of shape (N,), nan where an event has none
    topology : values of :class:`~nugen_gan.validation.hadrons.topologies.Topology`, shape (N,)
    """

    events: EventTable
    state: FinalState
    values: dict[str, Floats]
    topology: NDArray[np.int64]

    @classmethod
    def of(cls, events: EventTable) -> HadronSample:
        """Compute what belongs to events with particles."""
        state = FinalState.of(events)
        return cls(events, state, observables(state), topologies(state))


@dataclass(frozen=True, slots=True)
class HadronSamples:
    """Reference and generated events with what is computed from them.

    Attributes
    ----------
    samples : both at disk precision and in the order of their energy
    reference, generated : the same with their hadrons
    """

    samples: Samples
    reference: HadronSample
    generated: HadronSample

    @classmethod
    def of(cls, reference: EventTable, generated: EventTable) -> HadronSamples:
        """Make two samples with particles comparable.

        Raises
        ------
        TooFewEventsError
            with fewer than 1,000 events in either sample.
        """
        samples = prepare(reference, generated)
        if samples.smaller < NEEDED:
            raise TooFewEventsError("the comparison of hadrons", samples.smaller, NEEDED)
        pair = (HadronSample.of(t) for t in (samples.reference, samples.generated))
        return cls(samples, *pair)

    @property
    def pair(self) -> tuple[HadronSample, HadronSample]:
        """Both, the reference first."""
        return self.reference, self.generated

    @property
    def weights(self) -> tuple[Floats, Floats]:
        """Weights of both samples, mean 1."""
        return self.samples.reference.weight, self.samples.generated.weight

    @property
    def enu(self) -> tuple[Floats, Floats]:
        """Neutrino energies of both samples [GeV]."""
        return self.samples.reference.enu, self.samples.generated.enu

    def within(self, where: Range) -> Iterator[Mask]:
        """Yield which events of either sample have a neutrino energy in a range [GeV]."""
        low, high = where
        for enu in self.enu:
            # Files hold float32: an energy at the edge may lie beyond it by a rounding error.
            yield (enu >= low * (1.0 - 1e-6)) & (enu <= high * (1.0 + 1e-6))
