"""One event file of NuWro: what is known of it before its events are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nugen_gan.adapters.nuwro.beam import beams, target_atoms
from nugen_gan.adapters.record import Record, read_record
from nugen_gan.adapters.units import Unit
from nugen_gan.errors import FormatError
from nugen_gan.physics.cross_section import Run
from nugen_gan.physics.process import Process
from nugen_gan.storage import root as root_io

__all__ = ["MODEL_PARAMETERS", "NUMBERS", "PARTICLES", "POST", "RUN_PARAMETERS", "TREE", "UNKEPT",
           "File", "described", "inspect", "normalised", "nucleus_codes"]  # fmt: skip

TREE = "treeout"
# Events by whose leptons the unit is checked.
FIRST = 1000
# The first particle of `in` is the neutrino, that of `out` the lepton.
PARTICLES = tuple(f"{v}.{leaf}" for v in ("in", "out") for leaf in ("t", "x", "y", "z", "pdg"))
# All that leaves the nucleus: the lepton of `out` and the hadrons.
POST = ("post.pdg", "post.x", "post.y", "post.z", "post.t")
NUMBERS = ("dyn", "weight", "par.nucleus_p", "par.nucleus_n")
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


@dataclass(frozen=True)
class File:
    """What is known of one file before its events are read.

    Attributes
    ----------
    path, entries : the file and its number of events
    parameters : of the run, those of the first event
    mean_weight, same_weight : mean of the weights [cm^2 per nucleon]; whether they are all equal
    version : of NuWro, deduced from the leaves
    first_target : PDG code of the first event's nucleus
    record : what we wrote beside the events, if we did
    post : whether it has the leaves of :data:`POST`
    """

    path: Path
    entries: int
    parameters: Mapping[str, Any]
    mean_weight: float
    same_weight: bool
    version: str
    first_target: int
    record: Record | None
    post: bool = False

    def knows(self, process: Process) -> bool:
        """True if we wrote the file, about this process, and nobody changed it."""
        record = self.record
        return bool(record and record.process == process and record.events == self.entries)


def inspect(path: Path) -> File:
    """Look at a file; FormatError if it is none of NuWro, or damaged, or joined from runs."""
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
        post = all(name in tree for name in POST)
        target = 0
        if entries:
            target = int(nucleus_codes(parameters["nucleus_p"], parameters["nucleus_n"]))
    mean, same = _mean_weight(path)
    return File(path, entries, parameters, mean, same, version, target, record, post)


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


def nucleus_codes(protons: Any, neutrons: Any) -> Any:
    """PDG codes of nuclei, as nucleus_pdg, for arrays."""
    return 1_000_000_000 + protons * 10_000 + (protons + neutrons) * 10


def normalised(file: File) -> Run | None:
    """The normalisation of a file's events; None where target, beam or weight do not tell."""
    atoms = target_atoms(file.parameters, file.first_target)
    species = beams(file.parameters, file.path)
    if not (atoms and species and file.mean_weight > 0.0):
        return None
    return Run(file.entries, file.mean_weight, species, atoms)


def described(file: File) -> list[tuple[str, str]]:
    """Beam, target, models and total cross section, for the screen."""
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
