import numpy as np
import pytest

from nugen_gan.errors import UsageError
from nugen_gan.generation.energies import follow_flux, like, single, uniform
from nugen_gan.physics.cross_section import CrossSection
from nugen_gan.physics.flux import PowerLawFlux, UniformFlux

# sigma proportional to the energy
SIGMA = CrossSection((0.5, 1.0, 2.0, 4.0), (0.75e-38, 1.5e-38, 3e-38), (0.0, 0.0, 0.0))


def test_single():
    plan = single(1.5)
    assert plan.energies(0)(3, 7).tolist() == [1.5] * 4
    assert plan.flux_average(SIGMA) == pytest.approx(1.5e-38, rel=1e-9)


def test_like_takes_energies_in_order_and_again():
    plan = like(np.array([1.0, 2.0, 3.0]), "x.root")
    assert plan.energies(0)(0, 7).tolist() == [1, 2, 3, 1, 2, 3, 1]
    assert plan.energies(0)(4, 6).tolist() == [2, 3]
    # one over the mean of 1 / sigma
    assert plan.flux_average(SIGMA) == pytest.approx(3e-38 / (1 + 1 / 2 + 1 / 3), rel=1e-9)


def test_energies_that_are_used_again_or_left_over_are_told():
    plan = like(np.array([1.0, 2.0, 3.0, 4.0]), "x.root")
    assert plan.reuse(4) == ""
    assert "4 energies for 10 events, so that each is taken 2.5 times" in plan.reuse(10)
    assert "4 energies for 3 events, of which the first are taken" in plan.reuse(3)
    assert single(1.0).reuse(10) == uniform(1.0, 2.0).reuse(10) == ""


def test_uniform_is_uniform_in_event_energy():
    enu = uniform(1.0, 3.0).energies(1)(0, 40_000)
    counts = np.histogram(enu, bins=10, range=(1.0, 3.0))[0]
    assert ((counts - 4000) ** 2 / 4000).sum() < 30


def test_flux_times_sigma():
    """A flux E^-1 times sigma proportional to E makes uniform events."""
    plan = follow_flux(PowerLawFlux(1.0, 0.5, 4.0), SIGMA, "powerlaw:1")
    enu = plan.energies(1)(0, 40_000)
    counts = np.histogram(enu, bins=10, range=(0.5, 4.0))[0]
    assert ((counts - 4000) ** 2 / 4000).sum() < 30
    # integral of E^-1 E over integral of E^-1
    expected = 3.5 / np.log(8.0) * 1e-38
    assert plan.flux_average(SIGMA) == pytest.approx(expected, rel=1e-4)
    assert plan.spectrum.flux_average() == pytest.approx(expected, rel=1e-4)


def test_unknown_sigma():
    assert single(1.0).flux_average(None) is None
    assert single(9.0).flux_average(SIGMA) is None
    with pytest.raises(UsageError, match="--cross-section"):
        follow_flux(PowerLawFlux(1.0, 0.5, 4.0), None, "powerlaw:1")


def test_nothing_to_be_like():
    with pytest.raises(UsageError, match="no events"):
        like(np.empty(0), "x.root")


def test_the_average_counts_also_flux_below_threshold():
    sigma = CrossSection.from_points([0.5, 1.0, 2.0], [0.0, 0.0, 1e-38])
    plan = follow_flux(UniformFlux(0.5, 2.0), sigma, "flat")
    assert plan.flux_average(sigma) == pytest.approx(1e-38 / 3, rel=1e-3)
