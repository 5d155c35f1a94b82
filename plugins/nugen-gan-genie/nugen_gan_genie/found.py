"""Files that a chain of GENIE's commands names, and the ones that are there in their place."""

from __future__ import annotations

from pathlib import Path

from nugen_gan.errors import UsageError

__all__ = ["GHEP", "SUFFIXES", "find_events", "stem_of"]

GHEP = ".ghep.root"
# Formats of gntpc that are written here, and the ends of their names.
SUFFIXES = {"gst": ".gst.root", "rootracker": ".gtrac.root"}


def stem_of(path: Path) -> Path:
    """The name without what tells its format: ``gntp.0`` of ``gntp.0.ghep.root``."""
    for end in (GHEP, *SUFFIXES.values(), ".root"):
        if path.name.endswith(end):
            return path.with_name(path.name.removesuffix(end))
    return path


def find_events(path: Path, prefer: str) -> Path:
    """The file of events that stands for a file of GENIE's.

    Parameters
    ----------
    path : as it was named; a ghep file need not be there
    prefer : format that is wanted, a key of :data:`SUFFIXES`

    Raises
    ------
    UsageError
        if there is none, with what was looked for; or it is a genuine ghep file.
    """
    stem = stem_of(path)
    order = [prefer, *(name for name in SUFFIXES if name != prefer)]
    beside = [stem.with_name(stem.name + SUFFIXES[name]) for name in order]
    if path.is_file() and not _is_ghep(path):
        return path
    for place in beside:
        if place.is_file() and not path.is_file():
            return place
    if path.is_file():
        raise UsageError(
            f"{path} is a file of GENIE itself (tree gtree), which only GENIE's own gntpc can "
            "convert"
        )
    raise UsageError(
        f"there is neither {path} nor, from nugen-gevgen, {' or '.join(map(str, beside))}"
    )


def _is_ghep(path: Path) -> bool:
    from nugen_gan.storage.root import has_branches

    return has_branches(path, "gtree", ("gmcrec",))
