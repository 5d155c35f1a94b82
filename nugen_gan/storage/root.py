"""ROOT files through uproot: opening with clear errors, reading in blocks, same bytes twice."""

from __future__ import annotations

import os
import struct
import threading
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from nugen_gan.errors import FormatError, NugenError, UsageError
from nugen_gan.parallel import workers

if TYPE_CHECKING:
    from uproot import ReadOnlyDirectory, TTree, WritableDirectory
    from uproot.reading import ReadOnlyFile

__all__ = [
    "BLOCK",
    "FLAT_BLOCK",
    "blocks",
    "check_entries",
    "find_tree",
    "has_branches",
    "is_root",
    "open_root",
    "reading",
    "recreate",
    "tree_sizes",
]

# Events handled at a time, whatever the size of the file: with lists of particles, and flat
# ones, of which a block is some ten megabytes.
BLOCK = 50_000
FLAT_BLOCK = 200_000
# ROOT stores when a file was made and a unique number; ours are constants, so that equal
# contents are equal bytes.
EPOCH = datetime(2000, 1, 1)
FIXED_UUID = uuid.uuid5(uuid.NAMESPACE_URL, "https://arxiv.org/abs/2508.12987")

_clock_lock = threading.RLock()


def is_root(path: Path) -> bool:
    """True if the file begins as ROOT files do."""
    try:
        with open(path, "rb") as stream:
            return stream.read(4) == b"root"
    except OSError:
        return False


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn whatever a damaged file makes uproot throw into a :class:`FormatError`.

    Damaged bytes are read as lengths, types and addresses, so that almost any exception may
    come out, MemoryError included.
    """
    try:
        yield
    except NugenError:
        raise
    except PermissionError as error:
        raise UsageError(f"{path} cannot be read: you have no permission to.") from error
    except Exception as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise FormatError(
            f"{path} is damaged: reading it as a ROOT file failed ({reason}). "
            "Make the file again or fetch it again from where it came."
        ) from error


@contextmanager
def open_root(path: Path) -> Iterator[ReadOnlyDirectory]:
    """Open a ROOT file.

    Raises
    ------
    UsageError
        if there is no such file, or no permission to read it.
    FormatError
        if it is not a ROOT file, or truncated, or damaged; also for what goes wrong inside.
    """
    if not path.is_file():
        raise UsageError(f"{path} does not exist or is not a file.")
    if not is_root(path):
        raise FormatError(f"{path} is not a ROOT file: it does not begin with the word 'root'.")
    with reading(path):
        _check_length(path)
        import uproot

        # Not memory-mapped: pages of the file would count as memory of the process.
        handler = uproot.source.file.MultithreadedFileSource
        with (
            _classes_forgotten(),
            _file_class()(
                path, handler=handler, num_workers=1, object_cache=None, array_cache=None
            ) as file,
        ):
            yield file.root_directory


@cache
def _file_class() -> type[ReadOnlyFile]:
    import uproot

    class File(uproot.reading.ReadOnlyFile):  # type: ignore[misc]
        """A file whose list of classes is read once.

        To read that list uproot looks up the classes of its entries.  It looks for one that it
        does not know, which only damage puts there, in the list itself, and so without end.
        """

        asked = False

        def hook_before_interpret_streamers(self, **_: Any) -> None:
            if self.asked:
                raise FormatError(
                    f"{self.file_path} is damaged: its list of classes cannot be read. "
                    "Make the file again or fetch it again from where it came."
                )
            self.asked = True

    return File


@contextmanager
def _classes_forgotten() -> Iterator[None]:
    """Forget in the end which classes a file describes.

    uproot remembers them for all files that follow, and those of a damaged file, which may be
    wrong ones for a name and version that it knew, would make intact files unreadable.
    """
    import uproot

    classes: Any = uproot.classes
    before = dict(classes)
    versions = {name: dict(cls.known_versions) for name, cls in before.items()
                if hasattr(cls, "known_versions")}  # fmt: skip
    try:
        yield
    finally:
        for name, known in versions.items():
            before[name].known_versions = known
        classes.clear()
        classes.update(before)


def _check_length(path: Path) -> None:
    """Compare the file's size with the one that its first bytes state."""
    with open(path, "rb") as stream:
        start = stream.read(20)
    if len(start) < 20:
        raise FormatError(f"{path} is truncated: only {len(start)} bytes are left of it.")
    version = struct.unpack(">i", start[4:8])[0]
    # Files above 2 GB have 8-byte addresses and a version above 1,000,000.
    end = struct.unpack(">q" if version >= 1_000_000 else ">i",
                        start[12:20] if version >= 1_000_000 else start[12:16])[0]  # fmt: skip
    if end < len(start):
        raise FormatError(
            f"{path} is damaged: its first bytes do not say where it ends. "
            "Make it or fetch it again."
        )
    size = path.stat().st_size
    if size < end:
        raise FormatError(
            f"{path} is truncated: it has {size:,} of {end:,} bytes. The program that wrote it "
            "did not finish, or a copy stopped early. Make it or fetch it again."
        )


def tree_sizes(file: ReadOnlyDirectory) -> dict[str, int]:
    """Name and number of entries of every tree in a file."""
    names = file.keys(cycle=False, filter_classname="TTree")
    return {name: int(file[name].num_entries) for name in names}


def find_tree(file: ReadOnlyDirectory, name: str) -> TTree | None:
    """Return the tree of that name, or None."""
    return file[name] if name in file.keys(cycle=False, filter_classname="TTree") else None


def has_branches(path: Path, tree: str, branches: Sequence[str]) -> bool:
    """True if the file holds that tree with those branches; never raises."""
    if not is_root(path):
        return False
    try:
        with open_root(path) as file:
            found = find_tree(file, tree)
            return found is not None and all(name in found for name in branches)
    except NugenError:
        return False


def check_entries(path: Path, tree: TTree, branches: Sequence[str]) -> None:
    """Compare the number of entries of a tree with what its branches hold.

    ROOT keeps it for the tree, for each branch, and for each piece (basket) of a branch; a reader
    that trusts the first loses events if that one is damaged.

    Raises
    ------
    FormatError
        if one of them differs.
    """
    entries = int(tree.num_entries)
    for name in branches:
        branch = tree[name]
        if not branch.num_baskets:
            continue  # a branch of sub-branches, or one without entries
        for what, number in (
            ("says that it has", int(branch.num_entries)),
            ("has pieces with", int(branch.entry_offsets[-1])),
        ):
            if number != entries:
                raise FormatError(
                    f"{path} is damaged: the tree {tree.name} says that it has {entries:,} "
                    f"entries, but its branch {name} {what} {number:,}. Make the file again or "
                    "fetch it again from where it came."
                )
    if entries and not any(tree[name].num_baskets for name in branches):
        raise FormatError(
            f"{path} is damaged: the tree {tree.name} says that it has {entries:,} entries, but "
            "its branches are empty. Make the file again or fetch it again from where it came."
        )


def blocks(
    path: Path, tree: str, branches: Sequence[str], library: str = "np", size: int = BLOCK
) -> Iterator[Mapping[str, Any]]:
    """Yield columns of a tree, ``size`` entries at a time.

    Parameters
    ----------
    library : "np" for numbers; "ak" where there are lists
    """
    with open_root(path) as file:
        source = file[tree]
        check_entries(path, source, branches)
        for start in range(0, source.num_entries, size):
            stop = min(start + size, source.num_entries)
            arrays = source.arrays(
                list(branches), entry_start=start, entry_stop=stop, library=library,
                decompression_executor=_decompression(),
            )  # fmt: skip
            columns = {name: arrays[name] for name in branches}
            if any(len(column) != stop - start for column in columns.values()):
                raise FormatError(f"{path} is damaged: columns of {tree} differ in length.")
            yield columns


@lru_cache(maxsize=1)
def _decompression() -> Any:
    """Threads that unpack pieces of a file: of packed ones, that is most of the work."""
    import uproot

    return uproot.ThreadPoolExecutor(workers())


@contextmanager
def recreate(path: Path) -> Iterator[WritableDirectory]:
    """Create a ROOT file whose bytes depend on nothing but what is written into it."""
    import uproot

    # An open file instead of its name, for uproot would store the (temporary) name.
    with (
        open(path, "w+b") as stream,
        _stopped_clock(),
        uproot.recreate(
            # ZLIB, for LZ4 leaves what it cannot shrink without a checksum.
            stream,
            compression=uproot.ZLIB(1),
            uuid_function=lambda: FIXED_UUID,
        ) as file,
    ):
        yield file
        stream.flush()
        os.fsync(stream.fileno())


@contextmanager
def _stopped_clock() -> Iterator[None]:
    """Make uproot write EPOCH as the time of every object.

    uproot has an option for the unique number but none for the time; so the name ``datetime``
    is replaced in the modules of uproot that write times.
    """
    from uproot.writing import _cascade, _cascadetree, writable

    class Stopped(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return EPOCH

    with _clock_lock, ExitStack() as restored:
        for module in (_cascade, _cascadetree, writable):
            restored.callback(setattr, module, "datetime", module.datetime)
            module.datetime = SimpleNamespace(datetime=Stopped)
        yield
