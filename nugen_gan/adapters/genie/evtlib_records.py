"""What our writer puts into a GENIE event library, and what it refuses: records and graph."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nugen_gan.adapters.base import Header
from nugen_gan.adapters.final_state import final_state
from nugen_gan.adapters.genie.evtlib_source import PARTICLES
from nugen_gan.adapters.lists import check_lengths
from nugen_gan.errors import UsageError
from nugen_gan.events.table import EventTable
from nugen_gan.physics.cross_section import UNIT_38, CrossSection
from nugen_gan.physics.process import Process

__all__ = ["Covered", "branch_types", "columns", "graph", "usable"]

Floats = NDArray[np.float64]
# GENIE's steps of progress while it loads a library.
FEWEST = 8
# Particles of a record that GENIE has room for.
CAPACITY = 1024
# How far beyond the records, in parts of the energy, the graph falls to zero.
EDGE = 1e-6


def usable(header: Header) -> CrossSection:
    """The cross section of events that GENIE can replay; UsageError otherwise."""
    if header.cross_section is None:
        raise UsageError(
            "an event library needs sigma(E), by which GENIE throws interactions, and it is not "
            "known for these events. Give it with --cross-section."
        )
    if header.process.a == 1:
        raise UsageError(
            f"{header.process.name}: GENIE takes no events on free nucleons from a library. "
            "Leave hydrogen to GENIE's own models."
        )
    if header.events < FEWEST:
        raise UsageError(
            f"an event library of {header.events} records makes GENIE fail: {FEWEST} are needed, "
            "and many thousands wanted, because it replays the one nearest in energy."
        )
    return header.cross_section


class Covered:
    """Smallest and largest energy of the records, all of one weight."""

    def __init__(self) -> None:
        self.low, self.high, self.weight = np.inf, 0.0, np.nan

    def add(self, table: EventTable) -> None:
        """Look at a block of events; UsageError if their weights differ."""
        if not len(table):
            return
        if np.isnan(self.weight):
            self.weight = float(table.weight[0])
        if not np.allclose(table.weight, self.weight, rtol=1e-6, atol=0.0):
            raise UsageError(
                "the events have unequal weights, which GENIE ignores when it replays a library: "
                "distributions would be wrong. Give unweighted events."
            )
        energy = table.enu.astype(np.float32)
        self.low = min(self.low, float(energy.min()))
        self.high = max(self.high, float(energy.max()))

    def energy_range(self) -> tuple[float, float]:
        """Smallest and largest energy [GeV]; UsageError if they are the same."""
        if not self.low < self.high:
            raise UsageError(
                f"all events are at {self.high:g} GeV, where GENIE would replay one record over "
                "and over: a library needs energies over a range."
            )
        return self.low, self.high


def branch_types() -> dict[str, Any]:
    """Types of the branches of records."""
    import awkward as ak

    one = ak.zip({name: np.zeros(1, dtype) for name, dtype in PARTICLES.items()})
    return {
        "Enu": np.dtype("f4"), "weight": np.dtype("f4"), "prod_id": np.dtype("i4"),
        "parts": ak.types.ListType(one.type.content),
    }  # fmt: skip


def columns(table: EventTable, phi: Floats) -> dict[str, Any]:
    """Columns of a block of events; the lepton is the first particle of each."""
    import awkward as ak

    those = final_state(table, phi).lepton_first()
    check_lengths(those.counts, CAPACITY, "event libraries")
    lists = ak.zip({name: getattr(those, name).astype(dtype) for name, dtype in PARTICLES.items()})
    return {
        "Enu": table.enu.astype(np.float32),
        "weight": table.weight.astype(np.float32),
        "prod_id": table.channel.astype(np.int32),
        "parts": ak.unflatten(lists, those.counts),
    }


def graph(sigma: CrossSection, process: Process, low: float, high: float) -> Any:
    """Sigma between two energies [GeV], zero outside of them for a reader that extrapolates."""
    import uproot

    first, last = sigma.energy_range
    low, high = max(low, first), min(high, last)
    energy, _ = sigma.points()
    energy = np.concatenate([[low], energy[(energy > low) & (energy < high)], [high]])
    value = sigma(energy) / UNIT_38
    below, above = np.array([0.5, 1.0 - EDGE]) * low, np.array([1.0 + EDGE, 2.0]) * high
    return uproot.as_TGraph(
        {
            "x": np.concatenate([below, energy, above]),
            "y": np.concatenate([np.zeros(2), value, np.zeros(2)]),
        },
        title=f"{process.name} cross section",
        xAxisLabel="E (GeV)",
        yAxisLabel="sigma (1e-38 cm2 per nucleus)",
    )
