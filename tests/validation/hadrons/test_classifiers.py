"""Both classifiers of hadrons: honest samples look alike, wrong ones do not."""

from __future__ import annotations

import numpy as np
import pytest
from wrong_hadrons import protons_turned, shuffled_nearby

from nugen_gan.validation.hadrons.classifier import features, hadron_classifier
from nugen_gan.validation.hadrons.deep_sets import (
    Sets,
    _sums,
    deep_sets_classifier,
    event_inputs,
    particle_inputs,
)
from nugen_gan.validation.hadrons.samples import HadronSample, HadronSamples
from nugen_gan.validation.metrics.samples import TooFewEventsError

BOTH = [hadron_classifier, deep_sets_classifier]


@pytest.fixture(scope="module")
def pair(bundled):
    """Two genuine samples of 5,000 events."""
    return bundled[:5_000], bundled[5_000:10_000]


@pytest.mark.parametrize("classifier", BOTH)
def test_genuine_samples_cannot_be_told_apart(classifier, pair):
    found = classifier(HadronSamples.of(*pair), seed=1, energy_ranges=((0.2, 1.0), (1.0, 5.0)))
    assert abs(found.value - 0.5) < 4.0 * found.uncertainty
    assert [part.low for part in found.by_energy] == [0.2, 1.0]
    assert found.events == 5_000


@pytest.mark.parametrize("classifier", BOTH)
@pytest.mark.parametrize(("wrong", "least"), [(shuffled_nearby, 0.85), (protons_turned, 0.55)])
def test_wrong_hadrons_are_recognised(classifier, pair, wrong, least):
    reference, other = pair
    assert classifier(HadronSamples.of(reference, wrong(other)), seed=1).value > least


@pytest.mark.parametrize("classifier", BOTH)
def test_weights_are_honoured(classifier, pair):
    """Every other event shuffled, but with a weight of next to nothing."""
    reference, other = pair
    weight = np.where(np.arange(5_000) % 2, 1e-6, 1.0)
    particles = shuffled_nearby(other).particles
    mixed = other.with_(weight=weight)
    mixed = type(mixed).concatenate(
        [mixed[weight == 1.0], mixed.with_(particles=particles)[weight < 1.0]]
    )
    found = classifier(HadronSamples.of(reference, mixed), seed=1)
    assert abs(found.value - 0.5) < 5.0 * found.uncertainty


@pytest.mark.parametrize("classifier", BOTH)
def test_small_samples_are_refused(classifier, halves):
    with pytest.raises(TooFewEventsError):
        classifier(HadronSamples.of(*halves))


def test_inputs_have_a_row_for_each_event_or_particle(carbon):
    sample = HadronSample.of(carbon)
    assert len(features(sample)) == len(event_inputs(sample)) == len(carbon)
    particles = particle_inputs(sample)
    assert len(particles) == sample.state.pdg.size
    # Every particle has one species.
    assert np.array_equal(particles[:, :8].sum(axis=1), np.ones(len(particles)))
    assert np.isfinite(particles).all()
    assert np.isfinite(event_inputs(sample)).all()


def test_sets_keep_the_particles_of_each_event():
    ends = np.array([0, 2, 2, 5])
    sets = Sets(np.arange(5.0, dtype=np.float32)[:, None], ends, np.zeros((3, 1), np.float32))
    picked = sets.pick(np.array([2, 1, 0, 2]))
    assert picked.particles[:, 0].tolist() == [2, 3, 4, 0, 1, 2, 3, 4]
    assert picked.ends.tolist() == [0, 3, 3, 5, 8]
    assert (2.0 * _sums(picked.particles, picked.ends))[:, 0].tolist() == [9, 0, 1, 9]
