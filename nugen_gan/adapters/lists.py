"""Lists of particles in files: what is in them, made flat, and how long they may be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nugen_gan.errors import FormatError, UsageError
from nugen_gan.events.particles import Flat
from nugen_gan.storage import root as root_io

__all__ = ["check_lengths", "common", "flat_lists", "is_real", "scan_ranges"]

Integers = NDArray[np.int32]
# Codes 20xxxxxxxx are of no particle: GENIE's blobs, clusters, bindino; NuHepMC's remnant.
PSEUDO, CODES_EACH = 20, 100_000_000
# Events in which hadrons are looked for first.
FIRST = 1000


def is_real(pdg: Any) -> Any:
    """True for particles and nuclei, False for pseudo-particles; shape of ``pdg``."""
    return pdg // CODES_EACH != PSEUDO


def flat_lists(
    path: Path, block: Mapping[str, Any], names: Sequence[str], scale: float = 1.0
) -> Flat:
    """Flat arrays from the lists of a block of N events.

    Parameters
    ----------
    path : the file, for messages
    block : columns by name
    names : branches of the codes, the momentum's x, y, z and the energy
    scale : GeV in the unit of the file

    Raises
    ------
    FormatError
        if the lists of an event differ in length.
    """
    import awkward as ak

    counts = np.asarray(ak.num(block[names[0]], axis=1), np.int64)
    if any((np.asarray(ak.num(block[name], axis=1)) != counts).any() for name in names):
        raise FormatError(f"{path} is damaged: lists of particles differ in length.")
    pdg, *momenta = (ak.to_numpy(ak.flatten(block[name], axis=1)) for name in names)
    px, py, pz, energy = (scale * column.astype(np.float64) for column in momenta)
    return Flat(counts, pdg.astype(np.int32), px, py, pz, energy)


def scan_ranges(entries: int) -> Iterator[tuple[int, int]]:
    """Ranges of entries to look for something that the first events show, if any do."""
    start, stop = 0, min(FIRST, entries)
    while start < stop:
        yield start, stop
        start, stop = stop, min(stop + root_io.BLOCK, entries)


def common(files: Iterable[tuple[Path, bool]]) -> bool:
    """Whether files have hadrons, which all of them or none must.

    Parameters
    ----------
    files : each file with events, and whether it has hadrons

    Raises
    ------
    UsageError
        if some have and others have not.
    """
    known = list(files)
    having = [path for path, has in known if has]
    if having and len(having) < len(known):
        lacking = ", ".join(path.name for path, has in known if not has)
        raise UsageError(
            f"{', '.join(path.name for path in having)}: the particles beside the lepton are "
            f"there, but {lacking} has leptons alone. Give them apart, or leave the hadrons out "
            "of all (convert --no-hadrons)."
        )
    return bool(having)


def check_lengths(counts: NDArray[np.int64], most: int, what: str) -> None:
    """Refuse events with more particles than readers have room for; UsageError.

    Parameters
    ----------
    counts : particles of each event, as many as will be written, shape (N,)
    most : length of the arrays that programs give such a file to read into
    what : the format, for the message
    """
    if len(counts) and counts.max() > most:
        raise UsageError(
            f"an event has {counts.max():,} particles, and programs that read {what} have room "
            f"for {most:,}. Write another format, such as NuHepMC, or leave the hadrons out "
            "(convert --no-hadrons)."
        )
