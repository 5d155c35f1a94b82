"""The proposals of a model: its networks, and what it takes to draw events from them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from nugen_gan.density_ratio.reach import Reach

if TYPE_CHECKING:
    from nugen_gan.gan.features import Scaling
    from nugen_gan.gan.networks import Architecture, Critic, Generator

__all__ = ["Proposal"]


@dataclass(frozen=True)
class Proposal:
    """The generator of a model; which of its events are accepted say the steps.

    Attributes
    ----------
    architecture : sizes of the networks
    generator, critic : the networks, on the CPU; the critic only teaches
    scaling : mean and scale of the features, and their definition
    condition_range : energies [GeV] that the networks know as -1 and 1; a transferred model keeps
        its base's
    lepton_mass : of the lepton that the generator makes [GeV]
    smearing, reach : the share of its events that is smeared, and how far; see
        :mod:`nugen_gan.density_ratio.smearing`
    """

    architecture: Architecture
    generator: Generator
    critic: Critic
    scaling: Scaling
    condition_range: tuple[float, float]
    lepton_mass: float
    smearing: float = 0.0
    reach: Reach = field(default_factory=Reach)

    def with_(self, **changes: Any) -> Proposal:
        """Return a copy with some attributes replaced."""
        return replace(self, **changes)
