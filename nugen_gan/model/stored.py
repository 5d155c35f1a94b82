"""What must stand in the weights of a model: every tensor by its name, shape and kind.

The networks are first built without memory, on torch's device "meta", so that sizes which do not
belong to the tensors found cost nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from nugen_gan.channels.classifier import ChannelClassifier
from nugen_gan.density_ratio.network import DensityRatio, RatioShape
from nugen_gan.errors import ModelError
from nugen_gan.gan.features import FEATURES
from nugen_gan.gan.finite import not_finite
from nugen_gan.gan.networks import Architecture, Critic, Generator

__all__ = ["check_critic", "check_generator"]

Shapes = dict[str, tuple[int, ...]]

MOST_TENSORS = 100_000


def check_generator(record: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> None:
    """Raise ModelError unless these are the tensors of a generator file of this model.json."""
    ratios = {f"step{number}.": step["ratio"] for number, step in enumerate(record["steps"])}
    ratios |= {f"replica{number}.": shape for number, shape in enumerate(record["replicas"], 1)}
    ratios = {prefix: shape for prefix, shape in ratios.items() if shape is not None}
    architecture = record["proposal"]["architecture"]
    counted = 4 * architecture["blocks"] + sum(map(_least_tensors, ratios.values()))
    if len(tensors) > MOST_TENSORS or counted > len(tensors):
        raise ModelError(f"it has {len(tensors):,d} tensors, which cannot be those of its networks")
    wanted: Shapes = {"scaling.mean": (len(FEATURES),), "scaling.scale": (len(FEATURES),)}
    with torch.device("meta"):
        wanted |= _named("generator.", Generator(Architecture(**architecture)))
        wanted |= _named("labels.", ChannelClassifier(tuple(record["channels"].values())))
        for prefix, shape in ratios.items():
            wanted |= _named(prefix, DensityRatio(RatioShape(**shape)))
    _check(tensors, wanted)
    for name in ("scaling.scale", "labels.temperature"):
        if not (tensors[name] > 0.0).all():
            raise ModelError(f"the tensor {name} must be positive")


def check_critic(record: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> None:
    """Raise ModelError unless these are the tensors of a critic file of this model.json."""
    architecture = record["proposal"]["architecture"]
    if 4 * architecture["critic_blocks"] > len(tensors):
        raise ModelError("the critic has fewer tensors than its blocks need")
    with torch.device("meta"):
        critic = Critic(Architecture(**architecture), len(FEATURES))
    _check(tensors, _named("", critic))


def _least_tensors(shape: Mapping[str, Any]) -> int:
    """Fewer tensors than this no density ratio of these sizes has."""
    members, blocks = int(shape["members"]), int(shape["blocks"])
    return members * (1 + 4 * blocks)


def _named(prefix: str, network: torch.nn.Module) -> Shapes:
    return {prefix + name: tuple(value.shape) for name, value in network.state_dict().items()}


def _check(tensors: Mapping[str, Tensor], wanted: Shapes) -> None:
    for word, names in (
        ("lacks", wanted.keys() - tensors.keys()),
        ("has unknown", tensors.keys() - wanted.keys()),
    ):
        if names:
            raise ModelError(f"it {word} tensors: {len(names):,d}, such as {min(names)[:100]!r}")
    for name, shape in wanted.items():
        value = tensors[name]
        kind = torch.float32 if name.startswith("scaling.") else torch.float16
        if tuple(value.shape) != shape or value.dtype != kind:
            raise ModelError(
                f"the tensor {name} is {value.dtype} of shape {tuple(value.shape)}; its networks "
                f"need {kind} of shape {shape}"
            )
    if wrong := not_finite(tensors):
        raise ModelError(f"the tensor {wrong}")
