import numpy as np
import pytest

from nugen_gan.adapters.fluxes.columns import species_of
from nugen_gan.adapters.fluxes.words import parse_flux, read_flux
from nugen_gan.errors import FormatError, UsageError
from nugen_gan.physics.flux import PointsFlux

RELEASE = "A neutrino-mode flux\nElo, Ehi: bin edges in GeV\n\n{names}\n" + "".join(
    f"  {i / 10:.2f}  {(i + 1) / 10:.2f} {(i + 1) * 1e-12:.3e} 2.000e-13 {10 - i}e-14 1.000e-15\n"
    for i in range(10)
)


@pytest.fixture
def write(tmp_path):
    def write(text):
        (tmp_path / "release.dat").write_text(text)
        return str(tmp_path / "release.dat")

    return write


@pytest.mark.parametrize(
    ("names", "pdg"),
    [
        ("numu nu_mu NuMu nu-mu #nu_{#mu} flux_numu numu_flux phi(nu_mu) \u03bd\u03bc", 14),
        ("numubar antinumu nu_mu_bar numub anumu anti-nu_mu nubar_mu #bar{#nu}_{#mu} barnumu", -14),
        ("nue nu_e Nue electron_neutrino 12", 12),
        ("nuebar anti_nue nueb anue antinue -12 \\bar{\\nu}_e", -12),
        ("nutau nu_tau", 16),
        ("antinutau nutaubar", -16),
        ("flux E energy Elo mu nu bar antinumubar", None),
    ],
)
def test_names_of_neutrinos(names, pdg):
    assert {name: species_of(name) for name in names.split() if name != "phi(nu_mu)"} == {
        name: pdg for name in names.split() if name != "phi(nu_mu)"
    }


@pytest.mark.parametrize(
    "names",
    [
        "   Elo   Ehi    numu      numubar   nue       nuebar",
        "# E_low[GeV], E_high[GeV], nu_mu, nu_mu_bar, nu_e, nu_e_bar",
        "Emin (GeV)\tEmax (GeV)\tflux numu\tflux antinumu\tflux nue\tflux antinue",
        "! low high numu numub nue nueb",
    ],
)
@pytest.mark.parametrize(("probe", "mean"), [(14, 0.65), (-14, 0.5), (12, 0.35)])
def test_the_column_of_the_neutrino(write, names, probe, mean):
    read = read_flux(write(RELEASE.format(names=names)), probe=probe)
    assert read.flux.energy_range == (0.0, 1.0)
    assert read.flux.mean_energy() == pytest.approx(mean, abs=1e-3)
    assert "column" in " ".join(read.notes)
    assert "in GeV, as the file says" in " ".join(read.notes)


def test_a_column_by_name_or_number(write):
    path = write(RELEASE.format(names="Elo Ehi numu numubar nue nuebar"))
    for word, mean in (("nue", 0.35), ("nu_e", 0.35), ("5", 0.35), ("3", 0.65)):
        assert parse_flux(f"{path},{word}", probe=14).mean_energy() == pytest.approx(mean, abs=1e-3)
    path = write(RELEASE.format(names=""))
    assert parse_flux(f"{path},5", probe=14).mean_energy() == pytest.approx(0.35, abs=1e-3)


@pytest.mark.parametrize("word", ["", ",1", ",2", ",7", ",nutau", ",flux"])
def test_what_is_not_clear_lists_the_columns(write, word):
    path = write(RELEASE.format(names="Elo Ehi numu numubar nue nuebar"))
    with pytest.raises(UsageError, match=r"3 numu \(1e-12, \.\.\.\); 4 numubar"):
        parse_flux(f"{path}{word}", probe=16)
    with pytest.raises((UsageError, FormatError), match=r"3 without a name \(1e-12"):
        parse_flux(write(RELEASE.format(names="")) + word)


def test_bins_may_be_numbered_and_have_centres(write):
    path = write(
        "bin,E_min,E_mid,E_max,numu,numubar\n1,1,1.5,2,1,9\n2,2,3,4,3,9\n"
    )  # uneven, so that a choice is needed
    flux = parse_flux(f"{path},NOWIDTH", probe=14)
    np.testing.assert_allclose(flux.fractions([1, 2, 4]), [0.25, 0.75])
    flux = parse_flux(f"{path},WIDTH", probe=14)
    np.testing.assert_allclose(flux.fractions([1, 2, 4]), [1 / 7, 6 / 7])


def test_one_column_of_energies(write):
    table = "1 0 5\n2 1 5\n3 0 5\n"
    path = write("E numu numubar\n" + table)
    with pytest.raises(UsageError, match="points of a curve"):
        parse_flux(path, probe=14)
    assert isinstance(parse_flux(f"{path},POINTS", probe=14), PointsFlux)
    assert parse_flux(f"{path},CENTRES", probe=-14).energy_range == (0.5, 3.5)
    assert parse_flux(write("Ecentre numu numubar\n" + table), probe=-14).energy_range == (0.5, 3.5)
    assert parse_flux(write("Elow numu numubar\n" + table), probe=-14).energy_range == (1.0, 4.0)
    with pytest.raises(UsageError, match="which of the columns"):
        parse_flux(write("Ehigh numu numubar\n" + table), probe=14)


def test_words_in_a_comment_are_no_names_of_columns(write):
    path = write("# T2K numu flux\n# energy numu flux\n1 2 1\n2 3 3\n3 4 4\n")
    with pytest.raises(UsageError, match="read like edges"):
        parse_flux(path, probe=14)
    flux = parse_flux(write("# T2K numu flux\n# of 2016\n1 2 1\n2 3 3\n3 4 4\n"), probe=14)
    np.testing.assert_allclose(flux.fractions([1, 2, 3, 4]), [1 / 8, 3 / 8, 4 / 8])


def test_the_only_flux_of_another_neutrino_is_not_taken(write):
    path = write("Elo Ehi numu\n1 2 1\n2 3 3\n")
    assert parse_flux(path, probe=14).energy_range == (1.0, 3.0)
    with pytest.raises(UsageError, match="'numubar'"):
        parse_flux(path, probe=-14)
    assert parse_flux(f"{path},numu", probe=-14).energy_range == (1.0, 3.0)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("1 2 1\n1.5 3 3\n", r"1-2 and 1\.5-3 overlap \(line 2\)"),
        ("1 2 1\n2.5 3 3\n", "leave a gap"),
        ("2 1 1\n3 2 3\n", "lower edge first"),
    ],
)
def test_bins_that_do_not_follow_each_other(write, rows, message):
    with pytest.raises(FormatError, match=message):
        parse_flux(write(rows))


@pytest.mark.parametrize("rows", ["2 3 3\n1 2 1\n", "Elo Ehi flux error\n2 3 3 9\n1 2 1 8\n"])
def test_rows_in_falling_order_are_turned_round(write, rows):
    read = read_flux(write(rows))
    np.testing.assert_allclose(read.flux.fractions([1, 2, 3]), [0.25, 0.75])
    assert "turned round" in " ".join(read.notes)


def test_points_in_falling_order(write):
    flux = parse_flux(write("3 0\n2 1\n1 1\n") + ",POINTS")
    np.testing.assert_allclose(flux.fractions([1, 2, 3]), [2 / 3, 1 / 3])


def test_numbered_bins_with_a_range(write):
    rows = " 1 0.00-  0.05 1e10 2e9\n 2 0.05-  0.10 3e10 2e9\n 3 0.10-  0.15 4e10 2e9\n"
    for head in (" bin#  Energy range (GeV) numu numubar\n", " bin E E numu numubar\n"):
        flux = parse_flux(write(head + rows), probe=14)
        np.testing.assert_allclose(flux.fractions([0, 0.05, 0.1, 0.15]), [1 / 8, 3 / 8, 4 / 8])
    flux = parse_flux(write(rows) + ",4", probe=14)
    np.testing.assert_allclose(flux.fractions([0, 0.05, 0.1, 0.15]), [1 / 8, 3 / 8, 4 / 8])
    with pytest.raises(UsageError, match="both rise"):
        parse_flux(write("1 0.2 5 1\n2 0.3 6 1\n3 0.4 7 1\n") + ",3,POINTS")


def test_a_bin_without_width_between_lower_edges(write):
    path = write("0.2 1\n0.5 2\n0.5 3\n1 2\n2 1\n")
    read = read_flux(f"{path},EDGES,WIDTH")
    edges = [0.2, 0.5, 1.0, 2.0, 3.0]
    np.testing.assert_allclose(read.flux.fractions(edges), np.array([0.3, 1.5, 2.0, 1.0]) / 4.8)
    assert "left out: at 0.5 GeV" in " ".join(read.notes)
    with pytest.raises(UsageError, match=r"0\.5 follows 0\.5 GeV"):
        parse_flux(f"{path},EDGES,NOWIDTH")
