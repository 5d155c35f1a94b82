"""Equivalent sample size in the hadrons: how many original events know as much about them.

MAP-3D on histograms of hadronic numbers, with everything that
:mod:`nugen_gan.validation.metrics.equivalent` makes of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nugen_gan.events.table import EventTable
from nugen_gan.validation.hadrons.final_state import FinalState
from nugen_gan.validation.hadrons.observables import observables
from nugen_gan.validation.hadrons.samples import HadronSamples, Range
from nugen_gan.validation.hadrons.topologies import Topology, topologies
from nugen_gan.validation.metrics.binning import energy_edges, position
from nugen_gan.validation.metrics.equivalent import EquivalentSampleSize, equivalent_sample_size
from nugen_gan.validation.metrics.map3d import Map3D, map3d
from nugen_gan.validation.metrics.samples import TooFewEventsError

__all__ = ["HadronEquivalent", "energy_size", "topology_size"]

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

# Share of the neutrino energy that is available, finer where most events are.
AVAILABLE = np.linspace(0.0, 1.0, 21) ** 2
# Momentum of the leading proton [GeV]; events without one have a class of their own.
PROTON_MOMENTUM = np.array([0.0, 0.3, 0.5, 0.7, 1.0, 1.5, 3.0, np.inf])
TOPOLOGY_ENERGIES = 20
# Of fewer events the floor, that of halves, has too few of the bins to compare with.
TOPOLOGY_NEEDED = 5_000


@dataclass(frozen=True, slots=True)
class HadronEquivalent:
    """MAP-3D on a histogram of hadronic numbers, and the equivalent sample size from it."""

    pull: Map3D
    size: EquivalentSampleSize


@dataclass(frozen=True, slots=True)
class _Histogram:
    """Bins in the neutrino energy and in a class of each event."""

    enu: Floats
    classes: int
    class_of: Callable[[EventTable], Indices]

    @property
    def shape(self) -> tuple[int, ...]:
        return len(self.enu) - 1, self.classes

    @property
    def cells(self) -> int:
        return int(np.prod(self.shape))

    @property
    def size(self) -> int:
        return self.cells

    def index(self, events: EventTable) -> Indices:
        return position(events.enu, self.enu) * self.classes + self.class_of(events)


def energy_size(samples: HadronSamples, energy_range: Range, seed: int) -> HadronEquivalent:
    """Equivalent sample size on (E_nu, available energy, momentum of the leading proton).

    Ten logarithmic bins, 20 of the available share of E_nu, 7 of the momentum and one for no
    proton.

    Raises
    ------
    TooFewEventsError
        if fewer than 30 bins have enough events.
    """
    classes = (len(AVAILABLE) - 1) * len(PROTON_MOMENTUM)
    histogram = _Histogram(energy_edges(energy_range), classes, _energy_class)
    return _measured(samples, histogram, seed)


def topology_size(samples: HadronSamples, energy_range: Range, seed: int) -> HadronEquivalent:
    """Equivalent sample size on the topologies in 20 logarithmic bins of energy.

    Raises
    ------
    TooFewEventsError
        with fewer than 5,000 events in either sample, or if fewer than 30 bins have enough.
    """
    found = samples.samples.smaller
    if found < TOPOLOGY_NEEDED:
        raise TooFewEventsError("n_eq of topologies", found, TOPOLOGY_NEEDED)
    edges = energy_edges(energy_range, TOPOLOGY_ENERGIES)
    return _measured(samples, _Histogram(edges, len(Topology), _topology_class), seed)


def _measured(samples: HadronSamples, histogram: _Histogram, seed: int) -> HadronEquivalent:
    both = samples.samples.reference, samples.samples.generated
    pull = map3d(*both, binning=histogram, seed=seed)
    return HadronEquivalent(pull, equivalent_sample_size(pull))


def _energy_class(events: EventTable) -> Indices:
    values = observables(FinalState.of(events))
    momentum = values["p_proton"]
    proton = np.where(np.isfinite(momentum), 1 + position(momentum, PROTON_MOMENTUM), 0)
    available = position(values["available"] / events.enu, AVAILABLE)
    return np.asarray(available * len(PROTON_MOMENTUM) + proton)


def _topology_class(events: EventTable) -> Indices:
    return topologies(FinalState.of(events))
