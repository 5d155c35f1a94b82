"""The executable ``nugen-gevgen``."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence

import click

from nugen_gan.cli.messages import paragraph
from nugen_gan.cli.program import exit_code
from nugen_gan_genie.lists import CC_ONLY
from nugen_gan_genie.models import ACCEPT
from nugen_gan_genie.options import Option, read_options, usage

__all__ = ["OPTIONS", "main"]

NAME = "nugen-gevgen"
SPLINES = "the cross section is the model's own"
LOGS = "there are no messages of GENIE's"
OPTIONS = (
    Option("n", "number of events", "N"),
    Option("p", "neutrino, PDG code: 14, -14, ...", "PDG", ("probe",)),
    Option("t", "nucleus or mixture by mass, 1000060120[0.9231],1000010010[0.0769]", "PDG[W],...",
           ("target",)),
    Option("e", "energy or range of energies [GeV]", "E | MIN,MAX", ("energy",)),
    Option("f", "flux: FILE.root,HIST[,WIDTH|NOWIDTH], a function of x, FILE.txt, POWERLAW:ALPHA",
           "FLUX", ("flux",)),
    Option("r", "number of the run, for the names of files", "N", ("run",)),
    Option("o", "name of the output, whose stem is used", "FILE", ("output",)),
    Option("seed", "of all random numbers; drawn if absent", "N", ("random-seed",)),
    Option("tune", "to be compared with the model's", "NAME"),
    Option("event-generator-list", "CC, CCQE, CCMEC, CCRES, CCDIS, CCCOH, Default, sums of them",
           "NAME"),
    Option("cross-sections", "taken, not read", "FILE", ("xsec",), SPLINES),
    Option("cc-only", "of a list with neutral currents make the charged ones", variable=CC_ONLY),
    Option("accept-tune", "take a model of another tune or generator", variable=ACCEPT),
    Option("allow-extrapolation", "permit a flux beyond the energies of the model",
           variable="NUGEN_ALLOW_EXTRAPOLATION"),
    Option("model", "a model of nugen-gan, or its folder", "NAME", many=True),
    Option("no-hadrons", "make the charged lepton alone, which is faster"),
    Option("F", "direction of the beam: 0,0,1 only", "X,Y,Z"),
    Option("message-thresholds", "taken, not read", "FILE", ("message-threshold",), LOGS),
    Option("event-record-print-level", "taken", "N", ignored=LOGS),
    Option("mc-job-status-refresh-rate", "taken", "N", ignored="the status is written at the end"),
    Option("cache-file", "taken", "FILE", ignored="there is no cache"),
    Option("xml-path", "taken", "PATH", ignored="no files of GENIE's are read"),
    Option("unphysical-event-mask", "taken", "BITS", ignored="there are no unphysical events"),
    Option("enable-bare-xsec-pre-calc", "taken", ignored=SPLINES),
    Option("disable-bare-xsec-pre-calc", "taken", ignored=SPLINES),
    Option("w", "refused: events have no weights", also=("weighted",)),
    Option("force-flux-ray-interaction", "refused: events have no weights"),
    Option("h", "this text", also=("help",)),
)  # fmt: skip
PURPOSE = """\
GENIE's gevgen, with models of nugen-gan.  Writes gntp.RUN.gst.root and gntp.RUN.gtrac.root, a
.status file and input-flux.root; ghep files only GENIE itself can write."""


def main(words: Sequence[str] | None = None) -> None:
    """Run the program and exit: 0, 1 (failed), 2 (cannot be done), 130 (Ctrl-C)."""
    sys.exit(exit_code(NAME, _run, words))


def _run(words: Sequence[str]) -> int:
    given = read_options(words, OPTIONS)
    if "h" in given or not words:
        click.echo(usage(NAME, PURPOSE, OPTIONS), nl=False)
        return 0 if words else 2
    from nugen_gan.cli.progress import TerminalMonitor
    from nugen_gan_genie.run import carry_out, prepare

    run = prepare(given)
    for chosen in run.chosen:
        click.echo(paragraph(f"model: {chosen}"))
        if chosen.warning:
            click.echo(paragraph(f"WARNING: {chosen.warning}"), err=True)
    click.echo(paragraph(f"flux: {run.flux.label}"))
    for note in run.notes:
        click.echo(paragraph(f"note: {note}"))
    click.echo(f"seed: {run.blend.seed}")
    started = time.monotonic()
    carry_out(run, TerminalMonitor())
    seconds = max(time.monotonic() - started, 1e-3)
    click.echo(f"{run.blend.events:,d} events in {seconds:.1f} s")
    for component, count in zip(run.blend.components, run.blend.counts, strict=True):
        sigma = component.flux_average / 1e-38
        click.echo(
            f"  {component.model.process}: {count:,d} events, {sigma:.6g}e-38 cm2 per nucleus"
        )
    click.echo(f"cross section: {run.blend.per_nucleon / 1e-38:.6g}e-38 cm2 per nucleon")
    click.echo(f"written: {', '.join(str(path) for path in run.files)}")
    click.echo(
        paragraph(
            f"{run.files.ghep} is not written: only GENIE can write ghep. What gntpc would make of "
            "it, gst and rootracker, is there; nugen-gntpc gives these other names"
        )
    )
    return 0
