import numpy as np
import torch

from nugen_gan.gan.channels import Labelled, train_classifier
from nugen_gan.gan.inputs import SEEN

INPUTS = SEEN.stop


def _toy(n, seed):
    """Three channels whose probabilities depend on the first input in a known way."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, INPUTS)).astype(np.float32)
    odds = np.exp(np.stack([x[:, 0], -x[:, 0], 0.5 * x[:, 1]], axis=1))
    probability = odds / odds.sum(axis=1, keepdims=True)
    drawn = (rng.random((n, 1)) > np.cumsum(probability, axis=1)[:, :2]).sum(axis=1)
    codes = np.array([100, 200, 400], dtype=np.int16)[drawn]
    return Labelled(torch.from_numpy(x), codes), probability


def test_probabilities_are_learned_and_calibrated():
    training, _ = _toy(20_000, 0)
    held_out, _ = _toy(4000, 1)
    classifier, quality = train_classifier(training, held_out, seed=0, steps=400)
    fresh, truth = _toy(20_000, 2)
    with torch.no_grad():
        learned = torch.softmax(classifier(fresh.inputs), dim=1).numpy()
    assert classifier.channels == (100, 200, 400)
    assert np.abs(learned - truth).mean() < 0.03
    assert quality["calibration_error"] < 0.03
    assert 0.8 < quality["temperature"] < 1.25


def test_drawn_labels_have_the_probabilities():
    training, _ = _toy(20_000, 0)
    classifier, _ = train_classifier(training, _toy(2000, 1)[0], seed=0, steps=200)
    fresh, _ = _toy(20_000, 2)
    with torch.no_grad():
        probability = torch.softmax(classifier(fresh.inputs), dim=1).numpy()
        drawn = classifier.draw(fresh.inputs, np.random.default_rng(3).random(20_000))
    for code, column in zip(classifier.channels, probability.T, strict=True):
        expected, spread = column.sum(), np.sqrt((column * (1 - column)).sum())
        assert abs((drawn == code).sum() - expected) < 5 * spread


def test_one_channel_needs_no_learning():
    part = Labelled(torch.zeros(50, INPUTS), np.full(50, 200, dtype=np.int16))
    classifier, quality = train_classifier(part, part, seed=0)
    assert (classifier.draw(part.inputs, np.random.default_rng(0).random(50)) == 200).all()
    assert quality["log_loss"] == 0.0


def test_a_channel_that_only_the_held_out_part_has_is_no_harm():
    training, _ = _toy(2000, 0)
    held_out, _ = _toy(200, 1)
    held_out.codes[:5] = 700
    classifier, _ = train_classifier(training, held_out, seed=0, steps=20)
    assert 700 not in classifier.channels
