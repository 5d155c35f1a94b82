"""The options of a fine-tuning, and defaults that follow from the number of events."""

from __future__ import annotations

from dataclasses import dataclass, replace

from nugen_gan.events.table import EventTable
from nugen_gan.gan.limits import check
from nugen_gan.gan.options import TrainingOptions
from nugen_gan.gan.sample import split_events
from nugen_gan.model.model import Model
from nugen_gan.training import recipe as recipes
from nugen_gan.training.recipe import Recipe

__all__ = ["OF_NETWORKS", "FinetuneOptions"]

# Options that only matter if the networks are trained.
OF_NETWORKS = ("steps", "batch_size", "learning_rate", "gamma", "freeze_generator", "freeze_critic")


@dataclass(frozen=True, slots=True)
class FinetuneOptions:
    """How to fine-tune.  ``None`` means: as the recipe says, by the number of events.

    Attributes
    ----------
    networks : train generator and critic on the events, instead of reweighting the base's events;
        absent: if one of the options that only matter then is given, or if too few of the base's
        events would be accepted
    freeze_generator, freeze_critic : leading layers that stay as they are: 1 for the input
        layer, then one for each residual block
    ensemble : bootstrap replicas to add, 0 for none; only where the networks stay
    steps, batch_size, learning_rate, gamma, time_limit, seed, device : of the training; see
        :class:`~nugen_gan.gan.options.TrainingOptions`
    held_out : fraction of the events that only measure and choose; a tenth if absent, and of many
        events less, where networks that stay leave them little to choose
    refiner_steps : of each member of the density ratio; 0 for trained networks alone
    """

    networks: bool | None = None
    freeze_generator: int = 0
    freeze_critic: int = 0
    ensemble: int = 0
    steps: int | None = None
    batch_size: int | None = None
    learning_rate: float | None = None
    gamma: float | None = None
    held_out: float | None = None
    time_limit: float | None = None
    seed: int = 0
    device: str = "cpu"
    refiner_steps: int | None = None

    def __post_init__(self) -> None:
        check("frozen layers", self.freeze_generator, "freeze_generator")
        check("frozen layers", self.freeze_critic, "freeze_critic")
        check("ensemble", self.ensemble)
        # The other options are checked where they are used first, but before any work is done.
        usual = TrainingOptions()
        TrainingOptions(
            steps=self.steps, batch_size=self.batch_size,
            gamma=usual.gamma if self.gamma is None else self.gamma,
            learning_rate=usual.learning_rate if self.learning_rate is None else self.learning_rate,
            held_out=usual.held_out if self.held_out is None else self.held_out,
            time_limit=self.time_limit, seed=self.seed, device=self.device,
            refiner_steps=self.refiner_steps,
        )  # fmt: skip

    @property
    def networks_asked(self) -> bool | None:
        """Whether to train generator and critic; None: if the events demand it."""
        if self.networks is not None:
            return self.networks
        return True if self.of_networks else None

    @property
    def of_networks(self) -> list[str]:
        """Names of the options given that only matter if the networks are trained."""
        usual = FinetuneOptions.__dataclass_fields__
        given = [name for name in OF_NETWORKS if getattr(self, name) != usual[name].default]
        return given + (["refiner_steps"] if self.refiner_steps == 0 else [])

    def split(
        self, events: EventTable, recipe: Recipe | None = None
    ) -> tuple[EventTable, EventTable]:
        """Return the events to learn from, and those held out."""
        known = (recipe or recipes.USUAL).networks
        most = len(events) if self.networks_asked else known.most_measuring
        share = min(known.held_out, most / max(len(events), 1))
        return split_events(events, share if self.held_out is None else self.held_out, self.seed)

    def resolved(self, events: int, recipe: Recipe | None = None) -> FinetuneOptions:
        """Fill in what is None for a training part of so many events."""
        known = (recipe or recipes.USUAL).networks
        return replace(
            self,
            networks=self.networks_asked,
            learning_rate=self.learning_rate or known.learning_rate,
            steps=self.steps or known.steps_for(events),
            batch_size=self.batch_size or known.batch_size,
            gamma=known.gamma_for(events) if self.gamma is None else self.gamma,
        )

    def training(self, base: Model, events: int, recipe: Recipe | None = None) -> TrainingOptions:
        """The options of the training loop, of resolved ones, for so many events."""
        assert self.batch_size is not None
        assert self.held_out is not None
        assert self.gamma is not None
        assert self.learning_rate is not None
        options = TrainingOptions(
            steps=self.steps,
            batch_size=min(self.batch_size, max(2, events)),
            learning_rate=self.learning_rate,
            warmup=(recipe or recipes.USUAL).networks.warmup,
            gamma=self.gamma,
            held_out=self.held_out,
            time_limit=self.time_limit,
            seed=self.seed,
            device=self.device,
            architecture=base.proposal.architecture,
            refiner_steps=self.refiner_steps,
        )
        return options.resolved(events)
