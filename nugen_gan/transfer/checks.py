"""What is wrong with a fine-tuning, or should be known, before it begins."""

from __future__ import annotations

import numpy as np

from nugen_gan.errors import EnergyRangeError, UsageError
from nugen_gan.events.generator_settings import generator_settings, settings_differences
from nugen_gan.events.table import EventTable
from nugen_gan.gan.freezing import frozen_layers
from nugen_gan.model.model import Model
from nugen_gan.transfer.options import FinetuneOptions

__all__ = ["NO_REPLICAS", "check_options", "check_transfer", "differences", "empty_energies"]

# A part of the energy range with fewer events than this is called empty.
FEWEST_EVENTS = 5
ENERGY_PARTS = 20
NO_REPLICAS = "bootstrap replicas are made of the density ratio to a base whose networks stay"


def differences(base: Model, events: EventTable) -> list[str]:
    """Return in words where the events differ from what the base was trained on."""
    found = []
    for what, ours, theirs in (
        ("probe", base.process.name.split("_")[0], events.process.name.split("_")[0]),
        ("target", base.process.target_name, events.process.target_name),
        ("generator", base.training.get("generator") or "", events.provenance.generator),
    ):
        if ours != theirs and theirs:
            found.append(f"the {what} of the base is {ours or 'not known'}, of the events {theirs}")
    found += settings_differences(
        base.settings, generator_settings(events.provenance), ("the base", "the events")
    )
    low, high = base.energy_range
    least, most = events.energy_range()
    if least < low * (1 - 1e-6) or most > high * (1 + 1e-6):
        found.append(
            f"the events reach from {least:g} to {most:g} GeV, the base knows {low:g} to {high:g} "
            "GeV: outside, the transfer rests on the events alone"
        )
    return found


def _check_energies(base: Model, events: EventTable) -> None:
    """Raise EnergyRangeError if base and events have no energy in common."""
    (low, high), (least, most) = base.energy_range, events.energy_range()
    if most < low or least > high:
        unit = " Are these MeV? Energies must be in GeV." if least > 5.0 * high else ""
        raise EnergyRangeError(
            f"the events reach from {least:g} to {most:g} GeV, the base {base.name} knows {low:g} "
            f"to {high:g} GeV: nothing can be carried over.{unit} Give events at energies that the "
            "base knows, or train from scratch (nugen-gan train)."
        )


def empty_energies(events: EventTable) -> list[str]:
    """Return a warning for each part of the energy range that the events leave empty."""
    low, high = events.energy_range()
    if high < low * 1.01:
        return []
    edges = np.geomspace(low, high * (1 + 1e-9), ENERGY_PARTS + 1)
    empty = np.histogram(events.enu, edges)[0] < FEWEST_EVENTS
    starts = np.flatnonzero(np.diff(np.r_[False, empty, False].astype(int)))
    return [
        f"fewer than {FEWEST_EVENTS} events in each twentieth of {edges[first]:.3g} to "
        f"{edges[last]:.3g} GeV: there the model follows the base and its neighbours"
        for first, last in zip(starts[::2], starts[1::2], strict=True)
    ]


def check_transfer(options: FinetuneOptions, base: Model, events: EventTable) -> None:
    """Raise UsageError where options contradict each other or the base, or it and the events."""
    check_options(options, base)
    _check_energies(base, events)


def check_options(options: FinetuneOptions, base: Model) -> None:
    """Raise UsageError where options contradict each other or the base."""
    if options.networks is False and options.of_networks:
        raise UsageError(
            f"{', '.join(options.of_networks)}: this is for networks that are trained, but they "
            "are to stay as they are (--no-networks). Leave out the one or the other."
        )
    if options.networks_asked and options.ensemble:
        raise UsageError(
            f"{options.ensemble} replicas of trained networks were asked for; but {NO_REPLICAS}. "
            "Leave out --ensemble, or --networks and its options."
        )
    networks = base.proposal
    most = frozen_layers(networks.generator), frozen_layers(networks.critic) - 1
    for name, asked, allowed in zip(
        ("generator", "critic"), (options.freeze_generator, options.freeze_critic), most,
        strict=True,
    ):  # fmt: skip
        if asked > allowed:
            raise UsageError(
                f"{asked} layers of the {name} were to be frozen; the base {base.name} allows 0 "
                f"to {allowed}: the input layer, then its residual blocks"
            )
