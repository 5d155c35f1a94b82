import gzip
import lzma
import shutil

import numpy as np
import pytest

from nugen_gan.conversion.convert import read, write
from nugen_gan.conversion.repeated import check_not_twice
from nugen_gan.conversion.sample import Sample
from nugen_gan.errors import UsageError
from nugen_gan.events.table import EventTable


def many(events, seed=1, n=100):
    random = np.random.default_rng(seed)
    enu = random.uniform(1.0, 3.0, n)
    return EventTable(events.process, enu, random.uniform(0.2, 0.9, n) * enu,
                      random.uniform(-0.9, 0.9, n), np.full(n, 200), np.ones(n))  # fmt: skip


@pytest.mark.parametrize("how", ["copy", "hard link", "symbolic link"])
def test_a_file_under_two_names(tmp_path, events, how):
    first = write(events, tmp_path / "a.table.root")
    second = tmp_path / "b.table.root"
    if how == "copy":
        shutil.copy(first, second)
    elif how == "hard link":
        second.hardlink_to(first)
    else:
        second.symlink_to(first)
    with pytest.raises(UsageError, match="twice"):
        Sample([first, second])


def test_a_file_and_its_compressed_copy(tmp_path):
    text = b"the same text"
    (tmp_path / "a").write_bytes(text)
    (tmp_path / "b").write_bytes(gzip.compress(text))
    (tmp_path / "c").write_bytes(lzma.compress(text))
    (tmp_path / "d").write_bytes(gzip.compress(text[:-1]))
    check_not_twice([tmp_path / "a", tmp_path / "d"])
    for pair in ("ab", "ac", "bc"):
        with pytest.raises(UsageError, match="same contents"):
            check_not_twice([tmp_path / name for name in pair])


def test_events_of_one_seed_in_two_files_are_named(tmp_path, events, caplog):
    sample = many(events)
    first = write(sample, tmp_path / "a.table.root")
    second = write(sample[:60], tmp_path / "b.table.root")
    other = write(many(events, 2), tmp_path / "c.table.root")
    assert len(read([first, other])) == 200
    assert caplog.text == ""
    assert len(read([first, second])) == 160
    assert "60 events occur more than once among 160" in caplog.text
