from __future__ import annotations

import numpy as np
import pytest
from validation_toys import toy_at, toy_events

from nugen_gan.errors import UsageError
from nugen_gan.physics.process import Channel
from nugen_gan.validation.metrics.binning import Binning, Counts, energy_edges
from nugen_gan.validation.metrics.equivalent import equivalent_sample_size
from nugen_gan.validation.metrics.map3d import map3d, map3d_floor, pulls
from nugen_gan.validation.metrics.samples import TooFewEventsError, prepare, random_half


def test_standard_binning_is_that_of_the_paper():
    binning = Binning.standard()
    assert binning.shape == (10, 50, 40)
    assert binning.enu[[0, -1]] == pytest.approx([0.2, 20.0])
    assert binning.theta[30] == pytest.approx(1.0)
    assert binning.theta[-1] == pytest.approx(np.pi)


def test_histogram_is_that_of_numpy():
    events = toy_events(5000, 1)
    events = events.with_(weight=np.random.default_rng(0).uniform(0.5, 2.0, len(events)))
    binning = Binning.standard()
    sample = np.column_stack(
        [events.enu, events.derived().kinetic_fraction, np.arccos(events.costheta)]
    )
    edges = (binning.enu, binning.kinetic, binning.theta)
    counts = binning.histogram(events)
    for ours, weight in ((counts.sum, events.weight), (counts.squares, events.weight**2)):
        theirs, _ = np.histogramdd(sample, edges, weights=weight)
        np.testing.assert_allclose(ours.reshape(binning.shape), theirs, atol=1e-9)


def test_a_single_energy_has_one_bin():
    assert Binning.standard((1.0, 1.0)).shape[0] == 1
    with pytest.raises(UsageError):
        energy_edges((0.0, 1.0))


def test_pull_of_equal_samples_is_the_formula_of_the_paper():
    n1, n2 = np.array([30.0, 5.0, 11.0]), np.array([20.0, 10.0, 31.0])
    result = pulls(Counts(n1, n1), Counts(n2, n2))
    scale = n1.sum() / n2.sum()
    assert result.bins.tolist() == [0, 2]
    expected = (n1 - scale * n2)[[0, 2]] / np.sqrt(scale * (n1 + n2)[[0, 2]])
    np.testing.assert_allclose(result.value, expected)


@pytest.mark.parametrize("sizes", [(100_000, 100_000), (100_000, 25_000), (30_000, 100_000)])
def test_squared_pulls_of_one_law_average_to_one_at_any_sizes(sizes):
    rng = np.random.default_rng(5)
    law = rng.dirichlet(np.full(2000, 5.0))
    n1, n2 = (rng.multinomial(size, law).astype(float) for size in sizes)
    squares = pulls(Counts(n1, n1), Counts(n2, n2)).value ** 2
    assert squares.mean() == pytest.approx(1.0, abs=4.0 * np.sqrt(2.0 / squares.size))


def test_weighted_pulls_have_unit_variance():
    rng = np.random.default_rng(6)
    index = rng.integers(0, 1000, (2, 80_000))
    weight = rng.exponential(1.0, 80_000)
    first = Counts.of(index[0], weight, 1000)
    second = Counts.of(index[1], np.ones(80_000), 1000)
    squares = pulls(first, second).value ** 2
    assert squares.mean() == pytest.approx(1.0, abs=0.2)


def test_perfect_model_is_on_the_floor():
    reference = toy_events(60_000, 1)
    result = map3d(reference, toy_at(reference.enu, 2), seed=3)
    error = np.hypot(result.uncertainty, result.floor.uncertainty)
    assert abs(result.value - result.floor.value) < 4.0 * error
    # the mean absolute value of a standard normal number
    assert result.floor.value == pytest.approx(np.sqrt(2.0 / np.pi), abs=0.02)
    assert result.floor.mean_square == pytest.approx(
        1.0, abs=4.0 * result.floor.mean_square_uncertainty
    )
    assert result.information == 30_000


def test_floor_can_be_given_and_depends_on_the_seed_only():
    reference = toy_events(40_000, 1)
    generated = toy_at(reference.enu, 2)
    floor = map3d_floor(reference, seed=3)
    assert map3d(reference, generated, floor=floor) == map3d(reference, generated, seed=3)
    assert map3d_floor(reference, seed=4) != floor


def test_small_sample_is_refused_with_the_size_needed():
    reference = toy_events(500, 1)
    with pytest.raises(TooFewEventsError, match="20,000") as error:
        map3d(reference, toy_at(reference.enu, 2))
    assert error.value.needed == 20_000


def test_neighbours_are_torn_apart():
    mask = random_half(101, np.random.default_rng(0), neighbours=True)
    assert np.all(mask[0:100:2] != mask[1:100:2])
    assert 40 < random_half(101, np.random.default_rng(0), neighbours=False).sum() < 60


def test_unphysical_events_are_counted_and_left_out_with_their_partner():
    reference = toy_events(100, 1)
    elep = reference.elep.copy()
    elep[:3] = [-1.0, np.nan, 2.0 * reference.enu[2]]
    samples = prepare(reference, reference.with_(elep=elep))
    assert samples.unphysical == 3
    assert samples.shared_energies
    assert len(samples.reference) == len(samples.generated) == 97


def test_equivalent_sample_size_of_a_known_bias():
    """A model that is the empirical law of n events, seen through its bins, has n_eq = n."""
    truth, n_eq = 200_000, 60_000
    found = []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        reference = toy_events(truth, seed)
        base = toy_events(n_eq, 100 + seed)
        generated = base[rng.integers(0, n_eq, truth)]
        found.append(equivalent_sample_size(map3d(reference, generated, seed=seed)))
    assert not any(size.is_limit for size in found)
    inside = sum(size.low < n_eq < size.high for size in found)
    mean = len(found) / sum(1.0 / size.value for size in found)
    error = np.mean([(size.high - size.low) / 2 for size in found]) / np.sqrt(len(found))
    assert abs(mean - n_eq) < 3.0 * error
    assert inside >= 1
    assert found[0].amplification(6_000) == pytest.approx(found[0].value / 6_000)


def test_equivalent_sample_size_of_a_perfect_model_is_a_limit():
    reference = toy_events(100_000, 1)
    limits = [
        equivalent_sample_size(map3d(reference, toy_at(reference.enu, seed)))
        for seed in range(2, 6)
    ]
    assert sum(limit.is_limit for limit in limits) >= 2
    assert all(limit.low > 100_000 for limit in limits)


def test_genuine_sample_is_on_its_floor(tables):
    result = map3d(tables("numu_C12_val", 60_000), tables("numu_C12_train", 60_000))
    assert abs(result.significance) < 4.0


def test_map3d_catches_a_shifted_quasielastic_peak(tables):
    reference, other = tables("numu_C12_val", 100_000), tables("numu_C12_train", 100_000)
    mass = reference.process.lepton_mass
    elep = np.clip(other.elep - 0.010 * (other.channel == Channel.QE), mass, other.enu)
    result = map3d(reference, other.with_(elep=elep))
    assert result.significance > 4.0
    size = equivalent_sample_size(result)
    assert not size.is_limit
