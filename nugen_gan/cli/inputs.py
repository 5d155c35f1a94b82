"""The events that ``train`` and ``finetune`` learn from: options to read them, what they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from nugen_gan.cli.gathered import gathered
from nugen_gan.cli.parameters import GENERATOR_HELP, SETTINGS_HELP, energy_range
from nugen_gan.errors import UsageError

if TYPE_CHECKING:
    from nugen_gan.events.table import EventTable

__all__ = ["Reading", "reading_options", "show_sample", "stem"]

C = TypeVar("C", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Reading:
    """How inputs are to be read.

    Attributes
    ----------
    target, probe : which to pick from a file of several
    cross_section : companion table of sigma(E)
    generator, settings : what made the events, where the input does not tell
    format_ : of the input, if it is not to be guessed
    energy_range : neutrino energies to keep [GeV]
    no_hadrons : leave out the hadrons, so that the model is one of the lepton alone
    hadrons_from : events of the same process to learn the hadrons from, if not the inputs
    """

    target: str | None
    probe: str | None
    cross_section: Path | None
    generator: str | None
    settings: tuple[str, ...]
    format_: str | None
    energy_range: tuple[float, float] | None
    no_hadrons: bool
    hadrons_from: Path | None

    def read(self, inputs: Sequence[Path]) -> EventTable:
        """Read files as one sample."""
        return self._read([str(path) for path in inputs], self.probe, self.target)

    def read_hadrons(self, events: EventTable) -> EventTable | None:
        """Read the events to learn the hadrons from, where they are not those of the lepton."""
        if self.hadrons_from is None:
            return None
        if self.no_hadrons:
            raise UsageError("--no-hadrons and --hadrons-from exclude each other: give one of them")
        from nugen_gan.conversion.convert import read

        found = read(
            self.hadrons_from, probe=events.process.probe, target=events.process.target,
            energy_range=self.energy_range,
        )  # fmt: skip
        if found.particles is None:
            raise UsageError(f"{self.hadrons_from} has no hadrons to learn from: leptons only")
        return found

    def read_bundled(self, sample: str) -> EventTable:
        """Read a bundled sample, of one probe and target."""
        return self._read([sample], None, None)

    def _read(self, inputs: list[str], probe: str | None, target: str | None) -> EventTable:
        from nugen_gan.conversion.convert import read
        from nugen_gan.conversion.settings import read_settings

        return read(
            inputs, format=self.format_, probe=probe, target=target,
            energy_range=self.energy_range, cross_section=self.cross_section,
            generator=self.generator, settings=read_settings(*self.settings),
            hadrons=not self.no_hadrons,
        )  # fmt: skip


def reading_options(target: str, probe: str) -> Callable[[C], C]:
    """The options of :class:`Reading`, as the argument ``reading``; help of two of them."""
    return gathered(
        "reading", Reading,
        click.option("--target", help=target),
        click.option("--probe", help=probe),
        click.option(
            "--cross-section", type=click.Path(path_type=Path),
            help="Companion table of sigma(E), where the input holds none.",
        ),
        click.option("--generator", help=GENERATOR_HELP),
        click.option(
            "--settings", metavar="FILE|NAME=VALUE,...", multiple=True, help=SETTINGS_HELP
        ),
        click.option(
            "--format", "format_", help="Format of the input, if it is not to be guessed."
        ),
        click.option(
            "--energy-range", type=energy_range, metavar="LOW,HIGH",
            help="Neutrino energies to keep [GeV].",
        ),
        click.option(
            "--no-hadrons", is_flag=True, help="Learn the charged lepton alone, which is faster."
        ),
        click.option(
            "--hadrons-from", type=click.Path(path_type=Path), metavar="FILE",
            help="Events of the same process to learn the hadrons from, instead of the input's.",
        ),
    )  # fmt: skip


def show_sample(events: EventTable, of_hadrons: EventTable | None = None) -> None:
    """Print what a sample holds, and which events the hadrons are learned from, if others."""
    from nugen_gan.events.generator_settings import settings_summary

    low, high = events.energy_range()
    shares = ", ".join(f"{name} {share:.1%}" for name, share in events.channel_fractions().items())
    click.echo(f"sample          {len(events):,d} events of {events.process.name}")
    click.echo(f"energy range    {low:g} to {high:g} GeV")
    click.echo(f"channels        {shares}")
    if of_hadrons is not None:
        names = ", ".join(file.name for file in of_hadrons.provenance.files) or "other events"
        click.echo(f"hadrons         learned from {len(of_hadrons):,d} events of {names}")
    else:
        click.echo(f"hadrons         {'learned too' if events.particles is not None else 'none'}")
    if events.provenance.generator:
        click.echo(f"generator       {events.provenance.generator}")
    for name, value in settings_summary(events.provenance):
        click.echo(f"{name:<15} {value}")
    if events.cross_section is None:
        click.echo(
            "cross section   unknown: the model will know shapes only (give --cross-section FILE)"
        )
    else:
        click.echo(f"cross section   from {events.cross_section.source}")


def stem(path: Path) -> str:
    """Name of an input without what tells its format."""
    return path.name.removesuffix(".root").removesuffix(".table")
