"""Text files of fluxes: columns of numbers, and NuWro's beam parameters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nugen_gan.adapters._nuwro_beam import beams
from nugen_gan.errors import FormatError, UsageError
from nugen_gan.flux import Flux

__all__ = ["nuwro_line", "read_text"]

Floats = NDArray[np.float64]
# ``name = value`` and ``name += value`` of NuWro's parameter files.
PARAMETER = re.compile(r"^[ \t]*(beam_\w+)[ \t]*\+?=[ \t]*(.*?)[ \t]*$", re.MULTILINE)
# Fortran writes double precision as 0.291D-8.
EXPONENT = re.compile(r"(?<=[\d.])[dD](?=[+-]?\d)")
BEAM_OF_LINE, BEAM_OF_SPECIES = 0, 1


def read_text(path: Path, probe: int | None) -> Floats | Flux:
    """Columns of a table, shape (N, 2) or (N, 3), or the flux that NuWro's parameters describe.

    Comments begin with ``#`` or ``!``; numbers are separated by blanks, tabs, commas or
    semicolons; a first line may name the columns.  Rows of three are bins and must be without
    gaps.  A single row of four or more is NuWro's ``E1 E2 b1 b2 ...`` in MeV.

    Raises
    ------
    FormatError
        if the file is none of these.
    UsageError
        if it holds no flux of this ``probe``.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FormatError(f"flux file {path} cannot be read as text: {error}") from error
    if PARAMETER.search(text) or re.search(r"^[ \t]*@", text, re.MULTILINE):
        return _nuwro_parameters(text, path, probe)
    rows = _rows(text, path)
    if len(rows) == 1 and len(rows[0]) > 3:
        return nuwro_line(rows[0], f"flux file {path}")
    if {len(row) for row in rows} not in ({2}, {3}):
        raise FormatError(
            f"flux file {path}: rows of three numbers, E_low E_high flux, or of two, E flux, are "
            f"needed; found rows of {', '.join(map(str, sorted({len(row) for row in rows})))}"
        )
    table = np.array(rows)
    if table.shape[1] == 3 and not np.allclose(table[1:, 0], table[:-1, 1], rtol=1e-6):
        raise FormatError(f"flux file {path}: each row must begin where the last one ended")
    return table


def nuwro_line(numbers: Sequence[float], name: str) -> Flux:
    """Flux of NuWro's ``E1 E2 b1 b2 ...``: MeV, contents of bins of equal width."""
    line = " ".join(f"{number!r}" for number in numbers)
    flux = _of_probe({"beam_type": BEAM_OF_LINE, "beam_energy.string": line}, Path(), None)
    if flux is None:
        raise UsageError(
            f"{name} is no beam of NuWro's: it needs two energies in MeV, the smaller one first, "
            "and contents of bins that are not negative"
        )
    return flux


def _rows(text: str, path: Path) -> list[list[float]]:
    lines = (re.split(r"[#!]", line)[0] for line in text.splitlines())
    words = [re.sub(r"[,;]", " ", EXPONENT.sub("E", line)).split() for line in lines]
    words = [line for line in words if line]
    if words and not _is_number(words[0][0]):
        words = words[1:]  # names of columns
    try:
        rows = [[float(word) for word in line] for line in words]
    except ValueError as error:
        raise FormatError(f"flux file {path} is not a table of numbers: {error}") from error
    if not rows:
        raise FormatError(f"flux file {path} is not a table of numbers: it has none")
    return rows


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


def _nuwro_parameters(text: str, path: Path, probe: int | None) -> Flux:
    """Flux of one species out of a file of NuWro's parameters."""
    values: dict[str, list[str]] = {}
    for name, value in PARAMETER.findall(text):
        values.setdefault(name, []).append(value)
    parameters: dict[str, Any] = {
        name: re.split(r"#|//", lines[-1])[0].strip() for name, lines in values.items()
    }
    for name in ("beam_energy", "beam_content"):
        parameters[f"{name}.string"] = "\n".join(values.get(name, ()))
    likely = BEAM_OF_SPECIES if "beam_content" in values else BEAM_OF_LINE
    parameters["beam_type"] = _whole(parameters.get("beam_type"), likely)
    parameters["beam_particle"] = _whole(parameters.get("beam_particle"), 0)
    flux = _of_probe(parameters, path, probe)
    if flux is None:
        raise UsageError(
            f"flux file {path}: these beam parameters of NuWro hold no flux that can be read. "
            "Understood are beam_type 0 (beam_energy), 1 (beam_content), 5 and 6 (histograms of a "
            "file beside this one); lines that include other files (@file) are not followed: "
            "name that file itself"
        )
    return flux


def _whole(text: str | None, default: int) -> int | None:
    """A parameter that is a whole number; None where it is something else."""
    if not text:
        return default
    word = text.split()[0]
    return int(word) if re.fullmatch(r"[+-]?\d{1,9}", word) else None


def _of_probe(parameters: dict[str, Any], path: Path, probe: int | None) -> Flux | None:
    """The flux of ``probe``, or of whatever is there where either side names no species."""
    found = beams(parameters, path)
    if not found:
        return None
    if probe is None and len(found) > 1:
        raise UsageError(
            f"flux file {path} has several species, PDG {', '.join(map(str, found))}: say which"
        )
    if probe is None or list(found) == [0]:
        return next(iter(found.values()))[1]
    if probe not in found:
        raise UsageError(
            f"flux file {path} has no flux of the neutrino {probe}: it has PDG "
            f"{', '.join(map(str, found))}"
        )
    return found[probe][1]
