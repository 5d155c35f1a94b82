"""The proxies invert exactly, everywhere, and never leave phase space."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nugen_gan.physics.kinematics import (
    NUCLEON_MASS,
    LeptonKinematics,
    decode,
    derived,
    encode,
    is_physical,
)
from nugen_gan.physics.process import Process

LEPTONS = {
    name: Process.from_name(f"{name}_cc_C12").lepton_mass for name in ("nue", "numu", "nutau")
}
masses = st.sampled_from(sorted(LEPTONS.values()))
# Where in its interval a number lies; powers of ten reach deep into both edges.
fractions = st.one_of(
    st.floats(0.0, 1.0),
    st.floats(-12.0, -1.0).map(lambda x: 10.0**x),
    st.floats(-12.0, -1.0).map(lambda x: 1.0 - 10.0**x),
)


def _event(mass, above_threshold, kinetic_fraction, angle_fraction):
    enu = np.array([mass + above_threshold])
    elep = mass + kinetic_fraction * (enu - mass)
    return enu, elep, 1.0 - 2.0 * np.array([angle_fraction])


@given(masses, st.floats(1e-3, 200.0), fractions, fractions)
@settings(max_examples=500, deadline=None)
def test_decode_inverts_encode(mass, above_threshold, kinetic_fraction, angle_fraction):
    enu, elep, costheta = _event(mass, above_threshold, kinetic_fraction, angle_fraction)
    again_elep, again_costheta = decode(enu, *encode(enu, elep, costheta, mass), mass)
    # An energy is known to a few units in the last place of the neutrino's.
    np.testing.assert_allclose(again_elep, elep, rtol=0, atol=1e-14 * max(1.0, enu[0]))
    # What the direction does to the event is Q2; for a lepton almost at rest it means nothing.
    q2, again_q2 = (
        derived(enu, elep, costheta, mass).q2,
        derived(enu, again_elep, again_costheta, mass).q2,
    )
    kinetic = elep - mass
    slack = 1e-12 + 4.0 * enu * np.sqrt(2.0 * mass * 2e-16 * enu)
    np.testing.assert_allclose(again_q2, q2, rtol=1e-9, atol=float(slack[0]))
    if kinetic[0] > 1e-6 * enu[0]:
        np.testing.assert_allclose(again_costheta, costheta, rtol=0, atol=1e-7)


@given(masses, st.floats(1e-6, 200.0), st.floats(-100, 100), st.floats(-100, 100))
@settings(max_examples=500, deadline=None)
def test_every_pair_of_numbers_is_physical(mass, above_threshold, proxy1, proxy2):
    enu = np.array([mass + above_threshold])
    elep, costheta = decode(enu, np.array([proxy1]), np.array([proxy2]), mass)
    assert is_physical(enu, elep, costheta, mass).all()
    assert (elep >= mass).all()


@pytest.mark.parametrize("mass", LEPTONS.values(), ids=LEPTONS)
def test_gradients_are_finite(mass):
    rng = np.random.default_rng(0)
    enu = torch.tensor(mass + rng.uniform(0.001, 20.0, 2000), dtype=torch.float32)
    proxies = torch.tensor(rng.normal(0.0, 12.0, (2, 2000)), dtype=torch.float32).requires_grad_()
    lepton = LeptonKinematics.from_proxies(enu, proxies[0], proxies[1], mass)
    total = lepton.omega + lepton.q2 + lepton.w2 + lepton.kinetic_fraction
    (gradient,) = torch.autograd.grad((total + lepton.one_minus_costheta).sum(), proxies)
    assert torch.isfinite(gradient).all()
    assert gradient.abs().max() > 0


def test_numpy_and_torch_agree():
    rng = np.random.default_rng(1)
    mass = LEPTONS["numu"]
    enu, proxies = rng.uniform(0.2, 20.0, 500), rng.normal(0.0, 3.0, (2, 500))
    numpy_result = decode(enu, *proxies, mass)
    torch_result = decode(torch.tensor(enu), *torch.tensor(proxies), mass)
    for ours, theirs in zip(numpy_result, torch_result, strict=True):
        np.testing.assert_allclose(ours, theirs.numpy(), rtol=0, atol=1e-13)


def test_derived_quantities_against_four_vectors():
    rng = np.random.default_rng(2)
    mass, n = LEPTONS["numu"], 1000
    enu = rng.uniform(0.2, 20.0, n)
    elep = mass + rng.random(n) * (enu - mass)
    costheta = rng.uniform(-1.0, 1.0, n)
    plep = np.sqrt(elep**2 - mass**2)
    transfer = np.stack(
        [enu - elep, -plep * np.sqrt(1 - costheta**2), np.zeros(n), enu - plep * costheta]
    )
    square = transfer[0] ** 2 - (transfer[1:] ** 2).sum(axis=0)
    hadron = (transfer[0] + NUCLEON_MASS) ** 2 - (transfer[1:] ** 2).sum(axis=0)
    result = derived(enu, elep, costheta, mass)
    np.testing.assert_allclose(result.q2, -square, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(result.w2, hadron, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(result.omega, enu - elep)
    np.testing.assert_allclose(result.kinetic_fraction, (elep - mass) / (enu - mass))


@pytest.mark.parametrize(
    ("enu", "elep", "costheta", "allowed"),
    [
        (1.0, 0.5, 0.3, True),
        (1.0, 0.105658, 0.3, True),  # the muon mass as NuWro rounds it
        (1.0, 0.10, 0.3, False),
        (1.0, 1.01, 0.3, False),
        (1.0, 0.5, 1.01, False),
        (np.nan, 0.5, 0.3, False),
        (1.0, np.inf, 0.3, False),
        (-1.0, 0.5, 0.3, False),
    ],
)
def test_is_physical(enu, elep, costheta, allowed):
    found = is_physical(np.array([enu]), np.array([elep]), np.array([costheta]), LEPTONS["numu"])
    assert found.tolist() == [allowed]
