"""Where events come from: the generator, its settings, the files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nugen_gan.storage.atomic import sha256

__all__ = ["Provenance", "SourceFile"]


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that events came from: its name without folders, SHA-256 digest, and entries."""

    name: str
    sha256: str
    entries: int

    @classmethod
    def of(cls, path: Path, entries: int) -> SourceFile:
        """Digest a file."""
        return cls(path.name, sha256(path), entries)


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where events come from.

    Attributes
    ----------
    generator : name such as "NuWro", "nugen-gan"; "" where the file does not tell
    version : version of the generator, "" where the file does not tell
    parameters : its settings, as far as the file tells
    files : the files read
    """

    generator: str = ""
    version: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    files: tuple[SourceFile, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Plain values for a JSON file."""
        return {
            "generator": self.generator,
            "version": self.version,
            "parameters": dict(self.parameters),
            "files": [{"name": f.name, "sha256": f.sha256, "entries": f.entries}
                      for f in self.files],
        }  # fmt: skip

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Provenance:
        """Inverse of :meth:`as_dict`."""
        files = tuple(SourceFile(**entry) for entry in values.get("files", ()))
        return cls(
            values.get("generator", ""), values.get("version", ""),
            dict(values.get("parameters", {})), files,
        )  # fmt: skip
