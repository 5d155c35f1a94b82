"""Where events are written to: a file that appears when complete, or a stream as they come."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from nugen_gan.errors import UsageError
from nugen_gan.storage.atomic import (
    atomic_path,
    check_output,
    check_stdout,
    is_stdout,
    is_stream,
    open_stream,
)

if TYPE_CHECKING:
    from nugen_gan.adapters.base import Adapter, Header
    from nugen_gan.events.table import EventTable

__all__ = ["STREAMED", "WriteEvents", "check_event_output", "event_output", "event_writer"]

WriteEvents = Callable[[Iterable["EventTable"], Callable[[], "Header"]], None]
# What standard output and other names without a suffix get.
STREAMED = "nuhepmc"


def event_writer(path: Path, output_format: str | None = None) -> Adapter:
    """The writer of a file or a stream: as named, or else by the suffix.

    Raises
    ------
    UsageError
        if the format is not known, or cannot be streamed to what is no regular file.
    """
    from nugen_gan.adapters.registry import writer_for

    if not is_stream(path):
        return writer_for(path, output_format)
    if output_format is None and not path.suffix:
        return writer_for(path, STREAMED)
    adapter = writer_for(path, output_format)
    if not adapter.streams or path.name.endswith(".gz"):
        what = f"{adapter.name}, compressed," if adapter.streams else f"the format {adapter.name}"
        raise UsageError(
            f"{what} cannot be streamed to {path}, which is no regular file. Choose a file with "
            f"-o, or --output-format {STREAMED}."
        )
    return adapter


def check_event_output(
    path: Path, output_format: str | None = None, *, overwrite: bool = False
) -> Adapter:
    """Refuse, before any work, what :func:`event_output` would refuse; return the writer."""
    adapter = event_writer(path, output_format)
    if is_stdout(path):
        check_stdout()
    elif not is_stream(path):
        check_output(path, overwrite=overwrite)
    return adapter


@contextmanager
def event_output(
    adapter: Adapter,
    path: Path,
    *,
    overwrite: bool = False,
    complete: Callable[[Path], None] | None = None,
) -> Iterator[WriteEvents]:
    """Yield a function that writes events; a file appears when the block has succeeded.

    Parameters
    ----------
    adapter : the writer
    path : of the file or stream
    overwrite : an older file is replaced
    complete : called with the file that is complete, before it gets its name

    Raises
    ------
    OutputError
        if the place cannot be written, or exists (unless ``overwrite``).
    """
    if is_stream(path):
        try:
            with open_stream(path) as stream:
                yield partial(adapter.write_stream, stream)
        except KeyboardInterrupt as error:
            error.add_note(f"what went to {path} is not complete")
            raise
    else:
        with atomic_path(path, overwrite=overwrite) as temporary:
            yield partial(adapter.write, temporary)
            if complete is not None:
                complete(temporary)
