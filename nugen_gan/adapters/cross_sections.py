"""Cross sections sigma(enu) in files: text tables, ROOT graphs, GENIE's splines.

============================  =============================================================
file                          what it holds
============================  =============================================================
text, three or four columns   ``E_low E_high sigma [error]``: averages in bins
text, two columns             ``E sigma``: points of a curve
ROOT, as ``gspl2root`` makes  a graph ``tot_cc`` in a folder like ``nu_mu_C12``
XML, as ``gmkspl`` makes      GENIE's splines: see :mod:`nugen_gan.adapters.genie.splines`
============================  =============================================================

A text table states its unit in a comment line, such as ``1e-38 cm2 per nucleon``: see
:mod:`nugen_gan.adapters.cross_section_units`; energies are in GeV.  Text and XML may be compressed.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nugen_gan.adapters.cross_section_units import check_size, unit_of
from nugen_gan.adapters.genie import graphs as genie_graphs
from nugen_gan.adapters.genie import splines as genie_splines
from nugen_gan.errors import FormatError, UsageError
from nugen_gan.physics.cross_section import UNIT_38, CrossSection
from nugen_gan.physics.process import Channel, Process
from nugen_gan.storage.atomic import atomic_path
from nugen_gan.storage.compressed import open_unpacked, reading
from nugen_gan.storage.text import decoded

__all__ = ["read_cross_section", "read_with_channels", "text_table", "write_cross_section"]

Floats = NDArray[np.float64]
LONGEST = 1 << 26  # bytes of a text table, far more than any has
TEXT_SUFFIXES = (".txt", ".dat", ".csv")


def read_cross_section(path: str | Path, process: Process) -> CrossSection:
    """Read sigma(enu) for ``process`` from a file of any of these kinds, found by its content.

    A text table does not name its process: it is taken to be of the one asked for.

    Raises
    ------
    FormatError
        if the file cannot be read as one of them.
    UsageError
        if it does not exist, does not state its unit, or holds other processes only; the
        message lists those.
    """
    return read_with_channels(path, process)[0]


def read_with_channels(
    path: str | Path, process: Process
) -> tuple[CrossSection, dict[Channel, CrossSection]]:
    """As :func:`read_cross_section`, and the parts of each channel where the file has them.

    The parts add up to the whole; text tables have none.
    """
    path = Path(path)
    if not path.is_file():
        raise UsageError(f"cross-section file {path} does not exist or is not a file")
    with reading(path), open_unpacked(path) as stream:
        start = stream.read(2000)
    if start.startswith(b"root"):
        total, channels = genie_graphs.read_graph(path, process)
    elif genie_splines.is_spline_list(start):
        total, channels = genie_splines.read_splines(path, process)
    else:
        total, channels = _read_text(path, process), {}
    return check_size(path, total), channels


def write_cross_section(
    path: str | Path, process: Process, cross_section: CrossSection, *, overwrite: bool = False
) -> Path:
    """Write sigma(enu) so that other programs can use it.

    Parameters
    ----------
    path : ``*.root`` for a graph as ``gspl2root`` makes it: ``tot_cc`` in a folder like
        ``nu_mu_C12``, GeV against 1e-38 cm^2 per nucleus; ``*.txt``, ``*.dat`` or ``*.csv`` for
        a text table of two columns
    process : what collides
    cross_section : its sigma(enu)
    overwrite : replace an older file of that name

    Raises
    ------
    UsageError
        if the suffix is none of these.
    OutputError
        if the file cannot be written; nothing is left under its name then.
    """
    path = Path(path)
    if path.suffix != ".root" and path.suffix not in TEXT_SUFFIXES:
        listing = ", ".join("*" + suffix for suffix in TEXT_SUFFIXES)
        raise UsageError(
            f"{path}: a cross section is written as a ROOT graph (*.root) or as a text table "
            f"({listing}). Choose one of these suffixes."
        )
    with atomic_path(path, overwrite=overwrite) as temporary:
        if path.suffix == ".root":
            genie_graphs.write_graph(temporary, process, cross_section)
        else:
            temporary.write_text(text_table(process, cross_section), encoding="utf-8")
    return path


def text_table(process: Process, cross_section: CrossSection) -> str:
    """Two columns, energy and sigma, that :func:`read_cross_section` reads."""
    energy, sigma = cross_section.points()
    source = " ".join(cross_section.source.split())
    head = [f"# {process.name}: {source}", "# E[GeV] sigma[1e-38 cm2 per nucleus]"]
    rows = (f"{e:.9g} {s / UNIT_38:.9g}" for e, s in zip(energy, sigma, strict=True))
    return "\n".join([*head, *rows]) + "\n"


def _read_text(path: Path, process: Process) -> CrossSection:
    try:
        with reading(path), open_unpacked(path) as stream:
            text = decoded(stream.read(LONGEST + 1))
    except UnicodeDecodeError as error:
        raise FormatError(f"cross-section file {path} cannot be read as text: {error}") from error
    if len(text) > LONGEST:
        raise FormatError(f"{path} is no table of a cross section: it has {LONGEST:,} bytes.")
    comments = "\n".join(line[line.index("#") :] for line in text.splitlines() if "#" in line)
    scale = unit_of(comments, path, process)
    if other := re.search(r"\b[kMT]?eV\b", comments):
        raise UsageError(f"{path} speaks of {other[0]}: energies must be in GeV. Convert them.")
    rows = _rows(text, path)
    try:
        return _table(rows, scale, f"table {path.name}")
    except FormatError as error:
        raise FormatError(f"{path}: {error}") from error


def _table(rows: Floats, scale: float, source: str) -> CrossSection:
    """Points from rows of two columns, bins from rows of three or four."""
    if rows.shape[1] == 2:
        return CrossSection.from_points(rows[:, 0], rows[:, 1] * scale, source)
    if not np.allclose(rows[1:, 0], rows[:-1, 1], rtol=1e-6):
        raise FormatError("each row must begin at the energy where the last one ended")
    edges = np.concatenate([rows[:, 0], rows[-1:, 1]])
    errors = rows[:, 3] * scale if rows.shape[1] > 3 else np.full(len(rows), np.nan)
    return CrossSection(
        tuple(edges.tolist()), tuple((rows[:, 2] * scale).tolist()), tuple(errors.tolist()), source
    )


def _rows(text: str, path: Path) -> Floats:
    lines = (line.split("#")[0].replace(",", " ").split() for line in text.splitlines())
    rows = [line for line in lines if line]
    widths = {len(line) for line in rows}
    if len(widths) != 1 or not widths <= {2, 3, 4}:
        found = f"rows of {sorted(widths)} numbers" if widths else "no rows"
        raise FormatError(
            f"{path}: rows of two numbers, E sigma, of three, E_low E_high sigma, or of four with "
            f"the error of sigma, are needed; found {found}"
        )
    try:
        return np.array([[float(x) for x in line] for line in rows])
    except ValueError as error:
        raise FormatError(f"{path} is not a table of numbers: {error}") from error
