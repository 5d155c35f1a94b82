"""The executable ``nugen-prepare``: what PrepareGENIE and PrepareNuWroEvents leave for NUISANCE."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from nugen_gan.cli.messages import paragraph
from nugen_gan.cli.program import exit_code
from nugen_gan.errors import UsageError
from nugen_gan.physics.flux import Flux
from nugen_gan.physics.process import Process
from nugen_gan_genie.found import find_events
from nugen_gan_genie.histograms import Sigma, add_histograms, per_nucleon, rate_histograms
from nugen_gan_genie.options import Given, Option, read_options, usage

__all__ = ["main"]

Floats = NDArray[np.float64]
NAME = "nugen-prepare"
GENIE_OPTIONS = (
    Option("i", "events of nugen-gevgen, gntp.RUN.ghep.root or .gst.root", "FILE"),
    Option("f", "flux, a histogram", "FILE,HIST"),
    Option("m", "one energy [GeV], instead of a flux", "E", ("M",)),
    Option("t", "target, with fractions of mass", "PDG[W],...", ("target",)),
    Option("o", "output; the input itself is never changed", "FILE"),
    Option(
        "cross-sections", "graphs of gspl2root, where the events have none", "FILE.root", ("x",)
    ),
    Option("h", "this text", also=("help",)),
)
NUWRO_OPTIONS = (
    Option("f", "taken: the flux of the file's parameters is used"),
    Option("F", "flux, a histogram, instead of that of the file", "FILE,HIST"),
    Option("o", "output; the file itself if absent", "FILE"),
    Option("h", "this text", also=("help",)),
)
PURPOSE = """\
With -i as PrepareGENIE: adds nuisance_flux, nuisance_events and nuisance_xsec to a copy.
With a file alone as PrepareNuWroEvents: adds FluxHist and EvtHist, for a file of nugen-nuwro.
NUISANCE itself reads neither file without GENIE's or NuWro's classes; nugen-nuisflat makes its
flat trees of them, which it reads."""


def main(words: Sequence[str] | None = None) -> None:
    """Run the program and exit."""
    sys.exit(exit_code(NAME, _run, words))


def _run(words: Sequence[str]) -> int:
    if not words or {"-h", "--help"} & set(words):
        click.echo(usage(NAME, f"{PURPOSE}\n\nAs PrepareGENIE:", GENIE_OPTIONS), nl=False)
        click.echo(usage(NAME, "As PrepareNuWroEvents:", NUWRO_OPTIONS, "FILE"), nl=False)
        return 0 if words else 2
    genie = any(word == "-i" or word.startswith("-i=") for word in words)
    given = read_options(words, GENIE_OPTIONS if genie else NUWRO_OPTIONS, free=not genie)
    for note in given.notes:
        click.echo(paragraph(f"note: {note}"))
    output, average = _genie(given) if genie else _nuwro(given)
    click.echo(f"flux-averaged cross section: {average:.6g}e-38 cm2 per nucleon")
    click.echo(f"written: {output}")
    return 0


def _genie(given: Given) -> tuple[Path, float]:
    from nugen_gan_genie.fluxes import histogram_of
    from nugen_gan_genie.run import read_target

    source = find_events(Path(given.required("i", "gntp.0.ghep.root")), "gst")
    output = Path(given.required("o", "prepared.root"))
    probe, inside = _probe_and_targets(source)
    mixture = read_target(given.required("t", "1000060120"))
    lacking = set(mixture.targets) - set(inside)
    if lacking:
        raise UsageError(
            f"-t {given.get('t')}: {source} has no events on {', '.join(map(str, lacking))}; it "
            f"has {', '.join(map(str, inside))}"
        )
    flux = _asked_flux(given, source)
    contents, edges = flux if flux is not None else histogram_of(_recorded_flux(source))
    graphs = Path(given.get("cross-sections") or source)
    sigma = per_nucleon(
        {
            _graph(graphs, Process(probe, target)): fraction
            for target, fraction in mixture.mass_fractions.items()
        }
    )
    density, rate = rate_histograms(contents, edges, sigma)
    with np.errstate(all="ignore"):
        ratio = np.where(density > 0.0, rate / density, 0.0)
    add_histograms(
        source, output,
        {"nuisance_flux": (density, edges), "nuisance_events": (rate, edges),
         "nuisance_xsec": (ratio, edges)},
    )  # fmt: skip
    widths = np.diff(edges)
    return output, float((rate * widths).sum() / (density * widths).sum())


def _asked_flux(given: Given, source: Path) -> tuple[Floats, Floats] | None:
    """Contents and edges [GeV] of ``-f`` or ``-m``; None where neither was given."""
    if (energy := given.get("m")) is not None:
        try:
            value = float(energy)
        except ValueError:
            value = 0.0
        if not 0.0 < value < 1e6:
            raise UsageError(f"-m {energy}: one energy in GeV is needed, as in -m 0.6")
        return np.ones(1), value * np.array([0.995, 1.005])
    words = given.get("f") or given.get("F")
    return _histogram(words) if words else None


def _histogram(words: str) -> tuple[Floats, Floats]:
    """A flux as NUISANCE takes it: contents are densities where bins differ in width."""
    from nugen_gan_genie.fluxes import histogram_of, read_flux

    found = read_flux("0,1e9", words)
    for note in found.notes:
        click.echo(paragraph(f"note: {note}"))
    return histogram_of(found.flux)


def _probe_and_targets(source: Path) -> tuple[int, tuple[int, ...]]:
    from nugen_gan.storage import root as root_io

    with root_io.open_root(source) as file:
        tree = root_io.find_tree(file, "gst")
        if tree is None:
            raise UsageError(
                f"{source} has no tree gst: give the .gst.root of nugen-gevgen, or one that "
                "nugen-gntpc -f gst has made"
            )
        probes, targets = (np.unique(tree[name].array(library="np")) for name in ("neu", "tgt"))
    if len(probes) != 1:
        raise UsageError(f"{source} has {len(probes)} kinds of neutrinos: one is needed")
    return int(probes[0]), tuple(int(target) for target in targets)


def _graph(source: Path, process: Process) -> Sigma:
    """Cross section per nucleon, straight between the points of the file's graph, zero outside."""
    from nugen_gan.adapters.genie.graphs import read_graph

    enu, sigma = read_graph(source, process)[0].points()
    return lambda energy: np.interp(energy, enu, sigma / process.a, left=0.0)


def _recorded_flux(source: Path) -> Flux:
    from nugen_gan.adapters.record import read_record
    from nugen_gan.storage import root as root_io

    with root_io.open_root(source) as file:
        record = read_record(file)
    if record is None or record.flux is None:
        raise UsageError(f"{source} does not tell its flux: give -f FILE,HISTOGRAM or -m E")
    return record.flux


def _nuwro(given: Given) -> tuple[Path, float]:
    from nugen_gan_genie.nuwro_rates import nuwro_rates

    if len(given.rest) != 1:
        raise UsageError(
            f"{len(given.rest)} files were given: name one file of NuWro's form, or -i for GENIE's"
        )
    source = Path(given.rest[0])
    words = given.get("F")
    flux = _histogram(",".join(words.split(",")[:2])) if words else None
    (density, rate), edges = nuwro_rates(source, flux)
    output = Path(given.get("o") or source)
    add_histograms(source, output, {"FluxHist": (density, edges), "EvtHist": (rate, edges)})
    widths = np.diff(edges)
    return output, float((rate * widths).sum() / (density * widths).sum())
