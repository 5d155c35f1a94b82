"""How much of a learned log ratio to believe: what events that it has not seen say of it.

Networks that learn from few events are bold: part of what they say is the chance in these.  A
factor below one makes up for it, and what few events say of high energies is chance more often.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import softplus

__all__ = ["best_strengths"]

# Factors that are tried, none to beyond what was learned.
STRENGTHS = tuple(i / 20 for i in range(25))
# How far the factors at the ends of the energies may well be from the common one; and steps to
# find them.
SPREAD, NEWTON_STEPS = 0.2, 8


def best_strengths(events: Tensor, proposals: Tensor) -> Tensor:
    """Return the factors of a log ratio, (2,), at the lowest and at the highest energy.

    Parameters
    ----------
    events : which the ratio has not seen, (N, 3): the log ratio, what is known before and is added
        to it, and the place of the energy, from 0 to 1
    proposals : the same of events of the other law (M, 3)

    Notes
    -----
    Between the ends the factor is linear in the place.  The two are the likeliest ones, near the
    best common factor.
    """
    scores = events, proposals
    common = _best_strength(scores)
    if not common:
        return torch.zeros(2)
    strengths = torch.full((2,), common, dtype=torch.float64)
    for _ in range(NEWTON_STEPS):
        slope = (strengths - common) / SPREAD**2
        curvature = torch.eye(2, dtype=torch.float64) / SPREAD**2
        for sign, part in zip((-1.0, 1.0), scores, strict=True):
            ratio, known, place = part.unbind(dim=1)
            by = ratio[:, None] * torch.stack([1.0 - place, place], dim=1)
            wrong = torch.sigmoid(sign * (by @ strengths + known))
            slope += sign * len(events) * (by * wrong[:, None]).mean(dim=0)
            curvature += len(events) * (by * (wrong * (1.0 - wrong))[:, None]).T @ by / len(by)
        strengths = strengths - torch.linalg.solve(curvature, slope)
    return strengths.clamp(min=0.0)


def _best_strength(scores: tuple[Tensor, Tensor]) -> float:
    """The common factor with the smallest loss.

    If the gain by it is not large against its own error, there may be nothing to gain: the factor
    is reduced by (error / gain)^2 of itself, as James and Stein would.
    """

    def losses(strength: float) -> tuple[Tensor, Tensor]:
        real, other = (strength * part[:, 0] + part[:, 1] for part in scores)
        return softplus(-real), softplus(other)

    best = min(STRENGTHS, key=lambda strength: float(sum(part.mean() for part in losses(strength))))
    gained = [before - after for before, after in zip(losses(0.0), losses(best), strict=True)]
    gain = float(sum(part.mean() for part in gained))
    variance = float(sum(part.var() / len(part) for part in gained))
    return best * max(0.0, 1.0 - variance / gain**2) if gain > 0.0 else 0.0
