"""Peaks: known laws, calibrated errors, and a shifted peak that is noticed."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import truncnorm
from validation_toys import log_uniform, peaked_at, toy_at

from nugen_gan.validation.metrics.peaks import PeakWindow, find_peak
from nugen_gan.validation.metrics.samples import TooFewEventsError
from nugen_gan.validation.metrics.structures import narrow_structures

WINDOW = PeakWindow(search=(0.88, 1.02), width=(0.86, 1.02), smoothing=0.02)


def test_peak_of_a_normal_law():
    rng = np.random.default_rng(1)
    found = find_peak(rng.normal(0.94, 0.04, 200_000), np.ones(200_000), WINDOW, rng)
    quantiles = truncnorm.ppf([0.16, 0.84], -2.0, 2.0, 0.94, 0.04)
    assert found.position == pytest.approx(0.94, abs=4.0 * found.position_error)
    assert found.width == pytest.approx(0.5 * np.diff(quantiles)[0], abs=4.0 * found.width_error)
    assert found.position_error < 0.001
    assert not found.at_edge


def test_bootstrap_errors_are_the_scatter():
    rng = np.random.default_rng(2)
    peaks = [find_peak(rng.normal(0.94, 0.04, 1000), np.ones(1000), WINDOW, rng)
             for _ in range(150)]  # fmt: skip
    for name in ("position", "width"):
        values = [getattr(peak, name) for peak in peaks]
        errors = [getattr(peak, f"{name}_error") for peak in peaks]
        assert np.mean(errors) == pytest.approx(np.std(values), rel=0.3)


def test_weights_count_as_so_many_events():
    rng = np.random.default_rng(3)
    values = rng.normal(0.94, 0.04, 500)
    weight = rng.integers(1, 4, 500)
    weighted = find_peak(values, weight.astype(float), WINDOW, rng)
    repeated = np.repeat(values, weight)
    plain = find_peak(repeated, np.ones(repeated.size), WINDOW, rng)
    assert weighted.position == pytest.approx(plain.position)
    assert weighted.width == pytest.approx(plain.width)


def test_a_falling_spectrum_has_no_peak():
    rng = np.random.default_rng(4)
    values = 0.8 + rng.exponential(0.1, 20_000)
    assert find_peak(values, np.ones(20_000), WINDOW, rng).at_edge


def test_peaks_of_one_law_agree_within_calibrated_errors():
    pulls = []
    for seed in range(3):
        enu = log_uniform(60_000, seed)
        pair = peaked_at(enu, 10 + seed), peaked_at(enu, 20 + seed)
        found = narrow_structures(*pair, energy_range=(0.45, 8.0), seed=seed)
        assert found.agreeing >= 0.85 * len(found.entries)
        pulls += [e.difference / np.hypot(e.reference_error, e.generated_error)
                  for e in found.entries]  # fmt: skip
    assert {(e.peak, e.variable, e.quantity) for e in found.entries} == {
        (peak, variable, quantity)
        for peak in ("QE", "Delta")
        for variable in ("W", "omega")
        for quantity in ("position", "width")
    }
    assert {e.energy for e in found.entries} == {0.5, 0.7, 1.0, 2.0, 3.0, 6.0}
    assert abs(np.mean(pulls)) < 0.4
    assert 0.7 < np.std(pulls) < 1.3


def test_quasielastic_peak_is_where_the_law_has_it():
    enu = np.full(40_000, 1.0)
    found = narrow_structures(peaked_at(enu, 1), peaked_at(enu, 2), energy_range=(1.0, 1.0))
    first = found.entries[0]
    assert (first.peak, first.variable, first.quantity) == ("QE", "W", "position")
    # What the smoothing adds is the slope of the Delta peak, a few MeV.
    assert first.reference == pytest.approx(0.95, abs=0.005)


def test_energies_outside_the_range_and_small_samples():
    enu = log_uniform(1_000, 1)
    pair = peaked_at(enu, 1), peaked_at(enu, 2)
    assert narrow_structures(*pair, energy_range=(4.0, 5.0)).entries == ()
    with pytest.raises(TooFewEventsError, match="50,000"):
        narrow_structures(*pair, energy_range=(0.45, 8.0))


def test_a_law_without_peaks_has_no_entries():
    enu = np.full(40_000, 3.0)
    found = narrow_structures(toy_at(enu, 1), toy_at(enu, 2), energy_range=(3.0, 3.0))
    assert not [e for e in found.entries if e.peak == "QE" and e.variable == "W"]
