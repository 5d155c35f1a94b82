"""Boosted trees that have to tell two samples apart by lepton, observables and multiplicities."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nugen_gan.validation.hadrons.final_state import PROTON
from nugen_gan.validation.hadrons.multiplicities import number_of
from nugen_gan.validation.hadrons.observables import PROTON_THRESHOLD
from nugen_gan.validation.hadrons.samples import HadronSample, HadronSamples, Range
from nugen_gan.validation.metrics.c2st import C2st, boosted_trees, scored
from nugen_gan.validation.metrics.c2st import features as lepton_features

__all__ = ["features", "hadron_classifier"]

Floats = NDArray[np.float64]


def features(sample: HadronSample) -> Floats:
    """What the trees see of N events, shape (N, k).

    The eight numbers of the lepton's classifier, every observable (nan where an event has none),
    the number of particles of each species and that of protons above 0.3 GeV/c.
    """
    state = sample.state
    protons = state.count(state.any_of(PROTON) & (state.size > PROTON_THRESHOLD))
    columns = [*sample.values.values(), *number_of(state).values(), protons]
    return np.column_stack([lepton_features(sample.events), *columns])


def hadron_classifier(
    samples: HadronSamples,
    *,
    seed: int = 0,
    events: int | None = None,
    energy_ranges: Sequence[Range] = (),
) -> C2st:
    """Train boosted trees on half of two samples and measure their AUC on the other half.

    The trees and all arguments are those of :func:`nugen_gan.validation.metrics.c2st.c2st`.

    Raises
    ------
    TooFewEventsError
        with fewer than 4,000 events in either sample.
    MissingExtraError
        if scikit-learn is not installed.
    """
    first, second = (features(sample) for sample in samples.pair)
    return scored(
        samples.samples,
        boosted_trees((first, second), samples.weights, seed),
        seed=seed,
        events=events,
        energy_ranges=energy_ranges,
    )
