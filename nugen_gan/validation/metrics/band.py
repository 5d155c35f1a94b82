"""The uncertainty band that the replicas of a model span, and how often it holds the truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nugen_gan.events.table import EventTable
from nugen_gan.validation.metrics.samples import TooFewEventsError
from nugen_gan.validation.metrics.spectra import SPECTRA, density, spectra, spectrum_edges, within

__all__ = ["EXPECTED", "Coverage", "coverage", "replica_spread"]

Floats = NDArray[np.float64]

# Probability of one standard deviation around the centre of a normal distribution.
EXPECTED = 0.6827
# Reference events in a bin that counts, and bins that make a fraction worth quoting.
SMALLEST_COUNT = 10
SMALLEST_BINS = 30
NEEDED = 5_000


@dataclass(frozen=True, slots=True)
class Coverage:
    """Result of :func:`coverage`.

    Attributes
    ----------
    value, uncertainty : share of the bins in which |reference - central| is within the
        quadratic sum of the scatter of the replicas and the statistical errors; 0.68 expected
    band : median over bins of the scatter of the replicas, relative to the spectrum
    bins : bins that count
    replicas : how many replicas the band is made of
    """

    value: float
    uncertainty: float
    band: float
    bins: int
    replicas: int


def replica_spread(
    name: str, edges: Floats, central: Floats, replicas: Sequence[EventTable]
) -> Floats:
    """Standard deviation of the replicas' densities in each bin, shape (bins,).

    Parameters
    ----------
    name : of the spectrum
    edges : of its bins, shape (bins + 1,)
    central : density of the model itself, to compare a lone replica with
    replicas : their events, already within the energies of the spectrum
    """
    found = np.array([density(spectra(t)[name], t.weight, edges)[0] for t in replicas])
    if len(found) == 1:
        return np.asarray(np.abs(found[0] - central))
    return np.asarray(found.std(axis=0, ddof=1))


def coverage(
    reference: EventTable,
    generated: EventTable,
    replicas: Sequence[EventTable],
    energy_ranges: Sequence[tuple[float, float]],
) -> Coverage:
    """Share of the bins of the report's spectra whose reference lies inside the band.

    Bins with at least ten reference events count.  All spectra are of the same events, so that
    the bins of one tell little that the others do not: the error is that of the bins of one.

    Parameters
    ----------
    reference, generated : samples at disk precision, weights of mean 1
    replicas : events of each replica of the model
    energy_ranges : the ranges [GeV] whose spectra the report shows

    Raises
    ------
    TooFewEventsError
        if fewer than 30 bins have enough events.
    """
    inside: list[Floats] = []
    widths: list[Floats] = []
    for energy_range in energy_ranges:
        first, second = within(reference, energy_range), within(generated, energy_range)
        parts = [within(replica, energy_range) for replica in replicas]
        if not len(first) or not len(second):
            continue
        values1, values2 = spectra(first), spectra(second)
        for name in SPECTRA:
            edges = spectrum_edges(name, values1[name], values2[name])
            truth, error1 = density(values1[name], first.weight, edges)
            central, error2 = density(values2[name], second.weight, edges)
            spread = replica_spread(name, edges, central, parts)
            counts = np.histogram(values1[name], edges)[0] >= SMALLEST_COUNT
            allowed = np.sqrt(spread**2 + error1**2 + error2**2)
            inside.append((np.abs(truth - central) <= allowed)[counts].astype(np.float64))
            widths.append(spread[counts] / truth[counts])
    hits = np.concatenate(inside) if inside else np.empty(0)
    if hits.size < SMALLEST_BINS:
        raise TooFewEventsError("the coverage", len(reference), max(NEEDED, 2 * len(reference)))
    error = float(np.sqrt(EXPECTED * (1.0 - EXPECTED) / (hits.size / len(SPECTRA))))
    band = float(np.median(np.concatenate(widths)))
    return Coverage(float(hits.mean()), error, band, hits.size, len(replicas))
