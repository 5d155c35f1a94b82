"""Regions, channels and the energy scan: ratios to the floor that a perfect model has at 1."""

from __future__ import annotations

import numpy as np
import pytest
from validation_toys import log_uniform, peaked_at, toy_at

from nugen_gan.physics.process import Channel
from nugen_gan.validation.metrics.binning import Binning
from nugen_gan.validation.metrics.channel_shapes import channel_shapes
from nugen_gan.validation.metrics.energy_scan import energy_scan
from nugen_gan.validation.metrics.map3d import map3d
from nugen_gan.validation.metrics.pull_ratio import over_floor
from nugen_gan.validation.metrics.regions import region_binnings, region_pull
from nugen_gan.validation.metrics.samples import TooFewEventsError

RANGE = (0.2, 8.0)
MASS = 0.10566


@pytest.fixture(scope="module")
def halves():
    """Two halves of one sample, each of 100,000 events."""
    enu = log_uniform(200_000, 1, RANGE)
    events = toy_at(enu, 1)
    deep = peaked_at(enu[enu > 1.2], 2)
    both = events.with_(
        elep=np.where(enu > 1.2, np.nan, events.elep),
        costheta=np.where(enu > 1.2, np.nan, events.costheta),
    )
    for name in ("elep", "costheta", "channel"):
        getattr(both, name)[enu > 1.2] = getattr(deep, name)
    chosen = np.random.default_rng(3).permutation(200_000)
    return both[chosen[:100_000]], both[chosen[100_000:]]


def regions(energy_range=RANGE) -> dict[str, Binning]:
    return {name.split(",")[0]: b for name, b in region_binnings(energy_range, MASS)}


def test_standard_ratio_of_two_halves_is_one(halves):
    ratio = over_floor("all", map3d(*halves, binning=Binning.standard(RANGE)))
    assert abs(ratio.value - 1.0) < 4.0 * ratio.uncertainty
    assert ratio.uncertainty < 0.05


@pytest.mark.parametrize("name", ["Forward", "Threshold", "High inelasticity"])
def test_region_of_two_halves_is_one(halves, name):
    ratio = region_pull(*halves, name, regions()[name])
    assert ratio.bins >= 30
    assert abs(ratio.value - 1.0) < 4.0 * ratio.uncertainty
    assert ratio.uncertainty < 0.2


def test_regions_are_those_that_the_energies_allow():
    assert list(regions((0.5, 1.0))) == ["Forward"]
    assert list(regions((0.25, 1.0))) == ["Forward", "Threshold"]
    assert list(regions((0.5, 2.0))) == ["Forward", "High inelasticity"]
    for binning in regions().values():
        assert np.all(np.diff(binning.enu) > 0.0)


def test_region_holds_its_events_and_no_other(halves):
    events = halves[0]
    masks = {
        "Forward": events.costheta > np.cos(np.deg2rad(10.0)),
        "Threshold": events.enu < 0.3,
        "High inelasticity": 1.0 - events.elep / events.enu > 0.9,
    }
    for name, binning in regions().items():
        content = binning.histogram(events).sum
        assert content[:-1].sum() == masks[name].sum()
        assert content[-1] == (~masks[name]).sum()


def test_missing_events_of_a_region_are_seen_though_its_shape_is_right(halves):
    reference, other = halves
    forward = np.flatnonzero(other.costheta > np.cos(np.deg2rad(10.0)))
    kept = np.delete(np.arange(len(other)), forward[::3])
    ratio = region_pull(reference, other[kept], "forward", regions()["Forward"])
    assert ratio.significance > 5.0


def test_channels_of_two_halves_are_on_their_floors(halves):
    found = channel_shapes(*halves, energy_range=RANGE)
    assert {ratio.name for ratio in found.channels} == {"QE", "RES", "DIS"}
    assert all(abs(ratio.significance) < 4.0 for ratio in found.channels)
    assert found.worst in found.channels


def test_shape_of_one_channel_is_named(halves):
    """Leptons of the Delta channel lose 3 %: the other channels stay where they were."""
    reference, other = halves
    delta = other.channel == Channel.RES
    elep = np.where(delta, np.maximum(0.97 * other.elep, MASS), other.elep)
    found = channel_shapes(reference, other.with_(elep=elep), energy_range=RANGE)
    assert found.worst.name == "RES"
    assert found.worst.significance > 5.0
    assert all(r.significance < 4.0 for r in found.channels if r.name != "RES")


def test_rare_channels_are_left_out_by_name(halves):
    reference, other = halves
    channel = reference.channel.copy()
    channel[:50] = Channel.COH
    found = channel_shapes(reference.with_(channel=channel), other, energy_range=RANGE)
    assert found.left_out == ("COH",)
    with pytest.raises(TooFewEventsError):
        channel_shapes(reference[:1500], other[:1500], energy_range=RANGE)


def test_energy_scan_of_two_halves_scatters_around_one(halves):
    bins = energy_scan(*halves, energy_range=RANGE).bins
    assert len(bins) == 40
    assert bins[0].low == RANGE[0]
    assert bins[-1].high == RANGE[1]
    shown = [entry for entry in bins if np.isfinite(entry.value)]
    pulls = np.array([(entry.value - 1.0) / entry.uncertainty for entry in shown])
    assert pulls.size > 30
    assert abs(pulls.mean()) < 4.0 / np.sqrt(pulls.size)
    assert 0.7 < pulls.std() < 1.4


def test_energy_scan_shows_an_oddity_at_one_energy(halves):
    reference, other = halves
    odd = (other.enu > 2.0) & (other.enu < 2.2)
    elep = np.where(odd, np.maximum(0.9 * other.elep, MASS), other.elep)
    bins = energy_scan(reference, other.with_(elep=elep), energy_range=RANGE).bins
    shown = [entry for entry in bins if np.isfinite(entry.value)]
    worst = max(shown, key=lambda entry: (entry.value - 1.0) / entry.uncertainty)
    assert worst.low < 2.2
    assert worst.high > 2.0
    assert worst.value > 1.3
