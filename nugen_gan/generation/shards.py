"""Parts of a run: which events, under which name, and what is recorded beside the file.

A run is a number of events of one seed.  A shard has those between two of its boundaries, the same
ones that a single run would have there, and needs nothing of the others.  So shards may be made on
any machine, in any order, and again.
"""

from __future__ import annotations

import glob
import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nugen_gan.adapters.azimuth import BLOCK
from nugen_gan.adapters.output import event_writer
from nugen_gan.errors import UsageError
from nugen_gan.storage.atomic import sha256, write_json

__all__ = [
    "Shard",
    "complete_sidecar",
    "files_of",
    "numbered",
    "read_sidecar",
    "sidecar_of",
    "write_sidecar",
]

# More than any batch system counts.
MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class Shard:
    """One of several parts of a run.

    Attributes
    ----------
    number : from 1
    of : how many there are
    """

    number: int
    of: int

    @classmethod
    def parse(cls, text: str, counted_from: int = 1) -> Shard:
        """Read ``i/N``, such as 3/1000.

        Parameters
        ----------
        text : what was given
        counted_from : 1, or 0 where the first is 0/N, as batch systems count that begin with 0

        Raises
        ------
        UsageError
            if it is none, or beyond the last.
        """
        match = re.fullmatch(r"\s*(\d{1,9})\s*/\s*(\d{1,9})\s*", text)
        if match is None:
            raise UsageError(f"{text!r} is not a shard: write i/N, such as 3/1000")
        given, of = int(match[1]), int(match[2])
        number = given + 1 - counted_from
        if not 1 <= number <= of <= MOST:
            first, last = counted_from, of - 1 + counted_from
            advice = " A counter that begins with 0 needs --shards-from 0." if not given else ""
            raise UsageError(
                f"there is no shard {text.strip()}: they go from {first}/{of} to {last}/{of}, and "
                f"there are {MOST:,d} at most.{advice}"
            )
        return cls(number, of)

    def __str__(self) -> str:
        """As it is read, from 1."""
        return f"{self.number}/{self.of}"

    def events(self, total: int) -> tuple[int, int]:
        """Number of the shard's first event, from 0, and of the first one after it.

        Raises
        ------
        UsageError
            if there are more shards than events.
        """
        if total < self.of:
            raise UsageError(f"{total:,d} events cannot be shared by {self.of:,d} shards")
        # Whole blocks of azimuths where there are many: shards then join to what one run writes.
        unit = BLOCK if total // self.of >= BLOCK else 1
        first, last = (
            total if k == self.of else total * k // self.of // unit * unit
            for k in (self.number - 1, self.number)
        )
        return first, last


def numbered(output: Path, output_format: str | None, shard: Shard) -> Path:
    """Name of a shard's file: its number before the suffix."""
    stem, suffix = _split(output, output_format)
    return output.with_name(f"{stem}.{_number(shard)}{suffix}")


def files_of(output: Path, output_format: str | None, shard: Shard) -> list[Path]:
    """Files of a shard that are there: one, or one for each nucleus."""
    stem, suffix = _split(output, output_format)
    names = f"{glob.escape(stem)}.*{_number(shard)}{glob.escape(suffix)}"
    single = numbered(output, output_format, shard)
    return [single] if single.exists() else sorted(output.parent.glob(names))


def _split(output: Path, output_format: str | None) -> tuple[str, str]:
    """Name of a file without and with nothing but the suffix of its format."""
    suffixes = event_writer(output, output_format).suffixes
    known = (s for s in suffixes if output.name.lower().endswith(s))
    suffix = max(known, key=len, default=output.suffix)
    cut = len(output.name) - len(suffix)
    return output.name[:cut], output.name[cut:]


def _number(shard: Shard) -> str:
    return f"{shard.number:0{len(str(shard.of))}d}-of-{shard.of}"


def sidecar_of(path: Path) -> Path:
    """Name of what is recorded beside a file."""
    return path.with_name(f"{path.name}.json")


def write_sidecar(path: Path, facts: Mapping[str, Any]) -> None:
    """Record beside a file what it is, with its size and digests."""
    write_json(
        sidecar_of(path),
        {
            "name": path.name,
            "size": path.stat().st_size,
            "adler32": _adler32(path),
            "sha256": sha256(path),
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


def complete_sidecar(path: Path, facts: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what is recorded beside a file that is complete and was made of the same; else None.

    Parameters
    ----------
    path : of the file
    facts : what the record must say, such as seed and model
    """
    found = read_sidecar(path)
    if found is None or any(found.get(name) != value for name, value in facts.items()):
        return None
    try:
        same = path.stat().st_size == found.get("size") and sha256(path) == found.get("sha256")
    except OSError:
        return None
    return found if same else None


def _adler32(path: Path) -> str:
    """Adler-32 checksum of a file, eight hexadecimal digits, as transfer systems compare it."""
    value = 1
    with open(path, "rb") as stream:
        while block := stream.read(1 << 20):
            value = zlib.adler32(block, value)
    return f"{value:08x}"
