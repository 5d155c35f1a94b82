"""What ``nugen-gan finetune`` prints: the plan before it, how it went after it."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nugen_gan.cli.train import show_cut

if TYPE_CHECKING:
    from nugen_gan.cli.chosen import Chosen
    from nugen_gan.model.model import Model
    from nugen_gan.training.measure import Measure

__all__ = ["show_plan", "show_result"]

# Most events of the rest of the sample that measure a finished model.
MOST_MEASURED = 20_000


def show_plan(chosen: Chosen, output: Path) -> None:
    """What would be done, for --dry-run."""
    from nugen_gan.gan.freezing import trainable_weights
    from nugen_gan.transfer.checks import check_transfer
    from nugen_gan.transfer.reweighting import reweighting_options

    options = chosen.options
    check_transfer(options, chosen.base, chosen.events)
    training, held_out = options.split(chosen.events)
    known = options.resolved(len(training))
    depths = options.freeze_generator, options.freeze_critic
    networks = chosen.base.proposal
    generator, critic = trainable_weights(networks.generator, networks.critic, depths)
    click.echo(f"training on     {len(training):,d} events, {len(held_out):,d} held out")
    if not known.networks:
        ratio = reweighting_options(len(training), known.refiner_steps)
        last = ", then one in their place" if ratio.distilled else ""
        click.echo(
            f"density ratio   {ratio.shape.members} networks, {ratio.steps:,d} steps each{last}"
        )
    if known.networks is not False:
        if known.networks is None:
            click.echo(
                "networks        trained only if too few of the base's events are accepted; then"
            )
        click.echo(f"to be trained   generator {generator:,d} weights, critic {critic:,d}")
        click.echo(f"schedule        {known.steps:,d} steps of {known.batch_size:,d} events, "
                   f"learning rate {known.learning_rate:g}")  # fmt: skip
    else:
        click.echo("networks        those of the base, as they are")
    click.echo(f"replicas        {known.ensemble}")
    click.echo(f"would write     {output}")


def show_result(model: Model, chosen: Chosen, output: Path) -> None:
    """How it went, how good it is, and what to do next."""
    from nugen_gan.model.quality import quality_line
    from nugen_gan.training.measure import Measure, fluctuation, measured
    from nugen_gan.transfer.reweighting import adopted

    minutes, labels = model.training["seconds"] / 60, model.metrics["channel_labels"]
    click.echo(f"fine-tuned      on {len(chosen.events):,d} events in {minutes:.1f} minutes")
    show_cut(model)
    click.echo(f"channel labels  log loss {labels['log_loss']:.4f}, calibration error "
               f"{labels['calibration_error']:.4f}")  # fmt: skip
    _, held_out = chosen.options.split(chosen.events)
    rest = chosen.rest[:MOST_MEASURED]
    for name, events in (("held-out events", held_out), ("other events", rest)):
        pull = model.metrics["held_out_mean_squared_pull"]
        if len(events) < 100 or pull is None:
            continue
        if events is held_out:  # the fine-tuning has measured it
            ours = Measure(pull, fluctuation(events), len(events))
        else:
            ours = measured(model, events, chosen.options.seed)
        theirs = measured(adopted(chosen.base, events), events, chosen.options.seed)
        click.echo(f"{name:<16}{_compared(ours, theirs)}")
    click.echo(f"quality         {quality_line(model.metrics)}")
    click.echo(f"model           {output}")
    low, high = model.energy_range
    place = shlex.quote(str(output))
    energies = f"{low:.4g},{high:.4g}"
    click.echo(f"next            nugen-gan generate {place} -n 100000 --energy {energies}")
    click.echo(f"                nugen-gan validate {place} FILE   (events that it has not seen)")
    click.echo(f"                nugen-gan distil {place}          (a hundred times as fast)")


def _compared(model: Measure, base: Measure) -> str:
    return (
        f"mean squared pull {model.pull:.3f} +- {model.error:.3f} on {model.events:,d} events "
        f"(1 is perfect; the base: {base.pull:.3g})"
    )
