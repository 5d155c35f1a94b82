"""NUISANCE: the flat tree ``FlatTree_VARS`` that ``nuisflat -f GenericVectors`` writes.

Energies are in GeV; ``Mode`` is NEUT's reaction code (negative for antineutrinos), or a
NuHepMC process number where NUISANCE read a NuHepMC file.  ``fScaleFactor`` times the sum of
weights is the flux-averaged cross section in cm^2 per nucleon, in a file as NUISANCE wrote it:
``hadd`` of N files of equal factors makes it N times that.  ``FlatTree_EVT`` over
``FlatTree_FLUX``, integrals over the energy in 1e-38 cm^2 per nucleon, is not changed by ``hadd``
and says how many files there were.

The reader does with the part of the branches that tells the lepton's kinematics.  The writer
leaves out what needs hadrons, and fills lists of particles with what there is: the lepton,
and a neutrino on a nucleus at rest.  It writes ``Mode`` 1 for quasielastic, 2 for MEC, 3 for
hyperon, 11 for resonant, 16 for coherent, 26 for deep inelastic events.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nugen_gan.adapters.azimuth import BLOCK, azimuths, seed_of
from nugen_gan.adapters.base import Adapter, Header, Source
from nugen_gan.adapters.momenta import CHARGED_LEPTONS
from nugen_gan.adapters.nuisance.writer import Normalisation, columns
from nugen_gan.adapters.units import Unit
from nugen_gan.errors import FormatError
from nugen_gan.events.provenance import Provenance, SourceFile
from nugen_gan.events.selection import RawEvents
from nugen_gan.events.table import EventTable, rechunk
from nugen_gan.physics.cross_section import UNIT_38, Run
from nugen_gan.physics.flux import Flux, MonoFlux, histogram_flux
from nugen_gan.physics.process import Channel, nucleus_pdg
from nugen_gan.storage import root as root_io

__all__ = ["Nuisance"]

TREE = "FlatTree_VARS"
NEEDED = ("Mode", "PDGnu", "Enu_true", "PDGLep", "ELep", "CosLep")
OPTIONAL = ("cc", "tgt", "tgta", "tgtz", "Weight", "fScaleFactor")
PROTON = 2212
# NEUT's codes of the channels, charged and neutral current.  Single pions with or without a
# resonance, single kaons, etas and photons count as resonant; several pions as DIS.
CHANNEL_OF_MODE = {
    Channel.QE: (1, 51, 52),
    Channel.MEC: (2, 53),
    Channel.HYP: (3,),
    Channel.RES: (10, 11, 12, 13, 17, 18, 19, 20, 22, 23, 30, 31, 32, 33, 34, 38, 39, 42, 43, 44,
                  45),
    Channel.COH: (15, 16, 35, 36),
    Channel.DIS: (21, 26, 41, 46),
}  # fmt: skip
# NuHepMC's process numbers, by hundreds (NuHepMC 1.0, E.C.1); 500 is shallow inelastic.
CHANNEL_OF_HUNDRED = {
    1: Channel.COH, 2: Channel.QE, 3: Channel.MEC, 4: Channel.RES, 5: Channel.DIS, 6: Channel.DIS,
}  # fmt: skip
# A flux of one bin this narrow stands for a single energy.
NARROW = 0.02
# By how much a cosine in single precision may exceed 1.
ROUNDING = 1e-6
# Final particles, and the events by whose particles the unit is told.
PARTICLES = ("pdg", "px", "py", "pz", "E")
FIRST = 1000
# How far fScaleFactor and the histograms may disagree: weights are in single precision.
TOLERANCE = 0.02


class Nuisance(Adapter):
    """Reader and writer of NUISANCE's generic flat tree."""

    name = "nuisance"
    description = "NUISANCE flat tree 'FlatTree_VARS' (nuisflat -f GenericVectors)"
    suffixes = (".flat.root",)
    writes = True

    def sniff(self, path: Path) -> bool:
        """True if there is a ``FlatTree_VARS`` with the lepton's kinematics."""
        return root_io.has_branches(path, TREE, NEEDED)

    def open(self, paths: Sequence[Path]) -> Source:
        """Open flat trees; any part of the branches that holds the lepton will do."""
        return NuisanceSource(paths)

    def write(self, path: Path, chunks: Iterable[EventTable], header: Callable[[], Header]) -> None:
        """Write a flat tree and, if the cross section is known, its flux and event histograms.

        The azimuth of the lepton follows from ``provenance.parameters["seed"]`` (0 if absent):
        the same events and seed give the same bytes.
        """
        head = header()
        seed = seed_of(head.provenance)
        normalisation = Normalisation(head)
        with root_io.recreate(path) as file:
            tree = None
            for number, table in enumerate(rechunk(chunks, BLOCK)):
                phi = azimuths(seed, number, len(table))
                block = columns(table, phi, normalisation.scale_factor)
                normalisation.add(table)
                if tree is None:
                    tree = file.mktree(
                        TREE,
                        {name: _branch_type(column) for name, column in block.items()},
                        counter_name=lambda counted: "n" + counted,
                        field_name=lambda outer, inner: inner,
                    )
                tree.extend(block)
            for name, histogram in normalisation.histograms().items():
                file[name] = histogram


def _branch_type(column: Any) -> Any:
    return column.dtype if isinstance(column, np.ndarray) else column.type.content


@dataclass(frozen=True)
class _File:
    """What is known of one file before its events are read."""

    path: Path
    entries: int
    branches: tuple[str, ...]
    scale_factor: float | None
    flux: Flux | None
    average: float | None


class NuisanceSource(Source):
    """Flat trees, opened."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self.paths = tuple(paths)
        self._files = [_inspect(path) for path in self.paths]

    @cached_property
    def _provenance(self) -> Provenance:
        files = tuple(SourceFile.of(file.path, file.entries) for file in self._files)
        return Provenance(files=files)

    def provenance(self) -> Provenance:
        """Digests of the files; a flat tree does not name its generator."""
        return self._provenance

    @property
    def entries(self) -> int:
        """Number of events in the trees."""
        return sum(file.entries for file in self._files)

    def chunks(self) -> Iterator[RawEvents]:
        """Yield events with the weights of the file."""
        for file in self._files:
            for block in root_io.blocks(file.path, TREE, file.branches, size=root_io.FLAT_BLOCK):
                with root_io.reading(file.path), np.errstate(all="ignore"):
                    events = _events(block)
                yield events

    def runs(self) -> Sequence[Run]:
        """Return the normalisation of files of a single probe and target that state one."""
        return self._runs

    @cached_property
    def _runs(self) -> Sequence[Run]:
        runs = [self._run(file) for file in self._files]
        return [run for run in runs if run is not None] if None not in runs else ()

    @staticmethod
    def _run(file: _File) -> Run | None:
        """None also for mixtures, whose composition a flat tree does not tell."""
        if file.scale_factor is None:
            return None
        kinds: set[tuple[int, int]] = set()
        total = 0.0
        for block in root_io.blocks(file.path, TREE, file.branches, size=root_io.FLAT_BLOCK):
            with root_io.reading(file.path), np.errstate(all="ignore"):
                events = _events(block)
            total += float(events.weight.sum())
            kinds |= set(zip(events.probe.tolist(), events.target.tolist(), strict=True))
        if len(kinds) != 1 or not total > 0.0:
            return None
        ((probe, target),) = kinds
        joined = _joined(file, total)
        if not joined:
            return None
        beams = {probe: (1.0, file.flux)}
        return Run(total, total * file.scale_factor / joined, beams, {target: 1.0})

    def summary(self) -> Sequence[tuple[str, str]]:
        """Total cross section, or that there is none."""
        lines: list[tuple[str, str]] = []
        for file in self._files:
            if len(self._files) > 1:
                lines.append(("file", f"{file.path.name}, {file.entries:,} events"))
            lines += self._joining(file)
            if file.scale_factor is None:
                lines.append(("total cross section", "not in the file (no usable fScaleFactor)"))
            else:
                lines.append(("fScaleFactor", f"{file.scale_factor:.9g} cm2 per nucleon and event"))
        return lines

    @staticmethod
    def _joining(file: _File) -> list[tuple[str, str]]:
        """What the histograms say about the normalisation, where it is not what it seems."""
        if file.scale_factor is None:
            return []
        if file.average is None:
            text = "cannot be checked: FlatTree_FLUX or FlatTree_EVT is not in the file"
            return [("normalisation", f"{text}. Files joined by hadd would count several times")]
        joined, ratio = _joined(file), _ratio(file)
        if joined == 0:
            text = f"fScaleFactor gives {ratio:.4g} times what FlatTree_EVT over FlatTree_FLUX does"
            return [("normalisation", f"{text}: neither is used. Give the files before hadd")]
        if joined > 1:
            return [
                ("normalisation", f"{joined} files were joined by hadd, as FlatTree_EVT over "
                 f"FlatTree_FLUX tells: fScaleFactor is divided by {joined}")
            ]  # fmt: skip
        if ratio < 1.0 - TOLERANCE:
            return [
                ("normalisation", f"the events have {100 * ratio:.3g} % of the cross section of "
                 "FlatTree_EVT over FlatTree_FLUX: taken as a selection of events")
            ]  # fmt: skip
        return []


def _ratio(file: _File, total: float | None = None) -> float:
    """Cross section by fScaleFactor over that by the histograms; 1 where one is not known."""
    if file.average is None or file.scale_factor is None:
        return 1.0
    total = _total_weight(file) if total is None else total
    return total * file.scale_factor / file.average


def _joined(file: _File, total: float | None = None) -> int:
    """Number of files that hadd made one of; 0 if the two normalisations cannot be reconciled.

    Fewer events than the histograms tell may be a selection, more only come from joining.
    """
    ratio = _ratio(file, total)
    number = max(1, round(ratio))
    return number if ratio < 1.0 + TOLERANCE or abs(ratio / number - 1.0) < TOLERANCE else 0


def _total_weight(file: _File) -> float:
    if "Weight" not in file.branches:
        return float(file.entries)
    total = 0.0
    for block in root_io.blocks(file.path, TREE, ("Weight",), size=root_io.FLAT_BLOCK):
        with root_io.reading(file.path), np.errstate(all="ignore"):
            total += float(block["Weight"].astype(np.float64).sum())
    return total


def _inspect(path: Path) -> _File:
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
    return _File(path, entries, branches, _scale_factor(path, branches), flux, average)


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


def _events(block: Mapping[str, Any]) -> RawEvents:
    mode = block["Mode"].astype(np.int32)
    lepton = block["PDGLep"].astype(np.int32)
    probe = block["PDGnu"].astype(np.int32)
    # NUISANCE: codes to 30 are charged-current ones; NuHepMC: the first half of each hundred.
    code = abs(mode)
    cc = np.where(code >= 100, code % 100 < 50, code <= 30)
    if "cc" in block:
        cc = np.where(code >= 100, cc, block["cc"].astype(np.bool_))
    # An electron beam has codes of charged currents too.
    cc = cc & np.isin(abs(probe), (12, 14, 16)) & (code != 0)
    return RawEvents(
        probe=probe,
        target=_target(block),
        lepton=np.where(np.isin(abs(lepton), CHARGED_LEPTONS), lepton, 0).astype(np.int32),
        cc=np.asarray(cc, np.bool_),
        enu=block["Enu_true"].astype(np.float64),
        elep=block["ELep"].astype(np.float64),
        costheta=_cosine(block["CosLep"].astype(np.float64)),
        channel=_channel(code),
        weight=block["Weight"].astype(np.float64) if "Weight" in block else np.ones(len(mode)),
    )


def _cosine(value: NDArray[np.float64]) -> NDArray[np.float64]:
    """The cosine, 1 where single precision made it a little larger, NaN where it is none."""
    return np.where(abs(value) <= 1.0 + ROUNDING, np.clip(value, -1.0, 1.0), np.nan)


def _target(block: Mapping[str, Any]) -> NDArray[np.int32]:
    """PDG code 100ZZZAAA0 of the target; a free proton may come as 2212."""
    if "tgt" in block:
        target = block["tgt"].astype(np.int32)
    else:
        target = nucleus_pdg(0, 0) + block["tgtz"].astype(np.int32) * 10_000
        target = target + block["tgta"].astype(np.int32) * 10
    return np.where(target == PROTON, nucleus_pdg(1, 1), target).astype(np.int32)


def _channel(code: NDArray[np.int32]) -> NDArray[np.int16]:
    table = np.full(1000, Channel.OTHER, np.int16)
    for channel, modes in CHANNEL_OF_MODE.items():
        table[list(modes)] = channel
    for hundred, channel in CHANNEL_OF_HUNDRED.items():
        table[100 * hundred : 100 * (hundred + 1)] = channel
    return table[np.clip(code, 0, 999)]
