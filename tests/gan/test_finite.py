import numpy as np
import pytest
import torch

from nugen_gan.gan.finite import not_finite


@pytest.mark.parametrize("kind", [np.array, torch.tensor])
def test_the_first_tensor_that_is_not_finite(kind):
    fine, wrong = kind([1.0, -2.0]), kind([1.0, float("nan")])
    assert not_finite({"a": fine, "b": kind([3])}) is None
    assert not_finite({"a": fine, "b": wrong, "c": kind([float("inf")])}) == (
        "b has values that are no finite numbers"
    )


def test_half_precision_overflows():
    wrong = not_finite({"a": torch.tensor([1e5]).half()})
    assert wrong == "a has values that are no finite numbers"
