"""A time limit bounds all of a run, and what it cost is recorded."""

import time

import pytest
import torch
from recorder import Recorder
from transfer_toys import carbon

from nugen_gan.density_ratio.distillation import learn
from nugen_gan.gan.deadline import NONE, Deadline
from nugen_gan.gan.options import TrainingOptions
from nugen_gan.training.train import train
from nugen_gan.transfer.finetune import FinetuneOptions, finetune

LIMIT, SLACK = 8.0, 4.0  # seconds; a busy machine is late for an end


def _cut(model):
    return model.training["cut_short"]


def test_a_training_ends_in_time(tiny_events):
    started = time.monotonic()
    model = train(tiny_events, options=TrainingOptions(steps=10**6, time_limit=LIMIT, seed=1))
    assert time.monotonic() - started < SLACK * LIMIT
    assert 0.5 * LIMIT < model.training["seconds"] < SLACK * LIMIT
    assert _cut(model)["networks"].endswith(" of 1,000,000 steps")
    assert model.training["options"]["time_limit"] == LIMIT
    assert model.training["recipe"]["networks"]["steps"] == model.training["steps"] < 10**6
    assert model.sample([1.0], seed=1).is_physical().all()


@pytest.mark.parametrize("networks", [None, True])
def test_a_transfer_ends_in_time(tiny_events, tiny_model, networks):
    options = FinetuneOptions(
        time_limit=LIMIT, seed=1, networks=networks, steps=10**6 if networks else None,
        refiner_steps=10**6, ensemble=0 if networks else 1,
    )  # fmt: skip
    started = time.monotonic()
    model = finetune(tiny_events, carbon(tiny_model), options=options)
    assert time.monotonic() - started < SLACK * LIMIT
    assert _cut(model)["ratio"].endswith(" of 1,000,000 steps")
    assert ("networks" in _cut(model)) == bool(networks)
    assert model.sample([1.0], seed=1).is_physical().all()


def test_a_limit_asks_for_no_networks():
    assert FinetuneOptions(time_limit=60.0).networks_asked is None


def test_parts_of_what_is_left():
    whole = Deadline.within(100.0)
    half = whole.part(0.5)
    assert 49.0 < half.left() < 50.1
    half.record("ratio", 3, 10)
    half.record("labels", 10, 10)
    assert whole.cut == {"ratio": "3 of 10 steps"}
    assert Deadline.within(0.0).left() == 0.0


def test_without_a_limit_nothing_looks_at_the_clock():
    assert NONE.part(0.1) is NONE
    assert NONE.place(3, 10) == 3
    assert Deadline.within(None).left() == float("inf")


def test_steps_follow_the_clock():
    now = time.monotonic()
    assert Deadline(now - 5.0, now + 5.0).place(1, 1000) == pytest.approx(500, abs=50)
    assert Deadline(now - 5.0, now + 5.0).place(900, 1000) == 900
    assert Deadline(now - 5.0, now - 1.0).place(1, 1000) == 1000


def test_the_rate_comes_down_in_time():
    network, heard = torch.nn.Linear(1, 1), Recorder()
    heard.started("learning", 1.0)
    wanted = torch.ones(8, 1)

    def loss(random):
        return (network(wanted) - 3.0).square().mean()

    deadline = Deadline.within(1.0)
    learn(network, loss, 10**8, 1, monitor=heard, deadline=deadline)
    assert heard.advances[0][-1] == 1.0
    assert "one network for all" in deadline.cut
    assert float(network(wanted)[0].detach()) == pytest.approx(3.0, abs=0.6)
