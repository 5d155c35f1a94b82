"""NuWro: the ``treeout`` tree of ``event1`` objects that ``nuwro -o`` writes, 18.02 and later.

The writer makes a ``treeout`` with the same leaves, but without the classes: what it holds is in
:mod:`nugen_gan.adapters.nuwro.writer`.

In such a file energies are in MeV, ``weight`` is the total cross section in cm^2 per nucleon
averaged over the flux, the same in each event (in ``weighted.*`` files: its average over the
events), and ``par`` holds the run's parameters.  ``out[0]`` is the charged lepton, but in
neutrino-electron events (``dyn`` 12), which are not charged-current events on a nucleus here.
``post`` is what leaves the nucleus, a copy of that lepton included; hadrons are taken from there.
Leaves that NuWro leaves uninitialised (``pr``, ``nr``, ``density``) are not read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from nugen_gan.adapters.azimuth import BLOCK, azimuths, origin_of
from nugen_gan.adapters.base import Adapter, Header, Source
from nugen_gan.adapters.final_lists import beside_lepton, more_than_one
from nugen_gan.adapters.lists import common, flat_lists
from nugen_gan.adapters.momenta import CHARGED_LEPTONS, costheta
from nugen_gan.adapters.nuwro.files import (
    MODEL_PARAMETERS,
    NUMBERS,
    PARTICLES,
    POST,
    RUN_PARAMETERS,
    TREE,
    UNKEPT,
    File,
    described,
    inspect,
    normalised,
    nucleus_codes,
)
from nugen_gan.adapters.nuwro.writer import (
    CHANNELS,
    FLUX,
    OTHER_CURRENT,
    Normalisation,
    columns,
    empty_tree,
    flux_histogram,
    no_events,
    run_parameters,
)
from nugen_gan.adapters.record import RECORD, joined_provenance, record_text
from nugen_gan.adapters.units import MEV
from nugen_gan.events.provenance import Provenance, SourceFile
from nugen_gan.events.selection import RawEvents
from nugen_gan.events.table import EventTable, rechunk
from nugen_gan.physics.cross_section import CrossSection, Run
from nugen_gan.physics.flux import Flux, common_flux
from nugen_gan.physics.process import Channel, Process
from nugen_gan.storage import root as root_io

__all__ = ["NuWro"]

# dyn of charged currents; 12, 20 and 21 are none of a neutrino on a nucleus.
CHARGED_CURRENT = (0, 2, 4, 6, 8, 10, OTHER_CURRENT)


class NuWro(Adapter):
    """Reader of NuWro's own event files, writer of files with the same leaves."""

    name = "nuwro"
    description = "NuWro event1 tree 'treeout' (nuwro -o FILE), versions 18.02 to 25.11"
    suffixes = (".nuwro.root",)
    writes = True

    def sniff(self, path: Path) -> bool:
        """True if there is a ``treeout`` with the leaves that every version has."""
        return root_io.has_branches(path, TREE, (*PARTICLES, *NUMBERS))

    def open(self, paths: Sequence[Path]) -> Source:
        """Open event files of one or several runs."""
        return NuWroSource(paths)

    def write(self, path: Path, chunks: Iterable[EventTable], header: Callable[[], Header]) -> None:
        """Write a ``treeout`` of flat leaves; the same events and header give the same bytes.

        Raises UsageError if the flux-averaged cross section is not known.
        """
        head = header()
        normalisation, constants = Normalisation(head), run_parameters(head)
        origin, count = origin_of(head.provenance), 0
        flux = flux_histogram(head.flux)
        with root_io.recreate(path) as file:
            tree: Any = None
            present: tuple[str, ...] = ()
            for number, table in enumerate(rechunk(chunks, BLOCK)):
                if tree is None:
                    tree, present = empty_tree(file, TREE, table, constants), table.present()
                table.check_present(present)
                phi = azimuths(origin, number, len(table))
                tree.extend(columns(table, phi, normalisation.weight(table), constants))
                count += len(table)
            if tree is None:
                empty_tree(file, TREE, no_events(head.process), constants)
            file["xsections"] = normalisation.histogram()
            if flux is not None:
                file[FLUX] = flux
            file[RECORD] = record_text(head, count)


class NuWroSource(Source):
    """Event files of NuWro, opened."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self.paths = tuple(paths)
        self._files = [inspect(path) for path in self.paths]

    @property
    def entries(self) -> int:
        """Number of events in the trees."""
        return sum(file.entries for file in self._files)

    @cached_property
    def _provenance(self) -> Provenance:
        files = tuple(SourceFile.of(file.path, file.entries) for file in self._files)
        own = [file.record.provenance for file in self._files if file.record]
        if len(own) == len(self._files):
            return joined_provenance(own, files)
        parameters: dict[str, Any] = {}
        others = (name for file in self._files for name in file.parameters if name not in UNKEPT)
        for name in dict.fromkeys(("version", *RUN_PARAMETERS, *MODEL_PARAMETERS, *others)):
            values = [self._parameter(file, name) for file in self._files]
            present = [value for value in values if value not in (None, "")]
            if present:
                same = all(value == values[0] for value in values)
                parameters[name] = values[0] if same else values
        parameters["deduced_version"] = parameters.pop("version")
        return Provenance("NuWro", "", parameters, files)

    @staticmethod
    def _parameter(file: File, name: str) -> Any:
        return file.version if name == "version" else file.parameters.get(name)

    def provenance(self) -> Provenance:
        """Parameters of the runs; the version is deduced, for the files do not state it.

        For files that we wrote, where their events came from.
        """
        return self._provenance

    def chunks(self) -> Iterator[RawEvents]:
        """Yield events; weights are relative to their mean in each file."""
        # Several runs are mixed in proportion to their numbers of events, as they come.
        post = POST if self.hadrons and self._have_hadrons else ()
        for file in self._files:
            for block in root_io.blocks(file.path, TREE, (*PARTICLES, *NUMBERS, *post), "ak"):
                with root_io.reading(file.path), np.errstate(all="ignore"):
                    events = _events(block, file)
                yield events

    @cached_property
    def _have_hadrons(self) -> bool:
        return common(
            (file.path, file.post and more_than_one(file.path, TREE, POST[0]))
            for file in self._files
            if file.entries
        )

    def runs(self) -> Sequence[Run]:
        """Return the normalisation of each file; none unless all files have one."""
        runs = [normalised(file) for file in self._files]
        return [run for run in runs if run is not None] if None not in runs else ()

    def cross_section(self, process: Process) -> CrossSection | None:
        """Return sigma(enu) of files that we wrote, if they agree; in others it is counted."""
        known = [file.record.cross_section if file.record and file.knows(process) else None
                 for file in self._files]  # fmt: skip
        plain = [sigma.as_dict() if sigma else None for sigma in known]
        return known[0] if all(sigma == plain[0] for sigma in plain) else None

    def flux_average(self, process: Process) -> float | None:
        """Return the flux average of files that we wrote, if they agree."""
        known = {file.record.flux_average if file.record and file.knows(process) else None
                 for file in self._files}  # fmt: skip
        return known.pop() if len(known) == 1 else None

    def flux(self, process: Process) -> Flux | None:
        """Return the flux that files of ours record, or that of the parameters of the runs."""
        own = common_flux(file.record.flux if file.record and file.knows(process) else None
                          for file in self._files)  # fmt: skip
        return super().flux(process) if own is None else own

    def summary(self) -> Sequence[tuple[str, str]]:
        """Beam, target, models and total cross section of each file."""
        lines: list[tuple[str, str]] = []
        for file in self._files:
            if len(self._files) > 1:
                lines.append(("file", f"{file.path.name}, {file.entries:,} events"))
            lines += described(file)
        return lines


def _events(block: Mapping[str, Any], file: File) -> RawEvents:
    import awkward as ak

    _check_lists(block)
    first: dict[str, Any] = {}
    for name in PARTICLES:
        missing = 0 if name.endswith("pdg") else np.nan
        first[name] = ak.to_numpy(ak.fill_none(ak.firsts(block[name]), missing))
    number = {name: ak.to_numpy(block[name]) for name in NUMBERS}
    dyn = number["dyn"]
    cc = np.isin(dyn, CHARGED_CURRENT)
    outgoing = first["out.pdg"].astype(np.int32)
    lepton = np.where(cc & np.isin(abs(outgoing), list(CHARGED_LEPTONS)), outgoing, 0)
    codes = np.array([*CHANNELS, Channel.OTHER], np.int16)
    channel = codes[np.where((dyn >= 0) & (dyn <= 10), dyn // 2, len(CHANNELS))]
    weight = number["weight"] / file.mean_weight if file.mean_weight > 0 else number["weight"]
    elep, cosine = first["out.t"] * MEV, _cosine(first, outgoing)
    particles = None
    if POST[0] in block:
        neutrino = np.stack([first[f"in.{axis}"] for axis in "xyz"], axis=1)
        post = flat_lists(file.path, block, POST, MEV)
        particles = beside_lepton(post, neutrino, lepton, elep, cosine)
    return RawEvents(
        probe=first["in.pdg"].astype(np.int32),
        target=nucleus_codes(number["par.nucleus_p"], number["par.nucleus_n"]).astype(np.int32),
        lepton=lepton,
        cc=cc,
        enu=first["in.t"] * MEV,
        elep=elep,
        costheta=cosine,
        channel=channel,
        weight=weight.astype(np.float64),
        particles=particles,
    )


def _check_lists(block: Mapping[str, Any]) -> None:
    import awkward as ak

    for vector in ("in", "out"):
        counts = [ak.num(block[name]) for name in PARTICLES if name.startswith(f"{vector}.")]
        if any(ak.any(count != counts[0]) for count in counts):
            raise ValueError(f"leaves of {vector} differ in length")


def _cosine(first: Mapping[str, Any], lepton: np.ndarray[Any, np.dtype[np.int32]]) -> Any:
    """Cosine between lepton and neutrino, whichever way the beam goes; 1 for one at rest."""
    neutrino, outgoing = (
        np.stack([MEV * first[f"{name}.{leaf}"] for leaf in "xyzt"], axis=1)
        for name in ("in", "out")
    )
    at_rest = (outgoing[:, :3] == 0.0).all(axis=1)
    return np.where(at_rest, 1.0, costheta(neutrino, outgoing, lepton))
