from __future__ import annotations

import numpy as np
import pytest

from nugen_gan.physics.masses import NUCLEON_MASS, PROTON_MASS, particle_mass
from nugen_gan.physics.process import Channel
from nugen_gan.validation.hadrons.final_state import FinalState
from nugen_gan.validation.hadrons.observables import OBSERVABLES, observables

PION, NEUTRAL_PION, KAON = (particle_mass(code) for code in (211, 111, 321))


def of(made, *particles, **lepton):
    found = observables(FinalState.of(made([list(particles)], **lepton)))
    assert list(found) == list(OBSERVABLES)
    return {name: values[0] for name, values in found.items()}


def test_leading_particles(made):
    found = of(made, (2212, 0.0, 0.3, 0.4), (2212, 0.1, 0.0, 0.0), (-211, 0.0, 0.6, 0.0))
    assert found["p_proton"] == pytest.approx(0.5)
    assert found["cos_proton"] == pytest.approx(0.8)
    assert found["p_pion"] == pytest.approx(0.6)
    assert found["cos_pion"] == 0.0
    assert np.isnan(found["p_neutron"])
    assert np.isnan(found["cos_pi0"])


def test_energies(made):
    found = of(
        made, (2212, 0.0, 0.0, 0.5), (2112, 0.0, 0.4, 0.0), (211, 0.3, 0.0, 0.0), (111, 0, 0, 0.2),
        (22, 0.0, 0.1, 0.0), (3122, 0.0, 0.0, 0.0),
    )  # fmt: skip
    proton = np.hypot(0.5, PROTON_MASS) - PROTON_MASS
    neutron = np.hypot(0.4, particle_mass(2112)) - particle_mass(2112)
    pion, neutral = np.hypot(0.3, PION) - PION, np.hypot(0.2, NEUTRAL_PION)
    hyperon = particle_mass(3122)
    available = proton + pion + neutral + 0.1 + hyperon - PROTON_MASS
    assert found["available"] == pytest.approx(available, abs=1e-5)
    kinetic = proton + neutron + pion + neutral - NEUTRAL_PION + 0.1
    assert found["kinetic"] == pytest.approx(kinetic, abs=1e-5)
    used = proton + neutron + pion + PION + neutral + 0.1 + hyperon - NUCLEON_MASS
    assert found["e_missing"] == pytest.approx(0.4 - used, abs=1e-5)


def test_visible_mass_needs_two_particles_and_leaves_neutrons_out(made):
    found = of(made, (22, 0.0, 0.3, 0.0), (22, 0.0, 0.0, 0.3), (2112, 1.0, 0.0, 0.0))
    assert found["w_visible"] == pytest.approx(0.3 * np.sqrt(2.0), abs=1e-5)
    assert np.isnan(of(made, (211, 0.0, 0.0, 0.3), (2112, 1.0, 0.0, 0.0))["w_visible"])


def test_missing_momentum_is_what_the_hadrons_do_not_take_of_q(made):
    events = made([[]])
    transfer = FinalState.of(events).transfer[0]
    whole = of(made, (2212, *transfer))
    names = ("p_missing_along", "p_missing_in", "p_missing_out")
    assert [whole[name] for name in names] == [0.0, 0.0, 0.0]
    none = of(made)
    assert none["p_missing_along"] == pytest.approx(np.linalg.norm(transfer), abs=1e-5)
    assert none["p_missing_in"] == pytest.approx(0.0, abs=1e-9)
    above = of(made, (2212, transfer[0], transfer[1] + 0.2, transfer[2]))
    assert [above[name] for name in names] == pytest.approx([0.0, 0.0, -0.2])


def test_imbalance_is_that_of_the_leading_proton_above_threshold(made):
    plep = np.sqrt(0.6**2 - particle_mass(13) ** 2) * np.sqrt(0.75)
    found = of(made, (2212, -0.4, 0.0, 0.1), (2212, 0.0, 0.2, 0.0))
    assert found["dpt"] == pytest.approx(abs(plep - 0.4), abs=1e-5)
    assert found["dphit"] == 0.0
    slow = of(made, (2212, -0.25, 0.0, 0.1))
    assert all(np.isnan(slow[name]) for name in ("dpt", "dalphat", "dphit", "azimuth"))


def test_both_sides_of_the_lepton_plane_are_alike(argon):
    state = FinalState.of(argon)
    mirrored = argon.particles
    mirrored = argon.with_(particles=[
        [{**p, "py": -p["py"]} for p in event] for event in mirrored.tolist()
    ])  # fmt: skip
    ours, theirs = observables(state), observables(FinalState.of(mirrored))
    for name in OBSERVABLES:
        sign = -1.0 if name == "p_missing_out" else 1.0
        assert np.allclose(ours[name], sign * theirs[name], atol=1e-5, equal_nan=True)


def test_genuine_events_balance_as_their_generator_says(carbon, argon):
    """Medians of E_miss of 27-69 MeV in argon; of |p_miss| 0.13-0.3 GeV; coherent events: none."""
    values = observables(FinalState.of(argon))
    for channel in (Channel.QE, Channel.MEC, Channel.RES, Channel.DIS):
        mine = argon.channel == channel
        assert 0.02 < np.median(values["e_missing"][mine]) < 0.08
    assert values["e_missing"].min() > -2e-3
    parts = [values[f"p_missing_{side}"] for side in ("along", "in", "out")]
    assert 0.1 < np.median(np.linalg.norm(parts, axis=0)) < 0.3
    assert (values["available"] <= values["kinetic"] + argon.enu).all()
    coherent = observables(FinalState.of(carbon))["e_missing"][carbon.channel == Channel.COH]
    assert coherent.size > 3
    assert np.abs(coherent).max() < 2e-3


def test_numbers_are_rounded_so_that_single_precision_cannot_be_seen(argon):
    exact = observables(FinalState.of(argon))
    stored = observables(FinalState.of(argon.stored()))
    for name in OBSERVABLES:
        there = np.isfinite(exact[name])
        assert np.array_equal(there, np.isfinite(stored[name]))
        assert np.abs(exact[name] - stored[name])[there].max() <= 3e-3
        assert np.allclose(exact[name] * 1e5, np.round(exact[name] * 1e5), equal_nan=True)
