"""A run in parts is the run: event by event, in every dialect."""

import json
import zlib

import numpy as np
import pytest
import uproot

import nugen_gan
from nugen_gan.adapters.azimuth import BLOCK
from nugen_gan.errors import OutputError, UsageError
from nugen_gan.generation.shards import Shard, files_of, numbered, read_sidecar, sidecar_of
from nugen_gan.storage.atomic import sha256


@pytest.mark.parametrize(("total", "of"), [(10, 3), (1000, 1000), (10**9, 7), (123_456_789, 1000)])
def test_shards_are_all_events_once(total, of):
    numbers = (1, of) if of > 100 else range(1, of + 1)
    ranges = [Shard(k, of).events(total) for k in numbers]
    assert ranges[0][0] == 0
    assert ranges[-1][1] == total
    assert all(first < last for first, last in ranges)
    for k in range(1, min(of, 50)):
        assert Shard(k, of).events(total)[1] == Shard(k + 1, of).events(total)[0]


def test_large_shards_begin_with_a_block_of_azimuths():
    assert all(Shard(k, 7).events(10**7)[0] % BLOCK == 0 for k in range(1, 8))


def test_how_shards_are_counted():
    assert Shard.parse("3/1000") == Shard(3, 1000)
    assert Shard.parse(" 0 / 4 ", 0) == Shard(1, 4)
    for text, base in (("0/4", 1), ("5/4", 1), ("4/4", 0), ("3", 1), ("-1/4", 1), ("1/0", 1)):
        with pytest.raises(UsageError):
            Shard.parse(text, base)
    with pytest.raises(UsageError, match="--shards-from 0"):
        Shard.parse("0/4")
    with pytest.raises(UsageError, match="cannot be shared"):
        Shard(1, 5).events(4)


def test_names(tmp_path):
    output = tmp_path / "a.gst.root"
    assert numbered(output, None, Shard(3, 1000)).name == "a.0003-of-1000.gst.root"
    assert files_of(output, None, Shard(1, 2)) == []
    for name in ("a.1-of-2.gst.root", "a.numu_cc_C12.2-of-2.gst.root"):
        (tmp_path / name).touch()
    assert [path.name for k in (1, 2) for path in files_of(output, None, Shard(k, 2))] == [
        "a.1-of-2.gst.root", "a.numu_cc_C12.2-of-2.gst.root",
    ]  # fmt: skip


@pytest.fixture(scope="module")
def model(tiny_model):
    return tiny_model


def _generate(model, folder, name, n=3 * BLOCK, **more):
    return nugen_gan.generate(
        model, n, folder / name, flux="powerlaw:1", energy=(0.3, 10.0), seed=5, **more
    )


@pytest.mark.parametrize("name", ["a.gst.root", "a.flat.root"])
def test_parts_join_to_the_run(model, tmp_path, name):
    """The azimuths of the written momenta go on from part to part, too."""
    _generate(model, tmp_path, name)
    done = [_generate(model, tmp_path, name, shard=f"{k}/2").files[0] for k in (1, 2)]
    assert [file.events for file in done] == [BLOCK, 2 * BLOCK]
    px = {"a.gst.root": "gst/pxl", "a.flat.root": "FlatTree_VARS/px"}[name]
    whole, parts = uproot.open(tmp_path / name)[px].array(), [
        uproot.open(file.path)[px].array() for file in done
    ]  # fmt: skip
    joined = np.concatenate([np.asarray(part.to_list(), dtype=object) for part in parts])
    assert joined.tolist() == whole.to_list()


def test_small_parts_do_not_share_azimuths(model, tmp_path):
    done = [_generate(model, tmp_path, "a.gst.root", 1000, shard=f"{k}/2") for k in (1, 2)]
    phi = [
        np.arctan2(*(tree[f"gst/{name}"].array(library="np") for name in ("pyl", "pxl")))
        for tree in (uproot.open(file.files[0].path) for file in done)
    ]
    assert abs(np.corrcoef(np.cos(phi[0]), np.cos(phi[1]))[0, 1]) < 0.2


def test_what_is_recorded_beside_a_part(model, tmp_path):
    file = _generate(model, tmp_path, "a.table.root", 1000, shard="2/4").files[0]
    found = json.loads(sidecar_of(file.path).read_text("utf-8"))
    assert found["name"] == file.path.name == "a.2-of-4.table.root"
    assert found["size"] == file.path.stat().st_size
    assert found["sha256"] == sha256(file.path)
    assert found["adler32"] == f"{zlib.adler32(file.path.read_bytes()):08x}"
    assert (found["events"], found["first_event"], found["last_event"]) == (250, 250, 499)
    assert (found["seed"], found["shard"], found["run_events"]) == (5, "2/4", 1000)
    table = nugen_gan.read(file.path)
    assert table.provenance.parameters["first_event"] == 250


def test_complete_parts_are_left(model, tmp_path):
    def make(**more):
        return _generate(model, tmp_path, "a.table.root", 1000, shard="1/2", **more).files[0]

    first = make()
    before = first.path.stat().st_mtime_ns
    with pytest.raises(OutputError, match="exists"):
        make()
    assert make(resume=True).kept
    assert first.path.stat().st_mtime_ns == before
    content = first.path.read_bytes()
    first.path.write_bytes(content[:-1])
    assert not make(resume=True).kept
    assert first.path.read_bytes() == content
    # Of another seed it is another file.
    other = nugen_gan.generate(
        model, 1000, tmp_path / "a.table.root", energy=1.0, seed=6, shard="1/2", resume=True
    )
    assert not other.files[0].kept


def test_a_record_that_cannot_be_read_counts_as_none(model, tmp_path):
    file = _generate(model, tmp_path, "a.table.root", 1000, shard="1/2").files[0]
    sidecar_of(file.path).write_text("[", "utf-8")
    assert read_sidecar(file.path) is None
    again = _generate(model, tmp_path, "a.table.root", 1000, shard="1/2", resume=True)
    assert not again.files[0].kept


def test_what_does_not_go_together(model, tmp_path):
    with pytest.raises(UsageError, match="--resume"):
        _generate(model, tmp_path, "a.root", resume=True)
    with pytest.raises(UsageError, match="number in its name"):
        nugen_gan.generate(model, 10, "-", energy=1.0, shard="1/2")
