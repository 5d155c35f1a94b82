from __future__ import annotations

import numpy as np
import pytest

from nugen_gan.validation.hadrons.perceptron import Adam, Perceptron


@pytest.mark.parametrize("last_linear", [True, False])
def test_gradients_are_those_of_small_steps(last_linear):
    rng = np.random.default_rng(1)
    network = Perceptron.fresh((3, 5, 4, 2), rng, last_linear=last_linear)
    # In double precision, so that small steps can be seen.
    network = Perceptron(
        tuple(w.astype(np.float64) for w in network.weights),
        tuple(rng.normal(size=b.size) for b in network.offsets), last_linear,
    )  # fmt: skip
    inputs, slope = rng.normal(size=(7, 3)), rng.normal(size=(7, 2))

    def value():
        return float(np.sum(slope * network.forward(inputs)[0]))

    _, entered = network.forward(inputs)
    gradients, back = network.backward(entered, slope)
    for array, gradient in zip([*network.parameters, inputs], [*gradients, back], strict=True):
        for place in list(np.ndindex(array.shape))[::3]:
            before = array[place]
            array[place] = before + 1e-6
            above = value()
            array[place] = before - 1e-6
            below = value()
            array[place] = before
            assert gradient[place] == pytest.approx((above - below) / 2e-6, abs=1e-5)


def test_adam_finds_the_bottom_of_a_bowl():
    place = np.array([3.0, -2.0], np.float32)
    adam = Adam([place], 0.1, 600)
    for _ in range(600):
        adam.step([2.0 * (place - np.array([1.0, 0.5], np.float32))])
    adam.settle()
    assert place == pytest.approx([1.0, 0.5], abs=1e-2)
