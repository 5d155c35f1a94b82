"""What may stand in the files of a model about its hadrons: entries with bounds, and tensors."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nugen_gan.errors import ModelError
from nugen_gan.gan.finite import not_finite
from nugen_gan.gan.limits import ALLOWED, Allowed
from nugen_gan.hadrons import chain
from nugen_gan.hadrons.content import NUCLEONS, PIONS
from nugen_gan.hadrons.momenta import AZIMUTHS
from nugen_gan.hadrons.multiplicities import head_inputs, head_names
from nugen_gan.hadrons.samples import EVENT_INPUTS
from nugen_gan.perceptron import tensor_shapes
from nugen_gan.physics import species

__all__ = ["check_tensors", "hadron_problem"]

MOST_SPECIES, MOST_ENTRIES, MOST_OF_A_KIND, MOST_BINS = 64, 20_000, 500, 4096
SIZES = {"width": ALLOWED["width"], "blocks": ALLOWED["blocks"], "narrow": ALLOWED["width"],
         **dict.fromkeys(("more", "last", "polar"), Allowed(12, MOST_BINS))}  # fmt: skip
MUONS_AND_TAUS = (13, -13, 15, -15)
OVERDRAFT = Allowed(0.0, 1.0, whole=False)
LOGARITHM = Allowed(-100.0, 100.0, whole=False)


def hadron_problem(record: Any, process: str) -> str | None:
    """Say what cannot be in the entry ``hadrons`` of a model.json; None if all can.

    Parameters
    ----------
    record : the entry
    process : name of what the model is of
    """
    wanted = {"process", "catalogue", "shape", "edges", "left_out", "overdraft"}
    if not isinstance(record, dict) or record.keys() != wanted:
        return f"hadrons needs {', '.join(sorted(wanted))}"
    if record["process"] != process:
        return f"hadrons.process is {str(record['process'])[:100]!r}, the model is of {process}"
    if not OVERDRAFT.holds(record["overdraft"]):
        return f"hadrons.overdraft is {str(record['overdraft'])[:100]}; allowed: {OVERDRAFT}"
    for part in (_catalogue, _shape, _edges, _left_out):
        wrong = part(record)
        if wrong is not None:
            return f"hadrons.{wrong}"
    return None


def _catalogue(record: Mapping[str, Any]) -> str | None:
    known = record["catalogue"]
    if not isinstance(known, dict) or known.keys() != {"codes", "entries"}:
        return "catalogue needs codes and entries"
    codes, entries = known["codes"], known["entries"]
    code, number = Allowed(-(10**9), 10**9), Allowed(0, MOST_OF_A_KIND)
    if not isinstance(codes, list) or len(codes) > MOST_SPECIES or not all(map(code.holds, codes)):
        return f"catalogue.codes is not a list of up to {MOST_SPECIES} PDG codes"
    if not np.isfinite(species.mass(np.array(codes, np.int64).astype(np.int32))).all():
        return "catalogue.codes has one of no known particle"
    if len(set(codes)) < len(codes) or set(codes) & {*PIONS, *NUCLEONS, *MUONS_AND_TAUS}:
        return "catalogue.codes has one twice, or a species that is none of the rare ones"
    if not isinstance(entries, list) or not 0 < len(entries) <= MOST_ENTRIES:
        return f"catalogue.entries is not a list of 1 to {MOST_ENTRIES}"
    for entry in entries:
        if (not isinstance(entry, list) or len(entry) != len(codes)
                or not all(map(number.holds, entry))):  # fmt: skip
            return "catalogue.entries has one that is not a number of each code"
    return None if not any(entries[0]) else "catalogue.entries does not begin with the empty one"


def _shape(record: Mapping[str, Any]) -> str | None:
    shape, number = record["shape"], Allowed(0, MOST_OF_A_KIND)
    if not isinstance(shape, dict) or shape.keys() != {*SIZES, "most"}:
        return f"shape needs {', '.join(SIZES)}, most"
    for name, allowed in SIZES.items():
        if not allowed.holds(shape[name]):
            return f"shape.{name} is {str(shape[name])[:100]}; allowed: {allowed}"
    most = shape["most"]
    if not isinstance(most, list) or len(most) != 5 or not all(map(number.holds, most)):
        return f"shape.most is not a list of five whole numbers up to {MOST_OF_A_KIND}"
    return None


def _edges(record: Mapping[str, Any]) -> str | None:
    edges, shape = record["edges"], record["shape"]
    if not isinstance(edges, dict) or edges.keys() != {"more", "last", "polar"}:
        return "edges needs more, last, polar"
    for name, values in edges.items():
        if not isinstance(values, list) or len(values) != shape[name] + 1:
            return f"edges.{name} is not a list of {shape[name] + 1} numbers"
        if not all(map(LOGARITHM.holds, values)):
            return f"edges.{name} has what is no logarithm"
        if any(b <= a for a, b in itertools.pairwise(values)):
            return f"edges.{name} does not increase"
    return None


def _left_out(record: Mapping[str, Any]) -> str | None:
    lost, share = record["left_out"], Allowed(0.0, 1.0, whole=False)
    if not isinstance(lost, dict) or not all(
        isinstance(name, str) and len(name) < 100 and share.holds(value)
        for name, value in lost.items()
    ):
        return "left_out is not a table of shares"
    return None


def check_tensors(record: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]]) -> None:
    """Raise ModelError unless these are the weights of the hadrons of this model.json."""
    wanted = _wanted(record)
    if tensors.keys() != wanted.keys():
        odd = sorted(tensors.keys() ^ wanted.keys())
        raise ModelError(f"weights of the hadrons: wrong tensors, such as {odd[0][:100]!r}")
    for name, shape in wanted.items():
        if tensors[name].shape != shape or tensors[name].dtype != np.float16:
            raise ModelError(
                f"weights of the hadrons: {name} is {tensors[name].dtype} of shape "
                f"{tensors[name].shape}; float16 of shape {shape} is needed"
            )
    if wrong := not_finite(tensors):
        raise ModelError(f"weights of the hadrons: {wrong}")


def _wanted(record: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    shape, rare = record["shape"], len(record["catalogue"]["codes"])
    seen = shape["width"] + chain.SECOND
    state = EVENT_INPUTS + 5 + rare + chain.STATE
    wanted = {
        **tensor_shapes("first", state, shape["more"] + shape["last"], shape["width"],
                      shape["blocks"]),
        **tensor_shapes("second", seen, shape["polar"], shape["narrow"], 1),
        **tensor_shapes("third", seen + chain.THIRD, AZIMUTHS, shape["narrow"], 1),
    }  # fmt: skip
    classes = (len(record["catalogue"]["entries"]), *(number + 1 for number in shape["most"]))
    for name, inputs, outputs in zip(head_names(), head_inputs(rare), classes, strict=True):
        wanted |= tensor_shapes(name, inputs, outputs, shape["narrow"], 2)
    return wanted
