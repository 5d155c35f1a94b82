import numpy as np
import pytest

from nugen_gan.cross_section import CrossSection, CrossSectionCounter, Run, read_cross_section
from nugen_gan.errors import EnergyRangeError, FormatError, UsageError
from nugen_gan.flux import MonoFlux, PowerLawFlux, Spectrum, histogram_flux
from nugen_gan.process import Process

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


@pytest.mark.parametrize(
    ("unit", "factor"),
    [("cm2 per nucleus", 1.0), ("cm2 per nucleon", 12.0), ("1e-38 cm2 per nucleon", 12e-38),
     ("1e-38 cm^2 per nucleus", 1e-38)],
)  # fmt: skip
def test_units_of_a_text_table(tmp_path, unit, factor):
    path = tmp_path / "xsec.txt"
    path.write_text(f"# E_low E_high sigma [{unit}]\n0.5 1.0 2.0\n1.0 2.0 3.0\n")
    table = read_cross_section(path, CARBON)
    assert table.edges == (0.5, 1.0, 2.0)
    assert table.values == pytest.approx((2.0 * factor, 3.0 * factor))


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("0.5 1.0 2.0\n", UsageError),
        ("# cm2\n0.5 1.0 2.0\n", UsageError),
        ("# cm2 per nucleus\n0.5 1.0\n", FormatError),
        ("# cm2 per nucleus\n", FormatError),
        ("# cm2 per nucleus\n0.5 1.0 x\n", FormatError),
        ("# cm2 per nucleus\n0.5 1.0 2.0\n1.5 2.0 2.0\n", FormatError),
    ],
)
def test_wrong_text_tables(tmp_path, text, error):
    path = tmp_path / "xsec.txt"
    path.write_text(text)
    with pytest.raises(error):
        read_cross_section(path, CARBON)


def test_files_that_are_no_text(tmp_path):
    with pytest.raises(UsageError, match="does not exist"):
        read_cross_section(tmp_path / "none.txt", CARBON)
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(FormatError):
        read_cross_section(tmp_path / "binary", CARBON)
