"""Bootstrap replicas: what the model would have become with another sample of the same size.

Each replica repeats what depends on the events, learning how the base differs from them, on a
bootstrap of the sample.  The networks are the base's, and shared: they only make proposals.  So
what was learned is the replica's density ratio.
"""

from __future__ import annotations

from nugen_gan.events.table import EventTable
from nugen_gan.gan.deadline import NONE, Deadline
from nugen_gan.model.model import Model
from nugen_gan.monitor import SILENT, Monitor, monitored
from nugen_gan.streams import derived_seed, numpy_stream
from nugen_gan.training import recipe as recipes
from nugen_gan.training.recipe import Recipe, with_recipe
from nugen_gan.training.refine import LEAST_TIME
from nugen_gan.transfer.reweighting import Reweighting, learn_reweighting

__all__ = ["bootstrap_replicas"]


def bootstrap_replicas(
    model: Model,
    base: Model,
    learned: Reweighting,
    training: EventTable,
    replicas: int,
    seed: int,
    monitor: Monitor = SILENT,
    steps: int | None = None,
    deadline: Deadline = NONE,
    recipe: Recipe | None = None,
) -> Model:
    """Return the model with bootstrap replicas.

    Parameters
    ----------
    model : fine-tuned
    base : what it was fine-tuned from
    learned : with which the model was made
    training : the events it was made of
    replicas : how many
    seed : of everything random
    monitor : is told of each replica, a stage of its own
    steps : of each ratio; by the number of events if absent
    deadline : of all of them; there are fewer if it comes too soon
    recipe : the constants
    """
    recipe = recipe or recipes.USUAL
    made = []
    for k in range(1, replicas + 1):
        if deadline.left() < LEAST_TIME:
            deadline.cut["replicas"] = f"{k - 1} of {replicas}"
            break
        own = derived_seed(seed, "replica", k)
        rows = numpy_stream(own, "bootstrap").integers(len(training), size=len(training))
        with monitored(monitor, f"replica {k} of {replicas}", 1.0):
            other = learn_reweighting(
                base, training[rows], own, rows, steps=steps, members=recipe.replica_members,
                shift=learned.step.threshold_shift, monitor=monitor,
                deadline=deadline.part(1.0 / (replicas + 1 - k)), recipe=recipe,
            )  # fmt: skip
        assert other.step.ratio is not None
        made.append(other.step.ratio)
    ran = {"replicas": len(made), "members": recipe.replica_members}
    return with_recipe(model, "replicas", ran).with_(replicas=tuple(made))
