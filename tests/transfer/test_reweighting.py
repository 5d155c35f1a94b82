from dataclasses import replace

import numpy as np
import pytest
import torch
from transfer_toys import accepting_all, carbon

from nugen_gan.density_ratio.fit import RatioOptions
from nugen_gan.density_ratio.network import RatioShape
from nugen_gan.density_ratio.reach import Reach
from nugen_gan.density_ratio.threshold_shift import ShiftOptions
from nugen_gan.errors import UsageError
from nugen_gan.events.table import EventTable
from nugen_gan.gan.heldout import HeldOutTest
from nugen_gan.model.model import load_model
from nugen_gan.model.steps import Step, log_acceptance, log_ratio
from nugen_gan.physics.process import Process
from nugen_gan.training.recipe import USUAL, Recipe
from nugen_gan.training.refine import proposed, rows_of
from nugen_gan.transfer.reweighting import (
    adopted,
    learn_reweighting,
    reweighting_options,
)

RATIO = RatioOptions(RatioShape(2, 32, 1), steps=250, batch_size=256, learning_rate=5e-3)
RECIPE = Recipe(reweighting=RATIO, proposals=10_000)


@pytest.fixture
def start(tiny_model, tiny_events):
    return adopted(carbon(tiny_model), tiny_events)


def test_adopting_changes_the_process_not_the_energies_known(tiny_model, tiny_events):
    some = tiny_events[(tiny_events.enu > 0.5) & (tiny_events.enu < 5.0)]
    start = adopted(carbon(tiny_model), some)
    assert start.process == some.process
    assert start.energy_range == some.energy_range()
    assert start.proposal.condition_range == (0.2, 20.0)
    assert start.cross_section == some.cross_section


def test_a_base_adopted_by_another_lepton_keeps_omega_and_q2(tiny_model, tiny_events):
    base = carbon(tiny_model)
    muons = replace(tiny_events[tiny_events.enu > 1.0], process=base.process)
    electrons = replace(muons, process=Process.from_name("nue_cc_C12"))
    same, other = adopted(base, muons), adopted(base, electrons)
    assert same.steps == base.steps
    # The lepton alone is changed: by a step without a ratio.
    assert other.steps == (*base.steps, Step(electrons.process.lepton_mass))
    assert other.process == electrons.process
    enu = np.full(2000, 3.0)
    made, expected = (model.sample(enu, seed=1).derived() for model in (other, same))
    # Far from the edges of phase space, which lie elsewhere for another mass.
    inner = (expected.omega > 0.1) & (expected.omega < 1.5) & (expected.q2 > 0.1)
    inner &= expected.q2 < 1.0
    assert inner.sum() > 100
    np.testing.assert_allclose(made.omega[inner], expected.omega[inner], rtol=0.02)
    np.testing.assert_allclose(made.q2[inner], expected.q2[inner], rtol=0.05)
    assert base.steps[-1].ratio is not None
    rows = rows_of(other, other.sample(enu, seed=1))
    assert len(rows) == len(base.steps) + 1
    torch.testing.assert_close(
        log_acceptance(other.steps, rows), log_acceptance(base.steps, rows[:-1])
    )


def test_a_process_of_another_lepton_is_no_mere_name(tiny_model):
    with pytest.raises(UsageError, match=r"leptons of 0\.1057 GeV cannot be one of nue_cc_C12"):
        tiny_model.with_(process=Process.from_name("nue_cc_C12"))


def test_reweighting_moves_the_base_towards_the_events(start, tiny_events):
    training, unseen = tiny_events[:700], tiny_events[700:]
    test = HeldOutTest.of(unseen)
    # A base that never learned which of its events to keep has much to learn.
    plain = accepting_all(start)
    model = learn_reweighting(plain, training, seed=1, recipe=RECIPE).model
    before, after = (
        test(lambda enu, one=one: one.sample(enu, seed=2, allow_extrapolation=True).proxies())
        for one in (plain, model)
    )
    assert after < 0.7 * before


def test_reweighting_is_reproducible_and_knows_the_base_s_refiner(start, tiny_events):
    learned, again = (
        learn_reweighting(start, tiny_events, seed=1, recipe=RECIPE) for _ in range(2)
    )
    made, other = (one.model.sample(tiny_events.enu, seed=3) for one in (learned, again))
    np.testing.assert_array_equal(made.elep, other.elep)
    assert made.is_physical().all()
    assert learned.model.steps == (*start.steps, learned.step)
    assert learned.step.ratio.shape.continues
    # The base's ratio looks at the events before the shift.
    rows = rows_of(learned.model, made)
    known = log_ratio(start.steps, rows[:-1])
    assert not torch.equal(log_ratio(learned.model.steps, rows), known)


def test_the_acceptance_is_that_of_the_proposals(start, tiny_events):
    learned = learn_reweighting(start, tiny_events, seed=1, recipe=RECIPE)
    rows = rows_of(learned.model, proposed(learned.model, tiny_events, 5, 20))
    accepted = torch.exp(log_acceptance(learned.model.steps, rows)).mean()
    assert float(accepted) == pytest.approx(learned.acceptance, rel=0.1)
    assert learned.model.metrics["refiner"]["acceptance"] == round(learned.acceptance, 4)


def test_a_reweighted_base_is_a_model(start, tiny_events, tmp_path):
    learned = learn_reweighting(start, tiny_events, seed=1, recipe=RECIPE)
    model = learned.model.with_(name="toy")
    assert model.proposal.generator is start.proposal.generator
    assert model.proposal.smearing > 0
    enu = np.linspace(0.3, 15.0, 2000)
    loaded = load_model(model.save(tmp_path / "toy"))
    assert loaded.proposal.smearing == model.proposal.smearing
    whole = model.sample(enu, seed=3)
    np.testing.assert_array_equal(loaded.sample(enu, seed=3).elep, whole.elep)
    # Events that were rejected are drawn again, however many are asked for at once.
    parts = model.sampler.stream(lambda first, last: enu[first:last], len(enu), seed=3, chunk=333)
    joined = EventTable.concatenate(list(parts))
    for name in ("elep", "costheta", "channel"):
        np.testing.assert_array_equal(getattr(joined, name), getattr(whole, name))


def test_the_constants_of_the_recipe_stand_in_the_model(start, tiny_events, tmp_path):
    shape = replace(RATIO.shape, rejected_from=-0.1, rejected_to=-3.0, rejection_weight=2.0)
    recipe = replace(
        RECIPE, smearing=0.3, reach=Reach(down=0.01, up=0.03, spread=0.1), lepton_power=1.5,
        shift=ShiftOptions(softness=0.004, highest=0.006),
        reweighting=replace(RATIO, shape=shape, steps=10),
    )  # fmt: skip
    electrons = replace(tiny_events, process=Process.from_name("nue_cc_C12"))
    model = learn_reweighting(start, electrons, seed=1, recipe=recipe).model.with_(name="toy")
    last = model.steps[-1]
    assert (last.softness, last.power) == (0.004, 1.5)
    assert last.ratio.shape == replace(shape, continues=True)
    assert (model.proposal.smearing, model.proposal.reach) == (0.3, recipe.reach)
    assert model.training["recipe"]["threshold_shift"]["highest"] == 0.006
    assert model.training["recipe"]["ratio"]["rejection_weight"] == 2.0
    loaded = load_model(model.save(tmp_path / "toy"))
    assert loaded.proposal.reach == recipe.reach
    assert (loaded.steps[-1].softness, loaded.steps[-1].power) == (0.004, 1.5)
    assert loaded.steps[-1].ratio.shape == last.ratio.shape
    enu = np.linspace(0.3, 15.0, 500)
    whole, again = (one.sample(enu, seed=3) for one in (model, loaded))
    np.testing.assert_array_equal(whole.elep, again.elep)
    # A base that smears goes on as it does.
    more = learn_reweighting(model, electrons, seed=1, steps=10, recipe=RECIPE, shift=0.0).model
    assert more.proposal.reach == recipe.reach
    assert "threshold_shift" not in more.training["recipe"]


def test_antineutrinos_make_hyperons(start, tiny_events, tmp_path):
    events = replace(tiny_events, process=Process.from_name("numubar_cc_C12"))
    assert not learn_reweighting(
        start, tiny_events, seed=1, steps=10, recipe=RECIPE
    ).step.ratio.shape.hyperons
    learned = learn_reweighting(start, events, seed=1, steps=10, recipe=RECIPE)
    assert learned.step.ratio.shape.hyperons
    assert not start.steps[0].ratio.shape.hyperons
    model = learned.model.with_(name="toy")
    loaded = load_model(model.save(tmp_path / "toy"))
    assert loaded.steps[-1].ratio.shape == learned.step.ratio.shape
    enu = np.full(200, 1.0)
    np.testing.assert_array_equal(loaded.sample(enu, seed=3).elep, model.sample(enu, seed=3).elep)


def test_few_events_are_told_from_many_proposals():
    sizes = (100, 1_000, 10_000, 100_000, 1_000_000)
    each = {events: USUAL.transfer_copies(events) for events in sizes}
    assert each == {100: 50, 1_000: 50, 10_000: 30, 100_000: 12, 1_000_000: 2}


def test_of_many_events_one_network_remains():
    known = {events: reweighting_options(events) for events in (1_000, 10_000, 90_000)}
    assert [bool(options.distilled) for options in known.values()] == [False, False, True]
    assert [options.shape.members for options in known.values()] == [8, 5, 5]


def test_the_members_of_many_events_stop_together():
    few, many = reweighting_options(10_000), reweighting_options(90_000)
    assert (few.together, many.together) == (False, True)
