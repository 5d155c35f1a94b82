"""NUISANCE: the flat tree ``FlatTree_VARS`` that ``nuisflat -f GenericVectors`` writes.

Energies are in GeV; ``Mode`` is NEUT's reaction code (negative for antineutrinos), or a
NuHepMC process number where NUISANCE read a NuHepMC file.  ``fScaleFactor`` times the sum of
weights is the flux-averaged cross section in cm^2 per nucleon, in a file as NUISANCE wrote it:
``hadd`` of N files of equal factors makes it N times that.  ``FlatTree_EVT`` over
``FlatTree_FLUX``, integrals over the energy in 1e-38 cm^2 per nucleon, is not changed by ``hadd``
and says how many files there were.

The reader does with the part of the branches that tells the lepton's kinematics; hadrons are in
the lists ``pdg px py pz E`` of ``nfsp`` final particles, the lepton among them.  The writer fills
those lists with what there is, the lepton and, where they are known, the hadrons; the initial
particles are a neutrino and a nucleus at rest.  What NUISANCE computes from hadrons
(:mod:`nugen_gan.adapters.nuisance.hadrons`) is written where they are known.  ``Mode`` is 1 for
quasielastic, 2 for MEC, 3 for hyperon, 11 for resonant, 16 for coherent, 26 for deep inelastic
events.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nugen_gan.adapters.azimuth import BLOCK, azimuths, origin_of
from nugen_gan.adapters.base import Adapter, Header, Source
from nugen_gan.adapters.final_lists import beside_lepton, more_than_one
from nugen_gan.adapters.lists import common, flat_lists
from nugen_gan.adapters.momenta import CHARGED_LEPTONS
from nugen_gan.adapters.nuisance.files import (
    INITIAL,
    NEEDED,
    TREE,
    File,
    inspect,
    joined_files,
    normalisation,
)
from nugen_gan.adapters.nuisance.writer import Normalisation, columns
from nugen_gan.events.provenance import Provenance, SourceFile
from nugen_gan.events.selection import RawEvents
from nugen_gan.events.table import EventTable, rechunk
from nugen_gan.physics.cross_section import Run
from nugen_gan.physics.process import Channel, nucleus_pdg
from nugen_gan.storage import root as root_io

__all__ = ["Nuisance"]

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
# By how much a cosine in single precision may exceed 1.
ROUNDING = 1e-6


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

        The azimuth of the event follows from ``provenance.parameters["seed"]`` (0 if absent):
        the same events and seed give the same bytes.
        """
        head = header()
        origin = origin_of(head.provenance)
        normalisation = Normalisation(head)
        with root_io.recreate(path) as file:
            tree: Any = None
            present: tuple[str, ...] = ()
            for number, table in enumerate(rechunk(chunks, BLOCK)):
                present = present or table.present()
                table.check_present(present)
                phi = azimuths(origin, number, len(table))
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


class NuisanceSource(Source):
    """Flat trees, opened."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self.paths = tuple(paths)
        self._files = [inspect(path) for path in self.paths]

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
        hadrons = self.hadrons and self._have_hadrons
        for file in self._files:
            lists = (*file.lists, *file.beam) if hadrons else ()
            library, size = ("ak", root_io.BLOCK) if lists else ("np", root_io.FLAT_BLOCK)
            branches = (*file.branches, *lists)
            for block in root_io.blocks(file.path, TREE, branches, library, size):
                with root_io.reading(file.path), np.errstate(all="ignore"):
                    events = _with_hadrons(block, file) if lists else _events(block)
                yield events

    @cached_property
    def _have_hadrons(self) -> bool:
        return common(
            (file.path, bool(file.lists) and more_than_one(file.path, TREE, file.lists[0]))
            for file in self._files
            if file.entries
        )

    def runs(self) -> Sequence[Run]:
        """Return the normalisation of files of a single probe and target that state one."""
        return self._runs

    @cached_property
    def _runs(self) -> Sequence[Run]:
        runs = [self._run(file) for file in self._files]
        return [run for run in runs if run is not None] if None not in runs else ()

    @staticmethod
    def _run(file: File) -> Run | None:
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
        joined = joined_files(file, total)
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
            lines += normalisation(file)
            if file.scale_factor is None:
                lines.append(("total cross section", "not in the file (no usable fScaleFactor)"))
            else:
                lines.append(("fScaleFactor", f"{file.scale_factor:.9g} cm2 per nucleon and event"))
        return lines


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


def _with_hadrons(block: Mapping[str, Any], file: File) -> RawEvents:
    """Events with the particles beside their leptons, from columns of awkward arrays."""
    import awkward as ak

    numbers = {name: ak.to_numpy(block[name]) for name in file.branches}
    if any(column.ndim != 1 for column in numbers.values()):
        raise ValueError("a branch has lists instead of one number for each event")
    events = _events(numbers)
    neutrino = np.zeros((len(events), 3))
    neutrino[:, 2] = 1.0
    if file.beam:
        mine = block[INITIAL[0]] == events.probe
        axes = (ak.firsts(block[name][mine]) for name in INITIAL[1:4])
        neutrino = np.stack([ak.to_numpy(ak.fill_none(x, np.nan)) for x in axes], axis=1)
    lepton = np.where(events.cc, events.lepton, 0).astype(np.int32)
    final = flat_lists(file.path, block, file.lists)
    particles = beside_lepton(final, neutrino, lepton, events.elep, events.costheta)
    return replace(events, particles=particles)


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
