"""Classifier two-sample test: whether boosted trees can tell generated events apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nugen_gan.errors import MissingExtraError
from nugen_gan.events.table import EventTable
from nugen_gan.validation.metrics.samples import Samples, TooFewEventsError, prepare

__all__ = ["Auc", "C2st", "area_under_curve", "boosted_trees", "c2st", "features", "scored"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Pair = tuple[Floats, Floats]
# Which events of both samples, in the order of their energy.
Chosen = tuple[Integers, Integers]
# Learns from the first events, and gives the scores of the second.
Scorer = Callable[[Chosen, Chosen], Pair]

# More events than this per sample are not used.
MOST_EVENTS = 200_000
# Below this a tree of leaves with 200 events cannot learn a shape.
NEEDED = 4_000
# Test events of each sample in an energy range, for an error of the AUC below about 0.02.
NEEDED_IN_RANGE = 400


@dataclass(frozen=True, slots=True)
class Auc:
    """Area under the ROC curve for the neutrino energies ``low`` to ``high`` [GeV]."""

    low: float
    high: float
    value: float
    uncertainty: float
    events: int


@dataclass(frozen=True, slots=True)
class C2st:
    """Result of :func:`c2st`.

    Attributes
    ----------
    value, uncertainty : area under the ROC curve on events not trained on; 0.5 is perfect
    by_energy : the scores of the same classifier in each energy range with enough events
    events : events of each sample, half of them for training
    """

    value: float
    uncertainty: float
    by_energy: tuple[Auc, ...]
    events: int


def features(events: EventTable) -> Floats:
    """What the classifier sees, shape (N, 8).

    enu, elep, cos(theta), omega, Q2, W2, kinetic fraction, log(1 - cos(theta)); GeV.
    """
    more = events.derived()
    # float32 cannot hold anything between 1 - 6e-8 and 1
    angle = np.log(np.clip(1.0 - events.costheta, 1e-8, None))
    columns = (events.enu, events.elep, events.costheta, *more, angle)
    return np.column_stack(columns)


def area_under_curve(
    background: Floats,
    signal: Floats,
    background_weight: Floats | None = None,
    signal_weight: Floats | None = None,
) -> tuple[float, float]:
    """Area under the ROC curve and its standard error.

    The probability that a signal score exceeds a background score, ties counting one half.  The
    error is that of E. R. DeLong et al., Biometrics 44 (1988) 837: each event's chance to win
    against the other sample, its variance over events, both samples added; with weights here.

    Parameters
    ----------
    background, signal : scores, shapes (N,) and (M,)
    background_weight, signal_weight : weights of the same shapes; 1 if absent
    """
    weight0 = np.ones_like(background) if background_weight is None else background_weight
    weight1 = np.ones_like(signal) if signal_weight is None else signal_weight
    wins1 = _share_below(background, weight0, signal)
    wins0 = 1.0 - _share_below(signal, weight1, background)
    value = float(np.average(wins1, weights=weight1))
    variance = _variance(wins0, weight0) + _variance(wins1, weight1)
    return value, float(np.sqrt(variance))


def c2st(
    reference: EventTable,
    generated: EventTable,
    *,
    seed: int = 0,
    events: int | None = None,
    energy_ranges: Sequence[tuple[float, float]] = ((0.2, 1.0), (1.0, 5.0), (5.0, 20.0)),
) -> C2st:
    """Train a classifier on half of two samples and measure its AUC on the other half.

    scikit-learn's HistGradientBoostingClassifier: 300 rounds, learning rate 0.05, 63 leaves, at
    least 200 events in each.

    Parameters
    ----------
    seed : chooses the events and the halves
    events : events of each sample to use; all, at most 200,000, if absent
    energy_ranges : ranges [GeV] to give an AUC for, beside the overall one

    Raises
    ------
    TooFewEventsError
        with fewer than 4,000 events in either sample.
    MissingExtraError
        if scikit-learn is not installed.
    """
    samples = prepare(reference, generated)
    both = samples.reference, samples.generated
    matrices = features(both[0]), features(both[1])
    scorer = boosted_trees(matrices, (both[0].weight, both[1].weight), seed)
    return scored(samples, scorer, seed=seed, events=events, energy_ranges=energy_ranges)


def scored(
    samples: Samples,
    scorer: Scorer,
    *,
    seed: int,
    events: int | None,
    energy_ranges: Sequence[tuple[float, float]],
    what: str = "the classifier test",
) -> C2st:
    """Let any classifier learn from half of two samples, and measure its AUC on the other half.

    Parameters
    ----------
    samples : as from :func:`~nugen_gan.validation.metrics.samples.prepare`
    scorer : learns from events of both samples, and gives the scores of others
    seed, events, energy_ranges : as for :func:`c2st`
    what : is measured, for the error

    Raises
    ------
    TooFewEventsError
        with fewer than 4,000 events in either sample.
    """
    count = min(samples.smaller, MOST_EVENTS if events is None else events)
    if count < NEEDED:
        raise TooFewEventsError(what, count, NEEDED)
    train, test = _halves(samples, count, seed)
    scores = scorer(train, test)
    weights = samples.reference.weight[test[0]], samples.generated.weight[test[1]]
    energies = samples.reference.enu[test[0]], samples.generated.enu[test[1]]
    value, uncertainty = area_under_curve(*scores, *weights)
    regions = (_in_range(energies, scores, weights, low, high) for low, high in energy_ranges)
    return C2st(value, uncertainty, tuple(auc for auc in regions if auc), count)


def boosted_trees(matrices: Pair, weights: Pair, seed: int) -> Scorer:
    """The scorer of :func:`c2st`, from what the trees see of each event.

    Parameters
    ----------
    matrices : of both samples, shapes (N1, k) and (N2, k); nan where an event has no such number
    weights : of both samples, shapes (N1,) and (N2,)

    Raises
    ------
    MissingExtraError
        if scikit-learn is not installed.
    """
    try:
        from sklearn.ensemble import HistGradientBoostingClassifier
    except ImportError as error:
        raise MissingExtraError("scikit-learn", "report", "the classifier test") from error
    classifier = HistGradientBoostingClassifier(
        max_iter=300, learning_rate=0.05, max_leaf_nodes=63, min_samples_leaf=200,
        early_stopping=False, random_state=seed % 2**32,
    )  # fmt: skip

    def scorer(train: Chosen, test: Chosen) -> Pair:
        label = np.repeat([0, 1], [train[0].size, train[1].size])
        weight = [w[rows] / w[rows].sum() for w, rows in zip(weights, train, strict=True)]
        matrix = [m[rows] for m, rows in zip(matrices, train, strict=True)]
        classifier.fit(
            np.concatenate(matrix), label, sample_weight=np.concatenate(weight) * label.size
        )
        first, second = (
            np.asarray(classifier.predict_proba(m[rows])[:, 1], dtype=np.float64)
            for m, rows in zip(matrices, test, strict=True)
        )
        return first, second

    return scorer


def _halves(samples: Samples, count: int, seed: int) -> tuple[Chosen, Chosen]:
    """Training and test events of both samples."""
    rng = np.random.default_rng([seed, 2])
    mine = rng.permutation(len(samples.reference))[:count]
    # Partners of one energy stay on one side: a tree must not learn a label from its twin.
    theirs = mine if samples.shared_energies else rng.permutation(len(samples.generated))[:count]
    cut = count // 2
    return (mine[:cut], theirs[:cut]), (mine[cut:], theirs[cut:])


def _in_range(enu: Pair, scores: Pair, weights: Pair, low: float, high: float) -> Auc | None:
    masks = [(energies >= low) & (energies < high) for energies in enu]
    count = min(int(mask.sum()) for mask in masks)
    if count < NEEDED_IN_RANGE:
        return None
    inside = (x[mask] for x, mask in zip((*scores, *weights), (*masks, *masks), strict=True))
    return Auc(low, high, *area_under_curve(*inside), count)


def _share_below(sample: Floats, weight: Floats, points: Floats) -> Floats:
    """Share of the weight of ``sample`` below each point, ties counting one half."""
    order = np.argsort(sample)
    total = np.concatenate([[0.0], np.cumsum(weight[order])])
    below = total[np.searchsorted(sample[order], points, side="left")]
    upto = total[np.searchsorted(sample[order], points, side="right")]
    return np.asarray(0.5 * (below + upto) / total[-1])


def _variance(values: Floats, weight: Floats) -> float:
    """Variance of a weighted mean."""
    mean = np.average(values, weights=weight)
    correction = values.size / max(values.size - 1, 1)
    return float(np.sum((weight * (values - mean)) ** 2) / np.sum(weight) ** 2 * correction)
