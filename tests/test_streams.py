import numpy as np

from nugen_gan.streams import counter_stream, derived_seed, numpy_stream


def _first(seed, *path):
    return tuple(numpy_stream(seed, *path).integers(2**62, size=4).tolist())


def test_a_stream_is_the_same_again():
    assert _first(1, "folds", 3) == _first(1, "folds", 3)
    # Part of the meaning of a seed: these must never change.
    assert derived_seed(1, "folds", 3) == derived_seed(1, "folds", 3)
    assert numpy_stream(1, "folds").integers(1000, size=3).tolist() == [853, 110, 379]


def test_streams_of_different_paths_differ():
    paths = [(), ("a",), ("b",), ("a", 0), ("a", 1), (0,), (1,), ("a", "b"), ("b", "a")]
    found = {_first(seed, *path) for seed in (0, 1, 1001) for path in paths}
    assert len(found) == 3 * len(paths)


def test_no_sum_of_seed_and_number_meets_another_seed():
    """Replica 1 of seed 1 is not the sample of seed 1001, nor member 1 that of seed 102."""
    seeds = {derived_seed(seed, "replica", k) for seed in range(50) for k in range(50)}
    assert len(seeds) == 2500
    assert not seeds & set(range(5000))


def test_a_number_is_not_a_name():
    assert _first(1, "a", 97) != _first(1, "a", "a")


def test_derived_seeds_are_seeds():
    seeds = [derived_seed(seed, "x") for seed in (0, 1, 2**63 - 1)]
    assert all(0 <= seed < 2**63 for seed in seeds)
    assert max(derived_seed(k, "x") for k in range(64)) > 2**62


def test_blocks_of_a_counter_stream_are_independent():
    one, two = (counter_stream(1, 0, block).random(1000) for block in (0, 1))
    assert abs(np.corrcoef(one, two)[0, 1]) < 0.15
