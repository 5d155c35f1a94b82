"""Events in Python: of a model and a flux."""

import numpy as np
import pytest

import nugen_gan
from nugen_gan.errors import EnergyRangeError, UsageError


@pytest.fixture
def sampler(tiny_model):
    return nugen_gan.Sampler(tiny_model, flux="powerlaw:1", energy=(0.5, 5.0), seed=3)


def test_it_makes_the_events_of_generate(sampler, tiny_model, tmp_path):
    done = nugen_gan.generate(
        tiny_model, 700, tmp_path / "a.root", flux="powerlaw:1", energy=(0.5, 5.0), seed=3
    )
    written = nugen_gan.read(done.files[0].path)
    np.testing.assert_allclose(sampler.sample(700).elep, written.elep, rtol=1e-6)
    assert sampler.flux_average == pytest.approx(done.flux_average)
    assert repr(sampler).startswith("Sampler of tiny: flux powerlaw:1")


def test_tables_join(sampler):
    whole = sampler.sample(500)
    parts = list(sampler.stream(500, chunk=120))
    assert list(map(len, parts)) == [120, 120, 120, 120, 20]
    np.testing.assert_array_equal(np.concatenate([part.elep for part in parts]), whole.elep)
    later = next(sampler.stream(100, first=400))
    np.testing.assert_array_equal(later.elep, whole.elep[400:])


def test_a_differential_cross_section(sampler):
    found = sampler.expected("costheta", [-1.0, 0.9, 1.0], events=4000)
    assert (found.values * np.diff(found.edges)).sum() == pytest.approx(sampler.flux_average)
    assert found.model is None
    assert (found.statistical > 0.0).all()
    half = sampler.expected(
        lambda events: events.elep, [0.0, 10.0], events=4000, select=lambda e: e.costheta > 0.9
    )
    assert half.values[0] * 10.0 == pytest.approx(found.values[1] * 0.1, rel=1e-9)


def test_what_does_not_go(sampler, tiny_model):
    with pytest.raises(UsageError, match="none of enu, elep"):
        sampler.expected("mass", [0.0, 1.0])
    with pytest.raises(UsageError, match="edges that increase"):
        sampler.expected("elep", [1.0, 0.0])
    with pytest.raises(UsageError, match="1 or more"):
        sampler.sample(0)
    with pytest.raises(UsageError, match="which neutrino energies"):
        nugen_gan.Sampler(tiny_model)
    with pytest.raises(EnergyRangeError):
        nugen_gan.Sampler(tiny_model, energy=50.0)
    unknown = nugen_gan.Sampler(tiny_model.with_(cross_section=None), energy=1.0)
    with pytest.raises(UsageError, match="does not know its cross section"):
        unknown.expected("elep", [0.0, 1.0])
