import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from recorder import Recorder, Watcher
from transfer_toys import ALWAYS_ENOUGH, QUICK, carbon

from nugen_gan.errors import EmptySelectionError, EnergyRangeError, OutputError, UsageError
from nugen_gan.events.provenance import Provenance
from nugen_gan.model.folder import GENERATOR, read_weights
from nugen_gan.model.model import load_model
from nugen_gan.physics.process import Process
from nugen_gan.training.recipe import NetworkTuning
from nugen_gan.transfer.finetune import FinetuneOptions, differences, empty_energies
from nugen_gan.transfer.finetune import finetune as finetune_by_recipe

OPTIONS = {"steps": 5, "batch_size": 64, "refiner_steps": 20, "seed": 2}
COLUMNS = ("enu", "elep", "costheta", "channel")


def _options(**changes):
    return FinetuneOptions(**{**OPTIONS, **changes})


def finetune(*given, recipe=QUICK, **options):
    """A fine-tuning of a second."""
    return finetune_by_recipe(*given, recipe=recipe, **options)


@pytest.fixture(scope="module")
def base(tiny_model):
    return carbon(tiny_model)


@pytest.fixture(scope="module")
def tuned(tiny_events, base):
    return finetune(tiny_events, base, options=_options())


def _same(one, other):
    return [torch.equal(a, b) for a, b in zip(
        one.state_dict().values(), other.state_dict().values(), strict=True)]  # fmt: skip


def _sampled(model, **rest):
    return model.sample(np.linspace(0.3, 15.0, 3000), seed=1, **rest)


def _equal(one, other):
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in COLUMNS)


def test_a_model_of_the_new_process(tuned, tiny_events, base):
    assert tuned.process == tiny_events.process
    assert tuned.cross_section == tiny_events.cross_section
    assert tuned.energy_range == tiny_events.energy_range()
    assert tuned.training["base"] == "tiny"
    assert not all(_same(tuned.proposal.generator, base.proposal.generator))
    assert _sampled(tuned).is_physical().all()
    assert tuned.metrics["held_out_mean_squared_pull"] > 0
    assert set(tuned.metrics["channel_labels"]) >= {"log_loss", "calibration_error"}


def test_by_default_the_networks_stay_where_the_base_s_events_do(tiny_events, base, tmp_path):
    options = FinetuneOptions(seed=2)
    heard = Recorder()
    given = {"recipe": ALWAYS_ENOUGH, "monitor": heard}
    model = finetune(tiny_events, base, tmp_path / "m", options=options, **given)
    assert model.proposal.generator is base.proposal.generator
    assert model.steps[:-1] == base.steps
    assert model.steps[-1].ratio.shape.continues
    assert model.proposal.smearing > 0
    assert model.training["steps"] == 0
    assert not any("networks" in text for text, _, _ in heard.stages)
    assert _equal(_sampled(load_model(tmp_path / "m")), _sampled(model))
    more = replace(options, ensemble=2)
    both = finetune(tiny_events, base, tmp_path / "r", options=more, recipe=ALWAYS_ENOUGH)
    again = load_model(tmp_path / "r")
    for replica in (1, 2):
        assert both.replica(replica).steps[:-1] == base.steps
        assert not _equal(_sampled(both, replica=replica), _sampled(both))
        assert _equal(_sampled(again, replica=replica), _sampled(both, replica=replica))
    # What the replicas share is stored once.
    found = read_weights(tmp_path / "r" / GENERATOR)
    assert {name.split(".")[0] for name in found} == {
        "generator", "scaling", "labels", "step0", "step1", "replica1", "replica2"
    }  # fmt: skip


def test_a_transfer_from_a_transfer(tiny_events, base, tmp_path):
    options = FinetuneOptions(seed=2, networks=False, ensemble=1)
    first = finetune(tiny_events, base, options=options)
    second = finetune(tiny_events, first, tmp_path / "m", options=options)
    assert len(second.steps) == 3
    assert second.steps[:-1] == first.steps
    assert second.steps[0] is base.steps[0]
    loaded = load_model(tmp_path / "m")
    assert _equal(_sampled(loaded), _sampled(second))
    assert _equal(_sampled(loaded, replica=1), _sampled(second, replica=1))
    card = (tmp_path / "m" / "README.md").read_text(encoding="utf-8")
    assert ("shifted in omega" in card) == any(step.threshold_shift for step in second.steps)
    trained = finetune(tiny_events, second, options=_options())
    assert len(trained.steps) == 1


def test_energies_that_the_base_does_not_know_at_all(tiny_events, base, tmp_path):
    in_mev = replace(tiny_events, enu=1e3 * tiny_events.enu, elep=1e3 * tiny_events.elep)
    with pytest.raises(EnergyRangeError, match=r"the base tiny knows 0\.2 to 20 GeV.*MeV"):
        finetune(in_mev, base, tmp_path / "m", options=_options())
    assert not list(tmp_path.iterdir())


def test_to_another_lepton_and_back(tiny_events, base, tmp_path):
    options = FinetuneOptions(seed=2, networks=False)
    electrons = replace(tiny_events, process=Process.from_name("nue_cc_C12"))
    model = finetune(electrons, base, tmp_path / "nue", options=options)
    masses = [base.process.lepton_mass, electrons.process.lepton_mass]
    assert [step.lepton_mass for step in model.steps] == masses
    # Below 106 MeV the base makes no muons.
    enu = np.linspace(0.05, 15.0, 500)
    events = model.sample(enu, seed=1, allow_extrapolation=True)
    assert events.is_physical().all()
    loaded = load_model(tmp_path / "nue")
    for one, other in zip(loaded.steps, model.steps, strict=True):
        assert one.lepton_mass == other.lepton_mass
        assert one.threshold_shift == other.threshold_shift
    assert _equal(loaded.sample(enu, seed=1, allow_extrapolation=True), events)
    muons = finetune(tiny_events, model, options=options)
    assert [step.lepton_mass for step in muons.steps] == [*masses, masses[0]]
    assert _sampled(muons).is_physical().all()


def test_too_few_accepted_events_demand_the_networks(tiny_events, base, monkeypatch):
    never = replace(QUICK, least_accepted=1.1)
    monkeypatch.setattr("nugen_gan.gan.options.TrainingOptions.resolved", _short)
    heard = Recorder()
    given = {"recipe": never, "monitor": heard}
    model = finetune(tiny_events, base, options=FinetuneOptions(seed=2), **given)
    (text,) = [text for text in heard.notes if "would be accepted" in text]
    assert text.endswith("its networks are trained instead")
    assert not all(_same(model.proposal.generator, base.proposal.generator))
    same = FinetuneOptions(seed=2, networks=False)
    kept = finetune(tiny_events, base, options=same, recipe=never)
    assert kept.proposal.generator is base.proposal.generator
    contradiction = FinetuneOptions(networks=False, steps=5, freeze_critic=1)
    with pytest.raises(UsageError, match="steps, freeze_critic: this is for networks that are"):
        finetune(tiny_events, base, options=contradiction)


def _short(self, events):
    return replace(self, steps=3, batch_size=64, evaluate_every=1)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, None),
        ({"networks": False}, False),
        ({"networks": True}, True),
        ({"steps": 5}, True),
        ({"freeze_critic": 1}, True),
        ({"refiner_steps": 0}, True),
        ({"refiner_steps": 9, "ensemble": 2}, None),
    ],
)
def test_options_of_the_networks_ask_for_them(given, expected):
    options = FinetuneOptions(**given)
    assert options.networks_asked is expected
    assert options.resolved(1000).networks is expected


def test_same_seed_same_model(tuned, tiny_events, base):
    again = finetune(tiny_events, base, options=_options())
    assert _equal(_sampled(again), _sampled(tuned))
    other = finetune(tiny_events, base, options=_options(seed=3))
    assert not _equal(_sampled(other), _sampled(tuned))


def test_the_base_and_the_random_state_stay_as_they_are(tiny_events, base):
    generator = base.proposal.generator
    before = {name: value.clone() for name, value in generator.state_dict().items()}
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    finetune(tiny_events, base, options=_options())
    torch.testing.assert_close(torch.rand(3), expected)
    for name, value in generator.state_dict().items():
        assert torch.equal(value, before[name])


@pytest.mark.parametrize(("generator", "critic"), [(0, 0), (1, 2), (2, 1), (3, 2)])
def test_frozen_layers_stay_as_they_are(tiny_events, base, generator, critic):
    options = _options(freeze_generator=generator, freeze_critic=critic)
    model = finetune(tiny_events, base, options=options)
    for ours, theirs, depth in (
        (model.proposal.generator, base.proposal.generator, generator),
        (model.proposal.critic, base.proposal.critic, critic),
    ):
        layers = [(n.inward, *n.blocks, n.outward) for n in (ours, theirs)]
        same = [all(_same(one, other)) for one, other in zip(*layers, strict=True)]
        # With a generator that is frozen as a whole nothing is trained.
        assert same == [number < depth or generator == 3 for number in range(3)]


@pytest.mark.parametrize("freeze", [{"freeze_generator": 4}, {"freeze_critic": 3}])
def test_too_many_frozen_layers(tiny_events, base, freeze):
    with pytest.raises(UsageError, match="were to be frozen; the base tiny allows 0"):
        finetune(tiny_events, base, options=_options(**freeze))


def test_senseless_options():
    for name in ("freeze_generator", "freeze_critic", "ensemble"):
        with pytest.raises(UsageError, match=name):
            FinetuneOptions(**{name: -1})


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, 3_000),
        ({"networks": False, "steps": None, "batch_size": None}, 2_000),
        ({"held_out": 0.2}, 6_000),
    ],
)
def test_of_many_events_few_are_held_out(tiny_events, given, expected):
    rows = np.random.default_rng(1).integers(len(tiny_events), size=30_000)
    training, held_out = _options(**given).split(tiny_events[rows])
    assert (len(training), len(held_out)) == (30_000 - expected, expected)
    training, held_out = FinetuneOptions().split(tiny_events)
    assert len(held_out) == round(0.1 * len(tiny_events))


def test_differences_are_said_and_recorded(tiny_events, base):
    heard = Recorder()
    made = tiny_events.with_(provenance=Provenance("GENIE"))
    model = finetune(made, base, options=_options(), monitor=heard)
    found = differences(base, made)
    assert len(found) == 2
    assert found[0].startswith("the target of the base is")
    assert found[1] == "the generator of the base is not known, of the events GENIE"
    assert heard.notes == found
    trained, tuned = model.lineage
    assert trained["step"] == "train"
    assert tuned["step"] == "finetune"
    assert tuned["base"] == "tiny"
    assert tuned["events"] == len(made)
    assert tuned["notices"] == found


def test_energies_beyond_the_base_are_said(tiny_events, base):
    (text,) = differences(base.with_(energy_range=(0.5, 5.0), process=tiny_events.process),
                          tiny_events)  # fmt: skip
    assert "the base knows 0.5 to 5 GeV" in text
    assert differences(base.with_(process=tiny_events.process), tiny_events) == []


def test_empty_energies_are_said_and_recorded(tiny_events, base):
    assert empty_energies(tiny_events) == []
    hole = tiny_events[(tiny_events.enu < 1.0) | (tiny_events.enu > 3.0)]
    (text,) = empty_energies(hole)
    assert text.startswith("fewer than 5 events in each twentieth of 1")
    heard = Recorder()
    model = finetune(hole, base, options=_options(), monitor=heard)
    assert text in heard.notes
    assert text in model.lineage[-1]["notices"]
    one = tiny_events.with_(enu=np.full(len(tiny_events), 1.0))
    assert empty_energies(one) == []


def test_the_networks_know_energies_as_the_base_does(tiny_events, base):
    some = tiny_events[(tiny_events.enu > 0.5) & (tiny_events.enu < 5.0)]
    model = finetune(some, base, options=_options())
    assert model.energy_range == some.energy_range()
    assert model.proposal.condition_range == base.proposal.condition_range == (0.2, 20.0)
    again = finetune(tiny_events, model, options=_options())
    assert again.proposal.condition_range == (0.2, 20.0)
    assert [step["step"] for step in again.lineage] == ["train", "finetune", "finetune"]


def test_trained_networks_without_a_refiner(tiny_events, base):
    heard = Recorder()
    model = finetune(tiny_events, base, monitor=heard,
                     options=_options(refiner_steps=0))  # fmt: skip
    assert [step.ratio for step in model.steps] == [None]
    assert ("fine-tuning the networks on 900 events", 1.0, "") in heard.stages
    assert not any("accept" in text for text, _, _ in heard.stages)


def test_trained_networks_learn_from_the_events_alone(tuned):
    assert set(tuned.training["recipe"]) == {"networks", "refiner", "channel_labels"}
    assert tuned.training["recipe"]["refiner"]["events"] == 900


def test_trained_networks_have_no_replicas(tiny_events, base):
    with pytest.raises(UsageError, match=r"2 replicas of trained networks.*Leave out --ensemble"):
        finetune(tiny_events, base, options=_options(ensemble=2))
    options, never = FinetuneOptions(seed=2, ensemble=2), replace(QUICK, least_accepted=1.1)
    with pytest.raises(UsageError, match=r"would be accepted.*or keep the networks as they are"):
        finetune(tiny_events, base, options=options, recipe=never)


@pytest.mark.parametrize("networks", [True, False])
def test_a_folder_gives_the_same_events(tiny_events, base, tmp_path, networks):
    replicas = () if networks else (1, 2)
    options = _options() if networks else FinetuneOptions(networks=False, ensemble=2, seed=2)
    model = finetune(tiny_events, base, tmp_path / "mine", options=options,
                     command=["nugen-gan", "finetune", "x.root"])  # fmt: skip
    loaded = load_model(tmp_path / "mine")
    assert len(loaded.replicas) == len(replicas)
    ratios = [[step.ratio is None for step in one.steps] for one in (loaded, model)]
    assert ratios[0] == ratios[1]
    for replica in (None, *replicas):
        assert _equal(_sampled(loaded, replica=replica), _sampled(model, replica=replica))
    assert loaded.proposal.condition_range == model.proposal.condition_range
    assert loaded.lineage[-1]["base_sha256"] == base.digest
    assert loaded.training["command"] == "nugen-gan finetune x.root --seed 2"
    card = (tmp_path / "mine" / "README.md").read_text()
    for words in ("| base | tiny |", "from tiny", "| note | the target of the base is"):
        assert words in card
    assert ("| uncertainty | 2 bootstrap replicas |" in card) == bool(replicas)
    assert ("| refiner | accepts" in card) == (not all(ratios[0]))
    if networks:
        log = (tmp_path / "mine" / "training" / "log.jsonl").read_text().splitlines()
        assert json.loads(log[-1])["step"] == 5


def test_an_existing_folder_is_refused_at_once(tiny_events, base, tiny_model, tmp_path):
    tiny_model.save(tmp_path / "mine")
    heard = Recorder()
    with pytest.raises(OutputError, match="--overwrite"):
        finetune(tiny_events, base, tmp_path / "mine", options=_options(), monitor=heard)
    assert heard.notes == heard.stages == []
    options = _options()
    finetune(tiny_events, base, tmp_path / "mine", options=options, overwrite=True)
    assert load_model(tmp_path / "mine").training["base"] == "tiny"


def test_an_interruption_leaves_nothing(tiny_events, base, tmp_path):
    def stop(status):
        raise KeyboardInterrupt

    options = _options()
    with pytest.raises(KeyboardInterrupt):
        finetune(tiny_events, base, tmp_path / "mine", options=options, monitor=Watcher(stop))
    assert list(tmp_path.iterdir()) == []


def test_a_monitor_is_told_of_each_stage(tiny_events, base):
    heard, options = Recorder(), FinetuneOptions(seed=2, ensemble=1)
    finetune(tiny_events, base, options=options, recipe=ALWAYS_ENOUGH, monitor=heard)
    assert heard.stages == [
        ("learning how the base differs from the events", 1.0, ""),
        ("learning the channels", 1.0, ""), ("measuring on held-out events", None, ""),
        ("replica 1 of 1", 1.0, ""),
    ]  # fmt: skip
    assert heard.ended == 4
    assert [advances[-1] for advances in heard.advances if advances] == [1.0, 1.0, 1.0]


def test_too_few_events(tiny_events, base):
    with pytest.raises(EmptySelectionError, match="at least 100"):
        finetune(tiny_events[:99], base)


def test_the_record_holds_what_ran(tiny_events, base):
    model = finetune(tiny_events, base, options=FinetuneOptions(seed=2), recipe=ALWAYS_ENOUGH)
    training = model.training
    assert training["steps"] == 0
    assert set(training["options"]) == {"held_out", "seed", "device", "ensemble"}
    assert set(training["recipe"]) == {"threshold_shift", "ratio", "channel_labels"}
    ratio = training["recipe"]["ratio"]
    assert (ratio["steps"], ratio["batch_size"], ratio["members"]) == (30, 128, 2)
    assert (ratio["learning_rate"], ratio["weight_decay"], ratio["distilled"]) == (3e-3, 0.01, 0)
    assert (ratio["events"], ratio["width"]) == (900, 16)
    assert ratio["proposals_per_event"] >= 12
    assert training["recipe"]["channel_labels"]["steps"] == 20


def test_the_recipe_says_what_options_leave_open(tiny_events):
    known = NetworkTuning(steps=50, steps_power=1.0, gamma=1.0, batch_size=32, learning_rate=1e-3,
                          warmup=3, held_out=0.2, most_measuring=150)  # fmt: skip
    recipe = replace(QUICK, networks=known)
    options = FinetuneOptions().resolved(40_000, recipe)
    assert (options.steps, options.batch_size, options.learning_rate) == (200, 32, 1e-3)
    assert options.gamma == 0.5
    assert len(FinetuneOptions().split(tiny_events, recipe)[1]) == 150
    assert len(FinetuneOptions(networks=True).split(tiny_events, recipe)[1]) == 200
    given = FinetuneOptions(steps=7, batch_size=8, gamma=2.0, learning_rate=0.1)
    resolved = given.resolved(40_000, recipe)
    assert (resolved.steps, resolved.batch_size, resolved.gamma) == (7, 8, 2.0)
    usual = FinetuneOptions().resolved(10_000)
    assert (usual.steps, usual.batch_size, usual.gamma) == (1000, 2048, 4.0)


def test_the_record_of_trained_networks(tuned):
    recipe = tuned.training["recipe"]
    assert recipe["networks"]["steps"] == tuned.training["steps"] == 5
    assert recipe["networks"]["batch_size"] == 64
    assert tuned.training["options"]["batch_size"] == 64
