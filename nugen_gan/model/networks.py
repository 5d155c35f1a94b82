"""The networks of a model, loaded when they are first needed: torch takes its seconds to import."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nugen_gan.channels.classifier import ChannelClassifier
    from nugen_gan.density_ratio.network import DensityRatio
    from nugen_gan.model.proposal import Proposal
    from nugen_gan.model.steps import Step

__all__ = ["Deferred", "Networks"]


@dataclass(frozen=True)
class Networks:
    """What proposes events, accepts and labels them.

    Attributes
    ----------
    proposal : the generator, whose events are proposals
    steps : what becomes of them, and which are accepted: one for a model trained from scratch, and
        one more for each transfer; see :mod:`nugen_gan.model.steps`
    labels : channel probabilities
    replicas : density ratios of the bootstrap replicas, which carry the uncertainty of the model:
        each takes the place of the last step's
    """

    proposal: Proposal
    steps: tuple[Step, ...]
    labels: ChannelClassifier
    replicas: tuple[DensityRatio, ...] = ()


class Deferred:
    """Networks that are in a folder still.

    Parameters
    ----------
    load : returns them
    replicas : how many bootstrap replicas there are
    """

    def __init__(self, load: Callable[[], Networks], replicas: int) -> None:
        self._load, self.replicas = load, replicas
        self._loaded: Networks | None = None

    def get(self) -> Networks:
        """Return the networks, the same ones each time."""
        if self._loaded is None:
            self._loaded = self._load()
        return self._loaded
