import itertools
import json

import awkward as ak
import numpy as np
import pytest
import uproot

import nugen_gan
from nugen_gan.adapters.base import Header
from nugen_gan.adapters.table import COLUMNS, METADATA, TREE, Table
from nugen_gan.conversion.convert import read
from nugen_gan.errors import FormatError, UsageError
from nugen_gan.events.cutflow import CutFlow
from nugen_gan.events.provenance import Provenance, SourceFile
from nugen_gan.events.table import EventTable
from nugen_gan.physics.cross_section import CrossSection
from nugen_gan.physics.flux import UniformFlux
from nugen_gan.storage import root as root_io

REQUIRED = [name for name, column in COLUMNS.items() if column.required]


@pytest.fixture
def full(events):
    """A table with everything that a file can keep."""
    return events.with_(
        cross_section=CrossSection((0.4, 2.0, 5.0), (5e-38, 2e-37), (1e-39, np.nan), "somewhere"),
        provenance=Provenance("NuWro", "1.0", {"seed": 5, "text": "ü" * 300},
                              (SourceFile("a.root", "00" * 32, 10),)),
        cutflow=CutFlow((("read", 10), ("charged current", 6))),
    )  # fmt: skip


def write(path, events, parts=1):
    header = Header(events.process, len(events), events.cross_section, UniformFlux(0.4, 5.0),
                    1e-37, events.provenance, events.cutflow)  # fmt: skip
    bounds = np.linspace(0, len(events), parts + 1).astype(int)
    chunks = [events[a:b] for a, b in itertools.pairwise(bounds)]
    Table().write(path, chunks, lambda: header)
    return path


def rewrite(path, change, columns=None):
    """Write a table by hand with other metadata."""
    with uproot.open(path) as file:
        record = json.loads(str(file[METADATA]))
        arrays = file[TREE].arrays(library="np")
    text = change(record)
    with uproot.recreate(path) as file:
        arrays = {name: arrays[name] for name in columns or REQUIRED}
        file.mktree(TREE, {name: x.dtype for name, x in arrays.items()}).extend(arrays)
        if text is not None:
            file[METADATA] = text if isinstance(text, str) else json.dumps(text)
    return path


def test_everything_survives_a_round_trip(tmp_path, full):
    back = read(write(tmp_path / "a.table.root", full))
    stored = full.stored()
    for name in EventTable.columns():
        np.testing.assert_array_equal(getattr(back, name), getattr(stored, name))
    assert back.process == full.process
    assert back.provenance == full.provenance
    assert back.cutflow == full.cutflow
    assert back.flux == UniformFlux(0.4, 5.0)
    assert back.energy_range() == full.energy_range()
    assert back.cross_section.values == full.cross_section.values
    assert np.isnan(back.cross_section.errors[1])


def test_a_table_without_a_cross_section(tmp_path, events):
    path = tmp_path / "a.table.root"
    Table().write(path, [events], lambda: Header(events.process, 6))
    assert read(path).cross_section is None


def test_the_bytes_depend_on_the_contents_alone(tmp_path, full):
    a = write(tmp_path / "a.table.root", full).read_bytes()
    assert write(tmp_path / "b.table.root", full, parts=3).read_bytes() == a
    assert write(tmp_path / "b.table.root", full[::-1]).read_bytes() != a


def test_uproot_gets_its_clock_back(tmp_path, full):
    write(tmp_path / "a.table.root", full)
    with uproot.recreate(tmp_path / "b.root") as file:
        file["x"] = "text"
    with uproot.open(tmp_path / "a.table.root") as ours, uproot.open(tmp_path / "b.root") as other:
        assert ours.key(METADATA).fDatime != other.key("x").fDatime


def test_the_file_is_an_ordinary_tree(tmp_path, full):
    with uproot.open(write(tmp_path / "a.table.root", full)) as file:
        assert file.classnames(cycle=False) == {TREE: "TTree", METADATA: "TObjString"}
        assert {n: b.typename for n, b in file[TREE].items()} == {
            "enu": "float", "elep": "float", "costheta": "float", "channel": "int32_t",
            "weight": "float",
        }  # fmt: skip
        record = json.loads(str(file[METADATA]))
    assert record["process"] == "numu_cc_C12"
    assert record["units"]["enu"] == "GeV"
    assert record["channels"]["200"] == "QE"
    assert record["flux"] == {"kind": "uniform", "low": 0.4, "high": 5.0}


def test_several_tables_are_one_sample(tmp_path, full):
    # Of two seeds: a file with the same bytes would be refused.
    origins = [Provenance("NuWro", "1.0", {"seed": seed}) for seed in range(2)]
    paths = [write(tmp_path / f"{i}.table.root", full.with_(provenance=origin))
             for i, origin in enumerate(origins)]  # fmt: skip
    both = read(paths)
    assert len(both) == 2 * len(full)
    assert both.cross_section.values == full.cross_section.values
    assert both.cutflow.steps[0] == ("read", 20)
    assert len(both.provenance.files) == 2


def test_tables_that_disagree_have_no_cross_section(tmp_path, full):
    a = write(tmp_path / "a.table.root", full)
    other = full.with_(cross_section=full.cross_section.scaled(2.0))
    b = write(tmp_path / "b.table.root", other)
    source = Table().open([a, b])
    assert source.cross_section(full.process) is None
    assert any("disagree" in value for _, value in source.summary())


@pytest.mark.parametrize("fraction", [0.001, 0.01, 0.1, 0.3, 0.6, 0.9, 0.999])
def test_a_truncated_table_is_refused(tmp_path, full, fraction):
    path = write(tmp_path / "a.table.root", full)
    content = path.read_bytes()
    path.write_bytes(content[: int(fraction * len(content))])
    with pytest.raises(FormatError, match=r"truncated|damaged|not a ROOT|text|binary"):
        read(path)


@pytest.mark.parametrize("seed", range(8))
def test_damage_is_either_harmless_or_reported(tmp_path, full, seed):
    path = write(tmp_path / "a.table.root", full)
    content = np.frombuffer(path.read_bytes(), np.uint8).copy()
    random = np.random.default_rng(seed)
    places = random.integers(100, len(content), 200)
    content[places] = random.integers(0, 256, 200)
    path.write_bytes(content.tobytes())
    try:
        back = read(path)
    except FormatError:
        return
    assert back.is_physical().all()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda record: None, "no metadata"),
        (lambda record: "not json", "cannot be understood"),
        (lambda record: "[]", "cannot be understood"),
        (lambda record: record | {"events": 5}, "speak of 5"),
        (lambda record: record | {"version": 99}, "Update nugen-gan"),
        (lambda record: record | {"process": "xx_cc_C12"}, "cannot be understood"),
        (lambda record: record | {"cutflow": 3}, "cannot be understood"),
        (lambda record: record | {"flux": {"kind": "wiggly"}}, "cannot be understood"),
        (lambda record: record | {"flux": {"kind": "mono", "energy": -1}}, "cannot be understood"),
        (lambda record: {k: v for k, v in record.items() if k != "provenance"}, "provenance"),
    ],
)
def test_metadata_that_do_not_fit(tmp_path, full, change, words):
    path = rewrite(write(tmp_path / "a.table.root", full), change)
    with pytest.raises(FormatError, match=words):
        read(path)


def test_a_missing_column_is_another_format(tmp_path, full):
    columns = [name for name in REQUIRED if name != "weight"]
    path = rewrite(write(tmp_path / "a.table.root", full), lambda record: record, columns)
    with pytest.raises(FormatError, match="no reader knows"):
        read(path)
    with pytest.raises(FormatError, match="not a table"):
        read(path, format="table")


def test_blocks_join_to_the_whole(tmp_path, full):
    path = write(tmp_path / "a.table.root", full)
    parts = [block["enu"] for block in root_io.blocks(path, TREE, ["enu"], size=4)]
    assert [len(part) for part in parts] == [4, 2]
    np.testing.assert_array_equal(np.concatenate(parts), full.enu.astype("f4"))


@pytest.fixture
def whole(data):
    return nugen_gan.read(data / "numu_Ar40_1k.root")[:20]


def test_hadrons_survive_a_round_trip(tmp_path, whole):
    path = nugen_gan.write(whole, tmp_path / "a.table.root")
    back = read(path)
    assert ak.almost_equal(back.particles, whole.stored().particles, rtol=0, atol=0)
    with uproot.open(path) as file:
        assert json.loads(str(file[METADATA]))["version"] == 2


def test_tables_with_and_without_hadrons_are_told_apart(tmp_path, whole):
    paths = [
        nugen_gan.write(table, tmp_path / f"{name}.table.root")
        for name, table in (("a", whole), ("b", whole.without_particles()[:10]))
    ]
    with pytest.raises(UsageError, match=r"but b\.table\.root has leptons alone"):
        read(paths)
    assert len(read(paths, hadrons=False)) == 30


@pytest.mark.parametrize("lost", ["particles_E", "particles_pdg"])
def test_a_table_with_a_part_of_its_hadrons_is_damaged(tmp_path, whole, lost):
    path = nugen_gan.write(whole, tmp_path / "a.table.root")
    with uproot.open(path) as file:
        text, tree = str(file[METADATA]), file[TREE]
        kept = {n: tree[n].array() for n in tree.keys() if n not in (lost, "nparticles")}  # noqa: SIM118
    with uproot.recreate(path) as file:
        file.mktree(TREE, {n: x.type.content for n, x in kept.items()}).extend(kept)
        file[METADATA] = text
    with pytest.raises(FormatError, match=f"lacks {lost}"):
        read(path)
