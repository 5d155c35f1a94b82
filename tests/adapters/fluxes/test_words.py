import numpy as np
import pytest
import uproot

from nugen_gan.adapters.fluxes.words import parse_flux, read_flux
from nugen_gan.errors import FormatError, UsageError
from nugen_gan.generation.energies import follow_flux
from nugen_gan.physics.cross_section import CrossSection
from nugen_gan.physics.flux import MonoFlux, PointsFlux


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
    (tmp_path / "four.txt").write_text("1 2 3 4\n3 4 5 6\n")
    with pytest.raises(FormatError, match="three numbers"):
        parse_flux(str(tmp_path / "four.txt"))
    (tmp_path / "gap.txt").write_text("1 2 3\n3 4 5\n")
    with pytest.raises(FormatError, match="must begin"):
        parse_flux(str(tmp_path / "gap.txt"))
    (tmp_path / "empty.txt").write_text("# nothing\n")
    with pytest.raises(FormatError, match="it has none"):
        parse_flux(str(tmp_path / "empty.txt"))


@pytest.mark.parametrize("name", ["enu_nd280_numu", "enu_sk_numu"])
def test_the_t2k_flux(shared_data, name):
    path = shared_data / "flux" / "t2kflux_2016_plus250kA.root"
    with pytest.raises(UsageError, match="differ in width"):
        parse_flux(f"{path},{name}")
    flux = parse_flux(f"{path},{name},NOWIDTH", (0.2, 10.0))
    assert flux.energy_range == (0.2, 10.0)
    assert 0.4 < flux.mean_energy() < 3.0


@pytest.mark.parametrize("species", ["numu", "numubar", "nue"])
def test_the_dune_flux(shared_data, species):
    path = shared_data / "flux" / "dune_cdr_fhc_nd.root"
    with pytest.raises(UsageError, match="differ in width"):
        parse_flux(f"{path},{species}_flux")
    density = parse_flux(f"{path},{species}_flux,WIDTH", (0.5, 20.0))
    with uproot.open(path) as file:
        contents, edges = file[f"{species}_flux"].to_numpy()
    inside = (edges[:-1] >= 0.5) & (edges[1:] <= 20.0)
    expected = (contents * np.diff(edges))[inside]
    np.testing.assert_allclose(
        density.fractions(edges)[inside], expected / expected.sum(), rtol=1e-9
    )


@pytest.mark.parametrize(("probe", "first"), [(14, 1.27e4), (-14, 1.67e4), (12, 1.75e2)])
def test_a_beam_of_nuwro_with_several_species(shared_data, probe, first):
    path = shared_data / "flux" / "nuwro_newT2K_nu.txt"
    read = read_flux(str(path), probe=probe)
    assert read.flux.energy_range == (0.0, 20.0)
    assert read.flux.contents[0] == first
    assert "MeV" in " ".join(read.notes)


def test_a_beam_of_nuwro_without_the_species(shared_data):
    path = shared_data / "flux" / "nuwro_newT2K_nu.txt"
    with pytest.raises(UsageError, match="14, -14, 12, -12"):
        parse_flux(str(path), probe=16)
    with pytest.raises(UsageError, match="say which"):
        parse_flux(str(path))


@pytest.mark.parametrize(
    "text",
    [
        "600 1000 1 3\n",
        "beam_type = 0\nbeam_particle = 14\nbeam_energy = 600 1000 1 3 // two bins\n",
        "# mine\nbeam_energy=600 1000 1 3\n",
        "beam_content = 12 30% 600 900 1\nbeam_content += 14 70% 600 1000 1 3\n",
    ],
)
def test_lines_of_nuwro(tmp_path, text):
    (tmp_path / "beam.txt").write_text(text)
    flux = parse_flux(str(tmp_path / "beam.txt"), probe=14)
    np.testing.assert_allclose(flux.fractions([0.6, 0.8, 1.0]), [0.25, 0.75])


def test_histograms_that_a_beam_of_nuwro_names(tmp_path, root_flux):
    (tmp_path / "beam.txt").write_text(
        f"beam_type = 5 // one\nbeam_particle = 14\nbeam_inputroot = data/{root_flux.name}\n"
        "beam_inputroot_flux = uneven\n"
    )
    flux = parse_flux(str(tmp_path / "beam.txt"), probe=14)
    np.testing.assert_allclose(flux.fractions([1.0, 2.0, 4.0]), [0.4, 0.6])
    with pytest.raises(UsageError, match="no flux of the neutrino -14"):
        parse_flux(str(tmp_path / "beam.txt"), probe=-14)


def test_a_line_of_nuwro_as_words():
    np.testing.assert_allclose(parse_flux("600 1000 1 3").fractions([0.6, 0.8, 1.0]), [0.25, 0.75])
    assert parse_flux("600 1000").energy_range == (0.6, 1.0)
    with pytest.raises(UsageError, match="two energies in MeV"):
        parse_flux("600 1000 1 -3")


@pytest.mark.parametrize(
    "text",
    [
        "@beam/newT2K_nu.txt\n",
        "beam_type = 2\nbeam_folder = x\n",
        "beam_energy = \n",
        "beam_type = many\nbeam_energy = 600 1000\n",
        "beam_type = 5\nbeam_inputroot = none.root\nbeam_inputroot_flux = numu\n",
        "beam_type = 5\n",
    ],
)
def test_beams_of_nuwro_that_cannot_be_read(tmp_path, text):
    (tmp_path / "beam.txt").write_text(text)
    with pytest.raises(UsageError, match="Understood are"):
        parse_flux(str(tmp_path / "beam.txt"), probe=14)


def test_one_energy():
    assert parse_flux("mono:0.6") == MonoFlux(0.6)
    with pytest.raises(UsageError, match="nothing in"):
        parse_flux("mono:0.6", (1.0, 2.0))
    with pytest.raises(UsageError, match="Allowed are"):
        parse_flux("mono:")


@pytest.mark.parametrize(
    ("text", "word"), [("500, 1000, 3\n1000, 1500, 1\n", "MeV"), ("0.5 1 3\n1 1.5 1\n", "GeV")]
)
def test_the_unit_of_energies_follows_from_their_size(tmp_path, text, word):
    (tmp_path / "flux.txt").write_text(text)
    read = read_flux(str(tmp_path / "flux.txt"))
    np.testing.assert_allclose(read.flux.fractions([0.5, 1.0, 1.5]), [0.75, 0.25])
    assert f"taken as {word}" in " ".join(read.notes)


def test_fortran_numbers_commas_and_names_of_columns(tmp_path):
    path = tmp_path / "flux.csv"
    path.write_text("E_low,E_high,flux\n0.5D0,1.0d+00, 0.3E-8\n1.0;1.5;1.D-09 ! tail\n")
    np.testing.assert_allclose(parse_flux(str(path)).fractions([0.5, 1.0, 1.5]), [0.75, 0.25])


@pytest.fixture
def triangle(tmp_path):
    """Two columns, so coarse that their meaning matters."""
    (tmp_path / "two.txt").write_text("1 0\n2 1\n3 0\n")
    return str(tmp_path / "two.txt")


def test_two_columns_need_a_choice_where_it_matters(triangle):
    with pytest.raises(UsageError, match=r"2 GeV if they are points.*2\.5 GeV if they are lower"):
        parse_flux(triangle)
    points = parse_flux(f"{triangle},POINTS")
    np.testing.assert_allclose(points.fractions([1.0, 1.5, 2.0, 3.0]), [0.125, 0.375, 0.5])
    assert parse_flux(f"{triangle},edges").energy_range == (2.0, 3.0)
    assert parse_flux(f"{triangle},CENTRES").energy_range == (1.5, 2.5)


def test_two_fine_columns_are_points_of_a_curve(tmp_path):
    enu = np.linspace(0.5, 2.5, 401)
    np.savetxt(tmp_path / "fine.txt", np.stack([enu, np.exp(-enu)], axis=1))
    read = read_flux(str(tmp_path / "fine.txt"))
    assert isinstance(read.flux, PointsFlux)
    assert "points of a curve" in " ".join(read.notes)
    edges = np.array([0.5, 0.9, 2.5])
    expected = np.diff(-np.exp(-edges))
    np.testing.assert_allclose(read.flux.fractions(edges), expected / expected.sum(), rtol=1e-5)


def test_two_uneven_columns_are_densities_or_counts(tmp_path):
    path = tmp_path / "two.txt"
    path.write_text("1 2\n2 3\n4 0\n")
    for missing in ("", ",EDGES", ",CENTRES", ",NOWIDTH", ",POINTS,NOWIDTH"):
        with pytest.raises(UsageError, match=r"EDGES|E_low E_high"):
            parse_flux(f"{path}{missing}")
    edges = [1.0, 2.0, 4.0]
    np.testing.assert_allclose(parse_flux(f"{path},EDGES,NOWIDTH").fractions(edges), [0.4, 0.6])
    np.testing.assert_allclose(parse_flux(f"{path},EDGES,WIDTH").fractions(edges), [0.25, 0.75])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (",numu,POINTS", "ROOT file"),
        (",WIDTH,NOWIDTH", "not understood"),
        (",numu,nue", "not understood"),
        ("", "name one"),
    ],
)
def test_choices_that_do_not_fit(root_flux, words, message):
    with pytest.raises(UsageError, match=message):
        parse_flux(f"{root_flux}{words}")


def test_points_are_cut_at_the_ends_of_a_range(triangle):
    flux = parse_flux(f"{triangle},POINTS", (1.5, 2.5))
    assert flux.energy_range == (1.5, 2.5)
    np.testing.assert_allclose(flux.fractions([1.5, 2.0, 2.5]), [0.5, 0.5])
    assert flux.as_dict()["densities"] == [0.5, 1.0, 0.5]
    with pytest.raises(UsageError, match="nothing between"):
        parse_flux(f"{triangle},POINTS", (5.0, 6.0))


@pytest.mark.parametrize("kind", ["dune", "t2k", "nuwro", "points", "line"])
def test_event_energies_follow_flux_times_sigma(shared_data, tmp_path, kind):
    np.savetxt(tmp_path / "p.txt", [[0.5, 1.0], [1.0, 4.0], [2.0, 1.0], [9.0, 0.0]])
    flux = parse_flux(
        {
            "dune": f"{shared_data / 'flux' / 'dune_cdr_fhc_nd.root'},numu_flux,WIDTH",
            "t2k": f"{shared_data / 'flux' / 't2kflux_2016_plus250kA.root'},enu_nd280_numu,WIDTH",
            "nuwro": str(shared_data / "flux" / "nuwro_newT2K_nu.txt"),
            "points": f"{tmp_path / 'p.txt'},POINTS",
            "line": "500 9000 3 2 1 5",
        }[kind],
        (0.5, 9.0),
        14,
    )
    sigma = CrossSection.from_points([0.2, 1.0, 10.0], [1e-38, 1e-37, 1e-36])
    plan = follow_flux(flux, sigma, kind)
    events = 50_000
    edges = np.geomspace(0.5, 9.0, 21)
    grid = np.unique(np.concatenate([np.geomspace(0.5, 9.0, 20_001), edges, flux.knots()]))
    grid = grid[(grid >= 0.5) & (grid <= 9.0)]
    rate = flux.fractions(grid) * sigma(0.5 * (grid[1:] + grid[:-1]))
    below = np.concatenate([[0.0], np.cumsum(rate)])
    expected = events * np.diff(np.interp(edges, grid, below)) / below[-1]
    counts = np.histogram(plan.energies(5)(0, events), edges)[0]
    kept = expected > 5
    assert ((counts - expected) ** 2 / expected)[kept].sum() < 50  # 20 bins
    assert plan.flux_average(sigma) == pytest.approx(rate.sum(), rel=1e-4)


@pytest.mark.parametrize("text", ["uniform:2", "powerlaw:-1000", "powerlaw:1000", "powerlaw:nan"])
def test_shapes_that_are_none(text):
    with pytest.raises(UsageError):
        parse_flux(text, (0.2, 3.0))


def test_a_content_beyond_all_numbers_is_named(tmp_path):
    path = tmp_path / "flux.txt"
    path.write_text("0.2 1 1e308\n1 2 1e308\n")
    with pytest.raises(UsageError, match=r"bin 1 .*1e\+308"):
        parse_flux(str(path))
