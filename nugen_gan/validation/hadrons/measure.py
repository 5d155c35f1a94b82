"""All comparisons of the hadrons of two samples at once; what cannot be had is said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from nugen_gan.events.table import EventTable
from nugen_gan.monitor import Monitor, monitored
from nugen_gan.validation.hadrons.classifier import hadron_classifier
from nugen_gan.validation.hadrons.deep_sets import deep_sets_classifier
from nugen_gan.validation.hadrons.equivalent import HadronEquivalent, energy_size, topology_size
from nugen_gan.validation.hadrons.multiplicities import Multiplicities, multiplicities
from nugen_gan.validation.hadrons.neighbours import hadron_neighbours
from nugen_gan.validation.hadrons.samples import HadronSamples, Range
from nugen_gan.validation.hadrons.spectra import Spectra, hadron_spectra
from nugen_gan.validation.hadrons.topology_fractions import TopologyFractions, topology_fractions
from nugen_gan.validation.hot_deck import HotDeck
from nugen_gan.validation.measure import attempt
from nugen_gan.validation.metrics.c2st import C2st
from nugen_gan.validation.metrics.neighbours import NearestNeighbours
from nugen_gan.validation.report.verdict import NotMeasured

__all__ = ["HadronTests", "Yardstick", "measure_hadrons"]


@dataclass(frozen=True, slots=True)
class Yardstick:
    """The hot deck of the training events, compared with the reference as the model is.

    Attributes
    ----------
    donors : number of training events in it
    topologies, spectra, auc, deep_sets : as in :class:`HadronTests`
    """

    donors: int
    topologies: TopologyFractions
    spectra: tuple[Spectra, ...]
    auc: C2st | NotMeasured
    deep_sets: C2st | NotMeasured


@dataclass(frozen=True, slots=True)
class HadronTests:
    """What is measured of the hadrons.

    Attributes
    ----------
    topologies, multiplicities, spectra : counts and distributions
    auc : classifier test of lepton and hadronic observables
    deep_sets : classifier test of the particles themselves
    n_eq_energy, n_eq_topology : equivalent sample sizes
    neighbours : distances of the hadrons to those of training events, None without these
    yardstick : the hot deck of the training events, None without these
    """

    topologies: TopologyFractions
    multiplicities: tuple[Multiplicities, ...]
    spectra: tuple[Spectra, ...]
    auc: C2st | NotMeasured
    deep_sets: C2st | NotMeasured
    n_eq_energy: HadronEquivalent | NotMeasured
    n_eq_topology: HadronEquivalent | NotMeasured
    neighbours: NearestNeighbours | NotMeasured | None
    yardstick: Yardstick | NotMeasured | None


def measure_hadrons(
    reference: EventTable,
    generated: EventTable,
    energy_range: Range,
    energy_ranges: Sequence[Range],
    seed: int,
    *,
    classifier: tuple[bool, int | None],
    training: EventTable | None,
    monitor: Monitor,
) -> HadronTests | NotMeasured:
    """Compare the hadrons of two samples that have some.

    Parameters
    ----------
    reference, generated : samples with particles
    energy_range : lowest and highest neutrino energy [GeV]
    energy_ranges : parts of it that are looked at on their own as well
    seed : of everything random
    classifier : whether to run the classifier tests, and on how many events of each sample
    training : events with hadrons that the model was trained on, if they are at hand
    monitor : is told which part is measured
    """
    with monitored(monitor, "hadrons: topologies and spectra"):
        samples = attempt(partial(HadronSamples.of, reference, generated))
        if isinstance(samples, NotMeasured):
            return samples
        ranges = energy_range, *energy_ranges
        shares = topology_fractions(samples, energy_range)
        numbers = tuple(multiplicities(samples, energy_range))
        spectra = tuple(hadron_spectra(samples, ranges, seed))
        sizes = [
            attempt(partial(size, samples, energy_range, seed))
            for size in (energy_size, topology_size)
        ]
    with monitored(monitor, "hadrons: classifier tests"):
        trees, sets = _classified(samples, energy_ranges, seed, classifier)
    near: NearestNeighbours | NotMeasured | None = None
    deck: Yardstick | NotMeasured | None = None
    if training is not None:
        with monitored(monitor, "hadrons: training events"):
            near = attempt(partial(hadron_neighbours, training, reference, generated, seed=seed))
            deck = _yardstick(training, reference, energy_range, energy_ranges, seed, classifier)
    return HadronTests(shares, numbers, spectra, trees, sets, sizes[0], sizes[1], near, deck)


def _classified(
    samples: HadronSamples,
    energy_ranges: Sequence[Range],
    seed: int,
    classifier: tuple[bool, int | None],
) -> tuple[C2st | NotMeasured, C2st | NotMeasured]:
    """Both classifier tests: of observables, and of particles."""
    if not classifier[0]:
        off = NotMeasured("The classifier tests were switched off.")
        return off, off
    trees, sets = (
        attempt(
            partial(test, samples, seed=seed, events=classifier[1], energy_ranges=energy_ranges)
        )
        for test in (hadron_classifier, deep_sets_classifier)
    )
    return trees, sets


def _yardstick(
    training: EventTable,
    reference: EventTable,
    energy_range: Range,
    energy_ranges: Sequence[Range],
    seed: int,
    classifier: tuple[bool, int | None],
) -> Yardstick | NotMeasured:
    """Compare the hot deck of the training events with the reference."""
    if not len(training):
        return NotMeasured("There are no training events at these energies.")
    samples = HadronSamples.of(reference, HotDeck.of(training).sample(reference))
    return Yardstick(
        len(training),
        topology_fractions(samples, energy_range),
        tuple(hadron_spectra(samples, (energy_range, *energy_ranges), seed)),
        *_classified(samples, energy_ranges, seed, classifier),
    )
