"""The measures of a model, each a function of two event tables: value, uncertainty, floor."""

from __future__ import annotations

from nugen_gan.validation.metrics.binning import Binning
from nugen_gan.validation.metrics.c2st import C2st, c2st
from nugen_gan.validation.metrics.channel_shapes import ChannelShapes, channel_shapes
from nugen_gan.validation.metrics.channels import ChannelFractions, channel_fractions
from nugen_gan.validation.metrics.emd import EmdRatio, emd_ratios
from nugen_gan.validation.metrics.energy_scan import EnergyScan, energy_scan
from nugen_gan.validation.metrics.equivalent import EquivalentSampleSize, equivalent_sample_size
from nugen_gan.validation.metrics.map3d import Floor, Map3D, map3d, map3d_floor
from nugen_gan.validation.metrics.neighbours import NearestNeighbours, nearest_neighbours
from nugen_gan.validation.metrics.pull_ratio import PullRatio
from nugen_gan.validation.metrics.regions import region_binnings, region_pull
from nugen_gan.validation.metrics.samples import TooFewEventsError
from nugen_gan.validation.metrics.structures import NarrowStructures, narrow_structures

__all__ = [
    "Binning",
    "C2st",
    "ChannelFractions",
    "ChannelShapes",
    "EmdRatio",
    "EnergyScan",
    "EquivalentSampleSize",
    "Floor",
    "Map3D",
    "NarrowStructures",
    "NearestNeighbours",
    "PullRatio",
    "TooFewEventsError",
    "c2st",
    "channel_fractions",
    "channel_shapes",
    "emd_ratios",
    "energy_scan",
    "equivalent_sample_size",
    "map3d",
    "map3d_floor",
    "narrow_structures",
    "nearest_neighbours",
    "region_binnings",
    "region_pull",
]
