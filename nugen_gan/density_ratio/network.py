"""The ratio of two laws of the lepton, learned from events of both: the last correction.

A density ratio is what tells a model from the truth, so with it a model can be put right, by
accepting each of its events with a probability proportional to the ratio, and one target can be
turned into another.  It is learned by telling the events of one sample from those of the other
(Sugiyama et al., *Density Ratio Estimation in Machine Learning*, 2012).

What is known of lepton scattering enters as the form of its logarithm.  At given energy and
momentum transfer the hadrons do not know the neutrino's energy: it only mixes their four responses,
with weights ``w_i`` known from kinematics (:mod:`nugen_gan.density_ratio.inputs`).  So both laws
are such sums, up to a factor for each energy, and the ratio is that of two of them::

    log ratio = c(enu) + log sum_i w_i exp(a_i(omega, Q2)) - log sum_i w_i exp(b_i(omega, Q2))

Events of all energies measure the same functions of two variables: this is what makes a transfer
from few events good.  Another network sees everything and may correct the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from nugen_gan.density_ratio.inputs import (
    COLUMNS,
    CONDITION,
    EDGES,
    HADRONIC,
    HELICITIES,
    HELICITY,
    HYPERON,
    SEEN,
)
from nugen_gan.gan.networks import N_CONDITIONS, ResidualMLP

__all__ = ["RatioNet", "RatioShape", "Refiner", "energy_place", "one_stage_later", "rounded"]

M = TypeVar("M", bound=nn.Module)
# Between these energies, in units of the condition, the ceiling is interpolated.
KNOTS = 25
# Share of the accepted events that lie below the ceiling, and share of the proposals accepted.
BELOW_CEILING, LEAST_ACCEPTANCE = 0.9998, 0.05
LARGEST_LOG_RATIO = 12.0
# A refusal is a log ratio between these; measured: docs/transfer.md.
REFUSAL, REFUSAL_WEIGHT = (-10.0, -0.5), 0.5


@dataclass(frozen=True, slots=True)
class RatioShape:
    """Sizes of a :class:`Refiner`.

    Attributes
    ----------
    members : networks whose logarithms are averaged
    width, blocks : of each
    free : whether each has a part that sees everything
    hyperons : whether the responses see where hyperons are made; for antineutrinos
    before : of the refiner that this one continues, if any
    """

    members: int = 1
    width: int = 64
    blocks: int = 2
    free: bool = True
    hyperons: bool = False
    before: RatioShape | None = None

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> RatioShape:
        """Build from what ``asdict`` made."""
        before = values["before"]
        return cls(**{**values, "before": None if before is None else cls.from_dict(before)})


class RatioNet(nn.Module):
    """The logarithm of a density ratio in the form above; zero everywhere at first."""

    def __init__(self, shape: RatioShape) -> None:
        super().__init__()
        self.energy = ResidualMLP(N_CONDITIONS, 1, 16, 1)
        self.columns = _hadronic_columns(shape)
        self.continues = shape.before is not None
        seen = len(self.columns) + self.continues
        self.hadronic = ResidualMLP(seen, 2 * HELICITIES, shape.width, shape.blocks)
        self.free = ResidualMLP(SEEN.stop, 1, shape.width, shape.blocks) if shape.free else None
        for part in (self.energy, self.hadronic, self.free):
            if part is not None:
                nn.init.zeros_(part.outward.weight)
                nn.init.zeros_(part.outward.bias)

    def forward(self, inputs: Tensor, known: Tensor) -> Tensor:
        """Map rows of events, (N, COLUMNS or more), to log ratios (N,).

        ``known`` is the log ratio (N,) that this one continues, if it does.
        """
        seen = inputs[:, self.columns]
        if self.continues:
            seen = torch.cat([seen, _refusal(known)[:, None]], dim=1)
        weights, h = inputs[:, HELICITY], self.hadronic(seen)
        above, below = (torch.logsumexp(part + weights, 1) for part in h.chunk(2, dim=1))
        log_ratio = above - below + self.energy(inputs[:, CONDITION]).squeeze(1)
        if self.free is not None:
            log_ratio = log_ratio + self.free(inputs[:, SEEN]).squeeze(1)
        out: Tensor = log_ratio
        return out


class Refiner(nn.Module):
    """An average of log ratios, and their ceiling: what acceptance needs.

    A refiner may continue another, ``before``: it is then the product of both ratios, and the
    ceiling is that of the product.  The one before looks at the events as they were before the
    last shift, whose columns stand to the right of the others: those of a refiner with n before
    it are (n + 1) COLUMNS.

    Parameters
    ----------
    shape : sizes of the networks
    """

    ceiling: Tensor
    shrinkage: Tensor

    def __init__(self, shape: RatioShape) -> None:
        super().__init__()
        self.shape = shape
        self.before = None if shape.before is None else Refiner(shape.before)
        self.members = nn.ModuleList(RatioNet(shape) for _ in range(shape.members))
        # The factor of the logarithms; see :mod:`nugen_gan.density_ratio.shrinkage`.
        self.register_buffer("shrinkage", torch.ones(()))
        self.register_buffer("ceiling", torch.zeros(KNOTS))

    def own(self, inputs: Tensor, known: Tensor) -> Tensor:
        """Log ratio (N,) without that of the refiner before, which is ``known``."""
        total = self.together(inputs, known)
        out: Tensor = self.shrinkage * total.clamp(-LARGEST_LOG_RATIO, LARGEST_LOG_RATIO)
        return out

    def together(self, inputs: Tensor, known: Tensor) -> Tensor:
        """What the members say on average, (N,), before it is weakened."""
        return torch.stack([member(inputs, known) for member in self.members]).mean(dim=0)

    def known(self, inputs: Tensor) -> Tensor:
        """Log ratio (N,) of the refiner before, zero if there is none, at such rows."""
        return torch.zeros(len(inputs)) if self.before is None else self.before(inputs[:, COLUMNS:])

    def forward(self, inputs: Tensor) -> Tensor:
        """Map rows of events, (N, COLUMNS or more), to log ratios (N,)."""
        known = self.known(inputs)
        return self.own(inputs, known) + known

    def log_acceptance(self, inputs: Tensor) -> Tensor:
        """Logarithm of the probability to keep each event, (N,), up to 0."""
        out: Tensor = (self(inputs) - self._ceiling_at(inputs)).clamp(max=0.0)
        return out

    def _ceiling_at(self, inputs: Tensor) -> Tensor:
        place = energy_place(inputs[:, CONDITION.start]) * (KNOTS - 1)
        left = place.floor().clamp(max=KNOTS - 2)
        below, above = self.ceiling[left.long()], self.ceiling[left.long() + 1]
        return torch.lerp(below, above, place - left)

    @torch.no_grad()
    def set_ceiling(self, inputs: Tensor, log_ratio: Tensor | None = None) -> None:
        """Choose the ceiling at each energy, from proposals (N, COLUMNS or more).

        It lies where hardly any accepted event has a larger ratio, or lower, where otherwise too
        few proposals were accepted.  Events above it come out too rarely.  ``log_ratio`` is that
        of the proposals, (N,), where it is known.
        """
        log_ratio = (self(inputs) if log_ratio is None else log_ratio).double()
        place = energy_place(inputs[:, CONDITION.start].double())
        knot = (place * (KNOTS - 1)).round().long()
        found = torch.full((KNOTS,), float("nan"), dtype=torch.float64)
        for k in range(KNOTS):
            values = log_ratio[knot == k]
            if len(values) >= 50:
                found[k] = _ceiling(values)
        if torch.isnan(found).all():
            found[:] = _ceiling(log_ratio)
        self.ceiling.copy_(_filled(found))


def energy_place(x: Tensor) -> Tensor:
    """Where energies stand, (N,), from 0 at the lowest known to 1 at the highest.

    ``x`` is the first column of their condition.
    """
    return 0.5 * (x.clamp(-1.0, 1.0) + 1.0)


def _hadronic_columns(shape: RatioShape) -> list[int]:
    """The columns that the responses of such a ratio see.

    A ratio that continues another also sees how far from the threshold an event was before the last
    shift: where its base's events begin sharply, and the new law's perhaps do not.
    """
    own = [*HADRONIC, HYPERON] if shape.hyperons else HADRONIC
    return own if shape.before is None else [*own, COLUMNS + EDGES.start]


def _refusal(known: Tensor) -> Tensor:
    """How firmly the ratio before refuses an event; none where it hardly does.

    Where the base has no events, what is left of them there is chance, and follows no response:
    it can be taken back only by a ratio that sees it.
    """
    return REFUSAL_WEIGHT * known.clamp(*REFUSAL)


def one_stage_later(refiner: Refiner) -> Refiner:
    """The same acceptance of events that have been through one more stage since."""
    same = RatioShape(width=1, blocks=0, free=False, before=refiner.shape)
    with torch.random.fork_rng(devices=[]):
        later = Refiner(same)
    later.before = refiner
    later.ceiling.copy_(refiner.ceiling)
    return later.eval().requires_grad_(False)


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
