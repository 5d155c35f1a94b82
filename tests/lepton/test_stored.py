"""What may stand in a model folder about the fast sampler."""

import copy

import numpy as np
import pytest
from lepton_toys import CHANNELS, MASS, RANGE

from nugen_gan.errors import ModelError
from nugen_gan.lepton.model import FRACTIONS
from nugen_gan.lepton.stored import check_tensors, lepton_problem


def _problem(record):
    return lepton_problem(record, list(CHANNELS), list(RANGE), MASS)


def test_one_that_was_made_passes(toy_lepton):
    assert _problem(toy_lepton.as_dict()) is None
    check_tensors(toy_lepton.as_dict(), toy_lepton.tensors)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("mass", 0.5, "lepton.mass is 0.5"),
        ("channels", [200], "lepton.channels"),
        ("energy_range", [0.2, 5.0], "lepton.energy_range"),
        ("shape", {}, "lepton.shape needs"),
    ],
)
def test_what_cannot_be_is_named(toy_lepton, name, value, words):
    assert words in _problem(toy_lepton.as_dict() | {name: value})
    assert "needs" in _problem({})


@pytest.mark.parametrize("size", ["width", "blocks", "first", "second", "fractions"])
def test_sizes_have_bounds(toy_lepton, size):
    record = copy.deepcopy(toy_lepton.as_dict())
    record["shape"][size] = 10**9
    assert f"lepton.shape.{size}" in _problem(record)


def test_tensors_must_be_those_of_the_sizes(toy_lepton):
    record, tensors = toy_lepton.as_dict(), dict(toy_lepton.tensors)
    name = "second.outward.bias"
    for change, words in (
        ({name: tensors[name][:-1]}, "of shape"),
        ({name: tensors[name].astype(np.float32)}, "float32"),
        ({name: np.full_like(tensors[name], np.inf)}, "no finite numbers"),
        ({FRACTIONS: 2.0 * tensors[FRACTIONS]}, "add up to one"),
        ({"more": tensors[name]}, "wrong tensors"),
    ):
        with pytest.raises(ModelError, match=words):
            check_tensors(record, tensors | change)
