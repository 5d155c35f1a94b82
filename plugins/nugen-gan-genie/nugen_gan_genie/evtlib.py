"""The executable ``nugen-evtlib``: a library of events that GENIE itself replays."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from nugen_gan.cli.messages import paragraph
from nugen_gan.cli.program import exit_code
from nugen_gan.errors import UsageError
from nugen_gan.physics.process import Process
from nugen_gan_genie.models import ACCEPT
from nugen_gan_genie.options import Option, read_options, usage

__all__ = ["main"]

NAME = "nugen-evtlib"
OPTIONS = (
    Option("p", "neutrino, PDG code", "PDG", ("probe",)),
    Option("t", "nucleus, PDG code", "PDG", ("target",)),
    Option("n", "number of events", "N"),
    Option("e", "range of energies [GeV], in which they are uniform; the model's if absent",
           "MIN,MAX", ("energy",)),
    Option("o", "library to write", "FILE", ("output",)),
    Option("seed", "of all random numbers; drawn if absent", "N"),
    Option("tune", "to be compared with the model's", "NAME"),
    Option("accept-tune", "take a model of another tune or generator", variable=ACCEPT),
    Option("model", "a model of nugen-gan, or its folder", "NAME", many=True),
    Option("h", "this text", also=("help",)),
)  # fmt: skip
PURPOSE = """\
Makes a library of events for GENIE's EvtLib, which gevgen, gevgen_fnal and others replay through
their own flux and geometry: the way from a model to beam simulations and detectors."""


def main(words: Sequence[str] | None = None) -> None:
    """Run the program and exit."""
    sys.exit(exit_code(NAME, _run, words))


def _run(words: Sequence[str]) -> int:
    given = read_options(words, OPTIONS)
    if "h" in given or not words:
        click.echo(usage(NAME, PURPOSE, OPTIONS), nl=False)
        return 0 if words else 2
    from nugen_gan.cli.progress import TerminalMonitor
    from nugen_gan.generation.generate import generate
    from nugen_gan_genie.fluxes import read_range
    from nugen_gan_genie.models import choose_models
    from nugen_gan_genie.run import read_probe, read_target

    probe, mixture = read_probe(given.required("p", "14")), read_target(given.required("t", "Ar"))
    if len(mixture.targets) > 1:
        raise UsageError(
            f"-t {given.get('t')}: a library is of one nucleus; make one for each, and GENIE "
            "mixes them as its geometry demands"
        )
    process = Process(probe, mixture.targets[0])
    chosen = choose_models(
        {process: "all of the library"}, given.get("tune"), given.lists.get("model", ()),
        accept="accept-tune" in given,
    )[process]  # fmt: skip
    energies = read_range(given.get("e") or ",".join(map(str, chosen.model.energy_range)))
    if len(energies) != 2:
        raise UsageError(f"-e {given.get('e')}: a library needs a range, as in -e 0.2,10")
    output = Path(given.get("o") or f"{process.name}.evtlib.root")
    click.echo(paragraph(f"model: {chosen}"))
    if chosen.warning:
        click.echo(paragraph(f"WARNING: {chosen.warning}"), err=True)
    seed = given.whole("seed") if "seed" in given else None
    done = generate(
        chosen.model, given.whole("n"), output, energy=energies, seed=seed,
        output_format="evtlib", overwrite=True, monitor=TerminalMonitor(),
    )  # fmt: skip
    click.echo(f"seed: {done.seed}\nwritten: {output}")
    return 0
