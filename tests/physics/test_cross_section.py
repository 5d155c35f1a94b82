import numpy as np
import pytest

from nugen_gan.errors import EnergyRangeError, FormatError
from nugen_gan.physics.cross_section import CrossSection, CrossSectionCounter, Run
from nugen_gan.physics.flux import MonoFlux, PowerLawFlux, histogram_flux
from nugen_gan.physics.process import Process
from nugen_gan.physics.spectrum import Spectrum

CARBON = Process.from_name("numu_cc_C12")
HYDROGEN = Process.from_name("numu_cc_H1")
C12, H1 = CARBON.target, HYDROGEN.target


def sigma(enu):
    """Rise linearly, as cross sections nearly do [cm2]."""
    return 8e-38 * enu


def sample(flux, n, seed=1):
    fractions = np.random.default_rng(seed).uniform(size=n)
    return Spectrum(flux, sigma).quantile(fractions)


def test_counting_finds_the_cross_section_that_made_the_events():
    flux = PowerLawFlux(1.0, 0.5, 5.0)
    average = Spectrum(flux, sigma).flux_average()
    run = Run(100_000, average / 12, {14: (1.0, flux)}, {C12: 1.0})
    counter = CrossSectionCounter(CARBON, [run])
    enu = sample(flux, 100_000)
    for part in np.array_split(enu, 7):
        counter.add(part, np.ones_like(part))
    result = counter.result()
    grid = np.linspace(0.6, 4.9, 50)
    np.testing.assert_allclose(result(grid), sigma(grid), rtol=0.05)
    assert counter.flux_average() == pytest.approx(average)
    edges = np.array(result.edges)
    assert (run.exposure(CARBON, edges) * result.values).sum() == pytest.approx(100_000)
    pulls = (np.array(result.values) - sigma(0.5 * (edges[1:] + edges[:-1]))) / result.errors
    assert np.abs(pulls).max() < 5.0


def test_weights_count_in_the_values_and_widen_the_errors():
    run = Run(100.0, 1e-38, {14: (1.0, MonoFlux(1.0))}, {C12: 1.0})
    plain, weighted = (CrossSectionCounter(CARBON, [run]) for _ in range(2))
    plain.add(np.ones(100), np.ones(100))
    weighted.add(np.ones(100), np.tile([0.5, 1.5], 50))
    assert plain.result().values == weighted.result().values == pytest.approx((12e-38,))
    assert weighted.result().errors[0] > plain.result().errors[0]


def test_a_mixture_shares_its_weight_among_nucleons():
    """In CH the cross section per nucleon of the mixture is (12 s_C + s_H) / 13."""
    run = Run(1300, 1e-38, {14: (1.0, MonoFlux(1.0))}, {C12: 1.0, H1: 1.0})
    counters = {p: CrossSectionCounter(p, [run]) for p in (CARBON, HYDROGEN)}
    counters[CARBON].add(np.ones(1250), np.ones(1250))
    counters[HYDROGEN].add(np.ones(50), np.ones(50))
    total = sum(counter.result().values[0] for counter in counters.values())
    assert total == pytest.approx(13e-38)


def test_a_share_of_the_flux_scales_the_exposure():
    run = Run(100, 1e-38, {14: (0.25, MonoFlux(1.0)), -14: (0.75, MonoFlux(1.0))}, {C12: 1.0})
    anti = Process(-14, C12)
    assert run.total_exposure(anti) == pytest.approx(3 * run.total_exposure(CARBON))


def test_a_flux_of_unknown_shape_gives_the_average_alone():
    run = Run(100, 1e-38, {14: (1.0, None)}, {C12: 1.0})
    counter = CrossSectionCounter(CARBON, [run])
    counter.add(np.array([1.0, 2.0]), np.ones(2))
    assert counter.result() is None
    assert counter.flux_average() == pytest.approx(12 * 1e-38 * 2 / 100)


def test_runs_of_other_processes_do_not_count():
    run = Run(100, 1e-38, {-14: (1.0, MonoFlux(1.0))}, {C12: 1.0})
    counter = CrossSectionCounter(CARBON, [run])
    counter.add(np.ones(5), np.ones(5))
    assert counter.result() is None
    assert counter.flux_average() is None


def test_two_runs_are_one_with_twice_the_exposure():
    run = Run(100, 1e-38, {14: (1.0, MonoFlux(1.0))}, {C12: 1.0})
    counter = CrossSectionCounter(CARBON, [run, run])
    counter.add(np.ones(200), np.ones(200))
    assert counter.result().values[0] == pytest.approx(12e-38)


def test_empty_ends_of_a_flux_stay_out_of_the_range():
    flux = histogram_flux(np.linspace(0, 10, 51), [0] * 5 + [1] * 20 + [0] * 25)
    run = Run(5000, 1e-38, {14: (1.0, flux)}, {C12: 1.0})
    counter = CrossSectionCounter(CARBON, [run])
    counter.add(sample(flux, 5000), np.ones(5000))
    assert counter.result().energy_range == pytest.approx((1.0, 5.0))


def test_the_curve_keeps_the_bin_averages():
    edges = np.linspace(0.5, 5.0, 10)
    values = sigma(0.5 * (edges[1:] + edges[:-1]))
    table = CrossSection(tuple(edges), tuple(values), (0.0,) * 9)
    for low, high, value in zip(edges[:-1], edges[1:], values, strict=True):
        assert table(np.linspace(low, high, 101)).mean() == pytest.approx(value, rel=0.01)


def test_outside_its_range_it_refuses():
    table = CrossSection((1.0, 2.0, 3.0), (1e-38, 2e-38), (0.0, 0.0))
    with pytest.raises(EnergyRangeError, match="1-3 GeV"):
        table([0.9])
    assert table([1.0 - 1e-7]).shape == (1,)


def test_json_keeps_everything_but_unknown_errors_become_null():
    table = CrossSection((1.0, 2.0, 3.0), (1e-38, 2e-38), (np.nan, 1e-39), "a table")
    record = table.as_dict()
    assert record["errors"] == [None, 1e-39]
    back = CrossSection.from_dict(record)
    assert back.edges == table.edges
    assert back.values == table.values
    assert np.isnan(back.errors[0])


@pytest.mark.parametrize(
    ("edges", "values"),
    [((1.0, 2.0), (1.0, 2.0)), ((2.0, 1.0), (1.0,)), ((1.0, 2.0), (-1.0,)), ((1.0, 2.0), (0.0,)),
     ((1.0, np.inf), (1.0,))],
)  # fmt: skip
def test_wrong_tables(edges, values):
    with pytest.raises(FormatError):
        CrossSection(edges, values, (0.0,) * len(values))


def test_points_are_joined_by_straight_lines():
    table = CrossSection.from_points([0.1, 0.2, 1.0, 3.0], [0.0, 1e-39, 9e-39, 2e-38], "points")
    assert table([0.1, 0.2, 0.6, 2.0, 3.0]) == pytest.approx([0.0, 1e-39, 5e-39, 1.45e-38, 2e-38])
    assert table.energy_range == (0.1, 3.0)
    assert table.values == pytest.approx((5e-40, 5e-39, 1.45e-38))
    assert table.extent == "4 points, 0.1-3 GeV"
    for ours, theirs in zip(table.points(), (table.edges, table.at_edges), strict=True):
        assert tuple(ours) == theirs


def test_points_survive_json_and_scaling():
    table = CrossSection.from_points([0.5, 1.0, 3.0], [1e-39, 9e-39, 2e-38])
    back = CrossSection.from_dict(table.as_dict())
    assert back.as_dict() == table.as_dict()
    assert back.at_edges == table.at_edges
    twice = table.scaled(2.0)
    assert twice([0.7]) == pytest.approx(2.0 * table([0.7]))
    assert "at_edges" not in CrossSection((1.0, 2.0), (1e-38,), (0.0,)).as_dict()


def test_a_single_point():
    table = CrossSection.from_points([1.0], [9e-39])
    assert table([1.0]) == pytest.approx([9e-39])
    assert table.extent == "1 point, 1-1 GeV"
    assert [x.tolist() for x in table.points()] == [[1.0], [9e-39]]


def test_bins_as_points_keep_their_curve():
    edges = np.linspace(0.5, 5.0, 10)
    values = sigma(0.5 * (edges[1:] + edges[:-1]))
    table = CrossSection(tuple(edges), tuple(values), (0.0,) * 9)
    again = CrossSection.from_points(*table.points())
    grid = np.linspace(0.5, 5.0, 3333)
    np.testing.assert_allclose(again(grid), table(grid), rtol=1e-4)
    assert table.extent == "9 bins, 0.5-5 GeV"


@pytest.mark.parametrize(
    ("enu", "values"),
    [([1.0, 1.0], [1.0, 2.0]), ([2.0, 1.0], [1.0, 2.0]), ([1.0, 2.0], [1.0, -0.5]), ([], []),
     ([1.0, 2.0], [1.0]), ([1.0, 2.0], [1.0, np.nan]), ([1.0, 2.0], [0.0, 0.0])],
)  # fmt: skip
def test_wrong_points(enu, values):
    with pytest.raises(FormatError):
        CrossSection.from_points(enu, values)


def test_few_events_over_a_wide_flux_give_the_right_flux_average():
    """One joined bin: its curve, averaged over the flux, must be what was counted."""
    process = Process.from_name("nue_cc_C12")
    # Nearly all of the flux is at low energies, as in a beam.
    flux = PowerLawFlux(3.0, 0.2, 20.0)
    run = Run(1000, 1e-38, {12: (1.0, flux)}, {process.target: 1.0})
    counter = CrossSectionCounter(process, [run])
    rng = np.random.default_rng(0)
    sigma_over_energy = Spectrum(flux, lambda enu: enu)
    counter.add(sigma_over_energy.quantile(rng.random(30)), np.ones(30))
    curve = counter.result()
    assert len(curve.values) == 1
    again = Spectrum(flux, curve).flux_average()
    assert again == pytest.approx(counter.flux_average(), rel=0.02)
