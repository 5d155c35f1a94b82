"""``nugen-gan generate``."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nugen_gan.cli.outputs import Echo, agreed, note_leftovers, verb_echo
from nugen_gan.cli.parameters import Count, OutputFile, overwrite_option
from nugen_gan.cli.parameters import energy as energy_type
from nugen_gan.cli.parts import Parts, parts_options, produce
from nugen_gan.cli.progress import TerminalMonitor
from nugen_gan.stopping import PARENT, end_with_parent

if TYPE_CHECKING:
    from nugen_gan.generation.generate import Generation
    from nugen_gan.generation.single import Generated

__all__ = ["generate"]


# More than anybody has room for.
MOST_EVENTS = 10**15


@click.command(context_settings={"show_default": True})
@click.argument("models", metavar="[MODEL]...", nargs=-1)
@click.option(
    "-t",
    "--target",
    help="A nucleus, a molecule such as CH or H2O, or fractions of mass such as "
    "'C12[0.857],H1[0.143]'; needs a model of each nucleus.  [default: that of MODEL]",
)
@click.option("-p", "--probe", help="Neutrino of the bundled models to use: numu, numubar, ...")
@click.option(
    "-n",
    "--events",
    type=Count(1, MOST_EVENTS),
    help="Number of events: 100000, 1e5, 100k.  [default: 100,000, or as many as --like has]",
)
@click.option(
    "-e",
    "--energy",
    type=energy_type,
    metavar="E | LOW,HIGH",
    help="One neutrino energy, or a range of uniform ones [GeV].",
)
@click.option(
    "-f",
    "--flux",
    help="uniform, powerlaw:ALPHA, mono:E, FILE.root[,HISTOGRAM][,WIDTH|NOWIDTH][,GEV|MEV], "
    "NuWro's 'E1 E2 b1 b2 ...' (MeV), or a text file: rows 'E_low E_high flux', rows 'E flux', "
    "columns of several neutrinos (FILE[,COLUMN]), NuWro's beam parameters.  Events follow flux "
    "times sigma(E).  --energy LOW,HIGH restricts it.",
)
@click.option(
    "--like",
    type=click.Path(path_type=Path),
    help="Event file whose neutrino energies to take, in order.",
)
@click.option(
    "-o",
    "--output",
    type=OutputFile(path_type=Path),
    help="File to write; for several nuclei one each, NAME.PROCESS.SUFFIX.  A - is standard "
    "output, for formats of plain text.  "
    "[default: MODEL.events.root, MODEL.replicaK.events.root]",
)
@click.option(
    "--format",
    "--output-format",
    "output_format",
    help="Format to write; see nugen-gan formats.  [default: by the suffix]",
)
@click.option("--seed", type=click.IntRange(0), help="Of all random numbers.  [default: drawn]")
@click.option(
    "--chunk",
    type=Count(1),
    default=1 << 18,
    help="Events in memory at a time; does not change them.",
)
@click.option(
    "--allow-extrapolation", is_flag=True, help="Permit energies outside the model's range."
)
@click.option(
    "--replica",
    type=int,
    metavar="K",
    help="Use bootstrap replica K of MODEL: the scatter of the replicas is its uncertainty.",
)
@click.option("--no-hadrons", is_flag=True, help="Make the charged lepton alone, which is faster.")
@click.option(
    "--no-fast",
    is_flag=True,
    help="Make events of the model's networks themselves, not of the fast sampler that has "
    "learned from them: the reference, a hundred times as slow.",
)
@parts_options
@overwrite_option
@click.option("--yes", is_flag=True, help="Go on without a question above an hour or 10 GB.")
def generate(
    models: tuple[str, ...],
    target: str | None,
    probe: str | None,
    events: int | None,
    energy: tuple[float, ...] | None,
    flux: str | None,
    like: Path | None,
    output: Path | None,
    output_format: str | None,
    seed: int | None,
    chunk: int,
    allow_extrapolation: bool,
    replica: int | None,
    no_hadrons: bool,
    no_fast: bool,
    parts: Parts,
    overwrite: bool,
    yes: bool,
) -> None:
    """Generate events with MODEL: a model folder, or the name of a bundled model.

    \b
      nugen-gan generate numu_cc_C12 -n 100000 --energy 1
      nugen-gan generate numu_cc_C12 -n 100000 --energy 0.2,10
      nugen-gan generate numu_cc_C12 -n 100000 --energy 0.2,10 --flux powerlaw:1
      nugen-gan generate numu_cc_C12 -n 100000 --flux flux.root,numu
      nugen-gan generate numu_cc_C12 --like nuwro.table.root
      nugen-gan generate numu_cc_C12 my_oxygen --target CO2 --flux flux.root,numu
      nugen-gan generate numu_cc_C12 -n 1e9 --energy 1 --seed 1 --shard 3/1000
      nugen-gan generate numu_cc_C12 -n 1e9 --energy 1 --parts 100 --workers 8

    With --energy LOW,HIGH alone the energies of the events are uniform; for a uniform flux, which
    the cross section weights, add --flux uniform.
    """  # fmt: skip
    from nugen_gan.generation.generate import generate as generate_events
    from nugen_gan.storage.atomic import is_stream

    if parent := os.environ.pop(PARENT, None):
        end_with_parent(int(parent))
    asked: dict[str, Any] = {
        "model": models, "events": events, "energy": energy, "flux": flux, "like": like,
        "target": target, "probe": probe, "replica": replica, "hadrons": not no_hadrons,
        "fast": not no_fast, "output_format": output_format,
        "allow_extrapolation": allow_extrapolation,
    }  # fmt: skip
    part = parts.part()
    if parts.many:
        names = "_".join(Path(name).name for name in models) or f"{probe}_{target}"
        where = output or Path(f"{names}.events.root")
        produce(parts, asked, _words(asked, chunk), where, seed, overwrite=overwrite, yes=yes)
        return
    started = time.monotonic()
    if output is not None:
        note_leftovers(output)
    keeps = output is None or not is_stream(output)
    done = generate_events(
        output=output, seed=seed, shard=part, workers=parts.workers or 1, resume=parts.resume,
        chunk=chunk, overwrite=overwrite, monitor=TerminalMonitor(),
        estimated=agreed(yes=yes, keeps=keeps), command=["nugen-gan", *sys.argv[1:]], **asked,
    )  # fmt: skip
    seconds = time.monotonic() - started
    echo = verb_echo(output)
    _show(done, echo)
    rate = f"{done.events / seconds:,.0f} per second"
    echo(f"events         {done.events:,d} in {seconds:.1f} s ({rate})")


def _words(asked: Mapping[str, Any], chunk: int) -> list[str]:
    """The command of a part, but for which one it is, seed and output."""
    energy = asked["energy"]
    options = {
        "--target": asked["target"], "--probe": asked["probe"], "--events": asked["events"],
        "--energy": None if energy is None else ",".join(map(repr, energy)),
        "--flux": asked["flux"], "--like": asked["like"], "--format": asked["output_format"],
        "--chunk": chunk, "--replica": asked["replica"],
    }  # fmt: skip
    flags = {
        "--allow-extrapolation": asked["allow_extrapolation"],
        "--no-hadrons": not asked["hadrons"], "--no-fast": not asked["fast"],
    }  # fmt: skip
    words = [*asked["model"]]
    for name, value in options.items():
        words += [] if value is None else [name, str(value)]
    return words + [name for name, wanted in flags.items() if wanted]


def _show(done: Generation, echo: Echo) -> None:
    """Say what was generated, and where it is."""
    whole = all(file.whole for file in done.files)
    if done.mixture:
        echo(f"target         {done.mixture.name} ({done.mixture})")
    else:
        echo(f"model          {_named(done.files[0])}")
    echo(f"events are     {'whole, with their hadrons' if whole else 'charged leptons alone'}")
    echo(f"energies       {done.energies}")
    for note in done.notes:
        echo(f"flux           {note}")
    echo(f"seed           {done.seed}")
    if done.reuse:
        echo(f"note           {done.reuse}")
    if done.flux_average is not None:
        unit = "nucleus"
        if done.mixture:
            unit = "atom, on average" if done.mixture.by_mass else "molecule"
        echo(
            f"cross section  {done.flux_average:.6g} cm2 per {unit} "
            f"({done.per_nucleon:.6g} per nucleon), averaged over these energies"
        )
    for file in done.files:
        if done.mixture:
            echo(f"model          {_named(file)}: {file.events:,d} events")
        what = "complete       " if file.kept else "written        "
        echo(f"{what}{file.path} ({file.format})")


def _named(file: Generated) -> str:
    which = f", bootstrap replica {file.replica}" if file.replica else ""
    return f"{file.model} ({file.process.name}){which}"
