import numpy as np
import torch

from nugen_gan.channels import fit as channel_training
from nugen_gan.channels.fit import Labelled, LabelOptions, train_classifier
from nugen_gan.density_ratio.inputs import COLUMNS, HADRONIC, HELICITY


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
    classifier, quality = train_classifier(training, held_out, 0, LabelOptions(steps=800))
    fresh, truth = _toy(20_000, 2)
    with torch.no_grad():
        learned = torch.softmax(classifier(fresh.inputs), dim=1).numpy()
    assert classifier.channels == (100, 200, 400)
    assert np.abs(learned - truth).mean() < 0.03
    assert quality["calibration_error"] < 0.03
    assert 0.8 < quality["temperature"] < 1.25


def test_energies_that_were_never_seen():
    """What was learned of the responses holds at any mixture of the helicities."""
    classifier, _ = train_classifier(
        _toy(20_000, 0)[0], _toy(4000, 1)[0], 0, LabelOptions(steps=800)
    )
    elsewhere, truth = _toy(20_000, 2, scalar=4.0)
    with torch.no_grad():
        learned = torch.softmax(classifier(elsewhere.inputs), dim=1).numpy()
    usual = _toy(20_000, 2)[1].mean(axis=0)
    assert abs(usual - truth.mean(axis=0)).max() > 0.2
    np.testing.assert_allclose(learned.mean(axis=0), truth.mean(axis=0), atol=0.04)


def test_one_channel_needs_no_learning():
    part = Labelled(torch.zeros(50, COLUMNS), np.full(50, 200, dtype=np.int16))
    classifier, quality = train_classifier(part, part, seed=0)
    assert (classifier.draw(part.inputs, np.random.default_rng(0).random(50)) == 200).all()
    assert quality["log_loss"] == 0.0


def test_one_channel_is_the_same_again():
    part = Labelled(torch.zeros(50, COLUMNS), np.full(50, 200, dtype=np.int16))
    state = torch.random.get_rng_state()
    first, second = (train_classifier(part, part, seed=4)[0] for _ in range(2))
    assert torch.equal(first.hadronic.inward.weight, second.hadronic.inward.weight)
    assert torch.equal(torch.random.get_rng_state(), state)


def test_a_channel_that_only_the_held_out_part_has_is_no_harm():
    training, _ = _toy(2000, 0)
    held_out, _ = _toy(200, 1)
    held_out.codes[:5] = 700
    classifier, _ = train_classifier(training, held_out, 0, LabelOptions(steps=20))
    assert 700 not in classifier.channels


def _wrong(classifier):
    """Mean error of the probabilities of fresh events."""
    fresh, truth = _toy(20_000, 2)
    with torch.no_grad():
        return np.abs(torch.softmax(classifier(fresh.inputs), dim=1).numpy() - truth).mean()


def test_several_share_the_events_and_one_says_what_they_say(monkeypatch):
    training, held_out = _toy(3000, 0)[0], _toy(1000, 1)[0]
    alone, _ = train_classifier(training, held_out, 0, LabelOptions(steps=400))
    told = []
    single = channel_training._member
    monkeypatch.setattr(
        channel_training, "_member", lambda *given: told.append(single(*given)) or told[-1]
    )
    options = LabelOptions(steps=400, members=4, distilled=1500)
    shared, quality = train_classifier(training, held_out, 0, options)
    assert len(told) == 4
    assert _wrong(shared) < 0.95 * np.mean([_wrong(one) for one in told])
    assert _wrong(shared) < _wrong(alone)
    with torch.no_grad():
        logs = [torch.log_softmax(one(training.inputs), 1) for one in told]
        together = torch.softmax(torch.stack(logs).mean(dim=0), dim=1)
        apart, scatter = (
            (torch.softmax(one(training.inputs), dim=1) - together).square().mean().sqrt()
            for one in (shared, told[0])
        )
    assert float(apart) < 0.3 * float(scatter)
    assert quality["temperature"] == 1.0
    assert quality["calibration_error"] < 0.03


def test_several_are_the_same_again():
    options = LabelOptions(steps=20, members=4, distilled=20)
    parts = _toy(500, 0)[0], _toy(200, 1)[0]
    first, second = (train_classifier(*parts, 3, options)[0] for _ in range(2))
    assert torch.equal(first(parts[1].inputs), second(parts[1].inputs))


def test_several_share_a_medium_number_of_events():
    usual = {events: LabelOptions.by_number(events) for events in (900, 10_000, 50_000, 10**6)}
    assert [options.members for options in usual.values()] == [1, 1, 4, 1]
    assert [options.steps for options in usual.values()] == [200, 390, 1953, 8000]
    assert [options.distilled > 0 for options in usual.values()] == [False, False, True, False]
    assert usual[900].as_they_run(900, 5)["batch_size"] == 900
    assert usual[900].as_they_run(900, 1) == {"channels": 1, "steps": 0}
