"""Bundled models make the events that they made when they were bundled, and those of NuWro."""

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

import nugen_gan
from nugen_gan.events.particles import flat
from nugen_gan.storage.bundled import bundled_models, bundled_samples

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "golden_models.py"


@pytest.fixture(scope="module")
def golden():
    specification = importlib.util.spec_from_file_location("golden_models", SCRIPT)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", bundled_models())
def test_a_bundled_model_makes_the_same_events(name, golden, data):
    """To the few decisions that another processor's rounding may turn."""
    stored = json.loads((data / "golden_models.json").read_text(encoding="utf-8"))[name]
    found = golden.figures(name)
    assert set(found) == set(stored)
    for what, value in found.items():
        tolerance = 0.004 if "share of" in what else 0.003 * max(abs(stored[what]), 0.3)
        assert value == pytest.approx(stored[what], abs=tolerance), what


@pytest.mark.parametrize("sample", bundled_samples())
def test_a_bundled_model_makes_the_events_of_its_sample(sample):
    """Spectra and shares of channels of 20,000 events each, in parts of the energies."""
    events = nugen_gan.read(sample)
    events = events[: min(len(events), 20_000)]
    model = nugen_gan.load_model(sample.rpartition("_")[0])
    made = model.sample(events.enu, seed=3)
    for low, high in ((0.2, 0.5), (0.5, 1.0), (1.0, 3.0), (3.0, 20.0)):
        inside = (events.enu >= low) & (events.enu < high)
        ours, theirs = made[inside], events[inside]
        n = len(theirs)
        for code in np.unique(theirs.channel):
            share = (theirs.channel == code).mean()
            error = np.sqrt(2 * share * (1 - share) / n)
            assert (ours.channel == code).mean() == pytest.approx(share, abs=4.5 * error)
        for one, other in (
            (ours.derived().omega, theirs.derived().omega),
            (ours.derived().w2, theirs.derived().w2),
            (ours.costheta, theirs.costheta),
        ):
            assert _kolmogorov_smirnov(one, other) < 2.0 * np.sqrt(2.0 / n)


@pytest.mark.parametrize("sample", ["numu_cc_C12_whole", "numu_cc_Ar40_sample"])
def test_a_bundled_model_makes_the_hadrons_of_its_sample(sample):
    """Mean multiplicities and energies, in parts of the energies."""
    events = nugen_gan.read(sample)
    made = nugen_gan.load_model(sample.rpartition("_")[0]).sample(events.enu, seed=3)
    for low, high in ((0.2, 1.0), (1.0, 3.0), (3.0, 20.0)):
        inside = (events.enu >= low) & (events.enu < high)
        ours, theirs = (flat(table[inside].particles) for table in (made, events))
        for pdg in (2212, 2112, 211, 111, -211):
            for weight in (np.ones_like, lambda energy: energy):
                one, other = (
                    those.sums(np.where(those.pdg == pdg, weight(those.E), 0.0))
                    for those in (ours, theirs)
                )
                error = np.hypot(one.std(), other.std()) / np.sqrt(len(one))
                assert one.mean() == pytest.approx(other.mean(), abs=4.5 * error + 1e-3), pdg


def _kolmogorov_smirnov(one, other):
    """Largest distance of two empirical distributions; 2 sqrt(2 / n) is p = 0.0007."""
    both = np.sort(np.concatenate([one, other]))
    steps = [np.searchsorted(np.sort(x), both, side="right") / len(x) for x in (one, other)]
    return np.abs(steps[0] - steps[1]).max()
