import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nugen_gan.errors import UsageError
from nugen_gan.physics.flux import (
    MonoFlux,
    PointsFlux,
    PowerLawFlux,
    UniformFlux,
    common_flux,
    flux_from_dict,
    histogram_flux,
    restricted_flux,
)
from nugen_gan.physics.spectrum import Spectrum

FLUXES = [
    UniformFlux(0.5, 3.0),
    PowerLawFlux(1.0, 0.5, 3.0),
    PowerLawFlux(2.5, 0.5, 3.0),
    histogram_flux([0.5, 1.0, 3.0], [1.0, 2.0]),
    PointsFlux((0.5, 1.0, 3.0), (1.0, 4.0, 0.5)),
]


@pytest.mark.parametrize("flux", FLUXES)
def test_cumulative_is_the_integral_of_the_density(flux):
    grid = np.linspace(0.5, 3.0, 20001)
    middle = 0.5 * (grid[1:] + grid[:-1])
    integral = np.cumsum(flux.density(middle) * np.diff(grid))
    np.testing.assert_allclose(flux.cumulative(grid[1:]), integral / integral[-1], atol=2e-4)


@pytest.mark.parametrize("flux", FLUXES)
def test_restricting_keeps_the_shape(flux):
    part = flux.restricted(0.8, 2.0)
    assert part.energy_range == pytest.approx((0.8, 2.0))
    edges = np.array([0.8, 1.1, 1.5, 2.0])
    expected = flux.fractions(edges) / flux.fractions(edges).sum()
    np.testing.assert_allclose(part.fractions(edges), expected, rtol=1e-9)


def test_restricting_one_energy():
    assert MonoFlux(1.0).restricted(0.5, 2.0) == MonoFlux(1.0)
    with pytest.raises(UsageError):
        MonoFlux(1.0).restricted(2.0, 3.0)


@given(st.floats(0.0, 1.0))
def test_quantile_inverts_cumulative(fraction):
    flux = PowerLawFlux(1.0, 0.2, 10.0)
    energy = Spectrum(flux).quantile(np.array([fraction]))
    assert flux.cumulative(energy)[0] == pytest.approx(fraction, abs=1e-3)


def test_flux_average_of_a_linear_cross_section_is_that_of_the_mean_energy():
    flux = UniformFlux(1.0, 3.0)
    assert Spectrum(flux, lambda e: 5.0 * e).flux_average() == pytest.approx(10.0, rel=1e-4)
    assert flux.mean_energy() == pytest.approx(2.0, rel=1e-4)


def test_empty_bins_do_not_count_as_range():
    flux = histogram_flux([0.0, 1.0, 2.0, 3.0], [0.0, 1.0, 0.0])
    assert flux.energy_range == (1.0, 2.0)


@pytest.mark.parametrize(
    ("edges", "contents"),
    [([0, 1], [1, 1]), ([1, 0], [1]), ([0, 1], [-1]), ([0, 1], [0]), ([-1, 1], [1]),
     ([0, np.nan], [1])],
)  # fmt: skip
def test_wrong_histograms(edges, contents):
    with pytest.raises(UsageError):
        histogram_flux(edges, contents)


@pytest.mark.parametrize("energy", [0.0, -1.0, np.nan])
def test_wrong_energies(energy):
    with pytest.raises(UsageError):
        MonoFlux(energy)


def test_wrong_ranges():
    with pytest.raises(UsageError, match="smaller one first"):
        UniformFlux(3.0, 1.0)
    with pytest.raises(UsageError, match="nothing between"):
        histogram_flux([0, 1, 2], [1, 1]).restricted(5.0, 6.0)


@pytest.mark.parametrize(
    ("energies", "densities"),
    [((1.0,), (1.0,)), ((1.0, 2.0), (1.0,)), ((2.0, 1.0), (1.0, 1.0)), ((-1.0, 1.0), (1.0, 1.0)),
     ((1.0, 2.0), (1.0, -1.0)), ((1.0, 2.0), (0.0, 0.0)), ((1.0, np.nan), (1.0, 1.0))],
)  # fmt: skip
def test_wrong_points(energies, densities):
    with pytest.raises(UsageError):
        PointsFlux(energies, densities)


def test_empty_stretches_between_points_do_not_count_as_range():
    flux = PointsFlux((0.0, 1.0, 2.0, 3.0, 4.0), (0.0, 0.0, 1.0, 0.0, 0.0))
    assert flux.energy_range == (1.0, 3.0)
    assert flux.mean_energy() == pytest.approx(2.0, rel=1e-4)


@pytest.mark.parametrize("flux", [*FLUXES, MonoFlux(1.0)])
def test_a_flux_survives_json(flux):
    back = flux_from_dict(json.loads(json.dumps(flux.as_dict())))
    assert back == flux
    assert type(back) is type(flux)


def test_a_flux_of_an_unknown_kind_is_refused():
    with pytest.raises(UsageError, match="'wiggly'"):
        flux_from_dict({"kind": "wiggly"})


def test_the_common_flux_is_that_of_all():
    one, same, other = UniformFlux(0.5, 3.0), UniformFlux(0.5, 3.0), PowerLawFlux(0.0, 0.5, 3.0)
    assert common_flux([one, same]) == one
    for fluxes in ([], [None], [one, None], [one, other]):
        assert common_flux(fluxes) is None


def test_a_cut_leaves_the_flux_within():
    flux = histogram_flux([0.0, 1.0, 2.0], [1.0, 3.0])
    assert restricted_flux(flux, None) is flux
    assert restricted_flux(flux, (0.0, 2.0)) is flux
    assert restricted_flux(flux, (0.0, 1.5)) == histogram_flux([0.0, 1.0, 1.5], [0.25, 0.375])
    assert restricted_flux(flux, (3.0, 4.0)) is None
    assert restricted_flux(None, (3.0, 4.0)) is None
    assert restricted_flux(MonoFlux(1.0), (0.0, 0.5)) is None
