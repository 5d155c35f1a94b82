"""From NuWro's parameters to a file of events: beam, target, and the files beside it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from nugen_gan.adapters.nuwro.beam import beams, target_atoms
from nugen_gan.errors import UsageError
from nugen_gan.generation.generate import Generation, generate
from nugen_gan.generation.known_part import known_part
from nugen_gan.model.model import Model
from nugen_gan.physics.flux import Flux
from nugen_gan.physics.process import PROBE_NAMES, Process, nucleus_pdg
from nugen_gan.physics.targets import nucleus_name
from nugen_gan_nuwro.choice import chosen_model, other_currents, refused_channels
from nugen_gan_nuwro.parameters import ParameterError, Parameters

__all__ = ["Options", "run"]

# NuWro's own, where nothing is said.
EVENTS, ENERGY, CARBON = 200_000, "1000", 6
BEAMS, TARGETS = (0, 1, 5, 6), (0, 1)


@dataclass(frozen=True, slots=True)
class Options:
    """What NuWro has no parameters for.

    Attributes
    ----------
    output : file of events
    model : name of the model, if it was named
    cc_only : make the charged-current part of what was asked for
    restrict : leave out the part of the flux that the model does not know
    probe : of a beam of several, the one to make; a PDG code
    """

    output: Path
    model: str | None = None
    cc_only: bool = False
    restrict: bool = False
    probe: int | None = None


def run(parameters: Parameters, options: Options) -> None:
    """Make what the parameters ask for.

    Raises
    ------
    ParameterError
        for a value that NuWro would not take.
    UsageError
        for what no model can honour.
    """
    notes = list(parameters.notes)
    others = other_currents(parameters)
    if others and not options.cc_only:
        raise UsageError(
            f"what was asked for is more than charged currents: {', '.join(others)} "
            "(NuWro has what is not set on). These models make charged currents: set them to 0, or "
            "take the charged-current part with --cc-only or NUGEN_CC_ONLY=1"
        )
    probe, flux = _beam(parameters, options.probe, notes)
    atoms = _target(parameters, notes)
    if len(atoms) > 1:
        mixture = ", ".join(f"{nucleus_name(t)} x {n:g}" for t, n in atoms.items())
        raise UsageError(
            f"target_content has several nuclei ({mixture}), and events of each come from a model "
            "of their own. nugen-gan generate --target makes a file of each nucleus"
        )
    process = Process(probe, next(iter(atoms)))
    off = refused_channels(parameters, process)
    if off:
        raise UsageError(
            f"{', '.join(off)} = 0: a model makes all charged-current channels together. Select "
            "them in the file, by flag.qel, flag.res and so on"
        )
    model = chosen_model(parameters, process, options.model)
    part = known_part(
        flux, model, restrict=options.restrict,
        how="Leave that part of the flux out with --restrict, or change the beam",
    )  # fmt: skip
    if part.below_threshold > 1e-9:
        notes.append(f"{part.below_threshold:.2%} of the flux is below the threshold of the lepton")
    if part.below + part.above > 1e-9:
        notes.append(f"{part.below + part.above:.2%} of the flux, outside of the model's energies, "
                     "was left out: cross sections are averaged over the rest")  # fmt: skip
    seed = parameters.whole("random_seed", 0)
    done = generate(
        model, parameters.whole("number_of_events", EVENTS), options.output, flux=part.flux,
        seed=seed or None, output_format="nuwro", overwrite=True,
    )  # fmt: skip
    _beside(parameters, options.output, done)
    _tell(model, done, notes, cc_only=bool(others))


def _beam(parameters: Parameters, wanted: int | None, notes: list[str]) -> tuple[int, Flux]:
    kind = parameters.whole("beam_type", 0)
    if kind not in BEAMS:
        raise UsageError(f"beam_type = {kind}: understood are {', '.join(map(str, BEAMS))}")
    direction = parameters.lines("beam_direction").split()
    if direction and [float(x) for x in direction[:2]] != [0.0, 0.0]:
        raise UsageError(
            f"beam_direction = {' '.join(direction)}: events come with the beam along z only"
        )
    values: dict[str, Any] = {
        "beam_type": kind, "beam_particle": parameters.whole("beam_particle", 14),
        "beam_energy.string": parameters.lines("beam_energy") or ENERGY,
        "beam_content.string": parameters.lines("beam_content"),
    }  # fmt: skip
    values |= {name: parameters.text(name) for name in parameters.values if "inputroot" in name}
    file = parameters.text("beam_inputroot")
    if kind in (5, 6):
        found = parameters.find(file) if file else None
        if found is None:
            raise ParameterError(f"beam_inputroot = {file}: there is no such file", 30)
        values["beam_inputroot"] = str(found)
    known = beams(values, Path("params.txt")) or {}
    usable = {pdg: flux for pdg, (_, flux) in known.items() if flux is not None}
    if not usable:
        raise ParameterError("these beam parameters hold no flux that can be read", 30)
    if len(known) > 1 and wanted is None:
        shares = ", ".join(f"{PROBE_NAMES.get(pdg, pdg)} {share:.1%}"
                           for pdg, (share, _) in known.items())  # fmt: skip
        raise UsageError(
            f"the beam has several neutrinos ({shares}), and a model is of one: choose it with "
            "--probe, and run once for each"
        )
    probe = next(iter(known)) if wanted is None else wanted
    if probe not in usable:
        raise UsageError(f"the beam has no neutrino {probe}")
    if len(known) > 1:
        notes.append(f"{PROBE_NAMES.get(probe, probe)} is {known[probe][0]:.2%} of the beam")
    return probe, usable[probe]


def _target(parameters: Parameters, notes: list[str]) -> Mapping[int, float]:
    kind = parameters.whole("target_type", 0)
    if kind not in TARGETS:
        raise UsageError(f"target_type = {kind}: understood are 0 and 1")
    protons, neutrons = (parameters.whole(f"nucleus_{x}", CARBON) for x in "pn")
    values = {"target_type": kind, "target_content.string": parameters.lines("target_content")}
    if kind == 0 and "nucleus_p" not in parameters.values:
        notes.append("no target was set: carbon")
    if protons < 0 or neutrons < 0 or protons + neutrons < 1:
        raise ParameterError(f"a nucleus of {protons} protons and {neutrons} neutrons is none", 32)
    atoms = target_atoms(values, nucleus_pdg(protons, protons + neutrons))
    if not atoms:
        raise ParameterError("target_content needs lines such as '6 6 1x'", 32)
    return atoms


def _beside(parameters: Parameters, output: Path, done: Generation) -> None:
    """Write what NuWro leaves beside its events: the parameters, and the channels."""
    import uproot

    from nugen_gan.storage.atomic import atomic_path

    lines = [f"        {name} = {value}" for name, lines in parameters.values.items()
             for value in lines]  # fmt: skip
    with atomic_path(output.with_name(f"{output.name}.par")) as path:
        path.write_text("\n".join([*lines, f"        random_seed = {done.seed}", ""]), "utf-8")
    with uproot.open(output) as file:
        sigma = file["xsections"].values()
    total = sigma.sum()
    rows = [
        f"{2 * k:<8d}{round(done.events * s / total):<14d}{s / total:<12.6g}{s:.6g}"
        for k, s in enumerate(sigma)
    ]
    with atomic_path(output.with_name(f"{output.name}.txt")) as path:
        path.write_text("\n".join(["dyn     events        ratio       sigma[cm2]", *rows, ""]),
                        "utf-8")  # fmt: skip


def _tell(model: Model, done: Generation, notes: list[str], *, cc_only: bool) -> None:
    from nugen_gan._version import __version__

    click.echo(f"nugen-nuwro (nugen-gan {__version__}, model {model.name}, which learned from "
          f"{model.training.get('generator', 'NuWro')}): not NuWro itself")  # fmt: skip
    for note in notes:
        click.echo(f"note: {note}")
    if cc_only:
        click.echo(
            "note: charged currents only; the cross section below is theirs. That of the neutral "
            "currents which were asked for, too, is not known to the model"
        )
    click.echo(f"{done.events} events, seed {done.seed}, {done.energies}")
    if done.per_nucleon is not None:
        click.echo(f"cross section {done.per_nucleon:.6g} cm2 per nucleon")
    click.echo(f"written: {os.fspath(done.files[0].path)} with .par and .txt beside it")
