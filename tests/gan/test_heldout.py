import numpy as np
import pytest

from nugen_gan.gan.heldout import HeldOutTest


def _law(rng, enu, shift=0.0):
    """A toy whose width depends on the energy."""
    first = rng.normal(shift, 1.0 + 0.2 * enu)
    return np.stack([first, rng.normal(0.3 * first, 1.0)], axis=1)


@pytest.mark.parametrize("n", [200, 5000, 50_000])
def test_the_same_law_gives_one(n):
    rng = np.random.default_rng(0)
    enu = rng.uniform(0.0, 3.0, n)
    test = HeldOutTest(enu, _law(rng, enu))
    value = test(lambda enu: _law(rng, enu))
    cells = max(4, n // 25)
    assert abs(value - 1.0) < 5 * np.sqrt(2 / cells)


def test_a_wrong_law_gives_more():
    rng = np.random.default_rng(1)
    enu = rng.uniform(0.0, 3.0, 20_000)
    test = HeldOutTest(enu, _law(rng, enu))
    assert test(lambda enu: _law(rng, enu, shift=0.2)) > 1.5


def test_its_size_is_predicted():
    """A cell with probability p (1 + d) instead of p adds n p d^2 R / (1 + R) to the mean."""
    rng = np.random.default_rng(2)
    n = 20_000
    enu = np.ones(n)
    test = HeldOutTest(enu, rng.random((n, 2)))

    def tilted(enu):
        first = rng.random(len(enu))
        keep = rng.random(len(enu)) < 0.2
        first[keep] = first[keep] ** 0.5  # density 2 x for a fifth of the events
        return np.stack([first, rng.random(len(enu))], axis=1)

    mean_square = np.mean((0.2 * (2 * np.linspace(0, 1, 1001) - 1)) ** 2)
    expected = 1 + n / (n // 25) * mean_square * test.copies / (1 + test.copies)
    assert abs(test(tilted) - expected) < 5 * np.sqrt(2 / (n // 25)) * expected
