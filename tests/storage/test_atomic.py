import errno
import os
import stat
import subprocess
import sys

import pytest

from nugen_gan.errors import OutputError, UsageError
from nugen_gan.storage import atomic as files
from nugen_gan.storage.atomic import (
    atomic_directory,
    atomic_path,
    check_output,
    check_writable,
    is_stdout,
    is_stream,
    leftovers,
    open_stream,
    refuse_inputs,
    sha256,
)


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


def write(path, text, **options):
    with atomic_path(path, **options) as temporary:
        temporary.write_text(text)


@pytest.mark.parametrize("mask", [0o022, 0o027, 0o077])
def test_outputs_get_the_mode_that_the_user_wants(tmp_path, mask):
    before = os.umask(mask)
    try:
        write(tmp_path / "a", "x")
        with atomic_directory(tmp_path / "folder"):
            pass
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o666 & ~mask
    assert stat.S_IMODE((tmp_path / "folder").stat().st_mode) == 0o777 & ~mask


def test_what_exists_is_replaced_on_request_only(tmp_path):
    path = tmp_path / "a"
    write(path, "old", overwrite=False)
    with pytest.raises(OutputError, match="a exists: give --overwrite to replace it, or choose"):
        write(path, "new", overwrite=False)
    assert path.read_text() == "old"
    write(path, "new", overwrite=True)
    assert path.read_text() == "new"


def test_a_link_stays_one(tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "file").write_text("old")
    (tmp_path / "link").symlink_to("there/file")
    (tmp_path / "dangling").symlink_to("there/new")
    for name in ("link", "dangling"):
        write(tmp_path / name, "new")
        assert (tmp_path / name).is_symlink()
        assert (tmp_path / name).read_text() == "new"
    assert sorted(p.name for p in (tmp_path / "there").iterdir()) == ["file", "new"]
    (tmp_path / "folder").mkdir()
    (tmp_path / "to_folder").symlink_to("folder")
    with atomic_directory(tmp_path / "to_folder") as temporary:
        (temporary / "a").write_text("x")
    assert (tmp_path / "to_folder").is_symlink()
    assert (tmp_path / "folder" / "a").read_text() == "x"


def test_links_in_a_circle(tmp_path):
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(OutputError, match="cannot write"):
        write(tmp_path / "a", "x")


def test_a_read_only_file_is_left_alone(tmp_path):
    path = tmp_path / "a"
    path.write_text("old")
    path.chmod(0o444)
    with pytest.raises(OutputError, match="it is read-only"):
        write(path, "new", overwrite=True)
    assert path.read_text() == "old"


def test_folders_that_are_absent_or_closed(tmp_path, monkeypatch):
    with pytest.raises(OutputError, match=r"there is no folder .*/none\. Create it first"):
        check_output(tmp_path / "none" / "a")
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(OutputError, match="you may not write in the folder"):
        check_output(tmp_path / "a")


@pytest.mark.parametrize("name", ["with space", "with\nnewline", "ü" * 120, "x" * 255, "-dash"])
def test_strange_names(tmp_path, name):
    write(tmp_path / name, "x")
    assert [p.name for p in tmp_path.iterdir()] == [name]


def test_names_that_are_too_long(tmp_path):
    with pytest.raises(OutputError, match="too long"):
        check_output(tmp_path / ("x" * 256))


def test_pipes_and_devices_are_never_replaced(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(OutputError, match="it is a pipe or a device"):
        write(pipe, "x")
    assert pipe.is_fifo()
    assert is_stream(pipe)
    assert is_stream("/dev/null")
    assert is_stream("/dev/stdout")
    assert is_stream("/dev/fd/7")
    assert not is_stream(tmp_path / "file")
    assert is_stdout("-")
    assert is_stdout("/dev/stdout")
    assert not is_stdout(tmp_path / "file")


def test_a_pipe_takes_bytes(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE) as reader:
        with open_stream(pipe) as stream:
            stream.write(b"abc")
        assert reader.stdout.read() == b"abc"


def test_a_full_device():
    with pytest.raises(OutputError, match="No space left"), open_stream("/dev/full") as stream:
        stream.write(b"x" * 100_000)


def test_standard_output(capfdbinary):
    with open_stream("-") as stream:
        stream.write(b"abc")
    assert capfdbinary.readouterr().out == b"abc"


def test_no_standard_output(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    with pytest.raises(OutputError, match="standard output is closed"), open_stream("-"):
        pass


def test_an_output_that_is_an_input(tmp_path):
    (tmp_path / "a").write_text("x")
    (tmp_path / "hard").hardlink_to(tmp_path / "a")
    (tmp_path / "soft").symlink_to("a")
    for name in ("a", "hard", "soft"):
        with pytest.raises(UsageError, match="is the input itself"):
            refuse_inputs(tmp_path / name, [tmp_path / "none", tmp_path / "a"])
    refuse_inputs(tmp_path / "b", [tmp_path / "a"])


def partial_of(folder, process, name, place=None):
    path = folder / f".partial-{place or files._place()}-{process}-abcd1234-{name}"
    path.write_text("half")
    return path


def test_what_a_killed_program_left_is_removed_by_the_next(tmp_path):
    with subprocess.Popen(["true"]) as dead:
        pass
    stale = partial_of(tmp_path, dead.pid, "a")
    kept = [
        partial_of(tmp_path, dead.pid, "other"),
        partial_of(tmp_path, os.getppid(), "a"),  # is alive
        partial_of(tmp_path, 1, "a"),
        partial_of(tmp_path, dead.pid, "a", "0" * 8),  # of another machine
        partial_of(tmp_path, dead.pid, "a-old"),
    ]
    assert leftovers(tmp_path / "a") == sorted(kept[-2:])
    write(tmp_path / "a", "x")
    assert not stale.exists()
    assert sorted(tmp_path.iterdir()) == sorted([*kept, tmp_path / "a"])


def test_a_killed_program_leaves_what_the_next_removes(tmp_path):
    code = (
        "import os, signal\nfrom nugen_gan.storage.atomic import atomic_path\n"
        f"with atomic_path({str(tmp_path / 'a.root')!r}):\n    os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    (left,) = tmp_path.iterdir()
    assert left.suffix == ".root"
    write(tmp_path / "a.root", "x")
    assert [p.name for p in tmp_path.iterdir()] == ["a.root"]


def test_of_two_writers_none_loses_anything(tmp_path):
    path = tmp_path / "a.txt"

    def write_both():
        with atomic_path(path, overwrite=False) as ours:
            write(path, "theirs", overwrite=False)
            ours.write_text("ours")

    with pytest.raises(OutputError, match=rf"written here is .*a\.{os.getpid()}\.txt"):
        write_both()
    assert path.read_text() == "theirs"
    assert (tmp_path / f"a.{os.getpid()}.txt").read_text() == "ours"
    assert len(list(tmp_path.iterdir())) == 2


def test_file_systems_without_links(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    write(tmp_path / "a", "x", overwrite=False)
    assert (tmp_path / "a").read_text() == "x"


def test_files_in_a_folder_are_replaced_on_request_only(tmp_path):
    (tmp_path / "other").write_text("")
    check_writable(tmp_path, ["report.html"], overwrite=False)
    (tmp_path / "report.html").write_text("")
    with pytest.raises(OutputError, match="exists: give --overwrite to replace it, or choose"):
        check_writable(tmp_path, ["report.html"], overwrite=False)
    check_writable(tmp_path, ["report.html"], overwrite=True)
