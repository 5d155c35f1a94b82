"""The recipe of a model: the constants that go in, and how it was made, as it ran.

A :class:`Recipe` is passed to a training or transfer.  What is recorded in ``model.json`` are the
options of every stage as they ran, and none of a stage that did not run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np

from nugen_gan.channels.fit import LabelOptions
from nugen_gan.density_ratio.fit import RatioOptions
from nugen_gan.density_ratio.smearing import SHARE
from nugen_gan.events.table import EventTable
from nugen_gan.gan.heldout import GENERATED_EVENTS, HeldOutTest
from nugen_gan.gan.options import TrainingOptions
from nugen_gan.model.model import Model

__all__ = ["USUAL", "Recipe", "network_recipe", "ratio_recipe", "with_recipe"]

# Options of a training that are not of its networks.
ELSEWHERE = ("refiner_steps", "time_limit", "seed", "device")


@dataclass(frozen=True, slots=True)
class Recipe:
    """The constants of trainings and transfers; what is None follows from the number of events.

    Options that somebody chooses for one training (steps, seed, ...) are not here, but in
    :class:`~nugen_gan.gan.options.TrainingOptions` and
    :class:`~nugen_gan.transfer.finetune.FinetuneOptions`; steps given there come first.

    Attributes
    ----------
    refiner : how the density ratio of networks to the events that they were trained on is learned
    reweighting : how that of a base to the events of a transfer is learned
    labels : how channel labels are learned
    proposals : drawn for all events that a ratio is learned from, at least
    most_copies : of them at the energy of one event, at most
    proposals_each : for each event of a transfer, if they are not more than ``most_proposals``
    smearing : share of the proposals that is smeared, where any is
    least_accepted : of a transfer; if fewer proposals are accepted, the networks are trained
    replica_members : ensemble members of each bootstrap replica: their scatter is what counts, not
        that each is as good as can be
    generated : events, about, by which the best snapshot of the networks is chosen
    """

    refiner: RatioOptions | None = None
    reweighting: RatioOptions | None = None
    labels: LabelOptions | None = None
    proposals: int = 300_000
    most_copies: int = 50
    # With three for each, their statistical fluctuation adds a half to that of the events.
    proposals_each: int = 12
    most_proposals: int = 1_200_000
    smearing: float = SHARE
    least_accepted: float = 0.06
    replica_members: int = 3
    generated: int = GENERATED_EVENTS

    def copies(self, events: int) -> int:
        """How many proposals to draw at the energy of each of so many events."""
        return int(np.clip(self.proposals // max(events, 1), 2, self.most_copies))

    def transfer_copies(self, events: int) -> int:
        """The same for a transfer."""
        each = min(self.proposals_each, self.most_proposals // max(events, 1))
        return max(self.copies(events), each)

    def label_options(self, events: int) -> LabelOptions:
        """How to learn the channel labels of so many events."""
        return self.labels or LabelOptions.by_number(events)

    def held_out_test(self, events: EventTable) -> HeldOutTest:
        """What chooses the best snapshot of the networks, by these events."""
        return HeldOutTest.of(events, int(np.clip(self.generated // len(events), 1, 50)))


# What is used where no recipe is given.
USUAL = Recipe()


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
