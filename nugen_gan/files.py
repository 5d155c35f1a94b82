"""Outputs that appear under their name only when complete, and digests of inputs."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from nugen_gan.errors import OutputError

__all__ = [
    "atomic_directory",
    "atomic_path",
    "check_writable",
    "output_errors",
    "sha256",
    "write_json",
]


@contextmanager
def output_errors(path: Path) -> Iterator[None]:
    """Turn an operating-system error while writing ``path`` into an :class:`OutputError`."""
    try:
        yield
    except OutputError:
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


@contextmanager
def atomic_path(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a temporary path beside ``path``; rename it to ``path`` if the block succeeds.

    Whatever goes wrong inside, Ctrl-C included, the temporary file is removed and an older file
    under the final name stays as it was.

    Raises
    ------
    OutputError
        if the place cannot be written or the disk is full.
    """
    final = Path(path)
    with output_errors(final):
        if final.is_dir():
            raise OutputError(f"cannot write {final}: a folder of that name exists.")
        # Keep the suffix: some libraries choose the format or the compression by it.
        handle, name = tempfile.mkstemp(
            dir=final.parent, prefix=".partial-", suffix="-" + final.name
        )
        os.close(handle)
        temporary = Path(name)
        try:
            yield temporary
            temporary.chmod(0o666 & ~_umask())
            temporary.replace(final)
        finally:
            with suppress(FileNotFoundError):
                temporary.unlink()


@contextmanager
def atomic_directory(path: str | os.PathLike[str]) -> Iterator[Path]:
    """As :func:`atomic_path` for a folder.  A folder under the final name is replaced."""
    final = Path(path)
    with output_errors(final):
        temporary = Path(tempfile.mkdtemp(dir=final.parent, prefix=".partial-" + final.name))
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


def check_writable(folder: str | os.PathLike[str]) -> None:
    """Raise OutputError at once if ``folder`` could not be made or written later.

    For long work whose result is written at its end.
    """
    final = Path(folder)
    with output_errors(final):
        existing = next(place for place in (final, *final.absolute().parents) if place.exists())
        if not existing.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, "Not a directory")
        if not os.access(existing, os.W_OK):
            raise PermissionError(errno.EACCES, "Permission denied")


def sha256(path: str | os.PathLike[str]) -> str:
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
