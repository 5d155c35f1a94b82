"""A run in parts is the run: event by event, in every dialect."""

import json
import zlib

import numpy as np
import pytest
import uproot

import nugen_gan
from nugen_gan.adapters.azimuth import BLOCK
from nugen_gan.errors import OutputError, UsageError
from nugen_gan.generation.records import read_sidecar, sidecar_of
from nugen_gan.generation.shards import Shard, files_of, numbered
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


@pytest.mark.parametrize(("total", "of"), [(150_000, 2), (10**9, 7), (10, 3)])
def test_shards_are_of_one_size(total, of):
    sizes = [last - first for first, last in (Shard(k, of).events(total) for k in range(1, of + 1))]
    assert max(sizes) - min(sizes) <= 1


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
    assert files_of(output, None, 2) == {}
    nuclei = ["a.numu_cc_C12.2-of-2.gst.root", "a.numu_cc_O16.2-of-2.gst.root"]
    others = ["a.b.1-of-2.gst.root", "a.1-of-3.gst.root", "a.01-of-2.gst.root", "a.1-of-2.root"]
    for name in ("a.1-of-2.gst.root", "a.1-of-2.gst.root.json", *nuclei, *others):
        (tmp_path / name).touch()
    assert files_of(output, None, 2) == {1: [tmp_path / "a.1-of-2.gst.root"]}
    assert files_of(output, None, 2, mixture=True) == {2: [tmp_path / name for name in nuclei]}


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
    assert [file.events for file in done] == [3 * BLOCK // 2] * 2
    px = {"a.gst.root": "gst/pxl", "a.flat.root": "FlatTree_VARS/px"}[name]
    whole, parts = uproot.open(tmp_path / name)[px].array(), [
        uproot.open(file.path)[px].array() for file in done
    ]  # fmt: skip
    joined = np.concatenate([np.asarray(part.to_list(), dtype=object) for part in parts])
    assert joined.tolist() == whole.to_list()


@pytest.mark.parametrize("suffix", [".hepmc3", ".hepevt"])
def test_text_of_small_parts_is_that_of_the_run(model, tmp_path, suffix):
    """Numbers of the events, energies and momenta: line by line."""

    def lines(path):
        kept = ("E ", "P ") if suffix == ".hepmc3" else ""
        return [line for line in path.read_text("utf-8").splitlines() if line.startswith(kept)]

    whole = _generate(model, tmp_path, f"a{suffix}", 100).files[0].path
    parts = [
        _generate(model, tmp_path, f"a{suffix}", 100, shard=f"{k}/3").files[0].path
        for k in (1, 2, 3)
    ]
    assert [line for part in parts for line in lines(part)] == lines(whole)


def test_small_parts_number_their_events_as_the_run_does(model, tmp_path):
    names = {"a.gst.root": "gst/iev", "a.gtrac.root": "gRooTracker/EvtNum"}
    for name, branch in names.items():
        file = _generate(model, tmp_path, name, 100, shard="2/3").files[0]
        number = uproot.open(file.path)[branch].array(library="np")
        assert number.tolist() == list(range(33, 66))


def test_a_converted_part_is_what_would_have_been_written(model, tmp_path):
    _generate(model, tmp_path, "a.root", 90, shard="2/3")
    direct = _generate(model, tmp_path, "a.gst.root", 90, shard="2/3").files[0].path
    nugen_gan.convert(tmp_path / "a.2-of-3.root", tmp_path / "b.gst.root")
    one, other = (
        uproot.open(path)["gst/pxl"].array(library="np")
        for path in (direct, tmp_path / "b.gst.root")
    )
    np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


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


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"seed": 6}, "its seed is 5, and 6 was asked for"),
        ({"events": 900}, "its run events is 1000, and 900"),
        ({"energy": (0.3, 9.0)}, "its energies is"),
        ({"fast": False, "hadrons": False, "output_format": "nuisance"}, "its format is table"),
    ],
)
def test_a_part_of_another_run_is_not_replaced_by_going_on(model, tmp_path, more, words):
    """Hours of work, lost for a wrong number on the command line."""
    asked = {"events": 1000, "seed": 5, "energy": (0.3, 10.0), "flux": "powerlaw:1"}

    def make(**other):
        words = {**asked, **other}
        return nugen_gan.generate(
            model, words.pop("events"), tmp_path / "a.root", shard="1/2", resume=True, **words
        ).files[0]

    content = make().path.read_bytes()
    with pytest.raises(OutputError, match=words):
        make(**more)
    assert (tmp_path / "a.1-of-2.root").read_bytes() == content
    assert not make(**more, overwrite=True).kept
    assert make(**more).kept


def test_a_file_without_a_record_is_not_replaced_by_going_on(model, tmp_path):
    (tmp_path / "a.1-of-2.root").write_text("somebody's")
    with pytest.raises(OutputError, match="not made as a part of a run"):
        _generate(model, tmp_path, "a.root", 1000, shard="1/2", resume=True)
    assert (tmp_path / "a.1-of-2.root").read_text() == "somebody's"


def test_a_record_is_there_before_its_file(model, tmp_path, monkeypatch):
    """A part that was broken off between the two can be gone on with."""

    def broken(*where):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("nugen_gan.storage.atomic._rename_to_free", broken)
        with pytest.raises(KeyboardInterrupt):
            _generate(model, tmp_path, "a.root", 1000, shard="1/2")
    assert [path.name for path in tmp_path.iterdir()] == ["a.1-of-2.root.json"]
    assert not _generate(model, tmp_path, "a.root", 1000, shard="1/2", resume=True).files[0].kept
    assert _generate(model, tmp_path, "a.root", 1000, shard="1/2", resume=True).files[0].kept


def test_what_a_part_descends_from(model, tmp_path):
    like = nugen_gan.generate(model, 30, tmp_path / "like.root", energy=1.0, seed=1).files[0].path
    nugen_gan.generate(
        model,
        output=tmp_path / "a.root",
        like=like,
        seed=2,
        shard="2/3",
        command=["nugen-gan", "x"],
    )
    found = read_sidecar(tmp_path / "a.2-of-3.root")
    assert found["parents"][0] == {"kind": "energies", "name": "like.root", "sha256": sha256(like)}
    assert [parent["kind"] for parent in found["parents"]] == ["energies", "model", "sample"]
    assert found["command"] == ["nugen-gan", "x"]
    assert (found["generator"], found["version"]) == ("nugen-gan", nugen_gan.__version__)


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
        nugen_gan.generate(model, 10, "-", energy=1.0, seed=1, shard="1/2")
    with pytest.raises(UsageError, match="need the same seed"):
        nugen_gan.generate(model, 10, tmp_path / "a.root", energy=1.0, shard="1/2")
