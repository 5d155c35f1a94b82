import numpy as np
import torch

from nugen_gan.channels.classifier import ChannelClassifier
from nugen_gan.density_ratio.inputs import COLUMNS


def test_drawn_labels_have_the_probabilities():
    torch.manual_seed(1)
    classifier = ChannelClassifier((100, 200, 400))
    fresh = torch.randn(20_000, COLUMNS)
    with torch.no_grad():
        probability = torch.softmax(classifier(fresh), dim=1).numpy()
        drawn = classifier.draw(fresh, np.random.default_rng(3).random(20_000))
    for code, column in zip(classifier.channels, probability.T, strict=True):
        expected, spread = column.sum(), np.sqrt((column * (1 - column)).sum())
        assert abs((drawn == code).sum() - expected) < 5 * spread


def test_a_higher_temperature_is_less_certain():
    torch.manual_seed(1)
    classifier = ChannelClassifier((100, 200, 400))
    fresh = torch.randn(100, COLUMNS)
    with torch.no_grad():
        before = torch.softmax(classifier(fresh), dim=1).max(dim=1).values
        classifier.temperature.fill_(2.0)
        after = torch.softmax(classifier(fresh), dim=1).max(dim=1).values
    assert (after < before).all()
