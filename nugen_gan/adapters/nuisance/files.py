"""One flat tree: what is known of it before its events are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nugen_gan.adapters.units import Unit
from nugen_gan.errors import FormatError
from nugen_gan.physics.cross_section import UNIT_38
from nugen_gan.physics.flux import Flux, MonoFlux, histogram_flux
from nugen_gan.storage import root as root_io

__all__ = ["INITIAL", "NEEDED", "PARTICLES", "TREE", "File", "inspect", "joined_files",
           "normalisation"]  # fmt: skip

TREE = "FlatTree_VARS"
NEEDED = ("Mode", "PDGnu", "Enu_true", "PDGLep", "ELep", "CosLep")
OPTIONAL = ("cc", "tgt", "tgta", "tgtz", "Weight", "fScaleFactor")
# A flux of one bin this narrow stands for a single energy.
NARROW = 0.02
# Final particles, initial ones, and the events by whose particles unit and beam are told.
PARTICLES = ("pdg", "px", "py", "pz", "E")
INITIAL = tuple(f"{name}_init" for name in PARTICLES)
FIRST = 1000
NEUTRINOS = (12, 14, 16)
# How far fScaleFactor and the histograms may disagree: weights are in single precision.
TOLERANCE = 0.02
# Part of its momentum that a neutrino along z may have across it.
STRAIGHT = 1e-6


@dataclass(frozen=True)
class File:
    """What is known of one file before its events are read.

    Attributes
    ----------
    path, entries : the file and its number of events
    branches : those of one number for each event that are read
    scale_factor : the one value of fScaleFactor, None where there is none
    flux, average : flux and flux-averaged cross section [cm^2 per nucleon] of the histograms
    lists : branches with the final particles; none where they are not in the file
    beam : branches with the initial particles; none where the neutrinos travel along +z, as they
        do unless the file says otherwise
    """

    path: Path
    entries: int
    branches: tuple[str, ...]
    scale_factor: float | None
    flux: Flux | None
    average: float | None
    lists: tuple[str, ...] = ()
    beam: tuple[str, ...] = ()


def normalisation(file: File) -> list[tuple[str, str]]:
    """What the histograms say about the normalisation, where it is not what it seems."""
    if file.scale_factor is None:
        return []
    if file.average is None:
        text = "cannot be checked: FlatTree_FLUX or FlatTree_EVT is not in the file"
        return [("normalisation", f"{text}. Files joined by hadd would count several times")]
    number, ratio = joined_files(file), _ratio(file)
    if number == 0:
        text = f"fScaleFactor gives {ratio:.4g} times what FlatTree_EVT over FlatTree_FLUX does"
        return [("normalisation", f"{text}: neither is used. Give the files before hadd")]
    if number > 1:
        return [
            ("normalisation", f"{number} files were joined by hadd, as FlatTree_EVT over "
             f"FlatTree_FLUX tells: fScaleFactor is divided by {number}")
        ]  # fmt: skip
    if ratio < 1.0 - TOLERANCE:
        return [
            ("normalisation", f"the events have {100 * ratio:.3g} % of the cross section of "
             "FlatTree_EVT over FlatTree_FLUX: taken as a selection of events")
        ]  # fmt: skip
    return []


def _ratio(file: File, total: float | None = None) -> float:
    """Cross section by fScaleFactor over that by the histograms; 1 where one is not known."""
    if file.average is None or file.scale_factor is None:
        return 1.0
    total = _total_weight(file) if total is None else total
    return total * file.scale_factor / file.average


def joined_files(file: File, total: float | None = None) -> int:
    """Number of files that hadd made one of; 0 if the two normalisations cannot be reconciled.

    Fewer events than the histograms tell may be a selection, more only come from joining.
    """
    ratio = _ratio(file, total)
    number = max(1, round(ratio))
    return number if ratio < 1.0 + TOLERANCE or abs(ratio / number - 1.0) < TOLERANCE else 0


def _total_weight(file: File) -> float:
    if "Weight" not in file.branches:
        return float(file.entries)
    total = 0.0
    for block in root_io.blocks(file.path, TREE, ("Weight",), size=root_io.FLAT_BLOCK):
        with root_io.reading(file.path), np.errstate(all="ignore"):
            total += float(block["Weight"].astype(np.float64).sum())
    return total


def inspect(path: Path) -> File:
    """Look at a file; FormatError if it is no flat tree, or lacks what is needed."""
    with root_io.open_root(path) as file:
        tree = root_io.find_tree(file, TREE)
        missing = [name for name in NEEDED if tree is None or name not in tree]
        if tree is None or missing:
            raise FormatError(f"{path} is not a NUISANCE flat tree: it lacks {', '.join(missing)}.")
        if "tgt" not in tree and not ("tgta" in tree and "tgtz" in tree):
            raise FormatError(
                f"{path} does not tell the target: its tree {TREE} has neither a branch tgt nor "
                "tgta and tgtz. Write the flat tree again with them."
            )
        branches = (*NEEDED, *(name for name in OPTIONAL if name in tree))
        flux = _flux(file)
        entries = int(tree.num_entries)
        _check_unit(tree, path)
        average = _average(file)
        lists = PARTICLES if all(name in tree for name in PARTICLES) else ()
        beam = INITIAL if _off_axis(tree, path) else ()
    factor = _scale_factor(path, branches)
    return File(path, entries, branches, factor, flux, average, lists, beam)


def _off_axis(tree: Any, path: Path) -> bool:
    """True if the file tells where its neutrinos go, and it is not along +z."""
    if not all(name in tree for name in INITIAL):
        return False
    import awkward as ak

    root_io.check_entries(path, tree, INITIAL)
    block = tree.arrays(list(INITIAL), entry_stop=FIRST, library="ak")
    pdg, px, py, pz, _ = (ak.to_numpy(ak.flatten(block[name])) for name in INITIAL)
    across = np.hypot(px, py) > STRAIGHT * pz
    return bool(across[np.isin(abs(pdg), NEUTRINOS)].any())


def _check_unit(tree: Any, path: Path) -> None:
    """Refuse energies in MeV, told by the final particles where they are in the file."""
    if not all(name in tree for name in PARTICLES):
        return
    import awkward as ak

    root_io.check_entries(path, tree, PARTICLES)
    block = tree.arrays(list(PARTICLES), entry_stop=FIRST, library="ak")
    flat = [ak.to_numpy(ak.flatten(block[name], axis=None)) for name in PARTICLES]
    if len({len(column) for column in flat}) > 1:
        raise FormatError(f"{path} is damaged: lists of particles differ in length.")
    unit = Unit()
    unit.add(np.stack(flat[1:], axis=1), flat[0])
    unit.require(path, mev=False, what="a NUISANCE flat tree")


def _average(file: Any) -> float | None:
    """Flux-averaged cross section of the histograms [cm^2 per nucleon], if both are there."""
    integrals = []
    for name in ("FlatTree_EVT", "FlatTree_FLUX"):
        if name not in file.keys(cycle=False):
            return None
        density, edges = file[name].to_numpy()
        integrals.append(float((density * np.diff(edges)).sum()))
    good = all(np.isfinite(integral) and integral > 0.0 for integral in integrals)
    return UNIT_38 * integrals[0] / integrals[1] if good else None


def _flux(file: Any) -> Flux | None:
    name = "FlatTree_FLUX"
    if name not in file.keys(cycle=False):
        return None
    density, edges = file[name].to_numpy()
    if len(density) == 1 and edges[1] - edges[0] <= NARROW * edges[1]:
        return MonoFlux(float(0.5 * (edges[0] + edges[1])))
    if not (density >= 0).all() or not density.sum() > 0:
        return None
    return histogram_flux(edges.tolist(), (density * np.diff(edges)).tolist())


def _scale_factor(path: Path, branches: Sequence[str]) -> float | None:
    """The one value of ``fScaleFactor``; None if it varies, as in files joined by hadd."""
    if "fScaleFactor" not in branches:
        return None
    values: set[float] = set()
    for block in root_io.blocks(path, TREE, ("fScaleFactor",)):
        with root_io.reading(path):
            values |= set(np.unique(block["fScaleFactor"].astype(np.float64)).tolist())
    value = values.pop() if len(values) == 1 else 0.0
    return float(value) if np.isfinite(value) and value > 0.0 else None
