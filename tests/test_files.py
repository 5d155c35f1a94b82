import errno
import stat

import pytest

from nugen_gan.errors import OutputError
from nugen_gan.files import atomic_directory, atomic_path, check_writable, sha256


def break_off(path, error):
    with atomic_path(path) as temporary:
        temporary.write_text("half")
        raise error


def test_the_file_appears_at_the_end(tmp_path):
    path = tmp_path / "a.txt"
    with atomic_path(path) as temporary:
        temporary.write_text("x")
        assert not path.exists()
        assert temporary.suffix == ".txt"
    assert path.read_text() == "x"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]
    assert stat.S_IMODE(path.stat().st_mode) & stat.S_IRUSR


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_failure_leaves_the_old_file(tmp_path, error):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(error):
        break_off(path, error())
    assert path.read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(
    ("number", "word"), [(errno.ENOSPC, "full"), (errno.EACCES, "may not"), (errno.EIO, "-o")]
)
def test_system_errors_come_with_advice(tmp_path, number, word):
    with pytest.raises(OutputError, match=word):
        break_off(tmp_path / "a", OSError(number, "reason"))
    assert list(tmp_path.iterdir()) == []


def test_places_where_nothing_can_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "none" / "a", tmp_path / "file" / "a", tmp_path):
        with pytest.raises(OutputError), atomic_path(path):
            pass


def test_a_folder_appears_at_the_end(tmp_path):
    path = tmp_path / "folder"
    with atomic_directory(path) as temporary:
        (temporary / "a").write_text("x")
        assert not path.exists()
    assert (path / "a").read_text() == "x"
    with pytest.raises(ValueError, match="no"), atomic_directory(path) as temporary:
        raise ValueError("no")
    assert (path / "a").read_text() == "x"
    assert [p.name for p in tmp_path.iterdir()] == ["folder"]


def test_digest(tmp_path):
    (tmp_path / "a").write_bytes(b"abc")
    assert sha256(tmp_path / "a").startswith("ba7816bf8f01cfea414140de5dae2223")


@pytest.mark.parametrize("place", ["folder", "not/yet/there"])
def test_check_writable_allows(tmp_path, place):
    (tmp_path / "folder").mkdir()
    check_writable(tmp_path / place)
    assert not (tmp_path / "not").exists()


def test_check_writable_refuses_what_is_below_a_file(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot write"):
        check_writable(tmp_path / "file" / "folder")
