"""The recipe of a model: the constants that go in, and how it was made, as it ran.

A :class:`Recipe` is passed to a training or transfer.  What is recorded in ``model.json`` are the
options of every stage as they ran, and none of a stage that did not run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import numpy as np

from nugen_gan.channels.fit import LabelOptions
from nugen_gan.density_ratio.fit import RatioOptions
from nugen_gan.density_ratio.lepton_mass import POWER
from nugen_gan.density_ratio.reach import SHARE, Reach
from nugen_gan.density_ratio.threshold_shift import ShiftOptions
from nugen_gan.events.table import EventTable
from nugen_gan.gan.heldout import GENERATED_EVENTS, HeldOutTest
from nugen_gan.gan.options import TrainingOptions
from nugen_gan.hadrons.fit import HadronOptions
from nugen_gan.model.model import Model

__all__ = ["USUAL", "NetworkTuning", "Recipe", "network_recipe", "ratio_recipe", "with_recipe"]

# Options of a training that are not of its networks.
ELSEWHERE = ("refiner_steps", "time_limit", "seed", "device")


@dataclass(frozen=True, slots=True)
class NetworkTuning:
    """What a fine-tuning takes where its options leave it open; measured: docs/transfer.md.

    Attributes
    ----------
    fewest, most : numbers of events N outside of these count as these
    steps, steps_power : ``steps`` at N = 10,000, else times (N / 10,000) to this power
    gamma : at N = 10,000, else times sqrt(10,000 / N): the fewer the events, the smoother the
        critic must be not to overfit them
    batch_size, learning_rate, warmup : as in :class:`~nugen_gan.gan.options.TrainingOptions`
    refiner_steps : of each member; the ratio has little left to do, less than after a training
        from scratch
    held_out, most_measuring : fraction of the events that is held out, and so many are enough
        where the networks stay: there they measure, and choose at most when the channel labels
        stop: of what 100,000 events of another model teach, 2,000 hold back a fiftieth, 10,000 a
        tenth
    """

    fewest: int = 1_000
    most: int = 100_000
    steps: int = 1000
    steps_power: float = 0.4
    gamma: float = 4.0
    batch_size: int = 2048
    learning_rate: float = 2e-4
    warmup: int = 50
    refiner_steps: int = 1500
    held_out: float = 0.1
    most_measuring: int = 2_000

    def steps_for(self, events: int) -> int:
        """Steps for so many events, in hundreds."""
        size = float(np.clip(events, self.fewest, self.most))
        return int(round(self.steps * (size / 10_000) ** self.steps_power, -2))

    def gamma_for(self, events: int) -> float:
        """Weight of the gradient penalties for so many events."""
        size = float(np.clip(events, self.fewest, self.most))
        return self.gamma * float(np.sqrt(10_000 / size))


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
    hadrons : how the hadrons are learned
    proposals : drawn for all events that a ratio is learned from, at least
    most_copies : of them at the energy of one event, at most
    proposals_each : for each event of a transfer, if they are not more than ``most_proposals``
    smearing, reach : share of the proposals that is smeared, where any is, and how far
    shift : how the shift of the threshold is looked for
    lepton_power : by which distances to the edges of phase space are stretched for another lepton
    networks : how networks are fine-tuned, where that is not said
    least_accepted : of a transfer; if fewer proposals are accepted, the networks are trained
    replica_members : ensemble members of each bootstrap replica: their scatter is what counts, not
        that each is as good as can be
    generated : events, about, by which the best snapshot of the networks is chosen
    """

    refiner: RatioOptions | None = None
    reweighting: RatioOptions | None = None
    labels: LabelOptions | None = None
    hadrons: HadronOptions | None = None
    proposals: int = 300_000
    most_copies: int = 50
    # With three for each, their statistical fluctuation adds a half to that of the events.
    proposals_each: int = 12
    most_proposals: int = 1_200_000
    smearing: float = SHARE
    reach: Reach = field(default_factory=Reach)
    shift: ShiftOptions = field(default_factory=ShiftOptions)
    lepton_power: float = POWER
    networks: NetworkTuning = field(default_factory=NetworkTuning)
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

    def hadron_options(self, events: int, *, transfer: bool) -> HadronOptions:
        """How to learn the hadrons of so many events, from scratch or beginning with a base's."""
        return self.hadrons or HadronOptions.by_number(events, transfer=transfer)

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
        known.name: value
        for known in fields(options)
        if isinstance(value := getattr(options, known.name), int | float)
    }
    return {"events": events, "proposals_per_event": proposals} | asdict(options.shape) | numbers
