"""Outputs that appear under their name only when complete, and digests of inputs.

What is written has a name of its own until then, ``.partial-HOST-PID-RANDOM-NAME``.  One that a
killed program left is removed by the next that writes NAME, if its process is surely dead.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
import socket
import stat
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import IO, Any

from nugen_gan.errors import OutputError, UsageError

PathLike = str | os.PathLike[str]

__all__ = [
    "atomic_directory",
    "atomic_path",
    "check_output",
    "check_stdout",
    "check_writable",
    "exists_text",
    "is_stdout",
    "is_stream",
    "leftovers",
    "open_stream",
    "output_errors",
    "refuse_inputs",
    "refuse_inputs_inside",
    "sha256",
    "write_json",
]


@contextmanager
def output_errors(path: Path) -> Iterator[None]:
    """Turn an operating-system error while writing ``path`` into an :class:`OutputError`."""
    try:
        yield
    except (OutputError, BrokenPipeError):
        raise
    except OSError as error:
        reason = error.strerror or str(error)
        advice = {
            errno.ENOSPC: "The disk is full: free some space or choose another place.",
            errno.EDQUOT: "Your quota is used up: free some space or choose another place.",
            errno.EACCES: "You may not write there: choose another place with -o.",
            errno.EPERM: "You may not write there: choose another place with -o.",
            errno.EROFS: "That file system is read-only: choose another place with -o.",
            errno.ENOENT: "Its folder does not exist: create it first or choose another place.",
            errno.ENOTDIR: "Part of that path is a file, not a folder: choose another place.",
            errno.EISDIR: "A folder of that name exists: choose another name.",
        }.get(error.errno or 0, "Choose another place with -o.")
        raise OutputError(
            f"cannot write {path}: {reason}. {advice} Nothing was left under that name."
        ) from error


def is_stdout(path: PathLike) -> bool:
    """True for ``-``, and for any other name of what standard output goes to."""
    if os.fspath(path) == "-":
        return True
    try:
        return os.path.samestat(Path(path).stat(), os.fstat(1))
    except OSError:
        return False


def is_stream(path: PathLike) -> bool:
    """True for what takes bytes and keeps no file: standard output, a pipe, a device."""
    if is_stdout(path) or re.match(r"/(dev|proc/[^/]+)/fd/", str(Path(path).absolute())):
        return True
    try:
        mode = Path(path).stat().st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)


@contextmanager
def open_stream(path: PathLike) -> Iterator[IO[bytes]]:
    """Open standard output, a pipe or a device for writing.

    Raises
    ------
    OutputError
        if it is closed or cannot be written.
    BrokenPipeError
        if its reader has gone.
    """
    try:
        if not is_stdout(path):
            with open(path, "wb") as stream:
                yield stream
            return
        check_stdout()
        sys.stdout.flush()
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
    except (OutputError, BrokenPipeError):
        raise
    except OSError as error:
        raise OutputError(f"cannot write to {path}: {error.strerror or error}.") from error


def check_stdout() -> None:
    """Raise OutputError if there is no standard output."""
    if sys.stdout is None:
        raise OutputError("standard output is closed: name a file with -o.")


def check_output(path: PathLike, *, overwrite: bool = False) -> Path:
    """Return where a file will be, links followed; refuse what cannot or may not be written.

    To be called before any work.

    Raises
    ------
    OutputError
        if it exists (unless ``overwrite``), is no regular file or is read-only, or if its folder
        is absent or read-only.
    """
    given = Path(path)
    final = Path(os.path.realpath(given))
    with output_errors(given):
        try:
            mode = given.stat().st_mode
        except FileNotFoundError:
            mode = None
        if mode is None:
            _check_folder(given, final.parent)
            return final
        if stat.S_ISDIR(mode):
            raise OutputError(f"cannot write {given}: a folder of that name exists.")
        if not stat.S_ISREG(mode):
            raise OutputError(
                f"cannot write {given}: it is a pipe or a device, which only a format of plain "
                "text can be streamed to. Choose another name."
            )
        if not overwrite:
            raise OutputError(exists_text(given))
        # The superuser may write all files, but did not mean those that are marked read-only.
        if not mode & 0o222 or not os.access(final, os.W_OK):
            raise OutputError(f"cannot write {given}: it is read-only. Choose another name.")
        _check_folder(given, final.parent)
    return final


def _check_folder(given: Path, folder: Path) -> None:
    if not folder.exists():
        raise OutputError(
            f"cannot write {given}: there is no folder {folder}. Create it first, or choose "
            "another place."
        )
    if not folder.is_dir():
        raise OutputError(f"cannot write {given}: {folder} is a file, not a folder.")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OutputError(
            f"cannot write {given}: you may not write in the folder {folder}. Choose another "
            "place with -o."
        )


def exists_text(path: Path) -> str:
    """What is said of an output that exists, by all verbs alike."""
    return f"{path} exists: give --overwrite to replace it, or choose another name"


def refuse_inputs(output: PathLike, inputs: Iterable[PathLike]) -> None:
    """Raise UsageError if an output is one of the inputs, by whatever name."""
    for path in inputs:
        with suppress(OSError):
            if Path(output).samefile(path):
                raise UsageError(
                    f"the output {output} is the input itself: choose another name with -o."
                )


def refuse_inputs_inside(folder: PathLike, inputs: Iterable[PathLike]) -> None:
    """Raise UsageError if an input lies in a folder that is to be replaced."""
    place = Path(os.path.realpath(folder))
    for path in inputs:
        if Path(os.path.realpath(path)).is_relative_to(place):
            raise UsageError(
                f"the input {path} is in {folder}, which --overwrite would remove: choose another "
                "folder with -o, or move the input."
            )


@contextmanager
def atomic_path(path: PathLike, *, overwrite: bool = True) -> Iterator[Path]:
    """Yield a temporary path beside ``path``; rename it to ``path`` if the block succeeds.

    Whatever goes wrong inside, Ctrl-C included, the temporary file is removed and an older file
    under the final name stays as it was.  A link stays a link; what it leads to is replaced.

    Raises
    ------
    OutputError
        as :func:`check_output`, or if the disk is full.
    """
    given = Path(path)
    final = check_output(given, overwrite=overwrite)
    with output_errors(given):
        _sweep(final)
        # Keep the suffix: some libraries choose the format or the compression by it.
        handle, name = tempfile.mkstemp(dir=final.parent, prefix=_prefix(), suffix=_ending(final))
        os.close(handle)
        temporary = Path(name)
        try:
            yield temporary
            temporary.chmod(0o666 & ~_umask())
            if overwrite:
                temporary.replace(final)
            else:
                _rename_to_free(temporary, final)
        finally:
            with suppress(FileNotFoundError):
                temporary.unlink()


def _rename_to_free(temporary: Path, final: Path) -> None:
    """Rename unless another program has written that name in the meantime."""
    try:
        os.link(temporary, final)
    except FileExistsError:
        other = final.with_name(f"{final.stem}.{os.getpid()}{final.suffix}")
        temporary.replace(other)
        raise OutputError(
            f"{final} was written by another program in the meantime and is left alone: what "
            f"was written here is {other}"
        ) from None
    except OSError:  # a file system without links
        if final.exists():
            raise OutputError(exists_text(final)) from None
        temporary.replace(final)


@contextmanager
def atomic_directory(path: PathLike) -> Iterator[Path]:
    """As :func:`atomic_path` for a folder.  A folder under the final name is replaced."""
    final = Path(os.path.realpath(path))
    with output_errors(Path(path)):
        _sweep(final)
        temporary = Path(
            tempfile.mkdtemp(dir=final.parent, prefix=_prefix(), suffix=_ending(final))
        )
        # A folder cannot be renamed over another one that is not empty.
        old = temporary.with_name(temporary.name + "-old")
        try:
            yield temporary
            temporary.chmod(0o777 & ~_umask())
            if final.exists():
                final.replace(old)
            temporary.replace(final)
        except BaseException:
            if old.exists():
                old.replace(final)
            raise
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
            shutil.rmtree(old, ignore_errors=True)


def leftovers(path: PathLike) -> list[Path]:
    """Partial outputs of that name of which it cannot be told whether their writer is alive.

    Those of another machine, of a container, or of this machine before it was started anew.
    """
    final = Path(os.path.realpath(path))
    try:
        return sorted(entry for entry, process in _partials(final) if process is None)
    except OSError:
        return []


def _prefix() -> str:
    return f".partial-{_place()}-{os.getpid()}-"


def _ending(final: Path) -> str:
    """The end of a partial name; short enough that all of it is a valid name."""
    return "-" + final.name[-50:]


@cache
def _place() -> str:
    """Where the number of a process means this process: a machine, since its start."""
    known = [socket.gethostname()]
    with suppress(OSError):
        known.append(Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii"))
    with suppress(OSError):
        known.append(str(Path("/proc/self/ns/pid").readlink()))
    return hashlib.sha256("\n".join(known).encode()).hexdigest()[:8]


def _partials(final: Path) -> Iterator[tuple[Path, int | None]]:
    """Partial outputs of that name, each with its process, if that is one of this machine."""
    name = re.compile(
        rf"\.partial-([0-9a-f]{{8}})-(\d+)-\w{{8}}{re.escape(_ending(final))}(-old)?", re.DOTALL
    )
    for entry in final.parent.iterdir():
        match = name.fullmatch(entry.name)
        if match:
            ours = match[1] == _place() and not match[3]
            yield entry, int(match[2]) if ours else None


def _sweep(final: Path) -> None:
    """Remove partial outputs of that name whose process is surely dead."""
    for entry, process in list(_partials(final)):
        if process is not None and not _alive(process):
            if entry.is_dir():
                shutil.rmtree(entry, ignore_errors=True)
            else:
                with suppress(OSError):
                    entry.unlink()


def _alive(process: int) -> bool:
    if os.name == "nt":  # there, signal 0 is not a question but Ctrl-C
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        pass
    return True


def check_writable(folder: PathLike, names: Iterable[str] = (), *, overwrite: bool = True) -> None:
    """Raise OutputError at once if ``folder`` could not be made or written later.

    For long work whose result is written at its end.

    Parameters
    ----------
    folder : which need not exist
    names : of the files to be written in it
    overwrite : they may exist
    """
    final = Path(folder)
    with output_errors(final):
        existing = next(place for place in (final, *final.absolute().parents) if place.exists())
        if not existing.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, "Not a directory")
        if not os.access(existing, os.W_OK):
            raise PermissionError(errno.EACCES, "Permission denied")
    found = [name for name in names if (final / name).exists()]
    if found and not overwrite:
        raise OutputError(exists_text(final))
    for name in found:
        check_output(final / name, overwrite=True)


def sha256(path: PathLike) -> str:
    """Hexadecimal SHA-256 digest of a file, read in blocks."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def write_json(path: Path, content: Any) -> None:
    """Write plain values to a file that appears when complete, in a folder made if need be.

    Raises
    ------
    OutputError
        if it cannot be written.
    """
    with output_errors(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_path(path) as temporary:
        text = json.dumps(content, indent=1, allow_nan=False)
        temporary.write_text(text + "\n", encoding="utf-8")
