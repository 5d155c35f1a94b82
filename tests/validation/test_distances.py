"""Classifier test, earth mover's distances and channels against other implementations."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2_contingency, norm, wasserstein_distance
from sklearn.metrics import roc_auc_score
from validation_toys import toy_at, toy_events

from nugen_gan.physics.process import Channel
from nugen_gan.validation.metrics.c2st import area_under_curve, c2st, features
from nugen_gan.validation.metrics.channels import channel_fractions
from nugen_gan.validation.metrics.emd import emd_ratios
from nugen_gan.validation.metrics.samples import TooFewEventsError


def test_area_under_curve_is_that_of_sklearn():
    rng = np.random.default_rng(0)
    # rounded: many ties
    first, second = rng.normal(0, 1, 400).round(1), rng.normal(0.5, 1, 300).round(1)
    weight1, weight2 = rng.uniform(0.1, 2, 400), rng.uniform(0.1, 2, 300)
    label = np.repeat([0, 1], [400, 300])
    scores = np.concatenate([first, second])
    value, error = area_under_curve(first, second)
    assert value == pytest.approx(roc_auc_score(label, scores))
    weighted, _ = area_under_curve(first, second, weight1, weight2)
    weights = np.concatenate([weight1, weight2])
    assert weighted == pytest.approx(roc_auc_score(label, scores, sample_weight=weights))
    assert 0.015 < error < 0.03


@pytest.mark.parametrize("shift", [0.0, 0.2, 1.0])
def test_area_of_two_normal_laws_is_known(shift):
    """The difference of two numbers is normal with mean ``shift`` and variance 2."""
    rng = np.random.default_rng(2)
    value, error = area_under_curve(rng.normal(0, 1, 50_000), rng.normal(shift, 1, 50_000))
    assert value == pytest.approx(norm.cdf(shift / np.sqrt(2.0)), abs=4.0 * error)


def test_error_of_the_area_is_its_scatter():
    rng = np.random.default_rng(1)
    trials = [area_under_curve(rng.normal(0, 1, 200), rng.normal(0.3, 1, 300)) for _ in range(400)]
    values, errors = np.array(trials).T
    assert errors.mean() == pytest.approx(values.std(), rel=0.15)


def test_classifier_sees_eight_features():
    assert features(toy_events(10, 1)).shape == (10, 8)


def test_classifier_cannot_tell_a_perfect_model():
    reference = toy_events(8_000, 1)
    result = c2st(reference, toy_at(reference.enu, 2), seed=1)
    assert abs(result.value - 0.5) < 4.0 * result.uncertainty
    assert [auc.low for auc in result.by_energy] == [0.2, 1.0, 5.0]
    assert result.events == 8_000
    assert result == c2st(reference, toy_at(reference.enu, 2), seed=1)


def test_classifier_approaches_the_best_possible_area():
    """Beta(11.2, 8) against beta(8, 8): the likelihood ratio is a power of the fraction."""
    reference = toy_events(12_000, 1)
    generated = toy_at(reference.enu, 2, spread=1.4)
    rng = np.random.default_rng(3)
    best, _ = area_under_curve(rng.beta(8, 8, 200_000), rng.beta(11.2, 8, 200_000))
    result = c2st(reference, generated, seed=1)
    assert result.value < best + 4.0 * result.uncertainty
    assert result.value > 0.5 + 0.7 * (best - 0.5)


def test_classifier_refuses_a_small_sample():
    reference = toy_events(1000, 1)
    with pytest.raises(TooFewEventsError, match="4,000"):
        c2st(reference, toy_at(reference.enu, 2))


def test_distance_is_that_of_scipy():
    reference, generated = toy_events(3000, 1), toy_events(3000, 2, spread=1.5)
    found = emd_ratios(reference, generated, energy_range=(0.2, 20.0))
    entry = found[0].bins[4]
    inside = [t.stored() for t in (reference, generated)]
    inside = [t[(t.enu >= entry.low) & (t.enu < entry.high)] for t in inside]
    assert entry.distance == pytest.approx(wasserstein_distance(*(t.elep for t in inside)))
    assert [ratio.variable for ratio in found] == ["E_lep", "theta", "Q2", "W"]


def test_distance_of_a_shifted_sample_is_the_shift():
    reference = toy_events(3000, 1)
    found = emd_ratios(reference, reference.with_(elep=reference.elep + 0.001))
    assert [e.distance for e in found[0].bins] == pytest.approx([0.001] * 10, rel=1e-2)


@pytest.mark.parametrize("shared", [True, False])
def test_ratios_of_a_perfect_model_scatter_around_one(shared):
    ratios = []
    for seed in range(6):
        reference = toy_events(4000, seed)
        enu = reference.enu if shared else toy_events(4000, 50 + seed).enu
        ratios += emd_ratios(reference, toy_at(enu, 90 + seed), seed=seed)
    pulls = np.array([(ratio.value - 1.0) / ratio.uncertainty for ratio in ratios])
    assert abs(pulls.mean()) < 0.8
    assert 0.5 < pulls.std() < 2.0


def test_ratio_of_unequal_samples_is_one_too():
    found = emd_ratios(toy_events(9000, 1), toy_events(3000, 2))
    assert all(abs(ratio.value - 1.0) < 4.0 * ratio.uncertainty for ratio in found)


def test_distances_refuse_a_small_sample():
    with pytest.raises(TooFewEventsError, match="2,000"):
        emd_ratios(toy_events(200, 1), toy_events(200, 2))


def test_distance_catches_a_cut_tail(tables):
    """2 % of events with the largest angle are missing: the distance of theta tells."""
    reference, other = tables("numu_C12_val", 60_000), tables("numu_C12_train", 60_000)
    kept = other[other.costheta > np.quantile(other.costheta, 0.02)]
    honest = {r.variable: r for r in emd_ratios(reference, other)}
    cut = {r.variable: r for r in emd_ratios(reference, kept)}
    assert honest["theta"].value < 1.0 + 3.0 * honest["theta"].uncertainty
    assert cut["theta"].value > 1.0 + 5.0 * cut["theta"].uncertainty


def test_chi2_of_channels_is_that_of_scipy():
    reference = toy_events(2000, 1, energy_range=(1.0, 1.0001))
    generated = toy_at(reference.enu, 2)
    found = channel_fractions(reference, generated, energy_range=(1.0, 1.0))
    table = [
        [int(np.sum(t.channel == c)) for c in (Channel.QE, Channel.RES)]
        for t in (reference, generated)
    ]
    theirs = chi2_contingency(table, correction=False)
    assert found.chi2 == pytest.approx(theirs.statistic)
    assert found.degrees == theirs.dof
    assert found.p_value == pytest.approx(theirs.pvalue)
    share = table[0][0] / 2000
    assert found.reference[0, 0] == pytest.approx(share)
    assert found.reference_error[0, 0] == pytest.approx(np.sqrt(share * (1 - share) / 2000))


def test_channel_fractions_catch_a_swap_of_channels(tables):
    """5 % of quasielastic events called resonant: the kinematics are as before."""
    reference, other = tables("numu_C12_val", 40_000), tables("numu_C12_train", 40_000)
    assert channel_fractions(reference, other).p_value > 1e-3
    channel = other.channel.copy()
    swapped = np.flatnonzero(channel == Channel.QE)[::20]
    channel[swapped] = Channel.RES
    assert channel_fractions(reference, other.with_(channel=channel)).p_value < 1e-3


def test_a_sample_without_channels_is_recognised():
    reference = toy_events(1000, 1)
    generated = toy_at(reference.enu, 2).with_(channel=np.full(1000, Channel.OTHER))
    assert not channel_fractions(reference, generated).has_channels
