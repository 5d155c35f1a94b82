"""How a model was made, as it ran: the options of every stage, none of a stage that did not run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from nugen_gan.density_ratio.fit import RatioOptions
from nugen_gan.gan.options import TrainingOptions
from nugen_gan.model.model import Model

__all__ = ["network_recipe", "ratio_recipe", "with_recipe"]

# Options of a training that are not of its networks.
ELSEWHERE = ("refiner_steps", "time_limit", "seed", "device")


def with_recipe(model: Model, stage: str, values: Mapping[str, Any]) -> Model:
    """Return the model with the options of one more stage in its record of the training."""
    known = model.training.get("recipe", {})
    return model.with_(training={**model.training, "recipe": {**known, stage: dict(values)}})


def network_recipe(options: TrainingOptions, steps: int, **more: Any) -> dict[str, Any]:
    """The options of generator and critic, which took so many steps."""
    values = {name: value for name, value in options.as_dict().items() if name not in ELSEWHERE}
    return values | {"steps": steps} | more


def ratio_recipe(options: RatioOptions, events: int, proposals: int) -> dict[str, Any]:
    """The options of a ratio, learned from so many events and so many proposals for each.

    ``steps`` are those of each member; under a time limit they may have been fewer.
    """
    numbers = {
        field.name: value
        for field in fields(options)
        if isinstance(value := getattr(options, field.name), int | float)
    }
    return {"events": events, "proposals_per_event": proposals} | asdict(options.shape) | numbers
