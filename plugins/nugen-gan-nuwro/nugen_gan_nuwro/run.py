"""One run, from parameters to files."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from nugen_gan.generation.blend import Blend, Component
from nugen_gan.generation.coverage import coverage
from nugen_gan.model.sampler import draw_seed
from nugen_gan.monitor import SILENT, Monitor
from nugen_gan.physics.process import Channel, Process
from nugen_gan.physics.targets import nucleus_name
from nugen_gan.storage.atomic import atomic_path, check_output
from nugen_gan_nuwro.beam import Beam, read_beam
from nugen_gan_nuwro.cards import Card, read_card
from nugen_gan_nuwro.dynamics import CHARGED, Dynamics, asked_dynamics, electron_cross_section
from nugen_gan_nuwro.models import Chosen, choose_models
from nugen_gan_nuwro.sidefiles import parameters_text, table_text
from nugen_gan_nuwro.targets import target_nuclei
from nugen_gan_nuwro.treeout import Written, write_events
from nugen_gan_nuwro.words import Words

__all__ = ["Run", "carry_out", "prepare"]

# Seeds of NuWro: 0 the time, 1 the state that an earlier run has left; others themselves.
TIME, STATE = 0, 1
LARGEST_SEED = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Run:
    """What a run will do.

    Attributes
    ----------
    card : all parameters, as they will be written
    blend : the events
    active : channels that are on, in the order of ``dyn``
    beam : its direction matters for the writer
    chosen : the models
    notes : what should be known, in words
    """

    card: Card
    blend: Blend
    active: list[Channel]
    beam: Beam
    chosen: tuple[Chosen, ...]
    notes: tuple[str, ...]


def prepare(words: Words) -> Run:
    """Read the parameters, choose the models, and refuse what cannot be done."""
    card = read_card(words.card, words.lines)
    for path in outputs(words.output):
        check_output(path, overwrite=True)
    dynamics = asked_dynamics(card, cc_only=words.cc_only)
    nuclei, beam = target_nuclei(card), read_beam(card, words.card)
    wanted = {
        Process(probe, target): _part(probe, target, beam, nuclei)
        for probe in beam.species
        for target in nuclei
    }
    chosen = choose_models(wanted, card, words.models, accept=words.accept)
    hadrons = not words.no_hadrons and all(c.model.hadrons is not None for c in chosen.values())
    components = []
    for process, one in chosen.items():
        share, flux = beam.species[process.probe]
        model = one.model if hadrons else one.model.without_hadrons()
        covered = coverage(model, flux, allow_extrapolation=words.extrapolate)
        components.append(
            Component(model, covered, share, nuclei[process.target],
                      dynamics.of(model.labels.channels))
        )  # fmt: skip
    seed = _seed(card.whole("random_seed"))
    blend = Blend(tuple(components), card.whole("number_of_events"), seed)
    made = _as_made(card, dynamics, seed)
    active = [channel for channel in CHARGED.values() if channel in dynamics.channels]
    notes = _notes(card, dynamics, blend, beam)
    return Run(made, blend, active, beam, tuple(chosen.values()), notes)


def carry_out(run: Run, output: Path, monitor: Monitor = SILENT) -> Written:
    """Make the events and write the files; all appear, or none."""
    events, parameters, table = outputs(output)
    with ExitStack() as stack:
        places = [
            stack.enter_context(atomic_path(path, overwrite=True))
            for path in (parameters, table, events)
        ]
        written = write_events(
            places[2], run.blend, run.card.as_leaves(), run.active, run.beam.rotation, monitor
        )
        places[0].write_text(parameters_text(run.card), encoding="utf-8")
        places[1].write_text(table_text(written.rows()), encoding="utf-8")
    return written


def outputs(output: Path) -> tuple[Path, Path, Path]:
    """The file of events, and the two texts beside it."""
    return output, output.with_name(output.name + ".par"), output.with_name(output.name + ".txt")


def _seed(asked: int) -> int:
    """NuWro's state of a random generator is none of ours: a seed is drawn instead."""
    if asked in (TIME, STATE):
        return 2 + draw_seed() % (LARGEST_SEED - 2)
    return asked % (LARGEST_SEED + 1)


def _part(probe: int, target: int, beam: Beam, nuclei: dict[int, float]) -> str:
    """What part of the run a process is, in words."""
    mass = {code: atoms * Process(14, code).a for code, atoms in nuclei.items()}
    words = []
    if len(beam.species) > 1:
        words.append(f"{100 * beam.species[probe][0]:.3g} % of the flux")
    if len(nuclei) > 1:
        share = mass[target] / sum(mass.values())
        words.append(f"{100 * share:.3g} % of the target's nucleons are in {nucleus_name(target)}")
    return ", ".join(words) or "all of the run"


def _as_made(card: Card, dynamics: Dynamics, seed: int) -> Card:
    """The parameters as NuWro would have needed them for what is made."""
    made = Card(dict(card.values), card.lines, card.said, card.notes)
    made.values["random_seed"] = seed
    for name in (*dynamics.dropped, "dyn_lep"):
        made.values[name] = False
    return made


def _notes(card: Card, dynamics: Dynamics, blend: Blend, beam: Beam) -> tuple[str, ...]:
    notes = list(card.notes)
    for component in blend.components:
        notes += component.coverage.notes
        selected = component.selected
        if selected is not None:
            notes.append(
                f"channels that are on make {100 * selected.share:.3g} +- "
                f"{100 * selected.error:.1g} % of the cross section of {component.model.process}, "
                "counted in events of the model"
            )
    if dynamics.dropped:
        notes.append(
            f"charged currents only: {', '.join(dynamics.dropped)} were on and are not made; "
            "weight and xsections are of charged currents. The share of neutral currents is not "
            "known to a model of charged ones (28 % of NuWro's events for the T2K flux on CH)"
        )
    if dynamics.electrons:
        notes.append(_electrons(blend, beam))
    if any(component.model.hadrons is None for component in blend.components):
        notes.append("the charged lepton alone is made: post has no hadrons")
    if card.whole("save_test_events"):
        notes.append("save_test_events is ignored: there are no test events")
    return tuple(dict.fromkeys(notes))


def _electrons(blend: Blend, beam: Beam) -> str:
    electrons = sum(
        c.share * c.atoms * c.model.process.z
        * electron_cross_section(c.model.process.probe, beam.species[c.model.process.probe][1]
                                 .mean_energy(), 1.0)
        for c in blend.components
    )  # fmt: skip
    share = electrons / blend.nucleons / blend.per_nucleon
    return (
        f"dyn_lep was on: scattering off electrons, about {100 * share:.2g} % of the cross "
        "section, is not made"
    )
