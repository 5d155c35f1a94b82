import numpy as np
import pytest
import torch

from nugen_gan.density_ratio.chain import Stage, first_stage, stages_after, stages_before
from nugen_gan.density_ratio.threshold_shift import Shift

ELECTRON, MUON = 0.000511, 0.105658


@pytest.fixture
def events():
    random = np.random.default_rng(1)
    enu = torch.from_numpy(np.exp(random.uniform(np.log(0.08), np.log(20.0), 2000)))
    return enu, torch.from_numpy(random.normal(0.0, 1.5, (2000, 2)))


@pytest.mark.parametrize(
    ("mass", "shifts"),
    [
        (ELECTRON, ()),
        (ELECTRON, (Shift(0.01, MUON),)),
        (ELECTRON, (Shift(0.0, MUON), Shift(-0.02, ELECTRON))),
        (ELECTRON, (Shift(0.01, ELECTRON), Shift(0.005, MUON))),
    ],
)
def test_there_and_back(events, mass, shifts):
    enu, proxies = events
    known, known_mass = first_stage(enu, mass, shifts)
    after = stages_after(Stage(known, proxies, known_mass), enu, mass, shifts)
    assert len(after) == len(shifts) + 1
    assert after[0].enu is enu
    assert after[0].mass == mass
    before = stages_before(after[0], shifts)
    for one, other in zip(after, before, strict=True):
        assert one.mass == other.mass
        torch.testing.assert_close(one.enu, other.enu)
        torch.testing.assert_close(one.proxies, other.proxies, atol=1e-3, rtol=0)


def test_nothing_happened_is_the_same_tensor(events):
    enu, proxies = events
    stages = stages_after(Stage(enu, proxies, ELECTRON), enu, ELECTRON, (Shift(0.0, ELECTRON),))
    assert stages[0].proxies is stages[1].proxies


def test_energies_that_make_no_muon_are_raised_for_it(events):
    enu, _ = events
    known, mass = first_stage(enu, ELECTRON, (Shift(0.0, MUON),))
    assert mass == MUON
    assert (known > MUON).all()
    assert first_stage(enu, MUON, (Shift(0.0, MUON),))[0] is enu
