import numpy as np
import pytest
import torch

from nugen_gan.errors import EnergyRangeError, UsageError
from nugen_gan.events.table import EventTable
from nugen_gan.generation.energies import uniform
from nugen_gan.model.blocks import BLOCK
from nugen_gan.model.sampler import spectrum_energies
from nugen_gan.physics.flux import UniformFlux
from nugen_gan.physics.process import Channel
from nugen_gan.physics.spectrum import Spectrum

COLUMNS = ("enu", "elep", "costheta", "channel", "weight")


def _equal(one, other):
    for name in COLUMNS:
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)


def test_one_event_per_energy_in_order(tiny_model):
    enu = np.random.default_rng(0).uniform(0.2, 20.0, 1000)
    events = tiny_model.sample(enu, seed=1)
    np.testing.assert_array_equal(events.enu, enu)
    for name in ("elep", "costheta", "channel"):
        column = getattr(events, name)
        assert isinstance(column, np.ndarray)
        assert column.shape == (1000,)
    assert events.is_physical().all()
    assert set(events.channel.tolist()) <= {int(channel) for channel in Channel}
    assert events.provenance.parameters["seed"] == 1


def test_lists_and_single_numbers_do(tiny_model):
    assert len(tiny_model.sample(1.0, seed=1)) == 1
    assert len(tiny_model.sample([1.0, 2.0], seed=1)) == 2
    assert len(tiny_model.sample([], seed=1)) == 0


def test_seeds(tiny_model):
    enu = np.full(100, 1.0)
    _equal(tiny_model.sample(enu, seed=1), tiny_model.sample(enu, seed=1))
    assert not np.array_equal(
        tiny_model.sample(enu, seed=1).elep, tiny_model.sample(enu, seed=2).elep
    )
    drawn = tiny_model.sample(enu)
    _equal(drawn, tiny_model.sample(enu, seed=drawn.provenance.parameters["seed"]))


@pytest.mark.parametrize("chunk", [1000, BLOCK - 1, BLOCK, BLOCK + 1, 10**6])
def test_chunks_do_not_matter(tiny_model, chunk):
    n = 2 * BLOCK + 500
    energies = uniform(0.2, 10.0).energies(seed=5)
    whole = tiny_model.sample(energies(0, n), seed=5)
    parts = list(tiny_model.sampler.stream(energies, n, seed=5, chunk=chunk))
    assert max(map(len, parts)) <= chunk
    _equal(EventTable.concatenate(parts), whole)


def test_threads_do_not_matter(tiny_model):
    enu = np.full(BLOCK, 1.0)
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        one = tiny_model.sample(enu, seed=1)
        torch.set_num_threads(2)
        two = tiny_model.sample(enu, seed=1)
    finally:
        torch.set_num_threads(before)
    _equal(one, two)


def test_an_event_does_not_depend_on_its_neighbours(tiny_model):
    enu = np.random.default_rng(0).uniform(0.2, 20.0, 300)
    whole = tiny_model.sample(enu, seed=1)
    enu[:150] = 1.0
    _equal(tiny_model.sample(enu, seed=1)[150:], whole[150:])


@pytest.mark.parametrize("enu", [0.19, 20.1, [1.0, 25.0]])
def test_energies_outside_the_range(tiny_model, enu):
    with pytest.raises(EnergyRangeError, match=r"0\.2 to 20 GeV"):
        tiny_model.sample(enu)
    assert tiny_model.sample(enu, allow_extrapolation=True).is_physical().all()


@pytest.mark.parametrize("enu", [0.05, -1.0, np.nan, np.inf])
def test_impossible_energies(tiny_model, enu):
    with pytest.raises(EnergyRangeError, match="above the lepton mass"):
        tiny_model.sample(enu, allow_extrapolation=True)


def test_float32_energies_at_the_edge_are_inside(tiny_model):
    edges = np.array([0.2, 20.0], dtype=np.float32)
    assert len(tiny_model.sample(edges.astype(np.float64))) == 2


@pytest.mark.parametrize("seed", [-1, 2**63])
def test_impossible_seeds(tiny_model, seed):
    with pytest.raises(UsageError, match="seed"):
        tiny_model.sample(1.0, seed=seed)


def test_two_dimensional_energies_are_refused(tiny_model):
    with pytest.raises(UsageError, match="shape"):
        tiny_model.sample(np.ones((2, 2)))


def test_spectrum_energies_follow_the_spectrum():
    energies = spectrum_energies(Spectrum(UniformFlux(1.0, 3.0)), seed=1)
    enu = energies(0, 50_000)
    assert abs(enu.mean() - 2.0) < 5 * (2 / np.sqrt(12)) / np.sqrt(50_000)
    assert 1.0 <= enu.min() < enu.max() <= 3.0
    np.testing.assert_array_equal(enu[12_345:45_678], energies(12_345, 45_678))
