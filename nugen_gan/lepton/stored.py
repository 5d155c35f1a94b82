"""What may stand in the files of a model about its fast sampler."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nugen_gan.errors import ModelError
from nugen_gan.gan.finite import not_finite
from nugen_gan.gan.limits import ALLOWED, Allowed
from nugen_gan.lepton.inputs import ENERGY, OMEGA
from nugen_gan.lepton.model import FRACTIONS
from nugen_gan.perceptron import tensor_shapes

__all__ = ["check_tensors", "lepton_problem"]

KNOTS = Allowed(3, 4096)
SIZES = {"width": ALLOWED["width"], "blocks": ALLOWED["blocks"], "first": KNOTS, "second": KNOTS,
         "fractions": KNOTS}  # fmt: skip


def lepton_problem(
    record: Any, channels: list[int], energy_range: list[float], mass: float
) -> str | None:
    """Say what cannot be in the entry ``lepton`` of a model.json; None if all can.

    Parameters
    ----------
    record : the entry
    channels, energy_range, mass : of the model
    """
    wanted = {"mass", "energy_range", "channels", "shape"}
    if not isinstance(record, dict) or record.keys() != wanted:
        return f"lepton needs {', '.join(sorted(wanted))}"
    for name, value in (("channels", channels), ("energy_range", energy_range), ("mass", mass)):
        if record[name] != value:
            return f"lepton.{name} is {str(record[name])[:100]}, the model's is {value}"
    shape = record["shape"]
    if not isinstance(shape, dict) or shape.keys() != SIZES.keys():
        return f"lepton.shape needs {', '.join(SIZES)}"
    for name, allowed in SIZES.items():
        if not allowed.holds(shape[name]):
            return f"lepton.shape.{name} is {str(shape[name])[:100]}; allowed: {allowed}"
    return None


def check_tensors(record: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]]) -> None:
    """Raise ModelError unless these are the weights of the fast sampler of this model.json."""
    shape, channels = record["shape"], len(record["channels"])
    size = (shape["width"], shape["blocks"])
    wanted = {
        **tensor_shapes("first", ENERGY + channels, 2 + shape["first"], *size),
        **tensor_shapes("second", ENERGY + channels + OMEGA, 2 + shape["second"], *size),
        FRACTIONS: (shape["fractions"], channels),
    }
    if tensors.keys() != wanted.keys():
        odd = sorted(tensors.keys() ^ wanted.keys())
        raise ModelError(f"weights of the fast sampler: wrong tensors, such as {odd[0][:100]!r}")
    for name, size_wanted in wanted.items():
        kind = np.float32 if name == FRACTIONS else np.float16
        if tensors[name].shape != size_wanted or tensors[name].dtype != kind:
            raise ModelError(
                f"weights of the fast sampler: {name} is {tensors[name].dtype} of shape "
                f"{tensors[name].shape}; {np.dtype(kind)} of shape {size_wanted} is needed"
            )
    if wrong := not_finite(tensors):
        raise ModelError(f"weights of the fast sampler: {wrong}")
    total = tensors[FRACTIONS].sum(axis=1)
    if (tensors[FRACTIONS] < 0.0).any() or not np.allclose(total, 1.0, atol=1e-4):
        raise ModelError("weights of the fast sampler: fractions of channels do not add up to one")
