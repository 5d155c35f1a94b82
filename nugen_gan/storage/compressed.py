"""Reading files that are compressed, whatever their name says: gzip, bzip2, xz; zstd is named.

No more is unpacked than some hundred times the size of the file: a small file that unpacks to
terabytes is no result of a generator.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from nugen_gan.errors import FormatError, UsageError

__all__ = ["compression_of", "open_unpacked", "reading"]

# First bytes -> name, program that unpacks it, and what opens a stream of it.
KINDS: dict[bytes, tuple[str, str, Callable[[IO[bytes]], Any] | None]] = {
    b"\x1f\x8b": ("gzip", "gunzip", lambda stream: gzip.GzipFile(fileobj=stream)),
    b"BZh": ("bzip2", "bunzip2", bz2.BZ2File),
    b"\xfd7zXZ\0": ("xz", "unxz", lzma.LZMAFile),
    b"\x28\xb5\x2f\xfd": ("zstd", "unzstd", None),
}
# Bytes that any file may unpack to, and how many times its size a large one may.
SMALL, MOST = 1 << 30, 500


def compression_of(path: Path) -> tuple[str, str] | None:
    """Name of a file's compression and the program that unpacks it; None if it has none.

    Raises OSError if it cannot be read.
    """
    with open(path, "rb") as stream:
        start = stream.read(6)
    return next(((kind[0], kind[1]) for magic, kind in KINDS.items() if start.startswith(magic)),
                None)  # fmt: skip


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn errors of reading and of decompression into a FormatError."""
    try:
        yield
    except EOFError as error:
        raise FormatError(
            f"{path} is truncated: its compressed text ends early. Copy or make it again."
        ) from error
    except (gzip.BadGzipFile, zlib.error, lzma.LZMAError) as error:
        raise FormatError(f"{path} is damaged: it cannot be decompressed ({error}).") from error
    except OSError as error:
        # bz2 has no error of its own: without a number it is not the system's.
        if error.errno is None:
            raise FormatError(f"{path} is damaged: it cannot be decompressed ({error}).") from error
        raise FormatError(f"{path} cannot be read: {error.strerror or error}.") from error


@contextmanager
def open_unpacked(path: Path) -> Iterator[IO[bytes]]:
    """Open a file for reading, and decompress it on the way if it is compressed.

    Raises
    ------
    UsageError
        if it is compressed in a way that Python's standard library cannot undo.
    FormatError
        while reading, if it unpacks to absurdly much.
    """
    with open(path, "rb") as stream:
        start = stream.read(6)
        stream.seek(0)
        for magic, (name, program, opener) in KINDS.items():
            if not start.startswith(magic):
                continue
            if opener is None:
                raise UsageError(
                    f"{path} is compressed with {name}, which this program cannot read. Unpack "
                    f"it first: {program} {path}"
                )
            with opener(stream) as unpacked:
                yield io.BufferedReader(_Bounded(unpacked, path))
            return
        yield stream


class _Bounded(io.RawIOBase):
    """A stream that ends with an error once it has given too much."""

    def __init__(self, stream: Any, path: Path) -> None:
        self._stream, self._path = stream, path
        self._left = max(SMALL, MOST * path.stat().st_size)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._stream.read1(min(len(buffer), self._left + 1))
        self._left -= len(data)
        if self._left < 0:
            raise FormatError(
                f"{self._path} is damaged: it unpacks to more than {MOST} times its size. If it "
                "is in order, unpack it first."
            )
        buffer[: len(data)] = data
        return len(data)
