"""NuWro: the ``treeout`` tree of ``event1`` objects that ``nuwro -o`` writes, 18.02 and later.

In such a file energies are in MeV, ``weight`` is the total cross section in cm^2 per nucleon
averaged over the flux, the same in each event (in ``weighted.*`` files: its average over the
events), and ``par`` holds the run's parameters.  ``out[0]`` is the charged lepton, but in
neutrino-electron events (``dyn`` 12), which are not charged-current events on a nucleus here.
Leaves that NuWro leaves uninitialised (``pr``, ``nr``, ``density``) are not read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from nugen_gan.adapters import _root
from nugen_gan.adapters._nuwro_beam import beams, target_atoms
from nugen_gan.adapters.base import Adapter, Source
from nugen_gan.cross_section import Run
from nugen_gan.errors import FormatError
from nugen_gan.events import Provenance, RawEvents, SourceFile
from nugen_gan.process import Channel

__all__ = ["NuWro"]

TREE = "treeout"
MEV = 1e-3  # GeV
# The first particle of `in` is the neutrino, that of `out` the lepton.
PARTICLES = tuple(f"{v}.{leaf}" for v in ("in", "out") for leaf in ("t", "x", "y", "z", "pdg"))
NUMBERS = ("dyn", "weight", "par.nucleus_p", "par.nucleus_n")
CHARGED_LEPTONS = (11, 13, 15)
# dyn is twice this number, plus one for neutral currents; 10 is charged-current only.
CHANNELS = (
    Channel.QE, Channel.RES, Channel.DIS, Channel.COH, Channel.MEC, Channel.HYP,
)  # fmt: skip
CHARGED_CURRENT = (0, 2, 4, 6, 8, 10)
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
# Leaves that first appeared in a version, newest first.
VERSION_MARKS = (
    ("out.nucleon_id", "25.11 or newer"),
    ("par.dyn_hyp_cc", "21.09"),
    ("par.dyn_hip_cc", "19.02"),
    ("weight", "18.02"),
)


class NuWro(Adapter):
    """Reader of NuWro's own event files."""

    name = "nuwro"
    description = "NuWro event1 tree 'treeout' (nuwro -o FILE), versions 18.02 to 25.11"
    suffixes = (".root",)

    def sniff(self, path: Path) -> bool:
        """True if there is a ``treeout`` with the leaves that every version has."""
        return _root.has_branches(path, TREE, (*PARTICLES, *NUMBERS))

    def open(self, paths: Sequence[Path]) -> Source:
        """Open event files of one or several runs."""
        return NuWroSource(paths)


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


class NuWroSource(Source):
    """Event files of NuWro, opened."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self.paths = tuple(paths)
        self._files = [_inspect(path) for path in self.paths]

    @cached_property
    def _provenance(self) -> Provenance:
        parameters: dict[str, Any] = {}
        for name in ("version", *RUN_PARAMETERS, *MODEL_PARAMETERS):
            values = [self._parameter(file, name) for file in self._files]
            present = [value for value in values if value not in (None, "")]
            if present:
                same = all(value == values[0] for value in values)
                parameters[name] = values[0] if same else values
        parameters["deduced_version"] = parameters.pop("version")
        files = tuple(SourceFile.of(file.path, file.entries) for file in self._files)
        return Provenance("NuWro", "", parameters, files)

    @staticmethod
    def _parameter(file: _File, name: str) -> Any:
        return file.version if name == "version" else file.parameters.get(name)

    def provenance(self) -> Provenance:
        """Parameters of the runs; the version is deduced, for the files do not state it."""
        return self._provenance

    def chunks(self) -> Iterator[RawEvents]:
        """Yield events; weights are relative to their mean in each file."""
        # Several runs are mixed in proportion to their numbers of events, as they come.
        for file in self._files:
            for block in _root.blocks(file.path, TREE, (*PARTICLES, *NUMBERS), "ak"):
                with _root.reading(file.path):
                    events = _events(block, file.mean_weight)
                yield events

    def runs(self) -> Sequence[Run]:
        """Return the normalisation of each file; none unless all files have one."""
        runs = [_run(file) for file in self._files]
        return [run for run in runs if run is not None] if None not in runs else ()

    def summary(self) -> Sequence[tuple[str, str]]:
        """Beam, target, models and total cross section of each file."""
        lines: list[tuple[str, str]] = []
        for file in self._files:
            if len(self._files) > 1:
                lines.append(("file", f"{file.path.name}, {file.entries:,} events"))
            lines += _summary(file)
        return lines


def _inspect(path: Path) -> _File:
    names = (*RUN_PARAMETERS, *MODEL_PARAMETERS, "nucleus_p", "nucleus_n")
    with _root.open_root(path) as file:
        tree = _root.find_tree(file, TREE)
        if tree is None or not all(name in tree for name in (*PARTICLES, *NUMBERS)):
            raise FormatError(f"{path} is not a NuWro event file: it lacks the tree {TREE!r}.")
        entries = int(tree.num_entries)
        parameters = {
            name: _plain(tree[f"par.{name}"].array(entry_stop=1, library="np")[0])
            for name in names
            if entries and f"par.{name}" in tree
        }
        version = next((text for leaf, text in VERSION_MARKS if leaf in tree), "")
    total, smallest, largest = 0.0, np.inf, -np.inf
    for block in _root.blocks(path, TREE, ("weight",)):
        weight = block["weight"]
        total += float(weight.sum())
        smallest, largest = min(smallest, weight.min()), max(largest, weight.max())
    # The mean of equal numbers, free of rounding.
    mean = float(largest) if smallest == largest else total / max(entries, 1)
    target = 0
    if entries:
        target = int(_nucleus(parameters["nucleus_p"], parameters["nucleus_n"]))
    return _File(path, entries, parameters, mean, bool(smallest == largest), version, target)


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

    first: dict[str, Any] = {}
    for name in PARTICLES:
        missing = 0 if name.endswith("pdg") else np.nan
        first[name] = ak.to_numpy(ak.fill_none(ak.firsts(block[name]), missing))
    number = {name: ak.to_numpy(block[name]) for name in NUMBERS}
    dyn = number["dyn"]
    cc = np.isin(dyn, CHARGED_CURRENT)
    lepton = np.where(cc & np.isin(abs(first["out.pdg"]), CHARGED_LEPTONS), first["out.pdg"], 0)
    codes = np.array([*CHANNELS, Channel.OTHER], np.int16)
    channel = codes[np.where((dyn >= 0) & (dyn <= 10), dyn // 2, len(CHANNELS))]
    weight = number["weight"] / mean_weight if mean_weight > 0 else number["weight"]
    return RawEvents(
        probe=first["in.pdg"].astype(np.int32),
        target=_nucleus(number["par.nucleus_p"], number["par.nucleus_n"]).astype(np.int32),
        lepton=lepton.astype(np.int32),
        cc=cc,
        enu=first["in.t"] * MEV,
        elep=first["out.t"] * MEV,
        costheta=_cosine(first),
        channel=channel,
        weight=weight.astype(np.float64),
    )


def _cosine(first: Mapping[str, Any]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Cosine between lepton and neutrino, whichever way the beam goes; 1 for one at rest."""
    neutrino = np.stack([first[f"in.{axis}"] for axis in "xyz"])
    lepton = np.stack([first[f"out.{axis}"] for axis in "xyz"])
    lengths = np.linalg.norm(neutrino, axis=0) * np.linalg.norm(lepton, axis=0)
    product = (neutrino * lepton).sum(axis=0)
    cosine = np.divide(product, lengths, out=np.ones_like(product), where=lengths != 0.0)
    return np.asarray(np.clip(cosine, -1.0, 1.0))


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
    return [
        ("version", f"{file.version} (deduced from the file's leaves)"),
        ("beam", beam),
        ("target", target),
        ("models", ", ".join(models)),
        ("total cross section",
         f"{file.mean_weight:.9g} cm2 per nucleon (weight: {kind})"),
    ]  # fmt: skip


def _shortened(text: str, length: int = 60) -> str:
    return text if len(text) <= length else text[: length - 3] + "..."
