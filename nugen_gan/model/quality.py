"""Whether a model is any good, in one word: what its mean squared pull on held-out events says.

In cells that hold m held-out events each, a model that is wrong by a fraction d of its density, on
average over the cells, has a mean squared pull of 1 + m d^2.  So with more events the same model
has a larger pull, and it is d that is judged, within the statistical error of the pull.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from nugen_gan.errors import PoorModelWarning

__all__ = ["Quality", "quality_line", "quality_of", "verdict_on", "warn_if_poor"]

# A model is poor if it is wrong by more than this, whatever the statistical fluctuation; it is good
# if it is right within its error, or within the second, and its events would have shown the third.
POOR, RIGHT, SEEN = 0.3, 0.05, 0.2
# Statistical errors that are allowed for.
SIGMA = 2.0
# Events in a cell, and the error of the pull, where a model does not tell.
USUAL_EVENTS, USUAL_ERROR = 25.0, 0.5


@dataclass(frozen=True, slots=True)
class Quality:
    """A judgement of a model.

    Attributes
    ----------
    verdict : "good", "fair" or "poor"
    reason : why, in words
    """

    verdict: str
    reason: str

    def as_dict(self) -> dict[str, str]:
        """Plain values for a JSON file."""
        return asdict(self)


def verdict_on(pull: float, error: float, events: int, cells: int) -> Quality:
    """Judge a model by a measurement.

    Parameters
    ----------
    pull, error : mean squared pull, and its statistical error for a perfect model
    events, cells : held-out events, and the cells that they were counted in
    """
    return _judged(pull, error, events / cells, f"{events:,d} held-out events")


def _judged(pull: float, error: float, each: float, events: str) -> Quality:
    def wrong(excess: float) -> float:
        return math.sqrt(max(0.0, excess) / each)

    measured = f"mean squared pull {pull:.3g} +- {error:.2g} on {events} (1 is perfect)"
    if not math.isfinite(pull):
        return Quality("poor", f"{measured}: it makes events that are none")
    above = pull - 1.0
    least, most, found = (wrong(above + sign * SIGMA * error) for sign in (-1.0, 1.0, 0.0))
    if least > POOR:
        return Quality("poor", f"{measured}: its density is wrong by {found:.0%} on average")
    if least > 0.0 and found > RIGHT:
        return Quality("fair", f"{measured}: its density is wrong by some {found:.0%} on average")
    if most > SEEN:
        few = f"such events would not show it if its density were wrong by {most:.0%}"
        return Quality("fair", f"{measured}: {few}")
    return Quality("good", measured)


def quality_of(metrics: Mapping[str, Any]) -> Quality | None:
    """What a model says of itself; None if it says nothing."""
    stored = metrics.get("quality")
    if stored is not None:
        return Quality(stored["verdict"], stored["reason"])
    pull = metrics.get("held_out_mean_squared_pull")
    if pull is None:
        return None
    return _judged(pull, USUAL_ERROR, USUAL_EVENTS, "held-out events")


def quality_line(metrics: Mapping[str, Any]) -> str | None:
    """The verdict and its reason, for people; None if nothing is known."""
    known = quality_of(metrics)
    return None if known is None else f"{known.verdict}: {known.reason}"


def warn_if_poor(name: str, metrics: Mapping[str, Any]) -> None:
    """Issue a PoorModelWarning for a model whose verdict is "poor"."""
    known = quality_of(metrics)
    if known is not None and known.verdict == "poor":
        text = f"the model {name or 'without a name'} is poor: {known.reason}. Validate what it "
        warnings.warn(text + "makes, or train it longer.", PoorModelWarning, stacklevel=3)
