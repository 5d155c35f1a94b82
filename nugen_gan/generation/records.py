"""What is recorded beside the file of a part, and whether the file is still what the record says.

The record is there before the file is, so that a file without one was not made here.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nugen_gan.errors import OutputError
from nugen_gan.storage.atomic import sha256, write_json

__all__ = ["IDENTITY", "is_complete", "read_sidecar", "sidecar_of", "write_sidecar"]

# What makes two parts the same.  Numbers that are computed are not among it: their last digit may
# differ from machine to machine.
IDENTITY = (
    "run_events", "shard", "seed", "events", "first_event", "last_event", "process", "model_sha256",
    "replica", "hadrons", "fast", "energies", "energies_sha256", "format", "version",
)  # fmt: skip


def sidecar_of(path: Path) -> Path:
    """Name of what is recorded beside a file."""
    return path.with_name(f"{path.name}.json")


def write_sidecar(path: Path, facts: Mapping[str, Any], content: Path | None = None) -> None:
    """Record beside a file what it is, with its size and digests.

    Parameters
    ----------
    path : of the file
    facts : what else there is to say
    content : where the file is now, before it gets its name; ``path`` if absent
    """
    where = content or path
    write_json(
        sidecar_of(path),
        {
            "name": path.name,
            "size": where.stat().st_size,
            "adler32": _adler32(where),
            "sha256": sha256(where),
            **facts,
        },
    )


def read_sidecar(path: Path) -> dict[str, Any] | None:
    """Return what is recorded beside a file; None if nothing readable is."""
    try:
        found = json.loads(sidecar_of(path).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def is_complete(path: Path, facts: Mapping[str, Any], *, overwrite: bool = False) -> bool:
    """Whether a file is there, is that part, and has the size and digest that were recorded.

    Parameters
    ----------
    path : of the file
    facts : what its record must say
    overwrite : what is something else may be replaced

    Raises
    ------
    OutputError
        if what is there is something else, unless ``overwrite``: a file that was not made as a
        part, or a part of another run.  One that is damaged may be replaced.
    """
    if not path.exists():
        return False
    found = read_sidecar(path)
    if found is None:
        if not overwrite and not sidecar_of(path).exists():
            raise OutputError(
                f"{path} has no record {sidecar_of(path).name} beside it, so that it was not made "
                "as a part of a run: give --overwrite to replace it, or choose another name with -o"
            )
        return False
    wanted = json.loads(json.dumps(dict(facts)))
    other = [name for name in IDENTITY if found.get(name) != wanted.get(name)]
    if other:
        if overwrite:
            return False
        name = other[0]
        raise OutputError(
            f"{path} is there and is a part of another run: its {name.replace('_', ' ')} is "
            f"{found.get(name)}, and {wanted.get(name)} was asked for. Go on with what it was made "
            "with, choose another name with -o, or give --overwrite to replace it"
        )
    return path.stat().st_size == found.get("size") and sha256(path) == found.get("sha256")


def _adler32(path: Path) -> str:
    """Adler-32 checksum of a file, eight hexadecimal digits, as transfer systems compare it."""
    value = 1
    with open(path, "rb") as stream:
        while block := stream.read(1 << 20):
            value = zlib.adler32(block, value)
    return f"{value:08x}"
