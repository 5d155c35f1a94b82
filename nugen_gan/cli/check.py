"""``nugen-gan check``: tell whether a NuHepMC file keeps the conventions."""

from __future__ import annotations

import json

import click

__all__ = ["check"]


@click.command()
@click.argument("file")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def check(file: str, as_json: bool) -> None:
    """Check a NuHepMC file against the conventions of NuHepMC 1.0.

    Every convention is listed as met, missing or not applicable, with the reason and the first
    event and line where it is missing. The exit code is 0 only if all required ones are met.
    """
    from nugen_gan.adapters.nuhepmc import check as nuhepmc_check

    report = nuhepmc_check.check(file)
    click.echo(json.dumps(report.as_dict(), indent=2) if as_json else str(report))
    if not report.conforms:
        click.get_current_context().exit(1)
