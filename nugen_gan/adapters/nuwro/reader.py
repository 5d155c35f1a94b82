"""NuWro: the ``treeout`` tree of ``event1`` objects that ``nuwro -o`` writes, 18.02 and later.

The writer makes a ``treeout`` with the same leaves, but without the classes: what it holds is in
:mod:`nugen_gan.adapters.nuwro.writer`.

In such a file energies are in MeV, ``weight`` is the total cross section in cm^2 per nucleon
averaged over the flux, the same in each event (in ``weighted.*`` files: its average over the
events), and ``par`` holds the run's parameters.  ``out[0]`` is the charged lepton, but in
neutrino-electron events (``dyn`` 12), which are not charged-current events on a nucleus here.
Leaves that NuWro leaves uninitialised (``pr``, ``nr``, ``density``) are not read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from nugen_gan.adapters.azimuth import BLOCK, azimuths, seed_of
from nugen_gan.adapters.base import Adapter, Header, Source
from nugen_gan.adapters.momenta import CHARGED_LEPTONS, costheta
from nugen_gan.adapters.nuwro.beam import beams, target_atoms
from nugen_gan.adapters.nuwro.writer import (
    CHANNELS,
    FLUX,
    OTHER_CURRENT,
    Normalisation,
    columns,
    empty_tree,
    flux_histogram,
    run_parameters,
)
from nugen_gan.adapters.record import RECORD, Record, joined_provenance, read_record, record_text
from nugen_gan.adapters.units import Unit
from nugen_gan.errors import FormatError
from nugen_gan.events.provenance import Provenance, SourceFile
from nugen_gan.events.selection import RawEvents
from nugen_gan.events.table import EventTable, rechunk
from nugen_gan.physics.cross_section import CrossSection, Run
from nugen_gan.physics.flux import Flux, common_flux
from nugen_gan.physics.process import Channel, Process
from nugen_gan.storage import root as root_io

__all__ = ["NuWro"]

TREE = "treeout"
MEV = 1e-3  # GeV
# Events by whose leptons the unit is checked.
FIRST = 1000
# The first particle of `in` is the neutrino, that of `out` the lepton.
PARTICLES = tuple(f"{v}.{leaf}" for v in ("in", "out") for leaf in ("t", "x", "y", "z", "pdg"))
NUMBERS = ("dyn", "weight", "par.nucleus_p", "par.nucleus_n")
# dyn of charged currents; 12, 20 and 21 are none of a neutrino on a nucleus.
CHARGED_CURRENT = (0, 2, 4, 6, 8, 10, OTHER_CURRENT)
# What the choice of models says about the events, in the order of NuWro's params.txt.
MODEL_PARAMETERS = (
    "nucleus_target", "nucleus_model", "sf_method", "qel_rpa", "qel_vector_ff_set",
    "qel_axial_ff_set", "qel_cc_axial_mass", "delta_FF_set", "pion_axial_mass", "pion_C5A",
    "res_kind", "res_dis_cut", "res_dis_blending_start", "res_dis_blending_end", "coh_kind",
    "coh_new", "mec_kind", "mec_scaling", "hyp_axial_mass", "cc_smoothing",
)  # fmt: skip
RUN_PARAMETERS = (
    "random_seed", "number_of_events", "number_of_test_events", "beam_type", "beam_particle",
    "beam_energy.string", "beam_content.string", "beam_direction.x", "beam_direction.y",
    "beam_direction.z", "beam_inputroot", "beam_inputroot_flux", "beam_inputroot_nue",
    "beam_inputroot_nueb", "beam_inputroot_numu", "beam_inputroot_numub",
    "beam_inputroot_nutau", "beam_inputroot_nutaub", "target_type", "target_content.string",
    "dyn_qel_cc", "dyn_qel_nc", "dyn_res_cc", "dyn_res_nc", "dyn_dis_cc", "dyn_dis_nc",
    "dyn_coh_cc", "dyn_coh_nc", "dyn_mec_cc", "dyn_mec_nc", "dyn_hyp_cc", "dyn_lep", "FSI_on",
    "kaskada_on",
)  # fmt: skip
# Beginnings of the names of parameters that say nothing about the events.
BOOKKEEPING = (
    "beam_", "geo_", "geom_", "user_", "save_", "table_path", "path_to_data", "kaskada_events",
    "kaskada_redo", "kaskada_writeall", "mixed_order",
)  # fmt: skip
# Those that differ from event to event.
UNKEPT = ("nucleus_p", "nucleus_n")
# What differs between runs that may be one sample.
RUN_OF_ITS_OWN = ("random_seed", "number_of_events", "number_of_test_events")
# Leaves that first appeared in a version, newest first.
VERSION_MARKS = (
    ("out.nucleon_id", "25.11 or newer"),
    ("par.dyn_hyp_cc", "21.09"),
    ("par.dyn_hip_cc", "19.02"),
    ("weight", "18.02"),
)


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
        seed, count = seed_of(head.provenance), 0
        flux = flux_histogram(head.flux)
        with root_io.recreate(path) as file:
            tree = empty_tree(file, TREE, head.process, constants)
            for number, table in enumerate(rechunk(chunks, BLOCK)):
                phi = azimuths(seed, number, len(table))
                tree.extend(columns(table, phi, normalisation.weight(table), constants))
                count += len(table)
            file["xsections"] = normalisation.histogram()
            if flux is not None:
                file[FLUX] = flux
            file[RECORD] = record_text(head, count)


@dataclass(frozen=True)
class _File:
    """What is known of one file before its events are read."""

    path: Path
    entries: int
    parameters: Mapping[str, Any]
    mean_weight: float
    same_weight: bool
    version: str
    first_target: int
    record: Record | None

    def knows(self, process: Process) -> bool:
        """True if we wrote the file, about this process, and nobody changed it."""
        record = self.record
        return bool(record and record.process == process and record.events == self.entries)


class NuWroSource(Source):
    """Event files of NuWro, opened."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self.paths = tuple(paths)
        self._files = [_inspect(path) for path in self.paths]

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
    def _parameter(file: _File, name: str) -> Any:
        return file.version if name == "version" else file.parameters.get(name)

    def provenance(self) -> Provenance:
        """Parameters of the runs; the version is deduced, for the files do not state it.

        For files that we wrote, where their events came from.
        """
        return self._provenance

    def chunks(self) -> Iterator[RawEvents]:
        """Yield events; weights are relative to their mean in each file."""
        # Several runs are mixed in proportion to their numbers of events, as they come.
        for file in self._files:
            for block in root_io.blocks(file.path, TREE, (*PARTICLES, *NUMBERS), "ak"):
                with root_io.reading(file.path), np.errstate(all="ignore"):
                    events = _events(block, file.mean_weight)
                yield events

    def runs(self) -> Sequence[Run]:
        """Return the normalisation of each file; none unless all files have one."""
        runs = [_run(file) for file in self._files]
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
            lines += _summary(file)
        return lines


def _inspect(path: Path) -> _File:
    with root_io.open_root(path) as file:
        tree = root_io.find_tree(file, TREE)
        missing = [name for name in (*PARTICLES, *NUMBERS) if tree is None or name not in tree]
        if tree is None or missing:
            raise FormatError(
                f"{path} is not a NuWro event file: its tree {TREE} lacks {', '.join(missing)}."
            )
        entries = int(tree.num_entries)
        parameters = {
            name: _plain(tree[f"par.{name}"].array(entry_stop=1, library="np")[0])
            for name in _parameter_names(tree)
            if entries
        }
        _check_one_run(tree, path, parameters)
        version = next((text for leaf, text in VERSION_MARKS if leaf in tree), "")
        record = read_record(file)
        _check_unit(tree, path)
        target = 0
        if entries:
            target = int(_nucleus(parameters["nucleus_p"], parameters["nucleus_n"]))
    mean, same = _mean_weight(path)
    return _File(path, entries, parameters, mean, same, version, target, record)


def _parameter_names(tree: Any) -> list[str]:
    """Parameters of the run that are kept: all that are not about files and bookkeeping."""
    leaves = (key.rpartition("/")[2] for key in tree.keys(filter_name="par.*"))
    names = (leaf.removeprefix("par.") for leaf in leaves)
    return [n for n in names if n in RUN_PARAMETERS or not n.startswith(BOOKKEEPING)]


def _check_one_run(tree: Any, path: Path, parameters: Mapping[str, Any]) -> None:
    """Refuse runs of different beams or models that hadd made one file of.

    Every event holds the parameters of its run; those of the first one are taken for all.
    """
    for name in (*RUN_PARAMETERS, *MODEL_PARAMETERS):
        if name in RUN_OF_ITS_OWN or name not in parameters:
            continue
        first = parameters[name]
        branch = tree[f"par.{name}"]
        for entry in {tree.num_entries // 2, tree.num_entries - 1}:
            value = branch.array(entry_start=entry, entry_stop=entry + 1, library="np")
            # A switch of NaN equals nothing.
            if len(value) and _plain(value[0]) != first and first == first:
                raise FormatError(
                    f"{path} joins runs of different settings: {name} is {first!r} in the first "
                    f"event and {_plain(value[0])!r} in event {entry:,}. Their normalisations "
                    "cannot be told apart: give the files of the runs before they were joined."
                )


def _check_unit(tree: Any, path: Path) -> None:
    """Refuse energies that are not in MeV, by the mass of the first outgoing particle."""
    import awkward as ak

    leaves = ("out.x", "out.y", "out.z", "out.t", "out.pdg")
    root_io.check_entries(path, tree, leaves)
    columns = []
    for leaf in leaves:
        first = ak.firsts(tree[leaf].array(entry_stop=FIRST))
        columns.append(ak.to_numpy(ak.fill_none(first, 0)))
    unit = Unit()
    unit.add(np.stack(columns[:4], axis=1), columns[4])
    unit.require(path, mev=True, what="a NuWro file")


def _mean_weight(path: Path) -> tuple[float, bool]:
    """Mean of all weights [cm^2 per nucleon], and whether they are all the same."""
    total, entries, smallest, largest = 0.0, 0, np.inf, -np.inf
    for block in root_io.blocks(path, TREE, ("weight",)):
        weight = block["weight"]
        with root_io.reading(path), np.errstate(all="ignore"):
            total += float(weight.sum())
            entries += len(weight)
            smallest, largest = min(smallest, weight.min()), max(largest, weight.max())
    same = bool(smallest == largest)
    # The mean of equal numbers, free of rounding.
    return float(largest) if same else total / max(entries, 1), same


def _plain(value: Any) -> Any:
    """Return a number or a string of Python."""
    if isinstance(value, (str, bytes)):
        return value.decode() if isinstance(value, bytes) else value
    return value.item()


def _nucleus(protons: Any, neutrons: Any) -> Any:
    """PDG codes of nuclei, as nucleus_pdg, for arrays."""
    return 1_000_000_000 + protons * 10_000 + (protons + neutrons) * 10


def _events(block: Mapping[str, Any], mean_weight: float) -> RawEvents:
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
    weight = number["weight"] / mean_weight if mean_weight > 0 else number["weight"]
    return RawEvents(
        probe=first["in.pdg"].astype(np.int32),
        target=_nucleus(number["par.nucleus_p"], number["par.nucleus_n"]).astype(np.int32),
        lepton=lepton,
        cc=cc,
        enu=first["in.t"] * MEV,
        elep=first["out.t"] * MEV,
        costheta=_cosine(first, outgoing),
        channel=channel,
        weight=weight.astype(np.float64),
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


def _run(file: _File) -> Run | None:
    atoms = target_atoms(file.parameters, file.first_target)
    species = beams(file.parameters, file.path)
    if not (atoms and species and file.mean_weight > 0.0):
        return None
    return Run(file.entries, file.mean_weight, species, atoms)


def _summary(file: _File) -> list[tuple[str, str]]:
    if not file.entries:
        return [("events", "none")]
    parameters = file.parameters
    beam = f"beam_type {parameters.get('beam_type')}"
    for name in ("beam_particle", "beam_energy.string", "beam_content.string", "beam_inputroot"):
        text = " ".join(str(parameters.get(name) or "").split())
        if text:
            beam += f", {name.removesuffix('.string')} {_shortened(text)}"
    target = " ".join(str(parameters.get("target_content.string", "")).split())
    if not target:
        target = f"{parameters['nucleus_p']} protons, {parameters['nucleus_n']} neutrons"
    models = (f"{name} {parameters[name]}" for name in MODEL_PARAMETERS if name in parameters)
    kind = "the same in every event" if file.same_weight else "mean of the events' weights"
    version = f"{file.version} (deduced from the file's leaves)"
    return [
        *([] if file.record else [("version", version)]),
        ("beam", beam),
        ("target", target),
        *([] if file.record else [("models", ", ".join(models))]),
        ("total cross section",
         f"{file.mean_weight:.9g} cm2 per nucleon (weight: {kind})"),
    ]  # fmt: skip


def _shortened(text: str, length: int = 60) -> str:
    return text if len(text) <= length else text[: length - 3] + "..."
