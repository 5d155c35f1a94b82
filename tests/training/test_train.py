import json
import os
import signal

import numpy as np
import pytest
import torch
from recorder import Recorder, Watcher
from safetensors.torch import save

from nugen_gan.errors import EmptySelectionError, ModelError, OutputError, UsageError
from nugen_gan.gan.networks import Architecture
from nugen_gan.gan.options import TrainingOptions
from nugen_gan.gan.sample import split_events, unweighted
from nugen_gan.gan.state import read_snapshot
from nugen_gan.model.model import load_model
from nugen_gan.training.train import plan, train


def _same_weights(one, other):
    return all(
        torch.equal(a, b)
        for a, b in zip(one.state_dict().values(), other.state_dict().values(), strict=True)
    )


def test_same_seed_same_model(tiny_events, tiny_options, tiny_model):
    again = train(tiny_events, options=tiny_options)
    assert _same_weights(again.proposal.generator, tiny_model.proposal.generator)
    assert _same_weights(again.labels, tiny_model.labels)


def test_another_seed_another_model(tiny_events, tiny_options, tiny_model):
    other = train(
        tiny_events, options=TrainingOptions.from_dict(tiny_options.as_dict() | {"seed": 4})
    )
    assert not _same_weights(other.proposal.generator, tiny_model.proposal.generator)


def test_training_leaves_the_global_random_state_alone(tiny_events, tiny_options):
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    train(tiny_events, options=tiny_options)
    torch.testing.assert_close(torch.rand(3), expected)


def test_training_learns(tiny_events):
    """Three hundred steps bring the held-out pull down by a large factor."""
    heard = Recorder()
    small = Architecture(width=32, blocks=1, critic_width=32, critic_blocks=1)
    options = TrainingOptions(
        steps=300, batch_size=256, seed=1, evaluate_every=50, warmup=20, learning_rate=2e-3,
        held_out=0.3, architecture=small,
    )  # fmt: skip
    train(tiny_events, options=options, monitor=heard)
    pulls = [figures["pull"] for figures in heard.figures if "pull" in figures]
    assert len(pulls) == 6
    assert min(pulls) < 0.6 * pulls[0]


def test_a_monitor_is_told_of_each_stage(tiny_events, tiny_options):
    heard = Recorder()
    train(tiny_events, options=tiny_options, monitor=heard)
    assert heard.stages == [
        ("training", 1.0, ""), ("learning the channels", 1.0, ""),
        ("learning which events to accept", 1.0, ""), ("measuring on held-out events", None, ""),
    ]  # fmt: skip
    assert heard.ended == 4
    for advances in heard.advances[:-1]:
        assert advances == sorted(advances)
        assert advances[-1] == pytest.approx(1.0)
    first, second = heard.figures[1], heard.figures[10]
    assert (first["step"], first["steps"]) == (1, 40)
    assert "pull" not in first
    assert "best_pull" not in first
    assert second["pull"] == second["best_pull"] > 0.0
    assert {"critic_loss", "generator_loss", "gradient", "elapsed"} < set(second)


class _Stop(Exception):
    pass


@pytest.mark.parametrize("stop", [_Stop, KeyboardInterrupt])
def test_resume_continues_to_the_same_bits(tiny_events, tiny_options, tiny_model, tmp_path, stop):
    output = tmp_path / "model"

    def interrupt(status):
        if status.step == (20 if stop is _Stop else 23):
            raise stop

    with pytest.raises(stop):
        train(tiny_events, output, options=tiny_options, monitor=Watcher(interrupt))
    assert not output.exists()
    assert (tmp_path / "model.run" / "snapshot.safetensors").is_file()
    resumed = train(tiny_events, output, options=TrainingOptions(), resume=True)
    assert _same_weights(resumed.proposal.generator, tiny_model.proposal.generator)
    assert _same_weights(resumed.proposal.critic, tiny_model.proposal.critic)
    assert not (tmp_path / "model.run").exists()
    log = [
        json.loads(line) for line in (output / "training" / "log.jsonl").read_text().splitlines()
    ]
    assert [line["step"] for line in log] == [10, 20, 30, 40]
    assert load_model(output).training["steps"] == 40


def test_ctrl_c_is_obeyed_between_steps(tiny_events, tiny_options, tiny_model, tmp_path):
    before = signal.getsignal(signal.SIGINT)

    def interrupt(status):
        if status.step == 7:
            os.kill(os.getpid(), signal.SIGINT)

    output = tmp_path / "model"
    with pytest.raises(KeyboardInterrupt):
        train(tiny_events, output, options=tiny_options, monitor=Watcher(interrupt))
    assert signal.getsignal(signal.SIGINT) is before
    _, texts = read_snapshot(tmp_path / "model.run" / "snapshot.safetensors")
    assert json.loads(texts["progress"])["step"] in (7, 8)  # or while the monitor returns
    resumed = train(tiny_events, output, resume=True)
    assert _same_weights(resumed.proposal.generator, tiny_model.proposal.generator)


def test_an_unfinished_training_is_not_lost(tiny_events, tiny_options, tmp_path):
    output = tmp_path / "model"

    def interrupt(status):
        if status.step == 20:
            raise _Stop

    with pytest.raises(_Stop):
        train(tiny_events, output, options=tiny_options, monitor=Watcher(interrupt))
    with pytest.raises(OutputError, match="--resume"):
        train(tiny_events, output, options=tiny_options)
    with pytest.raises(UsageError, match="other events"):
        train(tiny_events[:500], output, resume=True)
    snapshot = tmp_path / "model.run" / "snapshot.safetensors"
    snapshot.write_bytes(snapshot.read_bytes()[:1000])
    with pytest.raises(ModelError, match="cannot be read"):
        train(tiny_events, output, resume=True)


def test_a_finished_model_is_not_overwritten_by_accident(tiny_events, tiny_options, tmp_path):
    output = tmp_path / "model"
    train(tiny_events, output, options=tiny_options)
    before = (output / "model.json").read_bytes()
    with pytest.raises(OutputError, match="--overwrite"):
        train(tiny_events, output, options=tiny_options)
    assert (output / "model.json").read_bytes() == before
    train(tiny_events, output, options=tiny_options, overwrite=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model"]


def test_a_full_disk_is_said_and_leaves_nothing(tiny_events, tiny_options, tmp_path, monkeypatch):
    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("nugen_gan.gan.state.save", full)
    with pytest.raises(OutputError, match="disk is full"):
        train(tiny_events, tmp_path / "model", options=tiny_options)
    assert list(tmp_path.iterdir()) == []


def test_nothing_to_resume(tiny_events, tmp_path):
    with pytest.raises(UsageError, match="nothing to resume"):
        train(tiny_events, tmp_path / "model", resume=True)


def test_time_limit_ends_and_anneals(tiny_events, tiny_options):
    seen = []
    changes = {"steps": 10**6, "time_limit": 4.0, "warmup": 0}
    options = TrainingOptions.from_dict(tiny_options.as_dict() | changes)
    model = train(tiny_events, options=options, monitor=Watcher(seen.append))
    assert seen[-1].done == 1.0
    assert seen[-1].elapsed >= 0.55 * 3.0  # the rest is for what follows, a second to measure
    assert model.training["steps"] < 10**6
    # However slow the machine: annealed by the clock, not by the steps.
    assert seen[-1].learning_rate < 0.6 * seen[0].learning_rate


def test_other_options_are_not_resumed(tiny_events, tiny_options, tmp_path):
    output = tmp_path / "model"

    def interrupt(status):
        if status.step == 20:
            raise _Stop

    with pytest.raises(_Stop):
        train(tiny_events, output, options=tiny_options, monitor=Watcher(interrupt))
    with pytest.raises(UsageError, match=r"other options: gamma 0\.2, not 3\.0"):
        train(tiny_events, output, options=TrainingOptions(gamma=3.0), resume=True)
    snapshot = tmp_path / "model.run" / "snapshot.safetensors"
    tensors, texts = read_snapshot(snapshot)
    for wrong in ({"record": "[]"}, {"record": "{}"}, {"progress": "{}"},
                  {"progress": texts["progress"].replace('"step": 20', '"step": -1')}):  # fmt: skip
        snapshot.write_bytes(save(tensors, texts | wrong))
        with pytest.raises(ModelError, match="Start anew with --overwrite"):
            train(tiny_events, output, resume=True)
    tensors["generator.inward.bias"] *= float("nan")
    snapshot.write_bytes(save(tensors, texts))
    with pytest.raises(ModelError, match=r"generator\.inward\.bias has values that are no finite"):
        train(tiny_events, output, resume=True)


def test_the_record_holds_what_ran(tiny_model):
    recipe = tiny_model.training["recipe"]
    assert set(recipe) == {"networks", "channel_labels", "refiner"}
    assert recipe["networks"]["steps"] == tiny_model.training["steps"] == 40
    assert recipe["networks"]["gamma"] == 0.2
    assert recipe["refiner"]["steps"] == 20
    assert recipe["refiner"]["members"] == 3


def test_a_model_knows_where_it_comes_from(tiny_events, tiny_model):
    (step,) = tiny_model.lineage
    assert step["step"] == "train"
    assert step["process"] == "numu_cc_Ar40"
    assert step["events"] == len(tiny_events)
    assert step["sample_sha256"] == tiny_model.training["sample_sha256"]


def test_too_few_events(tiny_events):
    with pytest.raises(EmptySelectionError, match="at least 100"):
        train(tiny_events[:99])


def test_unknown_device(tiny_events):
    with pytest.raises(UsageError, match="'gpu' cannot be used"):
        train(tiny_events, options=TrainingOptions(device="gpu"))


def test_plan_tells_what_train_does(tiny_events, tiny_options, tiny_model):
    planned = plan(tiny_events, tiny_options)
    assert planned.training_events + planned.held_out_events == len(tiny_events)
    assert planned.energy_range == tiny_model.energy_range == (0.2, 20.0)
    generator = tiny_model.proposal.generator
    assert planned.parameters[0] == sum(w.numel() for w in generator.parameters())
    assert plan(tiny_events).options.steps > 0


def test_split_is_a_partition(tiny_events):
    training, held_out = split_events(tiny_events, 0.1, seed=2)
    assert len(held_out) == round(0.1 * len(tiny_events))
    both = np.sort(np.concatenate([training.elep, held_out.elep]))
    np.testing.assert_array_equal(both, np.sort(tiny_events.elep))


def test_weighted_events_are_drawn_to_unit_weight(tiny_events):
    weight = np.where(tiny_events.enu < 1.0, 1.0, 0.25)
    kept = unweighted(tiny_events.with_(weight=weight), seed=0)
    assert (kept.weight == 1.0).all()
    low = (tiny_events.enu < 1.0).sum()
    assert (kept.enu < 1.0).sum() == low
    rest = len(tiny_events) - low
    assert abs((len(kept) - low) - 0.25 * rest) < 5 * np.sqrt(rest * 0.25 * 0.75)


def test_one_energy_is_a_sample_too(tiny_events, tiny_options):
    single = tiny_events[tiny_events.enu > 1.0]
    single = single.with_(enu=np.full(len(single), 30.0), cross_section=None)
    model = train(single, options=tiny_options)
    assert model.energy_range == (30.0, 30.0)
    assert model.cross_section is None
    assert model.sample(np.full(10, 30.0), seed=1).is_physical().all()
