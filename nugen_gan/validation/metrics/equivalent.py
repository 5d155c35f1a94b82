"""Equivalent sample size: how many original events describe the truth as well as the model.

An estimate of the truth from ``n_eq`` independent events has in each bin of probability ``p`` the
variance ``p / n_eq``.  Compared with ``N`` reference events through ``N`` events drawn from it,
it raises ``<pull^2>`` above that of two samples of one distribution by ``N / (2 n_eq)``.  Hence::

    n_eq = N / (2 (<pull^2> - <pull^2>_floor))

``N`` is the size of the samples compared, not of the halves of the floor: ``<pull^2>_floor`` is
1 up to small corrections at every size.  For samples of ``N1`` and ``N2`` events ``N / 2`` becomes
``N1 N2 / (N1 + N2)``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nugen_gan.validation.metrics.map3d import Map3D

__all__ = ["EquivalentSampleSize", "equivalent_sample_size"]

# One-sided normal quantile of 95 %, for lower limits.
QUANTILE_95 = 1.645


@dataclass(frozen=True, slots=True)
class EquivalentSampleSize:
    """Result of :func:`equivalent_sample_size`.

    Attributes
    ----------
    value : number of events; the lower limit if ``is_limit``
    low, high : one standard deviation around it; ``high`` is infinite for a limit
    is_limit : the reference is too small to see the model's bias: ``value`` is a lower limit at
        95 % confidence
    """

    value: float
    low: float
    high: float
    is_limit: bool

    def amplification(self, training_events: int) -> float:
        """n_eq over the number of events the model was trained on."""
        return self.value / training_events


def equivalent_sample_size(result: Map3D) -> EquivalentSampleSize:
    """Equivalent sample size of a model from its MAP-3D histogram.

    The error is that of ``<pull^2>``, about ``sqrt(2 / bins)``, and of the averaged floor.  Where
    the excess is within its error the result is a lower limit at 95 % confidence, with a negative
    excess counted as none.
    """
    excess = result.excess
    error = result.excess_uncertainty
    if excess <= error:
        limit = result.information / (max(excess, 0.0) + QUANTILE_95 * error)
        return EquivalentSampleSize(limit, limit, np.inf, is_limit=True)
    return EquivalentSampleSize(
        result.information / excess,
        result.information / (excess + error),
        result.information / (excess - error),
        is_limit=False,
    )
