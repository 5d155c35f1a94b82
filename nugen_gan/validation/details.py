"""The measures that look at one thing each: peaks, corners, channels, band, memorising."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from nugen_gan.events.table import EventTable
from nugen_gan.monitor import Monitor, monitored
from nugen_gan.validation.hadrons.measure import HadronTests, measure_hadrons
from nugen_gan.validation.measure import attempt, ranges_within
from nugen_gan.validation.metrics.band import Coverage, coverage
from nugen_gan.validation.metrics.channel_shapes import ChannelShapes, channel_shapes
from nugen_gan.validation.metrics.channels import ChannelFractions
from nugen_gan.validation.metrics.energy_scan import EnergyScan, energy_scan
from nugen_gan.validation.metrics.lepton_tests import LeptonTests, lepton_tests
from nugen_gan.validation.metrics.neighbours import NearestNeighbours, nearest_neighbours
from nugen_gan.validation.metrics.pull_ratio import PullRatio
from nugen_gan.validation.metrics.regions import region_binnings, region_pull
from nugen_gan.validation.metrics.structures import NarrowStructures, narrow_structures
from nugen_gan.validation.report.verdict import NotMeasured

__all__ = ["Details", "measure_details"]


@dataclass(frozen=True, slots=True)
class RegionResult:
    """MAP-3D over floor in one region of phase space, or why it is missing."""

    name: str
    result: PullRatio | NotMeasured


@dataclass(frozen=True, slots=True)
class Details:
    """What is measured over the whole energy range only.

    Attributes
    ----------
    lepton, structures, regions, channel_shapes, energy_scan : the metrics, or why they are
        missing
    coverage : of the uncertainty band; None for a model without replicas
    neighbours : distances to the training events; None where these were not given
    hadrons : comparisons of the hadrons; None where not both samples have any
    """

    lepton: LeptonTests | NotMeasured
    structures: NarrowStructures | NotMeasured
    regions: tuple[RegionResult, ...]
    channel_shapes: ChannelShapes | NotMeasured
    energy_scan: EnergyScan | NotMeasured
    coverage: Coverage | NotMeasured | None
    neighbours: NearestNeighbours | NotMeasured | None
    hadrons: HadronTests | NotMeasured | None = None


def measure_details(
    reference: EventTable,
    generated: EventTable,
    energy_range: tuple[float, float],
    seed: int,
    fractions: ChannelFractions | NotMeasured,
    *,
    classifier: tuple[bool, int | None],
    replicas: Sequence[EventTable],
    training: EventTable | None,
    monitor: Monitor,
) -> Details:
    """Compute them all.

    Parameters
    ----------
    reference, generated : samples at disk precision
    energy_range : lowest and highest neutrino energy [GeV]
    seed : of everything random
    fractions : of the channels, which tell whether the generated events carry any
    classifier : whether to run the classifier tests, and on how many events of each sample
    replicas : events of the replicas of the model, if it has any
    training : events that the model was trained on, if they are at hand
    monitor : is told which part is measured
    """
    with monitored(monitor, "peaks, regions and channels"):
        leptons = reference.without_particles(), generated.without_particles()
        found = _measured(*leptons, energy_range, seed, fractions, replicas)
    if reference.particles is not None and generated.particles is not None:
        with_hadrons = training is not None and training.particles is not None
        hadrons = measure_hadrons(
            reference, generated, energy_range, ranges_within(energy_range), seed,
            classifier=classifier, training=training if with_hadrons else None, monitor=monitor,
        )  # fmt: skip
        found = replace(found, hadrons=hadrons)
    if training is None:
        return found
    with monitored(monitor, "distances to the training events"):
        near = partial(nearest_neighbours, training, reference, generated, seed=seed)
        return replace(found, neighbours=attempt(near))


def _measured(
    reference: EventTable,
    generated: EventTable,
    energy_range: tuple[float, float],
    seed: int,
    fractions: ChannelFractions | NotMeasured,
    replicas: Sequence[EventTable],
) -> Details:
    """All but what needs the training events."""
    pair = reference, generated
    common = partial(partial, seed=seed)
    whole = partial(partial, seed=seed, energy_range=energy_range)
    lepton = attempt(
        partial(
            lepton_tests, *pair, energy_range=energy_range,
            energy_ranges=ranges_within(energy_range),
        )
    )  # fmt: skip
    structures = attempt(whole(narrow_structures, *pair))
    regions = tuple(
        RegionResult(name, attempt(common(region_pull, *pair, name, binning)))
        for name, binning in region_binnings(energy_range, reference.process.lepton_mass)
    )
    shapes: ChannelShapes | NotMeasured
    if isinstance(fractions, ChannelFractions) and not fractions.has_channels:
        shapes = NotMeasured("The generated events carry no reaction channel.")
    else:
        shapes = attempt(whole(channel_shapes, *pair))
    scan = attempt(whole(energy_scan, *pair))
    band: Coverage | NotMeasured | None = None
    if replicas:
        ranges = ranges_within(energy_range) or (energy_range,)
        band = attempt(partial(coverage, reference, generated, replicas, ranges))
    return Details(lepton, structures, regions, shapes, scan, band, None)
