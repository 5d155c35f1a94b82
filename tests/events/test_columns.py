"""One registry of columns: what it says holds for tables, selections, blocks and files alike."""

import json
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any

import awkward as ak
import numpy as np
import pytest
import uproot

from nugen_gan.adapters import table as adapter
from nugen_gan.adapters.base import Header
from nugen_gan.errors import UsageError
from nugen_gan.events import columns, selection
from nugen_gan.events import table as tables
from nugen_gan.events.columns import COLUMNS, Column, Numbers
from nugen_gan.events.selection import RawEvents, select
from nugen_gan.events.table import EventTable, rechunk


def test_tables_and_raw_events_have_the_columns_of_the_registry():
    assert EventTable.columns() == tuple(COLUMNS)
    for cls in (EventTable, RawEvents):
        names = [field.name for field in fields(cls)]
        assert [name for name in names if name in COLUMNS] == list(COLUMNS)


def test_the_registry_says_how_a_table_lies_in_memory_and_in_its_file(events, tmp_path):
    types = {"enu": "f8", "elep": "f8", "costheta": "f8", "channel": "i2", "weight": "f8"}
    assert {name: getattr(events, name).dtype.str[1:] for name in events.present()} == types
    path = tmp_path / "a.table.root"
    adapter.Table().write(path, [events], lambda: Header(events.process, 6))
    with uproot.open(path) as file:
        tree, record = file[adapter.TREE], json.loads(str(file[adapter.METADATA]))
    stored = {name: branch.interpretation.numpy_dtype.newbyteorder("=")
              for name, branch in tree.items()}  # fmt: skip
    required = {name: column for name, column in COLUMNS.items() if column.required}
    assert stored == {name: np.dtype(column.stored) for name, column in required.items()}
    assert record["units"] == {name: column.unit for name, column in required.items()}
    assert record["version"] == 1
    assert all(column.meaning for column in COLUMNS.values())
    assert set(COLUMNS) - set(required) == {"particles"}


def test_stored_goes_through_the_type_of_the_file():
    column = Numbers("x", "1", "a number", memory="f8", stored="f4")
    values = column.in_memory([0.1, 1.0])
    assert column.rounded(values).tolist() == [float(np.float32(0.1)), 1.0]
    assert column.from_file(column.to_file(values)).dtype == np.float64


@dataclass(frozen=True, slots=True)
class Lists(Column):
    """A list of numbers for each event, of any length."""

    def in_memory(self, values):
        return ak.values_astype(ak.Array(values), np.float64)

    def shape(self, values):
        return (len(values),)

    def join(self, parts):
        return ak.concatenate(parts)

    def rounded(self, values):
        return ak.values_astype(ak.values_astype(values, np.float32), np.float64)

    def branch_types(self):
        return {self.name: "var * float32"}

    def branches(self):
        return (self.name,)

    def to_file(self, values):
        return {self.name: ak.values_astype(values, np.float32)}

    def from_file(self, block):
        return self.in_memory(block[self.name])


@dataclass(frozen=True, slots=True)
class WiderTable(EventTable):
    tracks: Any = None


@dataclass(frozen=True, slots=True)
class WiderRaw(RawEvents):
    tracks: Any = None


@pytest.fixture
def wider(monkeypatch, events):
    """Events with one more column, of lists, which need not be there."""
    registry = MappingProxyType(
        {**COLUMNS, "tracks": Lists("tracks", "GeV", "numbers", required=False, lists=True)}
    )
    for module in (columns, tables, selection, adapter):
        monkeypatch.setattr(module, "COLUMNS", registry)
    monkeypatch.setattr(selection, "EventTable", WiderTable)
    monkeypatch.setattr(adapter, "RawEvents", WiderRaw)
    values = {name: getattr(events, name) for name in COLUMNS}
    lists = [[0.5], [], [1.0, 2.0], [], [3.0, 4.0, 5.0], [0.25]]
    return WiderTable(events.process, **values, tracks=lists)


def test_one_more_column_is_picked_and_joined(wider):
    assert wider[1:3].tracks.to_list() == [[], [1.0, 2.0]]
    assert wider[wider.enu > 2.5].tracks.to_list() == [[3.0, 4.0, 5.0], [0.25]]
    assert wider[np.array([5, 0])].tracks.to_list() == [[0.25], [0.5]]
    blocks = list(rechunk([wider[:1], wider[1:5], wider[5:]], 4))
    assert [len(block.tracks) for block in blocks] == [4, 2]
    joined = WiderTable.concatenate(blocks)
    assert joined.tracks.to_list() == wider.tracks.to_list()
    with pytest.raises(ValueError, match="one shape"):
        wider.with_(tracks=[[1.0]])


def test_one_more_column_that_only_some_tables_have_is_not_dropped(wider, tmp_path, monkeypatch):
    parts = [wider, wider.with_(tracks=None)]
    with pytest.raises(UsageError, match="some have tracks, others do not"):
        WiderTable.concatenate(parts)
    # Also where the blocks of a file end just between the two.
    monkeypatch.setattr(adapter.root_io, "BLOCK", 6)
    path = tmp_path / "a.table.root"
    with pytest.raises(UsageError, match="some have tracks, others do not"):
        adapter.Table().write(path, parts, lambda: Header(wider.process, 12))


def test_one_more_column_goes_through_a_file(wider, tmp_path):
    path = tmp_path / "a.table.root"
    adapter.Table().write(path, [wider[:4], wider[4:]], lambda: Header(wider.process, 6))
    (raw,) = adapter.Table().open([path]).chunks()
    back = select(raw, wider.process, (0.6, 5.0))
    assert back.tracks.to_list() == wider[1:].tracks.to_list()
    np.testing.assert_array_equal(back.enu, wider.stored().enu[1:])
    np.testing.assert_array_equal(back.channel, wider.channel[1:])


def test_without_it_nothing_changes(wider, tmp_path):
    plain = wider.with_(tracks=None)
    assert plain.present() == tuple(COLUMNS)[:-1]
    path = tmp_path / "a.table.root"
    adapter.Table().write(path, [plain], lambda: Header(wider.process, 6))
    (raw,) = adapter.Table().open([path]).chunks()
    assert raw.tracks is None
    assert select(raw, wider.process)[:2].tracks is None


def test_lists_are_no_numbers():
    with pytest.raises(ValueError, match="enu has lists instead of one number"):
        COLUMNS["enu"].from_file({"enu": np.ones((3, 2))})
