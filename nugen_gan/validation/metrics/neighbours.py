"""Whether a model repeats its training events: distances to the nearest of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nugen_gan.errors import MissingExtraError
from nugen_gan.events.table import EventTable
from nugen_gan.validation.metrics.samples import TooFewEventsError

__all__ = ["NearestNeighbours", "nearest_neighbours"]

Floats = NDArray[np.float64]

MOST_EVENTS = 20_000
NEEDED = 500


@dataclass(frozen=True, slots=True)
class NearestNeighbours:
    """Result of :func:`nearest_neighbours`.

    Attributes
    ----------
    value, uncertainty : median distance of generated events to the nearest training event, over
        that of fresh reference events; 1 is perfect, less than 1 is memorising
    generated, fresh : the two medians, in standard deviations of the training events
    p_value : of a Kolmogorov-Smirnov test that both have one distribution of distances
    events : generated events and fresh events looked at
    training_events : among how many the neighbours were searched
    """

    value: float
    uncertainty: float
    generated: float
    fresh: float
    p_value: float
    events: tuple[int, int]
    training_events: int


def nearest_neighbours(
    training: EventTable,
    fresh: EventTable,
    generated: EventTable,
    *,
    seed: int = 0,
    coordinates: Callable[[EventTable], Floats] | None = None,
) -> NearestNeighbours:
    """Compare generated with fresh reference events by their distance to training events.

    Distances are Euclidean in log(enu) and the two proxies of
    :func:`nugen_gan.physics.kinematics.encode`, each in units of its standard deviation.  Events
    that a model repeats lie closer to the training events than fresh ones of the original
    generator.  Neighbours are searched among all training events, for up to 20,000 of the others.

    Parameters
    ----------
    training : events that the model was trained on
    fresh : reference events that it was not trained on
    generated : its own events, at the same neutrino energies as ``fresh`` or the same spectrum
    seed : chooses the events
    coordinates : what distances are measured in, of shape (N, k) for N events at disk precision;
        those above if absent

    Raises
    ------
    TooFewEventsError
        with fewer than 500 events in any of the samples.
    MissingExtraError
        if scipy is not installed.
    """
    try:
        from scipy.spatial import cKDTree
        from scipy.stats import ks_2samp
    except ImportError as error:
        raise MissingExtraError("scipy", "report", "the search for neighbours") from error
    known, new, ours = (
        (coordinates or _features)(_stored(table)) for table in (training, fresh, generated)
    )
    smallest = min(len(known), len(new), len(ours))
    if smallest < NEEDED:
        raise TooFewEventsError("the distance to training events", smallest, NEEDED)
    centre, scale = known.mean(axis=0), known.std(axis=0)
    # A beam of one energy has no spread.
    scale = np.where(scale > 0.0, scale, 1.0)
    tree = cKDTree((known - centre) / scale)
    rng = np.random.default_rng([seed, 6])
    far, near = (tree.query((_some(rows, rng) - centre) / scale)[0] for rows in (new, ours))
    (median1, error1), (median2, error2) = _median(far), _median(near)
    ratio = median2 / median1 if median1 > 0.0 else float("nan")
    relative = float(np.hypot(error1 / max(median1, 1e-300), error2 / max(median2, 1e-300)))
    return NearestNeighbours(
        ratio, ratio * relative, median2, median1, float(ks_2samp(far, near).pvalue),
        (near.size, far.size), len(known),
    )  # fmt: skip


def _stored(events: EventTable) -> EventTable:
    """The physical events at disk precision."""
    stored = events.stored()
    return stored[stored.is_physical()]


def _features(events: EventTable) -> Floats:
    """Log(enu) and the proxies, shape (N, 3)."""
    return np.column_stack([np.log(events.enu), events.proxies()])


def _some(rows: Floats, rng: np.random.Generator) -> Floats:
    if len(rows) <= MOST_EVENTS:
        return rows
    return rows[rng.permutation(len(rows))[:MOST_EVENTS]]


def _median(values: Floats) -> tuple[float, float]:
    """Median and its standard error, half the distance of the quantiles one sigma around it."""
    step = 0.5 / np.sqrt(values.size)
    low, median, high = np.quantile(values, [0.5 - step, 0.5, 0.5 + step])
    return float(median), float(0.5 * (high - low))
