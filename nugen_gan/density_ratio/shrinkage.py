"""Shrinkage of a learned log ratio: how much of it events that it has not seen confirm.

Networks that learn from few events overfit: part of what they say is the statistical fluctuation of
these events.  A factor below one makes up for it.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import softplus

__all__ = ["best_shrinkage"]

# Factors that are tried, none to beyond what was learned.
FACTORS = tuple(i / 20 for i in range(25))


@torch.no_grad()
def best_shrinkage(events: Tensor, proposals: Tensor) -> float:
    """Return the factor of a log ratio with the smallest loss on validation events.

    If the gain by it is not large against its own error, there may be nothing to gain: the factor
    is reduced by (error / gain)^2 of itself, as in James-Stein shrinkage.

    Parameters
    ----------
    events : which the ratio has not seen, (N, 2): the log ratio, and what is known before and is
        added to it
    proposals : the same of events of the other distribution (M, 2)
    """

    def losses(factor: float) -> tuple[Tensor, Tensor]:
        real, other = (factor * part[:, 0] + part[:, 1] for part in (events, proposals))
        return softplus(-real), softplus(other)

    best = min(FACTORS, key=lambda factor: float(sum(part.mean() for part in losses(factor))))
    gained = [before - after for before, after in zip(losses(0.0), losses(best), strict=True)]
    gain = float(sum(part.mean() for part in gained))
    variance = float(sum(part.var() / len(part) for part in gained))
    return best * max(0.0, 1.0 - variance / gain**2) if gain > 0.0 else 0.0
