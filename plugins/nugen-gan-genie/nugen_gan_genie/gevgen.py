"""The command ``nugen-gevgen``: gevgen's options, and the files that scripts look for."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np

from nugen_gan import stopping
from nugen_gan.errors import NugenError, UsageError
from nugen_gan.generation.energies import follow_flux, single
from nugen_gan.generation.known_part import known_part
from nugen_gan.generation.single import generate_single
from nugen_gan.model.model import Model
from nugen_gan.model.sampler import draw_seed
from nugen_gan.physics.flux import Flux, MonoFlux
from nugen_gan.physics.process import Channel, Process, parse_probe, parse_target
from nugen_gan.storage.atomic import atomic_path
from nugen_gan_genie.by_channel import generate_channels
from nugen_gan_genie.choice import asked_channels, chosen_model
from nugen_gan_genie.flux import asked_flux
from nugen_gan_genie.words import Words, understood

__all__ = ["main", "run_command"]

USAGE = """\
usage: nugen-gevgen -n EVENTS -p PROBE -t TARGET -e E|E1,E2 [-f FLUX] [-r RUN] [-o FILE]
           [--seed S] [--tune T] [--event-generator-list L] [--cross-sections FILE]
           [--message-thresholds FILE] ...

Makes GENIE's gst and rootracker files from a model of nugen-gan.  FLUX is a formula of x, a text
file, file.root,histogram or POWERLAW:alpha.  GENIE's own ghep files need GENIE.
Also, where gevgen has no word for it:
  --cc-only      of a list with neutral currents, make the charged ones (or NUGEN_CC_ONLY=1)
  --restrict     leave out the part of the flux that the model does not know (or NUGEN_RESTRICT=1)
  --model NAME   the model to take, a folder or a bundled one
"""
FORMATS = {"gst": ".gst.root", "rootracker": ".gtrac.root"}
# Bins of the histogram of what was sampled.
BINS = 300


@dataclass(frozen=True, slots=True)
class _Job:
    """What is to be made."""

    model: Model
    events: int
    flux: Flux
    channels: tuple[Channel, ...]
    seed: int
    run: int
    stem: Path
    notes: tuple[str, ...]


def main() -> None:
    """Run the command line, and exit."""
    run_command("nugen-gevgen", USAGE, _gevgen)


def run_command(name: str, usage: str, work: Callable[[Sequence[str]], None]) -> None:
    """Call a function with the words of the command line, and exit with what became of it."""
    words = sys.argv[1:]
    with stopping.raised():
        try:
            if set(words) & {"-h", "--help"}:
                click.echo(usage, nl=False)
            else:
                work(words)
            code = 0
        except NugenError as error:
            click.echo(f"{name}: error: {error}", err=True)
            code = error.exit_code
        except KeyboardInterrupt as error:
            click.echo(f"{name}: interrupted", err=True)
            code = error.exit_code if isinstance(error, stopping.Stopped) else 130
    sys.exit(code)


def _gevgen(words: Sequence[str]) -> None:
    job = _job(understood(words))
    status = job.stem.with_name(f"{job.stem.name}.status")
    plan = single(job.flux.energy) if isinstance(job.flux, MonoFlux) else follow_flux(
        job.flux, job.model.cross_section, "flux"
    )  # fmt: skip
    files = []
    for format_, suffix in FORMATS.items():
        file = job.stem.with_name(job.stem.name + suffix)
        if job.channels:
            chosen = generate_channels(
                job.model, job.events, file, plan, job.channels, job.seed, format_
            )
            average = chosen.flux_average
        else:
            done = generate_single(
                job.model, file, job.events, plan, seed=job.seed, output_format=format_,
                overwrite=True,
            )  # fmt: skip
            average = done.flux_average
        files.append(file)
    _write_flux(job)
    with atomic_path(status) as path:
        path.write_text(f"run {job.run}: {job.events} events of {job.events}, finished\n", "utf-8")
    _tell(job, files, average, status)


def _job(given: Words) -> _Job:
    notes: list[str] = []
    cc_only = "--cc-only" in given.flags or os.environ.get("NUGEN_CC_ONLY", "0") != "0"
    restrict = "--restrict" in given.flags or os.environ.get("NUGEN_RESTRICT", "0") != "0"
    probe = _probe(given.needed("probe", "a neutrino, -p 14"))
    target = _target(given.needed("target", "a target, -t 1000060120"))
    energy = given.needed("energy", "an energy, -e 1 or -e 0.5,5")
    events, run = (_whole(given, name, default) for name, default in (("events", 100), ("run", 0)))
    seed = _whole(given, "seed", -1)
    # What GENIE makes without a list of event generators is more than charged currents.
    names = given.get("generators") or "Default"
    channels = asked_channels(names, cc_only=cc_only, notes=notes)
    model = chosen_model(Process(probe, target), given.get("tune"), given.get("model"), notes)
    flux = asked_flux(energy, given.get("flux"), probe, notes)
    part = known_part(
        flux, model, restrict=restrict,
        how="Leave that part of the flux out with --restrict, or change -e",
    )  # fmt: skip
    if part.below_threshold > 1e-9:
        notes.append(f"{part.below_threshold:.2%} of the flux is below the threshold of the lepton")
    if part.below + part.above > 1e-9:
        notes.append(f"{part.below + part.above:.2%} of the flux, outside of the model's energies, "
                     "was left out")  # fmt: skip
    if given.get("splines"):
        notes.append("--cross-sections is passed over: the model has its own cross section")
    stem = Path(given.get("output") or f"gntp.{run}")
    for suffix in (".root", ".ghep", ".gst", ".gtrac"):
        stem = stem.with_name(stem.name.removesuffix(suffix) or stem.name)
    return _Job(model, events, part.flux, channels, draw_seed() if seed < 0 else seed, run,
                stem, tuple(notes))  # fmt: skip


def _probe(text: str) -> int:
    if "," in text:
        raise UsageError(f"-p {text}: a model is of one neutrino: run once for each")
    return parse_probe(text)


def _target(text: str) -> int:
    if "[" in text or "," in text:
        parts = [part.split("[")[0] for part in text.split(",")]
        if len(set(parts)) > 1:
            raise UsageError(
                f"-t {text}: events of each nucleus come from a model of its own: nugen-gan "
                "generate --target makes a file of each, or run once for each"
            )
        text = parts[0]
    return parse_target(text)


def _whole(given: Words, name: str, default: int) -> int:
    text = given.get(name)
    try:
        return default if text is None else int(text)
    except ValueError:
        raise UsageError(f"{name} {text!r}: a whole number is needed") from None


def _write_flux(job: _Job) -> None:
    """Write ``input-flux.root`` with the flux that was sampled, as gevgen leaves it."""
    if isinstance(job.flux, MonoFlux):
        return
    from nugen_gan.storage import root as root_io

    edges = np.linspace(0.0, job.flux.energy_range[1], BINS + 1)
    place = job.stem.with_name("input-flux.root")
    with atomic_path(place) as path, root_io.recreate(path) as file:
        file["spectrum"] = (job.flux.fractions(edges), edges)


def _tell(job: _Job, files: Sequence[Path], average: float | None, status: Path) -> None:
    from nugen_gan._version import __version__

    model = job.model
    click.echo(f"nugen-gevgen (nugen-gan {__version__}, model {model.name}, which learned from "
               f"{model.training.get('generator', 'a generator')}): not GENIE itself")  # fmt: skip
    for note in job.notes:
        click.echo(f"note: {note}")
    click.echo(f"{job.events} events of {model.process.name}, seed {job.seed}")
    if average is not None:
        click.echo(f"cross section {average:.6g} cm2 per nucleus")
    click.echo(f"written: {' and '.join(map(str, files))}, {status}")
    click.echo("a ghep file is GENIE's own and cannot be written without it")
