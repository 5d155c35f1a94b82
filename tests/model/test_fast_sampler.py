"""A model with a fast sampler: its events, its folder, and what it loads."""

import json
import subprocess
import sys

import numpy as np
import pytest

import nugen_gan
from nugen_gan.errors import ModelError
from nugen_gan.events.table import EventTable
from nugen_gan.generation.energies import uniform
from nugen_gan.lepton.fit import DistilOptions
from nugen_gan.lepton.shape import LeptonShape
from nugen_gan.model.blocks import BLOCK
from nugen_gan.model.folder import write_sums
from nugen_gan.training.distil import distil

COLUMNS = ("enu", "elep", "costheta", "channel", "weight")


@pytest.fixture(scope="module")
def fast(tiny_model):
    options = DistilOptions(
        events=8192, steps=20, batch_size=256, shape=LeptonShape(16, 1, 16, 16, 8)
    )
    return distil(tiny_model, options=options, seed=2)


@pytest.fixture
def folder(fast, tmp_path):
    return fast.save(tmp_path / "fast")


def _equal(one, other):
    for name in COLUMNS:
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)


@pytest.mark.parametrize("chunk", [1000, BLOCK - 1, BLOCK, BLOCK + 1, 10**6])
def test_chunks_do_not_matter(fast, chunk):
    n = 2 * BLOCK + 500
    energies = uniform(0.3, 10.0).energies(seed=5)
    whole = fast.sample(energies(0, n), seed=5)
    parts = list(fast.sampler.stream(energies, n, seed=5, chunk=chunk))
    _equal(EventTable.concatenate(parts), whole)
    assert whole.is_physical().all()


def test_the_networks_are_as_they_were(fast, tiny_model):
    enu = np.linspace(0.5, 5.0, 500)
    _equal(fast.without_fast_sampler().sample(enu, seed=1), tiny_model.sample(enu, seed=1))
    assert not np.array_equal(fast.sample(enu, seed=1).elep, tiny_model.sample(enu, seed=1).elep)


def test_it_is_kept_in_the_folder(fast, folder):
    again = nugen_gan.load_model(folder)
    enu = np.linspace(0.5, 5.0, 500)
    _equal(again.sample(enu, seed=3), fast.sample(enu, seed=3))
    assert again.training["recipe"]["fast_sampler"]["steps"] == 20
    assert "makes the leptons of these networks" in (folder / "README.md").read_text("utf-8")


def test_sampling_loads_no_torch(folder):
    script = (
        "import sys, nugen_gan; model = nugen_gan.load_model(sys.argv[1]);"
        "model.sample([1.0, 2.0], seed=1); print(repr(model), model.replicas);"
        "assert 'torch' not in sys.modules, 'torch was imported';"
        "assert model.proposal.generator is not None and 'torch' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script, str(folder)], check=True)


def test_other_networks_need_another_one(fast):
    """What has learned the old ones must not make events for the new ones."""
    assert fast.with_(steps=fast.steps).lepton is None
    assert fast.with_(energy_range=(1.0, 2.0)).lepton is None
    assert fast.with_(name="other").lepton is fast.lepton
    assert fast.without_hadrons().lepton is fast.lepton


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda record: record["lepton"].update(channels=[200]), "lepton.channels"),
        (lambda record: record.update(lepton=None), "does not speak of lepton"),
        (lambda record: record.update(format_version=9), "it speaks of lepton"),
        (lambda record: record["steps"][-1].update(lepton_mass=0.000511), "lepton.mass"),
    ],
)
def test_what_does_not_fit_is_refused(folder, change, words):
    path = folder / "model.json"
    record = json.loads(path.read_text("utf-8"))
    change(record)
    path.write_text(json.dumps(record), "utf-8")
    write_sums(folder)
    with pytest.raises(ModelError, match=words):
        nugen_gan.load_model(folder)


def test_damaged_networks_are_told_when_they_are_needed(folder):
    (folder / "critic.safetensors").write_bytes(b"nothing")
    write_sums(folder)
    model = nugen_gan.load_model(folder)
    assert len(model.sample([1.0], seed=1)) == 1
    with pytest.raises(ModelError, match="cannot be read"):
        model.without_fast_sampler().sample([1.0], seed=1)


def test_a_replica_is_not_distilled(tiny_model):
    from dataclasses import replace

    from nugen_gan.errors import UsageError

    with pytest.raises(UsageError, match="replica"):
        distil(replace(tiny_model, replica_number=1))
