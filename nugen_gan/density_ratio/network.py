"""Density-ratio estimators: the ratio of two distributions of the lepton, from events of both.

A density ratio is what tells a model from the truth, so with it a model can be put right, by
accepting each of its events with a probability proportional to the ratio, and one target can be
turned into another.  It is learned by telling the events of one sample from those of the other
(Sugiyama et al., *Density Ratio Estimation in Machine Learning*, 2012; at colliders
known as DCTR, Andreassen and Nachman, arXiv:1907.08209).  The step that accepts or rejects events
by it is called the refiner.

What is known of lepton scattering enters as the form of its logarithm.  At given energy and
momentum transfer the hadrons do not know the neutrino's energy: it only mixes their four responses,
with weights ``w_i`` known from kinematics (:mod:`nugen_gan.density_ratio.inputs`).  So both
distributions are such sums, up to a factor for each energy, and the ratio is that of two of them::

    log ratio = c(enu) + log sum_i w_i exp(a_i(omega, Q2)) - log sum_i w_i exp(b_i(omega, Q2))

Events of all energies measure the same functions of two variables: this is what makes a transfer
from few events good.  Another network sees everything and may correct the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import Tensor, nn

from nugen_gan.density_ratio.inputs import (
    CONDITION,
    HADRONIC,
    HELICITIES,
    HELICITY,
    HYPERON,
    KNOWN,
    SEEN,
    THRESHOLD_BEFORE,
)
from nugen_gan.gan.networks import N_CONDITIONS, ResidualMLP

__all__ = ["DensityRatio", "RatioNet", "RatioShape", "energy_place", "rounded"]

M = TypeVar("M", bound=nn.Module)
# Between these energies, in units of the condition, the ceiling is interpolated.
KNOTS = 25
# Share of the accepted events that lie below the ceiling, and share of the proposals accepted.
BELOW_CEILING, LEAST_ACCEPTANCE = 0.9998, 0.05


@dataclass(frozen=True, slots=True)
class RatioShape:
    """What a :class:`DensityRatio` is but for its weights; part of every model that has one.

    Attributes
    ----------
    members : networks whose logarithms are averaged, an ensemble
    width, blocks : of each
    free : whether each has a part that sees everything
    hyperons : whether the responses have an input that flags the hyperon peak; for antineutrinos
    continues : whether this ratio continues others, and sees what they say
    rejected_from, rejected_to : a rejection by the others is a log ratio of theirs between these
    rejection_weight : of what it sees of that; measured: docs/transfer.md
    largest : its logarithm lies between minus this and this
    """

    members: int = 1
    width: int = 64
    blocks: int = 2
    free: bool = True
    hyperons: bool = False
    continues: bool = False
    rejected_from: float = -0.5
    rejected_to: float = -10.0
    rejection_weight: float = 0.5
    largest: float = 12.0


class RatioNet(nn.Module):
    """The logarithm of a density ratio in the form above; zero everywhere at first."""

    def __init__(self, shape: RatioShape) -> None:
        super().__init__()
        self.energy = ResidualMLP(N_CONDITIONS, 1, 16, 1)
        self.columns = _hadronic_columns(shape)
        self.shape = shape
        seen = len(self.columns) + shape.continues
        self.hadronic = ResidualMLP(seen, 2 * HELICITIES, shape.width, shape.blocks)
        self.free = ResidualMLP(SEEN.stop, 1, shape.width, shape.blocks) if shape.free else None
        for part in (self.energy, self.hadronic, self.free):
            if part is not None:
                nn.init.zeros_(part.outward.weight)
                nn.init.zeros_(part.outward.bias)

    def forward(self, rows: Tensor) -> Tensor:
        """Map rows of events, (N, COLUMNS), or (N, CONTINUED) if it continues, to log ratios (N,).

        The rows are those of :mod:`nugen_gan.density_ratio.inputs`.
        """
        seen = rows[:, self.columns]
        if self.shape.continues:
            seen = torch.cat([seen, _rejection(rows[:, KNOWN], self.shape)[:, None]], dim=1)
        weights, h = rows[:, HELICITY], self.hadronic(seen)
        above, below = (torch.logsumexp(part + weights, 1) for part in h.chunk(2, dim=1))
        log_ratio = above - below + self.energy(rows[:, CONDITION]).squeeze(1)
        if self.free is not None:
            log_ratio = log_ratio + self.free(rows[:, SEEN]).squeeze(1)
        out: Tensor = log_ratio
        return out


class DensityRatio(nn.Module):
    """An average of log ratios, and their ceiling: what acceptance needs.

    It is that of one step alone.  Where it continues others, the ratio of the events is the product
    of all (:func:`nugen_gan.model.steps.log_ratio`), and the ceiling is that of the product.

    Parameters
    ----------
    shape : sizes of the networks
    """

    ceiling: Tensor
    shrinkage: Tensor

    def __init__(self, shape: RatioShape) -> None:
        super().__init__()
        self.shape = shape
        self.members = nn.ModuleList(RatioNet(shape) for _ in range(shape.members))
        # The factor of the logarithms; see :mod:`nugen_gan.density_ratio.shrinkage`.
        self.register_buffer("shrinkage", torch.ones(()))
        self.register_buffer("ceiling", torch.zeros(KNOTS))

    def forward(self, rows: Tensor) -> Tensor:
        """Map rows, (N, COLUMNS) or (N, CONTINUED), to the log ratios (N,) of this step alone."""
        total, largest = self.together(rows), self.shape.largest
        out: Tensor = self.shrinkage * total.clamp(-largest, largest)
        return out

    def together(self, rows: Tensor) -> Tensor:
        """What the ensemble members say on average, (N,), before shrinkage."""
        return torch.stack([member(rows) for member in self.members]).mean(dim=0)

    def log_acceptance(self, log_ratio: Tensor, place: Tensor) -> Tensor:
        """Logarithm of the probability to keep each event, (N,), up to 0.

        Parameters
        ----------
        log_ratio : of each event, (N,), with that of all steps before
        place : first column of the condition, (N,)
        """
        return (log_ratio - self._ceiling_at(place)).clamp(max=0.0)

    def _ceiling_at(self, x: Tensor) -> Tensor:
        place = energy_place(x) * (KNOTS - 1)
        left = place.floor().clamp(max=KNOTS - 2)
        below, above = self.ceiling[left.long()], self.ceiling[left.long() + 1]
        return torch.lerp(below, above, place - left)

    @torch.no_grad()
    def set_ceiling(self, log_ratio: Tensor, place: Tensor) -> None:
        """Choose the ceiling at each energy, from proposals; as for :meth:`log_acceptance`.

        It lies where hardly any accepted event has a larger ratio, or lower, where otherwise too
        few proposals were accepted.  Events above it come out too rarely.
        """
        log_ratio, place = log_ratio.double(), energy_place(place.double())
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
    """The columns that the responses of such a ratio see, but for what others say."""
    own = [*HADRONIC, HYPERON] if shape.hyperons else HADRONIC
    return [*own, THRESHOLD_BEFORE] if shape.continues else own


def _rejection(known: Tensor, shape: RatioShape) -> Tensor:
    """How firmly the ratios before reject an event; none where they hardly do.

    Where the base has no events, what is left of them there is a statistical fluctuation, and
    follows no response: it can be taken back only by a ratio that sees it.
    """
    return shape.rejection_weight * known.clamp(shape.rejected_to, shape.rejected_from)


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
