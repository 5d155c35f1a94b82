"""Physics closure: what every dialect that can be written says about one and the same sample.

The tests go over the registry, so that a new dialect is held to them too.
"""

from itertools import pairwise

import numpy as np
import pytest
import uproot

from nugen_gan.adapters.fluxes.words import parse_flux
from nugen_gan.adapters.registry import adapters
from nugen_gan.conversion.sample import Sample
from nugen_gan.events.table import EventTable
from nugen_gan.generation.energies import follow_flux, single
from nugen_gan.generation.single import generate_single
from nugen_gan.physics.flux import PowerLawFlux, histogram_flux

EVENTS, SEED = 20_000, 11
# Dialects without a place for a cross section.
BARE = {"hepevt"}
WRITERS = sorted(name for name, adapter in adapters().items()
                 if adapter.writes and adapter.reads and name not in BARE)  # fmt: skip
# Dialects that hold sigma(E) but no flux: there the average is that of the events.
COUNTED = {"evtlib"}
FLUXES = {
    "powerlaw": PowerLawFlux(1.0, 0.3, 10.0),
    "histogram": histogram_flux([0.3, 0.6, 1.0, 5.0], [2.0, 5.0, 1.0]),
}


def _integral(flux, sigma):
    """Integral of flux times sigma over that of flux, by the trapezoidal rule."""
    knots = flux.knots()
    total = 0.0
    for low, high in pairwise(knots):
        grid = np.linspace(low, high, 1000 + 100_000 // len(knots))[1:-1]
        share = np.diff(flux.cumulative(np.array([low, high])))[0]
        density = flux.density(grid)
        total += share * np.trapezoid(density * sigma(grid), grid) / np.trapezoid(density, grid)
    return total


def _monte_carlo(enu, weight, sigma):
    """Flux-averaged cross section from events alone, 1 over the mean of 1/sigma, and its error."""
    inverse = 1.0 / sigma(enu)
    mean = np.average(inverse, weights=weight)
    spread = np.sqrt(np.average((inverse - mean) ** 2, weights=weight) / len(enu))
    return 1.0 / mean, spread / mean**2


@pytest.fixture(scope="module")
def written(tiny_model, tmp_path_factory):
    """What our reader makes of each dialect's file of the same events: header, events, path."""
    made = {}

    def write(dialect, flux):
        if (dialect, flux) not in made:
            suffix = adapters()[dialect].suffixes[0]
            path = tmp_path_factory.mktemp("closure") / f"x{suffix}"
            plan = follow_flux(FLUXES[flux], tiny_model.cross_section, flux)
            generate_single(tiny_model, path, EVENTS, plan, seed=SEED, output_format=dialect)
            sample = Sample([path])
            (process,) = sample.pick()
            assert process == tiny_model.process
            made[dialect, flux] = (
                sample.header(process), EventTable.concatenate(sample.tables(process)), path
            )  # fmt: skip
        return made[dialect, flux]

    return write


@pytest.mark.parametrize("flux", FLUXES)
@pytest.mark.parametrize("dialect", WRITERS)
def test_the_flux_average_is_the_integral(written, tiny_model, dialect, flux):
    header, events, _ = written(dialect, flux)
    expected = _integral(FLUXES[flux], tiny_model.cross_section)
    assert len(events) == EVENTS
    from_events, error = _monte_carlo(events.enu, events.weight, tiny_model.cross_section)
    assert error < 0.02 * expected
    assert abs(from_events - expected) < 4.0 * error
    assert header.flux_average is not None
    assert abs(header.flux_average - expected) < 4.0 * error
    if dialect not in COUNTED:
        assert header.flux_average == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("flux", FLUXES)
@pytest.mark.parametrize("dialect", WRITERS)
def test_lepton_spectra_agree(written, dialect, flux):
    header, events, _ = written(dialect, flux)
    first, reference, _ = written("table", flux)
    for name in ("enu", "elep", "costheta"):
        np.testing.assert_allclose(
            np.sort(getattr(events, name)), np.sort(getattr(reference, name)), rtol=0, atol=2e-6
        )
    # Edges between the energies that occur: rounding moves no event over them.
    ordered = np.sort(reference.elep)
    gaps = [k + np.argmax(np.diff(ordered[k : k + 200])) for k in range(0, EVENTS - 200, 1000)]
    edges = np.unique([0.0, *(0.5 * (ordered[k] + ordered[k + 1]) for k in gaps), 100.0])

    def differential(header, events):
        counts = np.histogram(events.elep, edges, weights=events.weight)[0]
        return header.flux_average * counts / events.weight.sum() / np.diff(edges)

    np.testing.assert_allclose(
        differential(header, events), differential(first, reference),
        rtol=0.05 if dialect in COUNTED else 1e-4,
    )  # fmt: skip


def test_nuisance_scale_factor_and_histograms(written, tiny_model):
    _, _, path = written("nuisance", "histogram")
    expected = _integral(FLUXES["histogram"], tiny_model.cross_section) / 40
    with uproot.open(path) as file:
        tree = file["FlatTree_VARS"].arrays(["Weight", "fScaleFactor"], library="np")
        integrals = [
            (file[name].values() * np.diff(file[name].axis().edges())).sum()
            for name in ("FlatTree_EVT", "FlatTree_FLUX")
        ]
    assert (tree["Weight"] * tree["fScaleFactor"]).sum() == pytest.approx(expected, rel=1e-4)
    assert 1e-38 * integrals[0] / integrals[1] == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("dialect", [name for name in WRITERS if name not in COUNTED])
def test_one_energy(tiny_model, tmp_path, dialect):
    path = tmp_path / f"x{adapters()[dialect].suffixes[0]}"
    generate_single(tiny_model, path, 500, single(1.5), seed=SEED, output_format=dialect)
    sample = Sample([path])
    average = sample.header(tiny_model.process).flux_average
    assert average == pytest.approx(float(tiny_model.cross_section(1.5)), rel=1e-5)


@pytest.mark.parametrize("dialect", WRITERS)
def test_a_genuine_flux(shared_data, tiny_model, tmp_path, dialect):
    path = tmp_path / f"x{adapters()[dialect].suffixes[0]}"
    name = shared_data / "flux" / "t2kflux_2016_plus250kA.root"
    flux = parse_flux(f"{name},enu_nd280_numu,WIDTH", (0.2, 20.0))
    plan = follow_flux(flux, tiny_model.cross_section, "T2K")
    generate_single(tiny_model, path, 5000, plan, seed=SEED, output_format=dialect)
    average = Sample([path]).header(tiny_model.process).flux_average
    rel = 0.05 if dialect in COUNTED else 1e-4
    assert average == pytest.approx(_integral(flux, tiny_model.cross_section), rel=rel)
