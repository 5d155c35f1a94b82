"""Shares of the topologies in two samples."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nugen_gan.validation.hadrons.samples import HadronSamples, Range
from nugen_gan.validation.hadrons.topologies import NAMES, Topology
from nugen_gan.validation.metrics.binning import energy_edges
from nugen_gan.validation.metrics.shares import (
    chi2_tail,
    counts_by_energy,
    fractions,
    pearson,
    share_difference,
)
from nugen_gan.validation.metrics.significance import smallest, two_sided
from nugen_gan.validation.metrics.strata import Strata

__all__ = ["TopologyFractions", "TopologyShare", "topology_fractions"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TopologyShare:
    """Share of one topology over all energies.

    Attributes
    ----------
    topology : its name
    reference, difference, error : share in the reference; generated minus reference at equal
        neutrino energies, with its statistical error
    """

    topology: str
    reference: float
    difference: float
    error: float

    @property
    def p_value(self) -> float:
        """Probability that a perfect model differs as much."""
        return two_sided(self.difference / self.error)


@dataclass(frozen=True, slots=True)
class TopologyFractions:
    """Result of :func:`topology_fractions`.

    Attributes
    ----------
    edges : of the energy bins [GeV], shape (n + 1,)
    names : of the topologies
    reference, generated : fractions, shape (topologies, n); nan in bins without events
    reference_error, generated_error : their binomial errors, same shape
    chi2, degrees, chi2_p_value : both samples have the same fractions in every energy bin
    shares : of each topology over all energies, those with enough events
    """

    edges: Floats
    names: tuple[str, ...]
    reference: Floats
    generated: Floats
    reference_error: Floats
    generated_error: Floats
    chi2: float
    degrees: int
    chi2_p_value: float
    shares: tuple[TopologyShare, ...]

    @property
    def value(self) -> float:
        """chi2 per degree of freedom, and so nearly per cell; 1 is perfect."""
        return self.chi2 / self.degrees if self.degrees else float("nan")

    @property
    def uncertainty(self) -> float:
        """Scatter of :attr:`value` for a perfect model."""
        return float(np.sqrt(2.0 / self.degrees)) if self.degrees else float("nan")

    @property
    def worst(self) -> TopologyShare | None:
        """The share with the smallest p value."""
        return min(self.shares, key=lambda share: share.p_value, default=None)

    @property
    def p_value(self) -> float:
        """Probability that a perfect model deviates as much in cells or in one of the shares."""
        several = [self.chi2_p_value] if self.degrees else []
        worst = smallest(share.p_value for share in self.shares)
        return smallest([*several, worst])


def topology_fractions(samples: HadronSamples, energy_range: Range) -> TopologyFractions:
    """Compare the shares of the topologies, in ten energy bins and over all energies."""
    edges = energy_edges(energy_range)
    kinds = len(Topology)
    first, second = (
        counts_by_energy(s.topology, kinds, s.events.enu, s.events.weight, edges)
        for s in samples.pair
    )
    chi2, degrees = pearson(first, second)
    p_value = chi2_tail(chi2, degrees, "the comparison of topologies")
    (share1, error1), (share2, error2) = fractions(first), fractions(second)
    return TopologyFractions(
        edges, tuple(NAMES[t] for t in Topology), share1, share2, error1, error2, chi2, degrees,
        p_value, tuple(_shares(samples)),
    )  # fmt: skip


def _shares(samples: HadronSamples) -> Iterator[TopologyShare]:
    strata = Strata.of(*samples.enu)
    for topology in Topology:
        first, second = (sample.topology == topology for sample in samples.pair)
        found = share_difference((first, second), samples.weights, strata)
        if found is not None:
            yield TopologyShare(NAMES[topology], *found)
