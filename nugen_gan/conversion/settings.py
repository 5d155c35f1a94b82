"""Settings of a generator from where a user has them: its files, its parameters, a model."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from nugen_gan.conversion.sample import Sample
from nugen_gan.errors import FormatError, UsageError
from nugen_gan.events.generator_settings import generator_settings
from nugen_gan.events.provenance import Provenance
from nugen_gan.model.folder import find_model, is_model, read_description

__all__ = ["read_settings"]

_LINE = re.compile(r"^\s*(\w+)\s*=\s*(.*?)\s*(?:#.*|//.*)?$")
LARGEST_TEXT = 1_000_000


def read_settings(*sources: str | os.PathLike[str]) -> dict[str, Any]:
    """Return the physics switches that some sources tell; where several do, that of the last.

    Parameters
    ----------
    sources : files of events, models, files of NuWro's parameters (``name = value`` lines), or such
        assignments themselves, separated by commas

    Raises
    ------
    UsageError
        if a source is none of these, or tells no setting.
    """
    settings: dict[str, Any] = {}
    for source in sources:
        settings |= _read(source)
    return settings


def _read(source: str | os.PathLike[str]) -> dict[str, Any]:
    text, path = os.fspath(source), Path(source)
    if is_model(text):
        found = dict(read_description(find_model(text))["training"].get("settings") or {})
    elif path.is_file():
        found = _of_file(path)
    elif "=" in text:
        found = _assignments(text.split(","), f"--settings {text}")
    else:
        raise UsageError(
            f"settings {text!r}: neither a file, nor a model, nor name=value. Give an event file "
            "of the same generator set-up, its params.txt, or assignments such as "
            "FSI_on=1,sf_method=1 or tune=G18_10a_02_11a."
        )
    if not found:
        raise UsageError(f"{text} tells nothing of the settings of its generator.")
    return found


def _of_file(path: Path) -> dict[str, Any]:
    try:
        return generator_settings(Sample([path]).source.provenance())
    except FormatError:
        # No events: perhaps parameters.
        if path.stat().st_size > LARGEST_TEXT:
            raise
        try:
            lines = path.read_text(encoding="utf-8-sig").splitlines()
        except UnicodeDecodeError:
            raise FormatError(f"{path} is neither a file of events nor of parameters.") from None
    included = [line.strip() for line in lines if line.lstrip().startswith("@")]
    if included:
        raise UsageError(
            f"{path} includes other files ({', '.join(included)}), which are not followed here: "
            "give an event file of that run instead."
        )
    lines = [line for line in lines if line.strip() and not line.lstrip().startswith(("#", "//"))]
    return _assignments(lines, str(path))


def _assignments(lines: list[str], source: str) -> dict[str, Any]:
    """Values of ``name = value`` lines that are physics switches; others are passed over."""
    values: dict[str, Any] = {}
    for line in lines:
        found = _LINE.match(line)
        if found is None:
            raise UsageError(f"{source}: {line.strip()!r} is not of the form name = value.")
        values[found[1]] = _value(found[2])
    return generator_settings(Provenance("NuWro" if "tune" not in values else "GENIE", "", values))


def _value(text: str) -> Any:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return {"true": True, "false": False}.get(text.lower(), text)
