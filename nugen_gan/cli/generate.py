"""``nugen-gan generate``."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nugen_gan.cli.energy_plan import energy_plans
from nugen_gan.cli.outputs import Echo, agreed, note_leftovers, verb_echo
from nugen_gan.cli.parameters import Count, OutputFile, energy, overwrite_option
from nugen_gan.errors import UsageError

if TYPE_CHECKING:
    from nugen_gan.generation.generate import Generated
    from nugen_gan.model.model import Model
    from nugen_gan.physics.targets import TargetMixture

__all__ = ["generate"]


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
    type=Count(1),
    help="Number of events: 100000, 1e5, 100k.  [default: 100,000, or as many as --like has]",
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
    help="Dialect to write; see nugen-gan formats.  [default: by the suffix]",
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
@overwrite_option
@click.option("--yes", is_flag=True, help="Go on without a question above an hour or 10 GB.")
def generate(models: tuple[str, ...], target: str | None, probe: str | None, **given: Any) -> None:
    """Generate events with MODEL: a model folder, or the name of a bundled model.

    \b
      nugen-gan generate numu_cc_C12 -n 100000 --energy 1
      nugen-gan generate numu_cc_C12 -n 100000 --energy 0.2,10
      nugen-gan generate numu_cc_C12 -n 100000 --energy 0.2,10 --flux powerlaw:1
      nugen-gan generate numu_cc_C12 -n 100000 --flux flux.root,numu
      nugen-gan generate numu_cc_C12 --like nuwro.table.root
      nugen-gan generate numu_cc_C12 my_oxygen --target CO2 --flux flux.root,numu

    With --energy LOW,HIGH alone the energies of the events are uniform; for a uniform flux, which
    the cross section weights, add --flux uniform.
    """  # fmt: skip
    started = time.monotonic()
    if given["output"] is not None:
        _check_output(given, target)
    mixture, loaded = _models(models, target, probe)
    if len(loaded) == 1:
        count = _single(_replica(loaded[0], given["replica"]), given)
    elif given["replica"] is not None:
        raise UsageError("--replica was given; it is for a single model, not for several nuclei")
    else:
        assert mixture is not None
        count = _mixture(mixture, loaded, given)
    seconds = time.monotonic() - started
    echo = verb_echo(given["output"])
    echo(f"events         {count:,d} in {seconds:.1f} s ({count / seconds:,.0f} per second)")


def _models(
    names: Sequence[str], target: str | None, probe: str | None
) -> tuple[TargetMixture | None, list[Model]]:
    """The target, if it was named, and a model of each of its nuclei."""
    from nugen_gan.generation.models import check_probe, listed_models, models_for
    from nugen_gan.model.model import load_model
    from nugen_gan.physics.process import parse_probe
    from nugen_gan.physics.targets import parse_mixture

    wanted = None if probe is None else parse_probe(probe)
    given = [load_model(name) for name in names]
    if target is None and len(given) == 1:
        check_probe(given[0], wanted)
        return None, given
    if target is None:
        raise UsageError(
            f"{len(names)} models were given: give one, or name the target of several, or "
            "of bundled ones with their --probe, as in --target CH --probe numu. Bundled are "
            f"{listed_models() or 'none'}"
        )
    mixture = parse_mixture(target)
    chosen = models_for(mixture, given, wanted)
    return mixture, list(chosen.values())


def _replica(model: Model, number: int | None) -> Model:
    return model if number is None else model.replica(number)


def _single(model: Model, given: dict[str, Any]) -> int:
    """Events of one model in one file; returns their number."""
    from nugen_gan.cli.progress import counting
    from nugen_gan.generation.generate import generate as generate_events

    (plan,) = energy_plans([model], given)
    n: int = given["events"] or (len(plan.given) if given["like"] and plan.given is not None
                                 else 100_000)  # fmt: skip
    suffix = f".replica{model.replica_number}" if model.replica_number else ""
    output = given["output"] or Path(f"{model.name}{suffix}.events.root")
    note_leftovers(output)
    with counting("generating", n, at_once=False) as progress:
        result = generate_events(
            model, output, n, plan, progress=progress, **_passed_on(given)
        )  # fmt: skip
    echo = verb_echo(output)
    which = f", bootstrap replica {model.replica_number}" if model.replica_number else ""
    echo(f"model          {model.name} ({model.process.name}){which}")
    _print_energies(echo, result.energies, plan.notes, result.seed)
    if reused := plan.reuse(n) if given["like"] else "":
        echo(f"note           {reused}")
    if result.flux_average is not None:
        echo(
            f"cross section  {result.flux_average:.6g} cm2 per nucleus "
            f"({result.flux_average / model.process.a:.6g} per nucleon), flux-averaged"
        )
    _print_written(echo, result)
    return n


def _mixture(mixture: TargetMixture, models: Sequence[Model], given: dict[str, Any]) -> int:
    """Events on several nuclei, a file of each; returns their number."""
    from nugen_gan.cli.progress import counting
    from nugen_gan.generation.mixture import generate_mixture

    plans = energy_plans(models, given)
    n: int = given["events"] or 100_000
    nuclei = "_".join(model.process.target_name for model in models)
    output = given["output"] or Path(f"{nuclei}.events.root")
    by_target = dict(zip(mixture.targets, models, strict=True))
    with counting("generating", n, at_once=False) as progress:
        result = generate_mixture(
            by_target, mixture, output, n, dict(zip(mixture.targets, plans, strict=True)),
            progress=progress, **_passed_on(given),
        )  # fmt: skip
    click.echo(f"target         {mixture.name} ({mixture})")
    _print_energies(click.echo, plans[0].label, plans[0].notes, result.seed)
    unit = "atom, on average" if mixture.by_mass else "molecule"
    click.echo(
        f"cross section  {result.flux_average:.6g} cm2 per {unit} "
        f"({result.per_nucleon:.6g} per nucleon), flux-averaged"
    )
    for target, part in result.parts.items():
        model = by_target[target]
        click.echo(f"model          {model.name} ({model.process.name}): {part.events:,d} events")
        _print_written(click.echo, part)
    return n


def _passed_on(given: dict[str, Any]) -> dict[str, Any]:
    from nugen_gan.storage.atomic import is_stream

    keeps = given["output"] is None or not is_stream(given["output"])
    names = ("seed", "output_format", "chunk", "allow_extrapolation", "overwrite")
    return {name: given[name] for name in names} | {
        "estimated": agreed(yes=given["yes"], keeps=keeps)
    }


def _check_output(given: dict[str, Any], target: str | None) -> None:
    """Refuse, before anything is loaded, an output that cannot or may not be written."""
    from nugen_gan.adapters.output import check_event_output, event_writer
    from nugen_gan.storage.atomic import check_output, is_stream, refuse_inputs

    output: Path = given["output"]
    if not is_stream(output):
        # A flux may be FILE,HISTOGRAM; what is no file is passed over.
        flux = given["flux"] or ""
        refuse_inputs(output, [p for p in (given["like"], flux, flux.split(",")[0]) if p])
    if target is None:
        check_event_output(output, given["output_format"], overwrite=given["overwrite"])
    elif not is_stream(output):
        # The files are named after it; their folder is the same.
        event_writer(output, given["output_format"])
        check_output(output.with_name(f".{output.name}"), overwrite=True)


def _print_energies(echo: Echo, label: str, notes: Sequence[str], seed: int) -> None:
    echo(f"energies       {label}")
    for note in notes:
        echo(f"flux           {note}")
    echo(f"seed           {seed}")


def _print_written(echo: Echo, result: Generated) -> None:
    echo(f"written        {result.path} ({result.format})")
