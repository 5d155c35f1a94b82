"""What a reader must know to judge the numbers of a comparison: the notes of a report."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nugen_gan.events.generator_settings import generator_settings, settings_differences
from nugen_gan.events.table import EventTable
from nugen_gan.validation.metrics.binning import Counts, energy_edges
from nugen_gan.validation.metrics.common_events import WORTH_A_NOTE
from nugen_gan.validation.metrics.map3d import pulls
from nugen_gan.validation.metrics.samples import prepare

__all__ = ["notes"]


def notes(
    reference: EventTable,
    generated: EventTable,
    energy_range: tuple[float, float],
    dropped: int,
    common: float,
) -> Iterator[str]:
    """Yield the notes of a comparison.

    Parameters
    ----------
    energy_range : neutrino energies compared [GeV]
    dropped : reference events outside of it
    common : share of the smaller sample that is in the other too
    """
    low, high = energy_range
    if common > WORTH_A_NOTE:
        yield (
            f"{100 * common:.0f} % of the events of the smaller sample are in the other too, "
            "number for number: the samples are not independent. Were they copied, or is one part "
            "of the other?"
        )
    if dropped:
        yield f"{dropped:,d} reference events outside {low:g}-{high:g} GeV were left out."
    if reference.process != generated.process:
        yield (
            f"The processes differ: the generated events are {generated.process.name}, the "
            f"reference events {reference.process.name}."
        )
    yield from _settings_notes(reference, generated)
    if _spectra_differ(reference, generated, energy_range):
        yield (
            "The two samples have different neutrino spectra. MAP-3D, n_eq, the classifier test "
            "and the distances count that as a difference too; generate at the energies of the "
            "reference to compare the physics alone."
        )
    yield from _hadron_notes(reference, generated)


def _hadron_notes(reference: EventTable, generated: EventTable) -> Iterator[str]:
    without = [
        name
        for name, events in (("generated", generated), ("reference", reference))
        if events.particles is None
    ]
    if without:
        yield f"The {' and the '.join(without)} events have no hadrons: only leptons were compared."


def _settings_notes(reference: EventTable, generated: EventTable) -> Iterator[str]:
    ours, theirs = (generator_settings(events.provenance) for events in (generated, reference))
    differences = settings_differences(ours, theirs, ("the generated", "the reference events"))
    if differences:
        yield (
            "The generator's settings differ, so that the physics may: "
            + "; ".join(differences)
            + "."
        )


def _spectra_differ(
    reference: EventTable, generated: EventTable, energy_range: tuple[float, float]
) -> bool:
    samples = prepare(reference, generated)
    if samples.shared_energies:
        return False
    edges = energy_edges(energy_range, bins=20)
    counts = (
        Counts(
            np.histogram(t.enu, edges, weights=t.weight)[0],
            np.histogram(t.enu, edges, weights=t.weight**2)[0],
        )
        for t in (samples.reference, samples.generated)
    )
    result = pulls(*counts).value
    n = result.size
    return bool(n and np.sum(result**2) > n + 4.0 * np.sqrt(2.0 * n))
