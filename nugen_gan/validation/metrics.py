"""The measures of a model, each a function of two event tables: value, uncertainty, floor."""

from __future__ import annotations

from nugen_gan.validation.binning import Binning
from nugen_gan.validation.c2st import C2st, c2st
from nugen_gan.validation.channels import ChannelFractions, channel_fractions
from nugen_gan.validation.emd import EmdRatio, emd_ratios
from nugen_gan.validation.equivalent import EquivalentSampleSize, equivalent_sample_size
from nugen_gan.validation.map3d import Floor, Map3D, map3d, map3d_floor
from nugen_gan.validation.samples import TooFewEventsError

__all__ = [
    "Binning",
    "C2st",
    "ChannelFractions",
    "EmdRatio",
    "EquivalentSampleSize",
    "Floor",
    "Map3D",
    "TooFewEventsError",
    "c2st",
    "channel_fractions",
    "emd_ratios",
    "equivalent_sample_size",
    "map3d",
    "map3d_floor",
]
