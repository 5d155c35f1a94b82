"""Text files as people save them: with a byte order mark or without, with any line ends."""

from __future__ import annotations

import codecs
from pathlib import Path

from nugen_gan.errors import FormatError

__all__ = ["decoded", "read_text_file"]

# Spreadsheets begin "CSV UTF-8" with the first mark, "Unicode text" with one of the others.
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read_text_file(path: Path, what: str) -> str:
    """Text of a file in UTF-8, or in UTF-16 with a byte order mark; lines end with ``\\n``.

    Parameters
    ----------
    path : of the file
    what : what it is, for messages: ``flux file``

    Raises
    ------
    FormatError
        if it cannot be read as such text.
    """
    try:
        return decoded(path.read_bytes())
    except (OSError, UnicodeDecodeError) as error:
        raise FormatError(f"{what} {path} cannot be read as text: {error}") from error


def decoded(content: bytes) -> str:
    """Text of the content of a file; raises UnicodeDecodeError if it is none."""
    encoding = next((name for mark, name in MARKS if content.startswith(mark)), "utf-8")
    return content.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")
