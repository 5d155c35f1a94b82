import numpy as np
import pytest
import uproot

from nugen_gan.errors import FormatError, UsageError
from nugen_gan.flux_input import parse_flux


@pytest.fixture
def root_flux(tmp_path):
    path = tmp_path / "flux.root"
    with uproot.recreate(path) as file:
        file["numu"] = np.histogram([1.2, 1.3, 2.5], bins=[1.0, 2.0, 3.0])
        file["uneven"] = (np.array([2.0, 3.0]), np.array([1.0, 2.0, 4.0]))
    return path


def test_shapes():
    assert parse_flux("uniform", (1.0, 2.0)).fractions([1.0, 1.5, 2.0]).tolist() == [0.5, 0.5]
    flux = parse_flux("powerlaw:2", (1.0, 2.0))
    assert flux.density(np.array([1.0, 2.0])).tolist() == [1.0, 0.25]


def test_histogram_of_even_bins(root_flux):
    flux = parse_flux(f"{root_flux},numu")
    assert flux.energy_range == (1.0, 3.0)
    np.testing.assert_allclose(flux.fractions([1.0, 2.0, 3.0]), [2 / 3, 1 / 3])


def test_histogram_of_uneven_bins_needs_a_choice(root_flux):
    with pytest.raises(UsageError, match="NOWIDTH"):
        parse_flux(f"{root_flux},uneven")
    edges = [1.0, 2.0, 4.0]
    np.testing.assert_allclose(
        parse_flux(f"{root_flux},uneven,NOWIDTH").fractions(edges), [0.4, 0.6]
    )
    np.testing.assert_allclose(
        parse_flux(f"{root_flux},uneven,width").fractions(edges), [0.25, 0.75]
    )


def test_restriction(root_flux):
    flux = parse_flux(f"{root_flux},numu", (1.5, 3.0))
    np.testing.assert_allclose(flux.fractions([1.5, 2.0, 3.0]), [0.5, 0.5])
    with pytest.raises(UsageError, match="nothing between"):
        parse_flux(f"{root_flux},numu", (5.0, 6.0))


def test_text(tmp_path):
    path = tmp_path / "flux.txt"
    path.write_text("# E_low E_high flux\n0.5 1.0 3\n1.0, 1.5, 1\n")
    np.testing.assert_allclose(parse_flux(str(path)).fractions([0.5, 1.0, 1.5]), [0.75, 0.25])


@pytest.mark.parametrize("text", ["powerlaw:x", "powerlaw", "gauss", "nofile.root,h"])
def test_unknown_words(text):
    with pytest.raises(UsageError, match="Allowed are"):
        parse_flux(text, (1.0, 2.0))


def test_shapes_need_a_range():
    with pytest.raises(UsageError, match="--energy"):
        parse_flux("uniform")


def test_missing_histogram_names_those_that_exist(root_flux):
    with pytest.raises(UsageError, match="numu, uneven"):
        parse_flux(f"{root_flux},nue")


def test_damaged_files(tmp_path, root_flux):
    (tmp_path / "cut.root").write_bytes(root_flux.read_bytes()[:150])
    with pytest.raises(FormatError, match="cannot be read"):
        parse_flux(f"{tmp_path / 'cut.root'},numu")
    (tmp_path / "words.txt").write_text("this is no flux\n")
    with pytest.raises(FormatError, match="table of numbers"):
        parse_flux(str(tmp_path / "words.txt"))
    (tmp_path / "two.txt").write_text("1 2\n3 4\n")
    with pytest.raises(FormatError, match="three numbers"):
        parse_flux(str(tmp_path / "two.txt"))


@pytest.mark.parametrize("name", ["enu_nd280_numu", "enu_sk_numu"])
def test_the_t2k_flux(shared_data, name):
    path = shared_data / "flux" / "t2kflux_2016_plus250kA.root"
    with pytest.raises(UsageError, match="differ in width"):
        parse_flux(f"{path},{name}")
    flux = parse_flux(f"{path},{name},NOWIDTH", (0.2, 10.0))
    assert flux.energy_range == (0.2, 10.0)
    assert 0.4 < flux.mean_energy() < 3.0
