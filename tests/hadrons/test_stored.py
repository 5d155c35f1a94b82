"""What may stand in a model folder about hadrons."""

import copy

import numpy as np
import pytest

import nugen_gan
from nugen_gan.errors import ModelError
from nugen_gan.hadrons.stored import check_tensors, hadron_problem


@pytest.fixture(scope="module")
def hadrons():
    return nugen_gan.load_model("numu_cc_C12").hadrons


def test_a_bundled_model_passes(hadrons):
    assert hadron_problem(hadrons.as_dict(), "numu_cc_C12") is None
    check_tensors(hadrons.as_dict(), hadrons.tensors)


def _set(record, path, value):
    *way, last = path
    for step in way:
        record = record[step]
    record[last] = value


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("process",), "numu_cc_Ar40", "the model is of numu_cc_C12"),
        (("overdraft",), -1.0, "overdraft"),
        (("overdraft",), float("nan"), "overdraft"),
        (("catalogue", "codes", 0), 2212, "none of the rare ones"),
        (("catalogue", "codes", 0), 13, "none of the rare ones"),
        (("catalogue", "codes", 0), 321, "twice"),
        (("catalogue", "codes", 0), 7777777, "no known particle"),
        (("catalogue", "entries", 0), [1] * 99, "not a number of each code"),
        (("catalogue", "entries"), [], "entries"),
        (("shape", "width"), 0, "shape.width"),
        (("shape", "most"), [1, 2], "five whole numbers"),
        (("edges", "more", 3), 1e9, "no logarithm"),
        (("edges", "more", 3), 50.0, "does not increase"),
        (("edges", "polar"), [1.0], "not a list of"),
        (("left_out", "x"), 2.0, "shares"),
    ],
)
def test_what_cannot_be_is_named(hadrons, path, value, words):
    record = copy.deepcopy(hadrons.as_dict())
    _set(record, path, value)
    assert words in hadron_problem(record, "numu_cc_C12")


def test_wrong_weights_are_refused(hadrons):
    record, name = hadrons.as_dict(), "first.inward.bias"
    for wrong in (
        {**hadrons.tensors, "more": np.zeros(1, np.float16)},
        {k: v for k, v in hadrons.tensors.items() if k != name},
        {**hadrons.tensors, name: np.zeros(3, np.float16)},
        {**hadrons.tensors, name: hadrons.tensors[name].astype("f4")},
        {**hadrons.tensors, name: np.full_like(hadrons.tensors[name], np.inf)},
    ):
        with pytest.raises(ModelError, match="weights of the hadrons"):
            check_tensors(record, wrong)
