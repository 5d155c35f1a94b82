"""What ``nugen-gan finetune`` begins with: the base, and which events of which sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nugen_gan.cli.inputs import Reading, show_sample, stem
from nugen_gan.cli.train import check_device_there
from nugen_gan.errors import UsageError

if TYPE_CHECKING:
    from nugen_gan.cli.tuning import Tuning
    from nugen_gan.events.table import EventTable
    from nugen_gan.model.model import Model
    from nugen_gan.transfer.options import FinetuneOptions

__all__ = ["Chosen", "choose"]


@dataclass(frozen=True)
class Chosen:
    """What a fine-tuning begins with.

    Attributes
    ----------
    base : the model
    events : to fine-tune on
    rest : the rest of the sample, where not all of it is used
    of_hadrons : other events to learn the hadrons from, if any
    options : how, with the seed of everything random
    name : what outputs are named after
    notes : how the events differ from the base's, and energies that they leave empty
    """

    base: Model
    events: EventTable
    rest: EventTable
    of_hadrons: EventTable | None
    options: FinetuneOptions
    name: str
    notes: tuple[str, ...]

    def show(self) -> None:
        """Print base, sample and notes."""
        click.echo(f"base            {self.base.name} ({self.base.process.name})")
        show_sample(self.events, self.of_hadrons)
        for note in self.notes:
            click.echo(f"note: {note}")


def choose(inputs: Sequence[Path], tuning: Tuning, reading: Reading) -> Chosen:
    """Load the base, read the events, and take those that were asked for.

    Options that the base does not allow are refused before the events are read.
    """
    from nugen_gan.gan.sample import unweighted
    from nugen_gan.model.model import load_model
    from nugen_gan.model.sampler import draw_seed
    from nugen_gan.transfer.checks import check_options, differences, empty_energies

    check_device_there(tuning.device)
    base = load_model(tuning.base)
    options = tuning.options(base, draw_seed() if tuning.seed is None else tuning.seed)
    check_options(options, base)
    events, name = _sample(inputs, reading, base)
    events, rest = _part(unweighted(events, options.seed), tuning.events, options.seed)
    notes = (*differences(base, events), *empty_energies(events), *_nearer(base, events))
    of_hadrons = reading.read_hadrons(events)
    return Chosen(base, events, rest, of_hadrons, options, name, notes)


def _nearer(base: Model, events: EventTable) -> list[str]:
    """A note that names bundled models which are nearer to the events than the base, if any."""
    from nugen_gan.transfer.bases import nearer_bases

    found = nearer_bases(base.process.name, events.process)
    if not found:
        return []
    which = "is a nearer base" if len(found) == 1 else "are nearer bases"
    return [
        f"{' and '.join(found)}, bundled, {which} for events of {events.process.name} than "
        f"{base.name}: --base {found[0]} needs fewer of them"
    ]


def _sample(inputs: Sequence[Path], reading: Reading, base: Model) -> tuple[EventTable, str]:
    """The events, from the inputs or a bundled sample, and what to name outputs after."""
    if inputs:
        return reading.read(inputs), stem(inputs[0])
    sample, name = _bundled(reading, base)
    return reading.read_bundled(sample), name


def _bundled(reading: Reading, base: Model) -> tuple[str, str]:
    """Name of a bundled sample, and of its process."""
    from nugen_gan.physics.process import Process, parse_probe, parse_target
    from nugen_gan.storage.bundled import bundled_samples, sample_of

    known = ", ".join(bundled_samples()) or "none"
    if reading.target is None:
        raise UsageError(
            "no events were given: name files of them, or a --target of which a sample is "
            f"bundled. Bundled are: {known}."
        )
    probe = base.process.probe if reading.probe is None else parse_probe(reading.probe)
    process = Process(probe, parse_target(reading.target)).name
    sample = sample_of(process)
    if sample is None:
        raise UsageError(
            f"no sample of {process} is bundled: give files of its events. Bundled are: {known}."
        )
    return sample, process


def _part(events: EventTable, wanted: int | None, seed: int) -> tuple[EventTable, EventTable]:
    """So many events at random, in the order of the file, and the rest."""
    import numpy as np

    from nugen_gan.events.cutflow import CutFlow
    from nugen_gan.streams import numpy_stream

    if wanted is None:
        return events, events[:0]
    if wanted > len(events):
        raise UsageError(
            f"{wanted:,d} events were asked for with --events; the sample has {len(events):,d}"
        )
    order = numpy_stream(seed, "part of the sample").permutation(len(events))
    step = CutFlow((("all", len(events)), (f"{wanted} at random", wanted)))
    part = events[np.sort(order[:wanted])].with_(cutflow=events.cutflow.then(step))
    return part, events[order[wanted:]]
