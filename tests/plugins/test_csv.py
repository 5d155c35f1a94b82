"""The example of a third-party adapter works as its README says."""

from importlib.metadata import EntryPoint
from pathlib import Path

import numpy as np
import pytest

from nugen_gan.adapters import registry
from nugen_gan.conversion import convert as conversion
from nugen_gan.errors import FormatError

FOLDER = Path(__file__).parents[2] / "plugins" / "nugen-gan-csv"


@pytest.fixture
def installed(monkeypatch):
    """The plug-in, as if pip had installed it."""
    monkeypatch.syspath_prepend(str(FOLDER))
    entry = EntryPoint("csv", "nugen_gan_csv:Csv", registry.GROUP)
    monkeypatch.setattr(registry, "entry_points", lambda group: [entry])
    registry.refresh()
    yield
    monkeypatch.undo()
    registry.refresh()


@pytest.mark.usefixtures("installed")
def test_it_writes_what_it_reads(events, tmp_path):
    path = conversion.write(events, tmp_path / "events.csv")
    assert registry.guess_adapter(path).name == "csv"
    again = conversion.read(path)
    assert again.process == events.process
    for name in ("enu", "elep", "costheta"):
        np.testing.assert_allclose(getattr(again, name), getattr(events, name), rtol=1e-8)


@pytest.mark.usefixtures("installed")
def test_a_bad_row_is_named(tmp_path):
    path = tmp_path / "bad.csv"
    path.write_text("# nugen-gan-csv numu_cc_C12\nenu,elep,costheta\n1.0,0.5\n")
    with pytest.raises(FormatError, match=r"bad\.csv"):
        conversion.read(path)


def test_it_looks_at_anything_without_raising(monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(str(FOLDER))
    adapter = EntryPoint("csv", "nugen_gan_csv:Csv", registry.GROUP).load()()
    binary, empty, huge = (tmp_path / name for name in ("binary", "empty", "huge"))
    binary.write_bytes(bytes(range(256)))
    empty.write_bytes(b"")
    with open(huge, "wb") as stream:
        stream.truncate(1 << 40)  # sparse: it takes no place
    unreadable = tmp_path / "unreadable"
    unreadable.symlink_to(unreadable)  # also for root, whom permissions do not stop
    for path in (binary, empty, huge, unreadable, tmp_path, tmp_path / "nothing"):
        assert adapter.sniff(path) is False
    for path in (binary, huge, unreadable):
        with pytest.raises(FormatError, match=path.name):
            adapter.open([path])


@pytest.mark.usefixtures("installed")
def test_a_row_of_bytes_that_are_no_text_is_named(tmp_path):
    path = tmp_path / "bad.csv"
    path.write_bytes(b"# nugen-gan-csv numu_cc_C12\nenu,elep,costheta\n1.0,0.5,\xff\n")
    with pytest.raises(FormatError, match=r"bad\.csv"):
        conversion.read(path)


def test_it_is_registered_by_its_pyproject():
    assert 'csv = "nugen_gan_csv:Csv"' in (FOLDER / "pyproject.toml").read_text()
