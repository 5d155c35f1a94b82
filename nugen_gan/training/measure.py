"""The mean squared pull of a model on events that it has not seen: quick, for few events."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from nugen_gan.errors import ModelError
from nugen_gan.events.table import EventTable
from nugen_gan.gan.heldout import HeldOutTest
from nugen_gan.model.model import Model
from nugen_gan.model.quality import Quality, verdict_on

__all__ = ["Measure", "fluctuation", "judged", "measured"]

# About so many events are generated, but from four to twenty for each event that is measured on:
# with twenty, their statistical fluctuation adds a fortieth to the error.
GENERATED, FEWEST_COPIES, MOST_COPIES = 20_000, 4, 20


@dataclass(frozen=True, slots=True)
class Measure:
    """Mean squared pull on some events: 1 on average for a perfect model.

    Attributes
    ----------
    pull, error : the mean squared pull, and its statistical error for a perfect model
    events : how many it was measured on
    cells : in how many they were counted; 0 where that is not known
    """

    pull: float
    error: float
    events: int
    cells: int = 0

    @property
    def quality(self) -> Quality:
        """The verdict that follows."""
        return verdict_on(self.pull, self.error, self.events, self.cells)


def measured(model: Model, events: EventTable, seed: int) -> Measure:
    """Measure a model on events that it has not seen."""
    copies = int(np.clip(GENERATED // len(events), FEWEST_COPIES, MOST_COPIES))
    test = HeldOutTest.of(events, copies)
    # The energies may reach a little beyond those that the model was made of.
    pull = test(
        lambda enu: model.sampler.sample(enu, seed=seed, allow_extrapolation=True).proxies()
    )
    return Measure(pull, _fluctuation(test), len(events), test.cells)


def judged(model: Model, events: EventTable, seed: int) -> dict[str, Any]:
    """What a finished model records of itself: its mean squared pull on held-out events, a verdict.

    A model whose events cannot be made at all is poor, too, and not lost.
    """
    try:
        found = measured(model, events, seed)
    except ModelError as error:
        return {"quality": Quality("poor", f"it cannot be measured: {error}").as_dict()}
    return {
        "quality": found.quality.as_dict()
        | {"mean_squared_pull": round(found.pull, 5), "error": round(found.error, 5),
           "events": found.events}
    }  # fmt: skip


def fluctuation(events: EventTable) -> float:
    """Statistical error of the mean squared pull of a perfect model on these events."""
    return _fluctuation(HeldOutTest.of(events))


def _fluctuation(test: HeldOutTest) -> float:
    return math.sqrt(2.0 / test.cells)
