"""Several processes make the same tables, and the same file, as one."""

import numpy as np
import pytest
from recorder import Recorder

import nugen_gan
from nugen_gan.errors import UsageError
from nugen_gan.generation.energies import uniform
from nugen_gan.generation.tables import Source, tables
from nugen_gan.model.blocks import BLOCK
from nugen_gan.storage.atomic import sha256


@pytest.mark.parametrize("first", [0, 5000, BLOCK])
def test_tables_of_processes_are_those_of_one(tiny_model, first):
    source, events = Source(tiny_model, uniform(0.5, 5.0), 3), 3 * BLOCK + 17
    here = list(tables(source, first, events, chunk=10_000))
    there = list(tables(source, first, events, chunk=4 * BLOCK, workers=2))
    for name in ("enu", "elep", "costheta", "channel"):
        np.testing.assert_array_equal(
            *(np.concatenate([getattr(t, name) for t in made]) for made in (here, there))
        )
    # One block of each worker that is worked on, and one that waits.
    assert max(map(len, there)) <= BLOCK
    assert there[0].cross_section == tiny_model.cross_section


@pytest.mark.parametrize("name", ["a.root", "a.hepmc3.gz"])
def test_same_bytes_of_whole_events(tmp_path, name):
    """Of the model that is bundled, with its hadrons."""
    made = {}
    for workers in (1, 2):
        (tmp_path / str(workers)).mkdir()
        made[workers] = nugen_gan.generate(
            "numu_cc_C12", BLOCK + 300, tmp_path / str(workers) / name, flux="powerlaw:1", seed=4,
            workers=workers, chunk=4 * BLOCK,
        ).files[0].path  # fmt: skip
    assert sha256(made[1]) == sha256(made[2])


def test_same_bytes_of_a_shard_and_of_a_mixture(tiny_model, tmp_path):
    other = tiny_model.with_(process=nugen_gan.Process.from_name("numu_cc_C12"), name="other")
    for target, models in ((None, tiny_model), ("Ar[0.5],C[0.5]", [tiny_model, other])):
        digests = []
        for workers in (1, 3):
            heard = Recorder()
            done = nugen_gan.generate(
                models, 3 * BLOCK, tmp_path / "a.root", flux="uniform", seed=4, target=target,
                shard="2/3", workers=workers, overwrite=True, monitor=heard,
            )  # fmt: skip
            digests.append([sha256(file.path) for file in done.files])
            assert heard.advances[-1][-1] == done.events == heard.stages[-1][1]
        assert digests[0] == digests[1]


def test_no_workers(tiny_model, tmp_path):
    with pytest.raises(UsageError, match="1 or more"):
        nugen_gan.generate(tiny_model, 10, tmp_path / "a.root", energy=1.0, workers=0)
