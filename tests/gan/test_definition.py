from dataclasses import replace

import numpy as np
import pytest
import torch

from nugen_gan.gan import definition as module
from nugen_gan.gan.definition import FeatureDefinition, conventions, different_conventions
from nugen_gan.gan.features import FEATURES, Scaling, raw_features


def test_a_definition_comes_back():
    known = replace(FeatureDefinition(), quasielastic=(0.9, 0.04), hyperon_height=2.0)
    assert FeatureDefinition.from_dict(known.as_dict()) == known


@pytest.mark.parametrize(
    "changes",
    [
        {"quasielastic": [0.9]},
        {"quasielastic": [0.9, -0.1]},
        {"quasielastic": [float("nan"), 0.1]},
        {"w2_scale": 0.0},
        {"new": 1.0},
    ],
)
def test_what_is_no_definition_is_refused(changes):
    with pytest.raises(ValueError, match=next(iter(changes))):
        FeatureDefinition.from_dict({**FeatureDefinition().as_dict(), **changes})


def test_the_peak_stands_where_the_definition_says(tiny_events):
    enu, proxies = torch.from_numpy(tiny_events.enu), torch.from_numpy(tiny_events.proxies())
    there = replace(FeatureDefinition(), quasielastic=(0.90, 0.05))
    columns = [
        raw_features(enu, proxies, tiny_events.process.lepton_mass, known)[
            :, FEATURES.index("w_quasielastic")
        ]
        for known in (FeatureDefinition(), there)
    ]
    w = np.sqrt(np.clip(tiny_events.derived().w2, 1e-4, None))
    for centre, column in zip((0.95, 0.90), columns, strict=True):
        np.testing.assert_allclose(column.numpy(), np.arcsinh((w - centre) / 0.05), rtol=1e-6)


def test_a_model_keeps_its_own_definition(tiny_model, tmp_path, monkeypatch):
    """Another constant in the program changes neither a stored model nor its events."""
    import nugen_gan

    tiny_model.save(tmp_path / "model")
    enu = np.full(500, 0.6)
    before = nugen_gan.load_model(tmp_path / "model").sample(enu, seed=1)
    monkeypatch.setattr(FeatureDefinition.__init__, "__defaults__",
                        ((0.90, 0.05), *FeatureDefinition.__init__.__defaults__[1:]))  # fmt: skip
    assert FeatureDefinition().quasielastic == (0.90, 0.05)
    model = nugen_gan.load_model(tmp_path / "model")
    assert isinstance(model.proposal.scaling, Scaling)
    assert model.proposal.scaling.definition.quasielastic == (0.95, 0.05)
    after = model.sample(enu, seed=1)
    np.testing.assert_array_equal(after.elep, before.elep)
    np.testing.assert_array_equal(after.channel, before.channel)


def test_models_of_other_conventions_are_refused(tiny_model, tmp_path, monkeypatch):
    import nugen_gan
    from nugen_gan.errors import ModelError

    assert different_conventions(conventions()) == ""
    tiny_model.save(tmp_path / "model")
    monkeypatch.setattr(module, "OMEGA_SCALE", 0.006)
    with pytest.raises(ModelError, match="proxy_omega_scale_GeV is"):
        nugen_gan.load_model(tmp_path / "model")
