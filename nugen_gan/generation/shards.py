"""Parts of a run: which events, and under which name.

A run is a number of events of one seed.  A shard has those between two of its boundaries, the same
ones that a single run would have there, and needs nothing of the others.  So shards may be made on
any machine, in any order, and again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from nugen_gan.adapters.output import event_writer
from nugen_gan.errors import UsageError

__all__ = ["Shard", "files_of", "numbered"]

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
        return total * (self.number - 1) // self.of, total * self.number // self.of


def numbered(output: Path, output_format: str | None, shard: Shard) -> Path:
    """Name of a shard's file: its number before the suffix."""
    stem, suffix = _split(output, output_format)
    return output.with_name(f"{stem}.{_number(shard)}{suffix}")


def files_of(
    output: Path, output_format: str | None, shards: int, *, mixture: bool = False
) -> dict[int, list[Path]]:
    """Files of shards that are there, by the number of the shard.

    Parameters
    ----------
    output, output_format : from which their names derive
    shards : how many there are
    mixture : whether each is a file of each nucleus, with the process before the number
    """
    stem, suffix = _split(output, output_format)
    process = r"\.\w+_cc_\w+" if mixture else ""
    name = re.compile(rf"{re.escape(stem)}{process}\.(\d+)-of-{shards}{re.escape(suffix)}")
    found: dict[int, list[Path]] = {}
    try:
        entries = sorted(output.parent.iterdir())
    except OSError:
        return {}
    for path in entries:
        match = name.fullmatch(path.name)
        if match and match[1] == f"{int(match[1]):0{len(str(shards))}d}":
            found.setdefault(int(match[1]), []).append(path)
    return dict(sorted(found.items()))


def _split(output: Path, output_format: str | None) -> tuple[str, str]:
    """Name of a file without and with nothing but the suffix of its format."""
    suffixes = event_writer(output, output_format).suffixes
    known = (s for s in suffixes if output.name.lower().endswith(s))
    suffix = max(known, key=len, default=output.suffix)
    cut = len(output.name) - len(suffix)
    return output.name[:cut], output.name[cut:]


def _number(shard: Shard) -> str:
    return f"{shard.number:0{len(str(shard.of))}d}-of-{shard.of}"
