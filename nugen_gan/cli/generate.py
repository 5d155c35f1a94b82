"""``nugen-gan generate``."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nugen_gan.cli.parameters import energy
from nugen_gan.errors import UsageError

if TYPE_CHECKING:
    from nugen_gan.energies import EnergyPlan
    from nugen_gan.model import Model

__all__ = ["generate"]


@click.command(context_settings={"show_default": True})
@click.argument("model")
@click.option(
    "-n",
    "--events",
    type=click.IntRange(1),
    help="Number of events.  [default: 100,000, or as many as --like has]",
)
@click.option(
    "-e",
    "--energy",
    type=energy,
    metavar="E | LOW,HIGH",
    help="One neutrino energy, or a range of uniform ones [GeV].",
)
@click.option(
    "-f",
    "--flux",
    help="uniform, powerlaw:ALPHA, FILE.root,HISTOGRAM[,WIDTH|NOWIDTH], or a text file "
    "'E_low E_high flux': events follow flux times sigma(E).  --energy LOW,HIGH "
    "restricts it.",
)
@click.option(
    "--like",
    type=click.Path(path_type=Path),
    help="Event file whose neutrino energies to take, in order.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="File to write.  [default: MODEL.events.root]",
)
@click.option(
    "--format",
    "--output-format",
    "output_format",
    help="Dialect to write; see nugen-gan formats.  [default: by the suffix]",
)
@click.option("--seed", type=click.IntRange(0), help="Of all random numbers.  [default: drawn]")
@click.option(
    "--chunk",
    type=click.IntRange(1),
    default=1 << 18,
    help="Events in memory at a time; does not change them.",
)
@click.option(
    "--allow-extrapolation", is_flag=True, help="Permit energies outside the model's range."
)
def generate(model: str, **given: Any) -> None:
    """Generate events with MODEL: a model folder, or the name of a bundled model.

    \b
      nugen-gan generate numu_cc_C12 -n 100000 --energy 1
      nugen-gan generate numu_cc_C12 -n 100000 --energy 0.2,10
      nugen-gan generate numu_cc_C12 -n 100000 --energy 0.2,10 --flux powerlaw:1
      nugen-gan generate numu_cc_C12 -n 100000 --flux flux.root,numu
      nugen-gan generate numu_cc_C12 --like nuwro.table.root

    With --energy LOW,HIGH alone the energies of the events are uniform; for a uniform flux, which
    the cross section weights, add --flux uniform.
    """  # fmt: skip
    started = time.monotonic()
    from nugen_gan.cli.progress import counting
    from nugen_gan.generation import generate as generate_events
    from nugen_gan.model import load_model

    loaded = load_model(model)
    plan = _plan(loaded, given)
    n = given["events"] or (100_000 if plan.given is None or not given["like"] else len(plan.given))
    output = given["output"] or Path(f"{loaded.name}.events.root")
    with counting("generating", n) as progress:
        result = generate_events(
            loaded,
            output,
            n,
            plan,
            seed=given["seed"],
            output_format=given["output_format"],
            chunk=given["chunk"],
            allow_extrapolation=given["allow_extrapolation"],
            progress=progress,
        )
    seconds = time.monotonic() - started
    click.echo(f"model          {loaded.name} ({loaded.process.name})")
    click.echo(f"energies       {result.energies}")
    click.echo(f"seed           {result.seed}")
    if result.flux_average is not None:
        click.echo(f"cross section  {result.flux_average:.6g} cm2 per nucleus, flux-averaged")
    click.echo(f"events         {n:,d} in {seconds:.1f} s ({n / seconds:,.0f} per second)")
    click.echo(f"written        {result.path} ({result.format})")


def _plan(model: Model, given: dict[str, Any]) -> EnergyPlan:
    from nugen_gan import energies

    energy, flux, table = given["energy"], given["flux"], given["like"]
    if table is not None and (energy or flux):
        raise UsageError("--like takes the energies from a file: leave out --energy and --flux")
    if table is not None:
        return energies.like(_energies_of(table, model), table.name)
    if flux is not None:
        return _follow(model, flux, energy)
    if energy is None:
        low, high = model.energy_range
        raise UsageError(
            "which neutrino energies? Give --energy E or LOW,HIGH, --flux, or --like FILE. "
            f"{model.name} knows {low:g} to {high:g} GeV"
        )
    _check_unit(energy, model)
    return energies.single(energy[0]) if len(energy) == 1 else energies.uniform(*energy)


def _follow(model: Model, flux: str, energy: tuple[float, ...] | None) -> EnergyPlan:
    from nugen_gan import energies
    from nugen_gan.flux_input import parse_flux

    if energy is not None and len(energy) == 1:
        raise UsageError("--flux needs a range of energies, --energy LOW,HIGH, or none")
    shape = flux.lower().startswith(("uniform", "powerlaw"))
    limits = (energy[0], energy[1]) if energy else model.energy_range if shape else None
    if limits:
        _check_unit(limits, model)
    parsed = parse_flux(flux, limits)
    low, high = parsed.energy_range
    known_low, known_high = model.energy_range
    if low < known_low * (1 - 1e-6) or high > known_high * (1 + 1e-6):
        inside = float(parsed.fractions([known_low, known_high]).sum())
        raise UsageError(
            f"the flux spans {low:g} to {high:g} GeV, the model {model.name} knows "
            f"{known_low:g} to {known_high:g} GeV, where {inside:.2%} of the flux lies. Restrict "
            f"it with --energy {max(low, known_low):g},{min(high, known_high):g}"
        )
    return energies.follow_flux(parsed, model.cross_section, f"flux {flux}")


def _energies_of(path: Path, model: Model) -> Any:
    from nugen_gan.conversion import read

    process = model.process
    return read(path, probe=process.probe, target=process.target).enu


def _check_unit(energy: tuple[float, ...], model: Model) -> None:
    """Energies that fit the model only after division by 1000 were meant in MeV."""
    low, high = model.energy_range
    if all(low <= value / 1000 <= high for value in energy) and max(energy) > high:
        shown = ",".join(f"{value / 1000:g}" for value in energy)
        raise UsageError(
            f"energies are in GeV here, and {model.name} knows {low:g} to {high:g} GeV. "
            f"If you meant MeV, write --energy {shown}"
        )
