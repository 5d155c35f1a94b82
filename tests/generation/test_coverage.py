import numpy as np
import pytest

import nugen_gan
from nugen_gan.errors import EnergyRangeError, UsageError
from nugen_gan.generation.coverage import coverage, threshold
from nugen_gan.physics.flux import Flux
from nugen_gan.physics.process import Process


@pytest.fixture(scope="module")
def carbon():
    return nugen_gan.load_model("numu_cc_C12").without_hadrons()


@pytest.mark.parametrize(
    ("name", "energy"),
    [
        ("numu_cc_C12", 0.1102),
        ("numubar_cc_C12", 0.1131),
        ("nutau_cc_Ar40", 3.454),
        ("numu_cc_H1", 0.2773),
        ("numubar_cc_H1", 0.1131),
    ],
)
def test_thresholds(name, energy):
    assert threshold(Process.from_name(name)) == pytest.approx(energy, abs=1e-3)


def test_the_threshold_of_an_electron_is_above_its_mass():
    process = Process.from_name("nue_cc_C12")
    assert process.lepton_mass < threshold(process) < 0.01


def test_a_flux_inside_is_left_alone(carbon):
    found = coverage(carbon, Flux.uniform(0.2, 10.0))
    assert found.sigma is carbon.cross_section
    assert (found.extrapolated, found.below, found.notes) == (0.0, 0.0, ())


def test_a_flux_below_the_threshold_counts_in_the_average(carbon):
    """Half of the neutrinos have no reaction: the average is half of that of the others."""
    flux = Flux.histogram([0.0, 0.1, 1.0, 2.0], [1.0, 0.0, 1.0])
    found = coverage(carbon, flux)
    inside = coverage(carbon, Flux.uniform(1.0, 2.0)).flux_average()
    assert found.below == pytest.approx(0.5)
    assert found.flux_average() == pytest.approx(0.5 * inside, rel=1e-4)
    assert found.spectrum().quantile(np.array([0.0, 0.5, 1.0])).min() > 0.99
    assert "0.5 of the flux" in found.notes[0]


def test_a_flux_between_threshold_and_model_is_an_error_with_its_fraction(carbon):
    flux = Flux.histogram([0.0, 1.0, 2.0], [1.0, 1.0])
    with pytest.raises(EnergyRangeError, match=r"0\.0449.*0\.1102 GeV.*0\.2 GeV.*--allow-extrap"):
        coverage(carbon, flux)


def test_extrapolation_goes_to_zero_at_the_threshold(carbon):
    found = coverage(carbon, Flux.histogram([0.0, 1.0, 2.0], [1.0, 1.0]), allow_extrapolation=True)
    start, sigma = threshold(carbon.process), carbon.cross_section(0.2)
    assert found.extrapolated == pytest.approx((0.2 - start) / 2, rel=1e-3)
    assert found.sigma(start) == 0.0
    assert found.sigma(0.5 * (start + 0.2)) == pytest.approx(0.5 * sigma, rel=1e-6)
    assert found.sigma(1.0) == pytest.approx(carbon.cross_section(1.0), rel=1e-3)


def test_extrapolation_is_proportional_to_energy_above(carbon):
    with pytest.raises(EnergyRangeError, match="above 20 GeV"):
        coverage(carbon, Flux.uniform(1.0, 40.0))
    found = coverage(carbon, Flux.uniform(1.0, 40.0), allow_extrapolation=True)
    assert found.sigma(40.0) == pytest.approx(2 * carbon.cross_section(20.0))


@pytest.mark.parametrize("energy", [0.05, 0.15, 30.0])
def test_one_energy_outside(energy, carbon):
    with pytest.raises(EnergyRangeError):
        coverage(carbon, Flux.mono(energy))


def test_one_energy_inside(carbon):
    found = coverage(carbon, Flux.mono(1.0))
    assert found.flux_average() == pytest.approx(carbon.cross_section(1.0))


def test_a_model_without_a_cross_section(carbon):
    with pytest.raises(UsageError, match="--cross-section"):
        coverage(carbon.with_(cross_section=None), Flux.mono(1.0))
