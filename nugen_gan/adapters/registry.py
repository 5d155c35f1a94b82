"""Which adapters there are: our own, and those of other packages.

Another package adds one through the entry-point group ``nugen_gan.adapters``::

    [project.entry-points."nugen_gan.adapters"]
    mygenerator = "mypackage.adapter:MyAdapter"
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from functools import lru_cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import MappingProxyType
from typing import Any

from nugen_gan.adapters.base import Adapter
from nugen_gan.errors import UsageError

__all__ = [
    "adapters",
    "check_regular",
    "get_adapter",
    "guess_adapter",
    "recognises",
    "refresh",
    "writer_for",
]

GROUP = "nugen_gan.adapters"
# name -> "module:class", in the order in which they are asked whether a file is theirs
BUILT_IN = {
    "table": "nugen_gan.adapters.table:Table",
    "nuwro": "nugen_gan.adapters.nuwro.reader:NuWro",
    "nuisance": "nugen_gan.adapters.nuisance.reader:Nuisance",
    "nuhepmc": "nugen_gan.adapters.nuhepmc.reader:NuHepMC",
    "hepevt": "nugen_gan.adapters.hepevt.reader:HepEvt",
    "gst": "nugen_gan.adapters.genie.gst:Gst",
    "rootracker": "nugen_gan.adapters.genie.rootracker:Rootracker",
    "evtlib": "nugen_gan.adapters.genie.evtlib:EvtLib",
}
DEFAULT_WRITER = "table"


def adapters() -> Mapping[str, Adapter]:
    """Return all adapters by name, our own first; found once and then remembered."""
    return _discover()[0]


def refresh() -> None:
    """Look for adapters anew at the next use, for packages installed meanwhile."""
    _discover.cache_clear()


def get_adapter(name: str) -> Adapter:
    """Return the adapter of that name.

    Raises
    ------
    UsageError
        if there is none; the message lists those that exist.
    """
    try:
        return adapters()[name]
    except KeyError:
        raise UsageError(
            f"there is no format {name!r}. Installed: {', '.join(adapters())}"
        ) from None


def check_regular(path: Path) -> None:
    """Refuse what can be read only once, for events are read more than once.

    Raises
    ------
    UsageError
        if it is a pipe or a device such as /dev/stdin.
    """
    if path.exists() and not path.is_file() and not path.is_dir():
        raise UsageError(
            f"{path} is a pipe or a device, not a regular file, and events are read more than "
            "once. Write them to a file first and give that."
        )


def guess_adapter(path: str | Path) -> Adapter:
    """Return the first adapter that recognises the content of a file.

    Raises
    ------
    UsageError
        if there is no such file.
    FormatError
        if no adapter recognises it; the message says what the file is instead.
    """
    path = Path(path)
    if not path.exists():
        raise UsageError(f"{path} does not exist. Check the name and the folder.")
    if path.is_dir():
        raise UsageError(f"{path} is a folder, not a file of events. Name the files in it.")
    check_regular(path)
    for adapter in adapters().values():
        if adapter.reads and recognises(adapter, path):
            return adapter
    from nugen_gan.adapters.unclaimed import unclaimed

    raise unclaimed(path, [adapter for adapter in adapters().values() if adapter.reads])


def recognises(adapter: Adapter, path: Path) -> bool:
    """True if a file is of an adapter's dialect; False, with a warning, if the adapter fails.

    An adapter must not raise here, but one of another package may do so all the same: the file is
    then nobody's or another's, and reading goes on.
    """
    try:
        return bool(adapter.sniff(path))
    except Exception as error:
        package = _discover()[1].get(adapter.name) or type(adapter).__module__.partition(".")[0]
        warnings.warn(
            f"the adapter {adapter.name!r} of {package} failed to look at {path} and was passed "
            f"over: {error!r}. Tell the authors of {package}, or uninstall it.",
            RuntimeWarning,
            stacklevel=3,
        )
        return False


def writer_for(path: str | Path, format: str | None = None) -> Adapter:
    """Return the adapter that writes ``path``: the named one, else by the longest suffix.

    Raises
    ------
    UsageError
        if the named one cannot write, or no writer has such a suffix.
    """
    writers = {name: adapter for name, adapter in adapters().items() if adapter.writes}
    if format is not None:
        if not get_adapter(format).writes:
            raise UsageError(
                f"the format {format!r} can be read, not written. Writers: {', '.join(writers)}"
            )
        return writers[format]
    name = Path(path).name.lower()
    matches = [
        (len(suffix), adapter)
        for adapter in writers.values()
        for suffix in adapter.suffixes
        if name.endswith(suffix)
    ]
    longest = max((length for length, _ in matches), default=0)
    best = [adapter for length, adapter in matches if length == longest]
    if len(best) == 1:
        return best[0]
    choices = best or list(writers.values())
    listing = ", ".join(f"{w.name} ({' '.join(w.suffixes)})" for w in choices)
    problem = "several formats share" if best else "no format has"
    raise UsageError(
        f"{problem} the suffix of {Path(path).name}. Name one with --output-format: {listing}"
    )


@lru_cache(maxsize=1)
def _discover() -> tuple[Mapping[str, Adapter], Mapping[str, str]]:
    """All adapters by name, and the packages of those that are not ours."""
    found: dict[str, Adapter] = {}
    packages: dict[str, str] = {}
    for name, place in BUILT_IN.items():
        module, _, cls = place.partition(":")
        found[name] = getattr(import_module(module), cls)()
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        if entry.name in found:
            _skip(entry, "a format of that name exists already")
            continue
        adapter = _load(entry, found)
        if adapter is not None:
            found[entry.name] = adapter
            packages[adapter.name] = _package(entry)
    return MappingProxyType(found), MappingProxyType(packages)


def _load(entry: EntryPoint, found: Mapping[str, Adapter]) -> Adapter | None:
    try:
        cls: Any = entry.load()
        adapter = cls()
        problem = _problem(adapter, {other.name for other in found.values()})
    # Whatever somebody else's package throws, also by sys.exit, ours must go on.
    except (Exception, SystemExit) as error:
        problem = f"loading it failed: {error!r}"
    if problem:
        _skip(entry, problem)
        return None
    assert isinstance(adapter, Adapter)
    return adapter


def _problem(adapter: Any, taken: set[str]) -> str:
    """What is wrong with what an entry point gave; "" if nothing is.  ``taken`` are names."""
    if not isinstance(adapter, Adapter):
        return f"it is not an Adapter, but {type(adapter).__name__}"
    for attribute in ("name", "description"):
        if not isinstance(getattr(adapter, attribute, None), str):
            return f"it has no {attribute}"
    if adapter.name in taken:
        return f"it calls itself {adapter.name!r}, and a format of that name exists already"
    suffixes = adapter.suffixes
    if not isinstance(suffixes, tuple) or not all(isinstance(s, str) and s for s in suffixes):
        return f"its suffixes are {suffixes!r}, and not a tuple of texts such as ('.csv',)"
    return ""


def _package(entry: EntryPoint) -> str:
    """The distribution that an entry point belongs to or, where it does not tell, its module."""
    return entry.dist.name if entry.dist is not None else entry.value.partition(":")[0]


def _skip(entry: EntryPoint, reason: str) -> None:
    warnings.warn(
        f"the adapter {entry.name!r} of {_package(entry)} ({entry.value}) is left out: {reason}",
        RuntimeWarning,
        stacklevel=4,
    )
