"""The ratio of two laws of the lepton, learned from events of both: the last correction.

A density ratio is what tells a model from the truth, so with it a model can be put right, by
accepting each of its events with a probability proportional to the ratio, and one target can be
turned into another.  It is learned by telling the events of one sample from those of the other
(Sugiyama et al., *Density Ratio Estimation in Machine Learning*, 2012).

What is known of lepton scattering enters as the form of its logarithm.  At given energy and
momentum transfer the hadrons do not know the neutrino's energy, only its share y = omega / enu
decides how the structure functions are mixed.  Hence, for two targets or two models::

    log ratio = c(enu) + h0(omega, Q2) + y h1(omega, Q2) + y^2 h2(omega, Q2)

Events of all energies measure the same three functions of two variables: this is what makes a
transfer from few events good.  A third network sees everything and may correct the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import Tensor, nn

from nugen_gan.gan.features import FEATURES
from nugen_gan.gan.networks import N_CONDITIONS, ResidualMLP

__all__ = ["RatioNet", "RatioShape", "Refiner", "rounded"]

HADRONIC = [
    FEATURES.index(name)
    for name in (
        "log_omega",
        "log_q2",
        "log_w2",
        "w_quasielastic",
        "w_delta",
        "omega_threshold",
        "q2_low",
    )
]
INELASTICITY = FEATURES.index("kinetic_fraction")
M = TypeVar("M", bound=nn.Module)
# Between these energies, in units of the condition, the ceiling is interpolated.
KNOTS = 25
# Share of the accepted events that lie below the ceiling, and share of the proposals accepted.
BELOW_CEILING, LEAST_ACCEPTANCE = 0.9998, 0.4
LARGEST_LOG_RATIO = 12.0


@dataclass(frozen=True, slots=True)
class RatioShape:
    """Sizes of a :class:`Refiner`.

    Attributes
    ----------
    members : networks whose logarithms are averaged
    width, blocks : of each
    free : whether each has a part that sees everything
    """

    members: int = 1
    width: int = 64
    blocks: int = 2
    free: bool = True


class RatioNet(nn.Module):
    """The logarithm of a density ratio in the form above; zero everywhere at first."""

    def __init__(self, shape: RatioShape) -> None:
        super().__init__()
        self.energy = ResidualMLP(N_CONDITIONS, 1, 16, 1)
        self.hadronic = ResidualMLP(len(HADRONIC), 3, shape.width, shape.blocks)
        every = len(FEATURES) + N_CONDITIONS
        self.free = ResidualMLP(every, 1, shape.width, shape.blocks) if shape.free else None
        for part in (self.energy, self.hadronic, self.free):
            if part is not None:
                nn.init.zeros_(part.outward.weight)
                nn.init.zeros_(part.outward.bias)

    def forward(self, inputs: Tensor) -> Tensor:
        """Map standardised features and condition, (N, F + 3), to log ratios (N,)."""
        share = inputs[:, INELASTICITY]
        h = self.hadronic(inputs[:, HADRONIC])
        log_ratio = h[:, 0] + share * (h[:, 1] + share * h[:, 2])
        log_ratio = log_ratio + self.energy(inputs[:, len(FEATURES) :]).squeeze(1)
        if self.free is not None:
            log_ratio = log_ratio + self.free(inputs).squeeze(1)
        out: Tensor = log_ratio
        return out


class Refiner(nn.Module):
    """An average of log ratios, and their ceiling: what acceptance needs.

    Parameters
    ----------
    shape : sizes of the networks
    """

    ceiling: Tensor

    def __init__(self, shape: RatioShape) -> None:
        super().__init__()
        self.shape = shape
        self.members = nn.ModuleList(RatioNet(shape) for _ in range(shape.members))
        self.register_buffer("ceiling", torch.zeros(KNOTS))

    def forward(self, inputs: Tensor) -> Tensor:
        """Map standardised features and condition, (N, F + 3), to log ratios (N,)."""
        total = torch.stack([member(inputs) for member in self.members]).mean(dim=0)
        return total.clamp(-LARGEST_LOG_RATIO, LARGEST_LOG_RATIO)

    def log_acceptance(self, inputs: Tensor) -> Tensor:
        """Logarithm of the probability to keep each event, (N,), up to 0."""
        x = inputs[:, len(FEATURES)].clamp(-1.0, 1.0)
        place = (x + 1.0) * (0.5 * (KNOTS - 1))
        left = place.floor().clamp(max=KNOTS - 2)
        below, above = self.ceiling[left.long()], self.ceiling[left.long() + 1]
        ceiling = torch.lerp(below, above, place - left)
        out: Tensor = (self(inputs) - ceiling).clamp(max=0.0)
        return out

    @torch.no_grad()
    def set_ceiling(self, inputs: Tensor) -> None:
        """Choose the ceiling at each energy, from proposals (N, F + 3).

        It lies where hardly any accepted event has a larger ratio, or lower, where otherwise too
        few proposals were accepted.  Events above it come out too rarely.
        """
        log_ratio = self(inputs).double()
        x = inputs[:, len(FEATURES)].double()
        knot = ((x + 1.0) * (0.5 * (KNOTS - 1))).round().clamp(0, KNOTS - 1).long()
        found = torch.full((KNOTS,), float("nan"), dtype=torch.float64)
        for k in range(KNOTS):
            values = log_ratio[knot == k]
            if len(values) >= 50:
                found[k] = _ceiling(values)
        if torch.isnan(found).all():
            found[:] = _ceiling(log_ratio)
        self.ceiling.copy_(_filled(found))


def _ceiling(log_ratio: Tensor) -> Tensor:
    values = log_ratio.sort().values
    share = torch.cumsum(torch.exp(values), 0)
    at = int(torch.searchsorted(share, BELOW_CEILING * share[-1]))
    # If all above values[i] counted as values[i], this would be the mean acceptance.
    above = torch.arange(len(values), 0, -1) - 1
    acceptance = (share + above * torch.exp(values)) / (torch.exp(values) * len(values))
    enough = int((acceptance >= LEAST_ACCEPTANCE).sum()) - 1
    return values[min(at, max(enough, 0), len(values) - 1)]


def _filled(values: Tensor) -> Tensor:
    """Replace what is missing by its nearest neighbour."""
    known = torch.nonzero(~torch.isnan(values)).squeeze(1)
    nearest = (torch.arange(len(values))[:, None] - known[None, :]).abs().argmin(dim=1)
    return values[known[nearest]].float()


def rounded(module: M) -> M:
    """Round the weights to half precision, in place: what is stored is what is used."""
    with torch.no_grad():
        for value in [*module.parameters(), *module.buffers()]:
            value.copy_(value.half().float())
    return module
