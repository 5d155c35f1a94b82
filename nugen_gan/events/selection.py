"""Events of a file before any selection, and the selection of those of one process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nugen_gan.events.columns import COLUMNS
from nugen_gan.events.cutflow import CutFlow
from nugen_gan.events.particles import flat, possible
from nugen_gan.events.table import EventTable
from nugen_gan.physics import species
from nugen_gan.physics.kinematics import is_physical
from nugen_gan.physics.process import Process

if TYPE_CHECKING:
    import awkward as ak

__all__ = ["PHYSICAL", "POSSIBLE", "RawEvents", "select"]

# Energy [GeV] that particles may have beyond what came in: NuWro's cascade knocks out more nucleons
# than there were now and then, and has up to 2.2 GeV too much (once in 386,300 events on carbon).
SURPLUS = 5.0
# Names of the last steps of a selection.
PHYSICAL, POSSIBLE = "physical kinematics", "possible hadrons"
Floats = NDArray[np.float64]
Integers = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class RawEvents:
    """A chunk of a generator's file, in our units and codes, before any selection.

    It has all columns of :data:`nugen_gan.events.columns.COLUMNS`, and what the selection looks
    at.  All arrays have the shape (N,).

    Attributes
    ----------
    probe, target, lepton : PDG codes; ``lepton`` is 0 where no charged lepton was found
    cc : True for charged-current events of a neutrino on a nucleus
    enu, elep : energies [GeV]
    costheta : cosine of the angle between lepton and neutrino
    channel : values of :class:`~nugen_gan.physics.process.Channel`
    weight : relative weight
    particles : what leaves the nucleus beside the charged lepton, an awkward array of N lists as
        in :class:`~nugen_gan.events.table.EventTable`, in its frame; None where it is not known
    """

    probe: Integers
    target: Integers
    lepton: Integers
    cc: NDArray[np.bool_]
    enu: Floats
    elep: Floats
    costheta: Floats
    channel: NDArray[np.int16]
    weight: Floats
    particles: ak.Array | None = None

    def __len__(self) -> int:
        return int(self.enu.size)


def select(
    raw: RawEvents,
    process: Process,
    energy_range: tuple[float, float] | None = None,
) -> EventTable:
    """Keep the charged-current events of one process; the cut flow tells what was dropped.

    Parameters
    ----------
    raw : events of any kind
    process : probe and target to keep
    energy_range : smallest and largest neutrino energy to keep [GeV]; all if absent

    Returns
    -------
    A table whose ``cutflow`` has the steps read, probe and target, CC, lepton flavour, energy
    range if there is one, physical, and possible particles where there are any.
    """
    mine = (raw.probe == process.probe) & (raw.target == process.target)
    physical = is_physical(raw.enu, raw.elep, raw.costheta, process.lepton_mass)
    positive = np.isfinite(raw.weight) & (raw.weight >= 0.0)
    cuts = [
        (f"probe and target of {process.name}", mine),
        ("charged current", raw.cc),
        (f"charged lepton is {process.lepton}", raw.lepton == process.lepton),
    ]
    if energy_range is not None:
        low, high = energy_range
        in_range = (raw.enu >= low) & (raw.enu <= high)
        cuts.append((f"neutrino energy in {low:g}-{high:g} GeV", in_range))
    cuts.append((PHYSICAL, physical & positive))
    if raw.particles is not None:
        cuts.append((POSSIBLE, _possible(raw)))
    keep = np.ones(len(raw), dtype=np.bool_)
    steps = [("read", len(raw))]
    for name, passes in cuts:
        keep = keep & passes
        steps.append((name, int(keep.sum())))
    columns: dict[str, Any] = {
        name: column.pick(getattr(raw, name), keep)
        for name, column in COLUMNS.items()
        if getattr(raw, name) is not None
    }
    return EventTable(process, cutflow=CutFlow(tuple(steps)), **columns)


def _possible(raw: RawEvents) -> NDArray[np.bool_]:
    """True for the events all of whose particles can be, and have no more energy than there is."""
    those = flat(raw.particles)
    with np.errstate(all="ignore"):
        out = raw.elep + those.sums(np.where(np.isfinite(those.E), those.E, np.inf))
        there = raw.enu + species.mass(raw.target)
        # An energy or a target that is no number has been cut already.
        return possible(those) & ~(out > there + SURPLUS)
