"""A model of the hadrons: learned from few events, what it makes is possible."""

from dataclasses import replace

import awkward as ak
import numpy as np
import pytest

from nugen_gan.events.particles import flat, possible
from nugen_gan.hadrons.fit import HadronOptions, fit_hadrons
from nugen_gan.hadrons.model import HadronModel
from nugen_gan.hadrons.shape import HadronShape
from nugen_gan.hadrons.tiles import independent
from nugen_gan.physics import species
from nugen_gan.physics.process import Channel


@pytest.fixture(scope="module")
def tiny():
    return HadronOptions(
        momentum_steps=150, multiplicity_steps=500, batch_size=512, least=3,
        shape=HadronShape(width=32, narrow=24, blocks=1, more=40, last=48, polar=32),
    )  # fmt: skip


@pytest.fixture(scope="module")
def model(whole, tiny):
    return fit_hadrons(whole, options=tiny, seed=1)


def sampled(model, table, seed):
    return model.sample(table, independent(np.random.default_rng(seed), len(table)))


def test_learned_multiplicities_are_those_of_the_sample(whole, model):
    made, true = (flat(x) for x in (sampled(model, whole, 2), whole.particles))
    for code in (2212, 2112, 211, 111):
        ours, theirs = (those.number(those.pdg == code).mean() for those in (made, true))
        assert ours == pytest.approx(theirs, rel=0.25)


def test_every_event_is_possible(whole, model):
    made = whole.with_(particles=sampled(model, whole, 3))
    those = flat(made.particles)
    assert possible(those).all()
    mass = species.mass(those.pdg)
    momentum2 = those.px**2 + those.py**2 + those.pz**2
    np.testing.assert_allclose(those.E**2 - momentum2, mass**2, rtol=1e-6, atol=1e-9)
    baryon = species.baryon_number(those.pdg)
    spent = those.E - 0.5 * (0.93827208816 + 0.93956542052) * baryon
    missing = made.enu - made.elep - those.sums(spent)
    assert missing.min() > -1e-9
    coherent = np.asarray(whole.channel == Channel.COH)
    np.testing.assert_allclose(missing[coherent], 0.0, atol=1e-9)
    assert ak.all(ak.num(made.particles)[coherent] == 1)


def test_the_same_stream_makes_the_same_events(whole, model):
    one, other = (sampled(model, whole, 4) for _ in range(2))
    assert ak.almost_equal(one, other, rtol=0, atol=0)


def test_it_goes_through_plain_values(whole, model):
    again = HadronModel.from_dict(model.as_dict(), model.tensors)
    one, other = (sampled(m, whole, 4) for m in (model, again))
    assert ak.almost_equal(one, other, rtol=0, atol=0)
    assert all(tensor.dtype == np.float16 for tensor in model.tensors.values())


def test_what_it_cannot_make_is_named(model, whole):
    assert 0.0 < model.left_out["rare particles"] < 0.05


def test_momenta_follow_their_lepton(whole, model):
    """The learned chain knows where q points: a plain average over events would not."""
    made, true = (flat(x) for x in (sampled(model, whole, 2), whole.particles))
    for those in (made, true):
        protons = those.pick(those.pdg == 2212)
        assert protons.px.mean() < -0.05  # away from the lepton, which is at x > 0


def test_a_transfer_begins_with_what_is_known(whole, model, tiny):
    few = replace(tiny, momentum_steps=1, multiplicity_steps=1)
    again = fit_hadrons(whole, options=few, seed=1, start=model)
    assert again.catalogue == model.catalogue
    fresh = fit_hadrons(whole, options=few, seed=1)
    name = "first.inward.weight"
    near = abs(again.tensors[name].astype("f4") - model.tensors[name]).max()
    assert near < 0.02 < abs(fresh.tensors[name].astype("f4") - model.tensors[name]).max()
