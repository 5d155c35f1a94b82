"""From paths and names to files of one dialect."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from nugen_gan.adapters.base import Adapter
from nugen_gan.adapters.registry import (
    check_regular,
    get_adapter,
    guess_adapter,
    recognises,
)
from nugen_gan.conversion.repeated import check_not_twice
from nugen_gan.errors import (
    FormatError,
    NugenError,
    UsageError,
)
from nugen_gan.storage.bundled import sample_file

__all__ = ["PathLike", "find_adapter", "located"]

PathLike = str | os.PathLike[str]


def find_adapter(paths: Sequence[Path], format: str | None = None) -> Adapter:
    """Return the one adapter for some files; raises UsageError if they need several."""
    if not paths:
        raise UsageError("no file of events was given.")
    if len({path.resolve() for path in paths}) < len(paths):
        raise UsageError("a file was given twice: its events would count twice.")
    for path in paths:
        check_regular(path)
    guesses = {path: guess_adapter(path) for path in paths} if format is None else {}
    if len({adapter.name for adapter in guesses.values()}) > 1:
        listing = ", ".join(f"{path} ({adapter.name})" for path, adapter in guesses.items())
        raise UsageError(
            f"files given together are one sample and must be in one format, found {listing}. "
            "Convert them one by one."
        )
    adapter = guesses[paths[0]] if format is None else get_adapter(format)
    if not adapter.reads:
        raise UsageError(f"the format {format!r} can be written, not read.")
    for path in paths:
        if not path.is_file():
            raise UsageError(f"{path} does not exist or is not a file.")
        if format is not None and not recognises(adapter, path):
            _check_claimed(path, adapter)
    if len(paths) > 1:
        check_not_twice(paths)
    return adapter


def _check_claimed(path: Path, adapter: Adapter) -> None:
    """Refuse a file of another dialect than the one named; say which one it is."""
    try:
        right = guess_adapter(path)
    except NugenError:
        return  # what is wrong with it is said when it is opened
    try:
        adapter.open([path])
    except FormatError as error:
        raise FormatError(
            f"{path} is not in the format {adapter.name}, but in {right.name} "
            f"({right.description}): leave --format out, or give --format {right.name}. Read as "
            f"{adapter.name}: {error}"
        ) from error


def located(path: PathLike) -> Path:
    """A file by its path or, where there is none, a bundled sample by its name."""
    bundled = None if Path(path).exists() else sample_file(str(path))
    return Path(path) if bundled is None else bundled
