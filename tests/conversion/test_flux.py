"""The flux of a sample stays with its events, whichever way they go through files."""

import logging

import numpy as np
import pytest
import uproot

from nugen_gan.adapters.base import Header
from nugen_gan.adapters.table import Table
from nugen_gan.conversion.convert import convert, read, write
from nugen_gan.conversion.sample import Sample
from nugen_gan.events.table import EventTable
from nugen_gan.generation.energies import follow_flux, like, single
from nugen_gan.generation.single import generate_single as generate
from nugen_gan.physics.cross_section import CrossSection
from nugen_gan.physics.flux import (
    HistogramFlux,
    MonoFlux,
    PointsFlux,
    PowerLawFlux,
    UniformFlux,
    histogram_flux,
)

EVENTS = 1000
FLUXES = {
    "powerlaw": PowerLawFlux(1.0, 0.3, 10.0),
    "uniform": UniformFlux(0.5, 5.0),
    "histogram": histogram_flux([0.3, 0.6, 1.0, 5.0], [2.0, 5.0, 1.0]),
    "points": PointsFlux((0.4, 1.0, 4.0), (0.0, 2.0, 1.0)),
}


def plan(model, name):
    if name == "mono":
        return single(1.5)
    return follow_flux(FLUXES[name], model.cross_section, name)


@pytest.fixture(scope="module")
def table(tiny_model, tmp_path_factory):
    """Tables of events of each flux, by name."""
    made = {}

    def make(name):
        if name not in made:
            made[name] = tmp_path_factory.mktemp("flux") / f"{name}.table.root"
            generate(tiny_model, made[name], EVENTS, plan(tiny_model, name), seed=3)
        return made[name]

    return make


def lines(path, *words):
    """Header lines of a NuHepMC file that have one of these words."""
    found = [line for line in path.read_text().splitlines() if line.startswith("A NuHepMC.")]
    return [line for line in found if any(word in line.split(" ", 2)[1] for word in words)]


@pytest.mark.parametrize("name", [*FLUXES, "mono"])
def test_over_a_table_the_flux_is_that_of_a_direct_way(tiny_model, table, tmp_path, name):
    words = ("Beam", "FluxAveragedTotalCrossSection", "NuHepMC.Conventions")
    direct, over = (tmp_path / x for x in ("direct.hepmc3", "over.hepmc3"))
    generate(tiny_model, direct, EVENTS, plan(tiny_model, name), seed=3)
    (done,) = convert(table(name), over)
    assert done.flux == plan(tiny_model, name).flux
    assert "G.C.4" in " ".join(lines(over, "Conventions"))
    assert lines(over, *words) == lines(direct, *words)
    # By hand, in memory: the average is that over the flux, to the last digits.
    by_hand = write(read(table(name)), tmp_path / "hand.hepmc3")
    assert lines(by_hand, "Beam", "Conventions") == lines(direct, "Beam", "Conventions")
    (mine,), (theirs,) = (lines(path, "CrossSection ", "TotalCrossSection")[:1]
                          for path in (by_hand, direct))  # fmt: skip
    assert float(mine.split()[-1]) == pytest.approx(float(theirs.split()[-1]), rel=1e-6)


@pytest.mark.parametrize("suffix", [".nuwro.root", ".gst.root", ".gtrac.root", ".evtlib.root"])
@pytest.mark.parametrize("name", ["powerlaw", "histogram"])
def test_every_dialect_with_a_record_keeps_the_flux(table, tmp_path, name, suffix):
    path = tmp_path / f"a{suffix}"
    convert(table(name), path)
    assert read(path).flux == FLUXES[name]
    (done,) = convert(path, tmp_path / "b.table.root")
    assert done.flux == read(tmp_path / "b.table.root").flux == FLUXES[name]


@pytest.mark.parametrize("suffix", [".flat.root", ".hepmc3"])
@pytest.mark.parametrize("name", ["powerlaw", "histogram", "points"])
def test_the_others_keep_its_histogram(table, tmp_path, name, suffix):
    path = tmp_path / f"a{suffix}"
    convert(table(name), path)
    back, edges = read(path).flux, np.array([0.3, 0.6, 1.0, 2.0, 5.0])
    assert isinstance(back, HistogramFlux)
    np.testing.assert_allclose(back.fractions(edges), FLUXES[name].fractions(edges), atol=5e-3)


@pytest.mark.parametrize("suffix", [".flat.root", ".nuwro.root"])
def test_flux_histograms_are_those_of_a_direct_way(tiny_model, table, tmp_path, suffix):
    names = {".flat.root": ("FlatTree_FLUX", "FlatTree_EVT"), ".nuwro.root": ("flux",)}[suffix]
    direct, over = (tmp_path / x for x in (f"d{suffix}", f"o{suffix}"))
    generate(tiny_model, direct, EVENTS, plan(tiny_model, "histogram"), seed=3)
    convert(table("histogram"), over)
    with uproot.open(direct) as one, uproot.open(over) as other:
        for name in names:
            for a, b in zip(one[name].to_numpy(), other[name].to_numpy(), strict=True):
                np.testing.assert_array_equal(a, b)


def test_a_cut_in_energy_restricts_the_flux(table, tmp_path):
    path = table("histogram")
    expected = FLUXES["histogram"].restricted(0.5, 2.0)
    cut = read(path, energy_range=(0.5, 2.0))
    assert cut.flux == expected
    assert cut.flux.energy_range == (0.5, 2.0)
    (done,) = convert(path, tmp_path / "b.hepmc3", energy_range=(0.5, 2.0))
    assert done.flux == expected
    # From zero on, and over everything, too.
    assert read(path, energy_range=(0.0, 2.0)).flux == FLUXES["histogram"].restricted(0.3, 2.0)
    assert read(path, energy_range=(0.0, 50.0)).flux == FLUXES["histogram"]


def test_a_uniform_flux_stays_one_when_cut():
    assert UniformFlux(0.5, 5.0).restricted(1.0, 9.0) == UniformFlux(1.0, 5.0)


def test_tables_of_one_flux_keep_it_and_others_have_none(tiny_model, table, tmp_path):
    paths = [tmp_path / "a.table.root", table("uniform"), table("mono")]
    generate(tiny_model, paths[0], EVENTS, plan(tiny_model, "uniform"), seed=4)
    assert read(paths[:2]).flux == FLUXES["uniform"]
    assert read(paths[1:]).flux is None
    source = Table().open(paths[1:])
    assert ("flux", "the tables of numu_cc_Ar40 disagree: none is used") in source.summary()


def test_joined_tables_have_the_flux_that_all_of_them_have(events):
    flux = UniformFlux(0.4, 5.0)
    known = events.with_(flux=flux)
    assert EventTable.concatenate([known, known.with_(flux=UniformFlux(0.4, 5.0))]).flux == flux
    assert EventTable.concatenate([known, events]).flux is None
    assert EventTable.concatenate([known, known.with_(flux=MonoFlux(1.0))]).flux is None
    assert known[known.enu > 1.0].flux == flux


def test_a_selection_by_energy_is_not_written_as_if_it_followed_the_flux(table, tmp_path, caplog):
    events = read(table("uniform"))
    with caplog.at_level(logging.WARNING):
        write(events[::2], tmp_path / "half.table.root")
        assert not caplog.records
        write(events[events.enu < 1.0], tmp_path / "low.table.root")
    assert "they are a selection" in caplog.text
    assert read(tmp_path / "half.table.root").flux == FLUXES["uniform"]
    assert read(tmp_path / "low.table.root").flux is None


def test_events_of_a_model_know_their_flux_where_it_is_one(tiny_model):
    assert tiny_model.sample(np.full(5, 2.0), seed=1).flux == MonoFlux(2.0)
    assert tiny_model.sample([1.0, 2.0], seed=1).flux is None


def test_energies_without_a_flux_have_none(tiny_model, tmp_path):
    path = tmp_path / "a.table.root"
    generate(tiny_model, path, 10, like(np.array([1.0, 2.0]), "two"), seed=1)
    assert read(path).flux is None


def test_a_genuine_file_keeps_the_flux_of_its_beam(data):
    path = data / "nuwro_numu_C12_1GeV.root"
    events = read(path)
    assert events.flux == MonoFlux(1.0)
    assert Sample([path]).header(events.process).flux == MonoFlux(1.0)


def test_a_flux_beyond_the_cross_section_is_left_out(tmp_path, events):
    """Both together could not be the normalisation of the events."""
    sigma = CrossSection((0.4, 2.0, 5.0), (5e-38, 2e-37), (1e-39, 1e-39), "somewhere")
    for high, flux in ((5.0, UniformFlux(0.4, 5.0)), (9.0, None)):
        path = tmp_path / f"{high:g}.table.root"
        header = Header(events.process, 6, sigma, UniformFlux(0.4, high), 1e-37)
        Table().write(path, [events], lambda header=header: header)
        assert read(path).flux == flux
