"""The spectrum of interacting neutrinos: flux times cross section."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from nugen_gan.errors import UsageError
from nugen_gan.physics.flux import Flux

__all__ = ["Spectrum"]

Floats = NDArray[np.float64]


class Spectrum:
    """The energies of events: a flux, times a cross section unless that is left out.

    Parameters
    ----------
    flux : relative density in energy
    sigma : cross section at an array of energies [GeV], any unit; absent: energies follow the
        flux itself
    cells : number of cells, at least, in which flux times sigma is taken as constant
    """

    def __init__(
        self, flux: Flux, sigma: Callable[[Floats], Floats] | None = None, cells: int = 4000
    ) -> None:
        self.flux = flux
        low, high = flux.energy_range
        if low == high:
            self._edges = np.array([low, high])
            self._middle = np.array([low])
            flux_in_cell = np.ones(1)
        else:
            grid = np.geomspace(max(low, 1e-3 * high), high, cells)
            inner = np.concatenate([flux.knots(), grid])
            self._edges = np.unique(np.clip(inner, low, high))
            self._middle = 0.5 * (self._edges[1:] + self._edges[:-1])
            flux_in_cell = flux.fractions(self._edges)
        self._sigma = np.ones_like(self._middle) if sigma is None else sigma(self._middle)
        self._flux_in_cell = flux_in_cell
        if not self._rate.sum() > 0.0:
            raise UsageError("flux times cross section is zero over the whole energy range")

    @cached_property
    def _rate(self) -> Floats:
        return self._flux_in_cell * self._sigma

    def quantile(self, fraction: Floats) -> Floats:
        """Energies [GeV] below which these fractions of the events lie; shape of ``fraction``."""
        below = np.concatenate([[0.0], np.cumsum(self._rate)])
        # Cells without events make the sum flat: keep each level once, or interp may land there.
        rising = np.concatenate([[True], np.diff(below) > 0.0])
        rising[:-1] |= rising[1:]
        return np.asarray(np.interp(fraction, below[rising] / below[-1], self._edges[rising]))

    def flux_average(self) -> float:
        """Integral of flux times sigma over integral of flux, in the unit of sigma."""
        return float(self._rate.sum() / self._flux_in_cell.sum())

    def mean(self) -> float:
        """Mean event energy [GeV]."""
        return float((self._rate * self._middle).sum() / self._rate.sum())
