import numpy as np
import pytest

from nugen_gan.adapters.fluxes.units import energy_unit, units_in
from nugen_gan.adapters.fluxes.words import parse_flux, read_flux
from nugen_gan.errors import UsageError


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("E_{#nu} [GeV]", ["GeV"]),
        ("E_nu/MeV", ["MeV"]),
        ("Energy (MeV)", ["MeV"]),
        ("energy in gev", ["GeV"]),
        ("E_low[MeV] E_high[MeV] flux[/cm2/50 MeV]", ["MeV"]),
        ("E[GeV] flux per 50 MeV", ["GeV"]),
        ("flux / GeV", []),
        ("flux [cm^{-2} GeV^{-1}], GeV-1, GeV**-1, GeV^-1, GeV (-1)", []),
        ("E [MeV] flux/(m2 GeV POT), per (cm2 GeV)", ["MeV"]),
        ("E [GeV]-spectrum, GeV - mean", ["GeV"]),
        ("120 GeV protons on carbon, 8GeV, per GeV", []),
        ("GeV, from MeV", ["GeV", "MeV"]),
        ("E [TeV]", ["TeV"]),
        ("lev, geVs, mega", []),
    ],
)
def test_units_that_a_text_gives(text, units):
    assert units_in([text]) == units


@pytest.fixture
def write(tmp_path):
    def write(text):
        (tmp_path / "flux.txt").write_text(text)
        return str(tmp_path / "flux.txt")

    return write


MEV, GEV = "0 1500 1\n1500 3000 3\n", "0 1.5 1\n1.5 3 3\n"


@pytest.mark.parametrize(
    ("head", "rows", "word"),
    [
        ("# E_low[MeV] E_high[MeV] flux\n", MEV, ""),
        ("E_low (MeV), E_high (MeV), flux (per GeV)\n", MEV, ""),
        ("# energies in MeV, of 120 GeV protons\n", MEV, ""),
        ("", MEV, ",MEV"),
        ("", MEV, ",mev"),
        ("# E in GeV\n", MEV, ",MEV"),
        ("# energies in MeV, not GeV\n", MEV, ",MEV"),
        ("# energies in GeV\n", GEV, ""),
        ("", GEV, ""),
        ("", GEV, ",GEV"),
        ("# [TeV]\n", "0 0.0015 1\n0.0015 0.003 3\n", ""),
    ],
)
def test_the_unit_of_a_flux(write, head, rows, word):
    flux = parse_flux(write(head + rows) + word)
    assert flux.energy_range == pytest.approx((0.0, 3.0))
    np.testing.assert_allclose(flux.fractions([0.0, 1.5, 3.0]), [0.25, 0.75])


def test_a_unit_below_the_model_can_be_said(write):
    """A flux in MeV that ends at 300 looks like GeV."""
    path = write("# in MeV\n0 150 1\n150 300 3\n")
    assert parse_flux(path).energy_range == pytest.approx((0.0, 0.3))
    read = read_flux(write("0 150 1\n150 300 3\n"))
    assert read.flux.energy_range == (0.0, 300.0)
    assert "MEV" in " ".join(read.notes)


def test_both_readings_are_named(write):
    with pytest.raises(UsageError, match=r"0-3000 GeV in the one case and 0-3 GeV in the other"):
        parse_flux(write(MEV))
    with pytest.raises(UsageError, match=r"flux\.txt,GEV' or .*flux\.txt,MEV'"):
        parse_flux(write(MEV), (0.2, 3.0))
    with pytest.raises(UsageError, match="speaks of MeV and of GeV"):
        parse_flux(write("# MeV or GeV\n" + MEV))


def test_energies_that_are_asked_for_may_decide():
    scale, notes = energy_unit(np.array([0.0, 700.0]), "", [], "f", (5.0, 20.0))
    assert scale == 1.0
    assert "',MEV'" in " ".join(notes)
    scale, notes = energy_unit(np.array([1000.0, 3000.0]), "", [], "f", (0.2, 3.0))
    assert scale == 1e-3
    assert "',GEV'" in " ".join(notes)
    with pytest.raises(UsageError, match="in GeV or in MeV"):
        energy_unit(np.array([0.0, 700.0]), "", [], "f", (0.2, 0.7))
