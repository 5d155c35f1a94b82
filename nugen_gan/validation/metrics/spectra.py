"""The spectra that the report shows: variables, bins and normalised densities."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nugen_gan.events.table import EventTable
from nugen_gan.validation.metrics.emd import observables

__all__ = ["SPECTRA", "density", "span", "spectra", "spectrum_edges", "within"]

Floats = NDArray[np.float64]

SPECTRA = ("E_lep", "cos_theta", "Q2", "W")


def within(events: EventTable, energy_range: tuple[float, float]) -> EventTable:
    """Select the events with a neutrino energy in a range [GeV], ends included."""
    low, high = energy_range
    return events[(events.enu >= low) & (events.enu <= high)]


def spectra(events: EventTable) -> dict[str, Floats]:
    """E_lep [GeV], cos(theta), Q2 [GeV^2] and W [GeV] of every event, each of shape (N,)."""
    values = observables(events) | {"cos_theta": events.costheta}
    return {name: values[name] for name in SPECTRA}


def spectrum_edges(name: str, reference: Floats, generated: Floats) -> Floats:
    """Edges of 10 to 50 bins over what both samples cover, but for a few events at the ends."""
    outside = 0.0 if name == "cos_theta" else 0.004
    low, high = span(np.concatenate([reference, generated]), outside)
    return np.linspace(low, high, int(np.clip(reference.size / 100, 10, 50)) + 1)


def span(values: Floats, outside: float = 0.002) -> tuple[float, float]:
    """A range that leaves out a small share of the values at each end."""
    if not values.size:
        return 0.0, 1.0
    low, high = np.quantile(values, [outside, 1.0 - outside])
    return float(low), float(high if high > low else low + 1.0)


def density(values: Floats, weight: Floats, edges: Floats) -> tuple[Floats, Floats]:
    """Normalised density in each bin and its statistical error, each of shape (bins,)."""
    norm = max(float(weight.sum()), 1e-300) * np.diff(edges)
    total = np.histogram(values, edges, weights=weight)[0]
    squares = np.histogram(values, edges, weights=weight**2)[0]
    return total / norm, np.sqrt(squares) / norm
