"""``nugen-gan xsec``: the cross section of a model or of events, for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nugen_gan.cli.parameters import overwrite_option

if TYPE_CHECKING:
    from nugen_gan.physics.cross_section import CrossSection
    from nugen_gan.physics.process import Process

__all__ = ["xsec"]


@click.command()
@click.argument("what", metavar="MODEL_OR_FILE")
@click.option(
    "-o", "--output", metavar="OUT",
    help="*.root: a graph as GENIE's gspl2root makes it; *.txt: a table. Printed if absent.",
)  # fmt: skip
@click.option("--probe", metavar="NAME", help="Of events: this neutrino: numu, numubar, 14, ...")
@click.option("--target", metavar="NAME", help="Of events: this nucleus: C12, Ar, ...")
@click.option(
    "--cross-section", metavar="FILE",
    help="Take sigma(E) of the events from this file: GENIE splines (XML), gspl2root, text.",
)  # fmt: skip
@overwrite_option
def xsec(
    what: str,
    output: str | None,
    probe: str | None,
    target: str | None,
    cross_section: str | None,
    overwrite: bool,
) -> None:
    """Write the cross section sigma(E) of a model or of a file of events.

    The ROOT file has the graph <probe>_<target>/tot_cc, GeV against 1e-38 cm2 per nucleus, such
    as nu_mu_C12/tot_cc.
    """
    from nugen_gan.adapters.cross_sections import text_table, write_cross_section
    from nugen_gan.storage.atomic import check_output, is_stream, open_stream, refuse_inputs

    to_stream = output is not None and is_stream(output)
    if output is not None and not to_stream:
        refuse_inputs(output, [what, *([cross_section] if cross_section else [])])
        check_output(output, overwrite=overwrite)
    process, sigma = _of_model(what) or _of_events(what, probe, target, cross_section)
    if output is None:
        click.echo(text_table(process, sigma), nl=False)
        return
    if to_stream:
        with open_stream(output) as stream:
            stream.write(text_table(process, sigma).encode())
        return
    write_cross_section(output, process, sigma, overwrite=overwrite)
    click.echo(f"{process.name}: {sigma.extent} ({sigma.source})")
    click.echo(f"written: {output}")


def _of_model(name: str) -> tuple[Process, CrossSection] | None:
    """Process and cross section of a model; None if the name is none of a model."""
    from nugen_gan.errors import UsageError
    from nugen_gan.model.folder import find_model, is_model, read_description
    from nugen_gan.physics.cross_section import CrossSection
    from nugen_gan.physics.process import Process

    path = Path(name)
    if not (path.is_dir() or (not path.exists() and is_model(name))):
        return None
    record = read_description(find_model(name))
    if record["cross_section"] is None:
        raise UsageError(
            f"the model {name} has no cross section: the events it learned from had none. Train "
            "it on events with one (convert with --cross-section)."
        )
    process = Process(record["process"]["probe"], record["process"]["target"])
    return process, CrossSection.from_dict(record["cross_section"])


def _of_events(
    name: str, probe: str | None, target: str | None, cross_section: str | None
) -> tuple[Process, CrossSection]:
    from nugen_gan.conversion.sample import Sample
    from nugen_gan.errors import UsageError

    sample = Sample([name], cross_section=cross_section)
    picked = sample.pick(probe, target)
    if len(picked) > 1:
        raise UsageError(
            f"{name} holds {len(picked)} processes: {sample.listing()}. Pick one with --probe "
            "and --target."
        )
    sigma = sample.cross_section(picked[0])
    if sigma is None:
        raise UsageError(
            f"{name} does not tell the cross section of {picked[0].name}. Give it with "
            "--cross-section, from GENIE's splines, a gspl2root file or a text table."
        )
    return picked[0], sigma
