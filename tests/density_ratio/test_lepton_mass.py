import numpy as np
import pytest
import torch

from nugen_gan.density_ratio.lepton_mass import carried, usable
from nugen_gan.physics.kinematics import decode, derived

ELECTRON, MUON, TAU = 0.000511, 0.105658, 1.77693


def _events(low, high=20.0, n=20_000, seed=1):
    random = np.random.default_rng(seed)
    enu = np.exp(random.uniform(np.log(low), np.log(high), n))
    return torch.from_numpy(enu), torch.from_numpy(random.normal(0.0, 1.5, (n, 2)))


def _derived(enu, proxies, mass):
    return derived(enu.numpy(), *decode(enu.numpy(), *proxies.numpy().T, mass), mass)


@pytest.mark.parametrize(
    ("low", "old", "new"), [(0.2, MUON, ELECTRON), (0.2, ELECTRON, MUON), (3.6, MUON, TAU)]
)
def test_the_way_back(low, old, new):
    enu, proxies = _events(low)
    there = carried(enu, proxies, old, enu, new)
    assert torch.isfinite(there).all()
    assert not torch.allclose(there, proxies, atol=0.01)
    torch.testing.assert_close(carried(enu, there, new, enu, old), proxies, atol=1e-5, rtol=0)


def test_energy_and_momentum_transfer_stay_where_no_edge_is_near():
    enu, proxies = _events(2.0)
    before = _derived(enu, proxies, MUON)
    after = _derived(enu, carried(enu, proxies, MUON, enu, ELECTRON), ELECTRON)
    inside = (before.omega < 0.4 * enu.numpy()) & (before.q2 < 0.5 * enu.numpy())
    assert inside.sum() > 5000
    np.testing.assert_allclose(after.omega[inside], before.omega[inside], rtol=0.02)
    # Q2 begins at about m^2 omega / enu^2: by so much it differs.
    np.testing.assert_allclose(after.q2[inside], before.q2[inside], rtol=0.02, atol=0.01)
    assert np.median(np.abs(after.q2[inside] / before.q2[inside] - 1.0)) < 0.01


def test_all_of_phase_space_is_reached():
    enu = torch.full((2,), 0.3, dtype=torch.float64)
    edges = torch.tensor([[-40.0, -40.0], [40.0, 40.0]], dtype=torch.float64)
    elep, costheta = decode(
        enu.numpy(), *carried(enu, edges, MUON, enu, ELECTRON).numpy().T, ELECTRON
    )
    np.testing.assert_allclose(elep, [0.3, ELECTRON], rtol=1e-6)
    assert costheta[0] == pytest.approx(1.0)


def test_single_precision_stays():
    enu, proxies = _events(0.2, n=100)
    assert carried(enu, proxies.float(), MUON, enu, ELECTRON).dtype == torch.float32


def test_below_the_mass_of_a_base_s_lepton():
    enu = torch.tensor([0.05, 0.1, 1.0])
    known = usable(enu, MUON)
    assert (known > MUON).all()
    assert known[2] == 1.0
    proxies = torch.zeros(3, 2, dtype=torch.float64)
    there = carried(known, proxies, MUON, enu, ELECTRON)
    torch.testing.assert_close(
        carried(enu, there, ELECTRON, known, MUON), proxies, atol=1e-5, rtol=0
    )
