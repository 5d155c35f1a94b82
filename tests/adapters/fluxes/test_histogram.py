import numpy as np
import pytest
import uproot

from nugen_gan.adapters.fluxes.words import parse_flux, read_flux
from nugen_gan.errors import UsageError
from nugen_gan.physics.flux import PointsFlux


def _histogram(contents, edges, title="", outside=(0.0, 0.0)):
    data = np.concatenate([outside[:1], contents, outside[1:]])
    axis = uproot.writing.identify.to_TAxis(
        "xaxis", title, len(contents), edges[0], edges[-1], fXbins=np.asarray(edges, ">f8")
    )
    return uproot.writing.identify.to_TH1x(
        "h", "", np.asarray(data, ">f8"), float(data.sum()), 1.0, 1.0, 1.0, 1.0,
        np.asarray(data, ">f8"), axis,
    )  # fmt: skip


@pytest.fixture
def write(tmp_path):
    def write(**objects):
        with uproot.recreate(tmp_path / "flux.root") as file:
            for name, content in objects.items():
                file[name] = content
        return str(tmp_path / "flux.root")

    return write


def test_a_flux_up_to_700_gev(write):
    edges = np.linspace(0.0, 700.0, 36)
    contents = np.exp(-edges[:-1] / 60.0)
    path = write(numubar=_histogram(contents, edges))
    mean = (contents * (edges[1:] + edges[:-1]) / 2).sum() / contents.sum()
    assert parse_flux(f"{path},numubar,GEV").mean_energy() == pytest.approx(mean, rel=1e-3)
    assert parse_flux(f"{path},numubar,MEV").mean_energy() == pytest.approx(mean / 1e3, rel=1e-3)
    assert parse_flux(f"{path},numubar", (5.0, 20.0)).energy_range == (5.0, 20.0)
    for energies in (None, (0.2, 0.7)):
        with pytest.raises(UsageError, match=r"0-700 GeV in the one case and 0-0\.7 GeV"):
            parse_flux(f"{path},numubar", energies)


@pytest.mark.parametrize(("title", "high"), [("E_{#nu} [GeV]", 700.0), ("E (MeV)", 0.7)])
def test_the_title_of_the_axis_tells_the_unit(write, title, high):
    path = write(h=_histogram([1.0, 3.0], [0.0, 350.0, 700.0], title))
    assert parse_flux(f"{path},h").energy_range == pytest.approx((0.0, high))


def test_the_only_histogram_need_not_be_named(write):
    read = read_flux(write(numu=_histogram([1.0, 3.0], [1.0, 2.0, 3.0])))
    assert read.flux.energy_range == (1.0, 3.0)
    assert "numu is the only histogram" in " ".join(read.notes)
    path = write(numu=_histogram([1.0, 3.0], [1.0, 2.0, 4.0]))
    np.testing.assert_allclose(parse_flux(f"{path},WIDTH").fractions([1, 2, 4]), [1 / 7, 6 / 7])
    with pytest.raises(UsageError, match="numu,WIDTH"):
        parse_flux(path)


def test_a_bin_without_width(write):
    path = write(numu=_histogram([1.0, 2.0, 3.0, 2.0, 1.0], [0.2, 0.5, 0.5, 1.0, 2.0, 4.0]))
    read = read_flux(f"{path},numu,WIDTH")
    assert read.flux.mean_energy() == pytest.approx(1.764, abs=1e-3)
    assert "left out: 2 (at 0.5 GeV)" in " ".join(read.notes)
    for choice in ("", ",NOWIDTH"):
        with pytest.raises(UsageError, match=r"bin 2 has no width \(0\.5 to 0\.5 GeV\)"):
            parse_flux(f"{path},numu{choice}")


@pytest.mark.parametrize(
    ("contents", "message"),
    [
        ([1.0, np.nan, 2.0], r"flux\.root,numu: bin 2 \(2 to 3\) has a flux of nan"),
        ([1.0, 2.0, np.inf], r"bin 3 \(3 to 4\) has a flux of inf"),
        ([-0.5, -1.0, 2.0], r"bin 1 \(1 to 2\) has a flux of -0\.5 \(and 1 more\)"),
        ([0.0, 0.0, 0.0], r"flux\.root,numu is zero in all its 3 bins"),
    ],
)
def test_contents_that_are_no_flux(write, contents, message):
    path = write(numu=_histogram(contents, [1.0, 2.0, 3.0, 4.0]))
    with pytest.raises(UsageError, match=message):
        parse_flux(f"{path},numu")


def test_what_overflows_is_left_out_and_said(write):
    path = write(numu=_histogram([1.0, 3.0], [1.0, 2.0, 3.0], outside=(0.0, 4.0)))
    read = read_flux(f"{path},numu")
    np.testing.assert_allclose(read.flux.fractions([1, 2, 3]), [0.25, 0.75])
    assert "above its bins is left out: 0.5 of all" in " ".join(read.notes)


def test_objects_that_are_no_histogram_of_one_dimension(write):
    square = np.histogram2d([1.0], [1.0], bins=2)
    with pytest.raises(UsageError, match="TH2D: a flux has one dimension"):
        parse_flux(write(h=square, other=_histogram([1.0], [1.0, 2.0])) + ",h")
    with pytest.raises(UsageError, match="no histogram"):
        parse_flux(write(h=square))


def test_a_graph_is_points_of_a_curve(write):
    points = {"x": np.array([1.0, 3.0, 2.0]), "y": np.array([0.0, 0.0, 1.0])}
    path = write(g=uproot.as_TGraph(points))
    flux = parse_flux(f"{path},g")
    assert isinstance(flux, PointsFlux)
    np.testing.assert_allclose(flux.fractions([1.0, 1.5, 2.0, 3.0]), [0.125, 0.375, 0.5])
