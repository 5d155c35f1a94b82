import numpy as np
import torch

from nugen_gan.gan.channels import Labelled, train_classifier
from nugen_gan.gan.inputs import COLUMNS, HADRONIC, HELICITY


def _toy(n, seed, scalar=0.0):
    """Three channels that meet the helicities with responses of two hadronic columns.

    ``scalar`` is the mean logarithm of the third weight.
    """
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, COLUMNS)).astype(np.float32)
    x[:, HELICITY.start + 2] += scalar
    first, second, weights = x[:, HADRONIC[0]], x[:, HADRONIC[1]], np.exp(x[:, HELICITY])
    responses = np.exp(np.stack([first, -first, 0.5 * second], axis=1))
    # The first channel takes helicities alike, the second the scalar one, the third the first.
    odds = responses * np.stack([weights.sum(axis=1), 3 * weights[:, 2], 2 * weights[:, 0]], axis=1)
    probability = odds / odds.sum(axis=1, keepdims=True)
    drawn = (rng.random((n, 1)) > np.cumsum(probability, axis=1)[:, :2]).sum(axis=1)
    codes = np.array([100, 200, 400], dtype=np.int16)[drawn]
    return Labelled(torch.from_numpy(x), codes), probability


def test_probabilities_are_learned_and_calibrated():
    training, _ = _toy(20_000, 0)
    held_out, _ = _toy(4000, 1)
    classifier, quality = train_classifier(training, held_out, seed=0, steps=800)
    fresh, truth = _toy(20_000, 2)
    with torch.no_grad():
        learned = torch.softmax(classifier(fresh.inputs), dim=1).numpy()
    assert classifier.channels == (100, 200, 400)
    assert np.abs(learned - truth).mean() < 0.03
    assert quality["calibration_error"] < 0.03
    assert 0.8 < quality["temperature"] < 1.25


def test_energies_that_were_never_seen():
    """What was learned of the responses holds at any mixture of the helicities."""
    classifier, _ = train_classifier(_toy(20_000, 0)[0], _toy(4000, 1)[0], seed=0, steps=800)
    elsewhere, truth = _toy(20_000, 2, scalar=4.0)
    with torch.no_grad():
        learned = torch.softmax(classifier(elsewhere.inputs), dim=1).numpy()
    usual = _toy(20_000, 2)[1].mean(axis=0)
    assert abs(usual - truth.mean(axis=0)).max() > 0.2
    np.testing.assert_allclose(learned.mean(axis=0), truth.mean(axis=0), atol=0.04)


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
    part = Labelled(torch.zeros(50, COLUMNS), np.full(50, 200, dtype=np.int16))
    classifier, quality = train_classifier(part, part, seed=0)
    assert (classifier.draw(part.inputs, np.random.default_rng(0).random(50)) == 200).all()
    assert quality["log_loss"] == 0.0


def test_a_channel_that_only_the_held_out_part_has_is_no_harm():
    training, _ = _toy(2000, 0)
    held_out, _ = _toy(200, 1)
    held_out.codes[:5] = 700
    classifier, _ = train_classifier(training, held_out, seed=0, steps=20)
    assert 700 not in classifier.channels
