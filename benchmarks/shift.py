"""How far a base's threshold should be shifted: models with several shifts beside unseen events.

    python benchmarks/shift.py numu_C12_alt_100k.root --shifts 0 6 12 20 36
    python benchmarks/shift.py numubar_C12_100k.root --shifts 10 12 --seed 2

From so many events of the file a ratio is learned for each shift, and for the one that the program
finds; the others are compared with generated events.  Printed are the chi2 per bin in (E_nu,
kinetic fraction, theta), where the chance in the unseen events is common to all, and that of the
energy transfer at low neutrino energies.
"""

import argparse
from itertools import pairwise
from pathlib import Path

import numpy as np
from closeup import ENERGIES as LOW_ENERGIES
from closeup import pulls, spectrum

import nugen_gan
from nugen_gan.events.table import EventTable
from nugen_gan.transfer.reweighting import learn_reweighting

# Edges of the comparison: E_nu [GeV], kinetic fraction, theta [degrees].
ENERGIES = (0.2, 0.229, 0.257, 0.286, 0.372, 0.458, 0.63, 1.0, 1.3, 2.0, 3.0, 5.0, 10.0, 20.0)
FRACTION = np.linspace(0.0, 1.0, 26)
THETA = np.array(
    [0, 2, 4, 6, 8, 11, 14, 17, 20, 25, 30, 40, 50, 60, 75, 90, 105, 120, 135, 150, 180]
)
UNSEEN = 80_000


def main() -> None:
    """Learn with each shift, and compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("events", type=Path, help="a file of events")
    parser.add_argument("--number", type=int, default=9000, help="of events to learn from")
    parser.add_argument("--shifts", type=float, nargs="*", default=[], help="in MeV")
    parser.add_argument("--copies", type=int, default=4, help="generated for each event")
    parser.add_argument(
        "--steps", type=int, help="of each member of the ratio; by the events if absent"
    )
    parser.add_argument("--seed", type=int, default=1, help="also says which events")
    given = parser.parse_args()
    base = nugen_gan.load_model("numu_cc_C12")
    training, unseen = parts(nugen_gan.read(given.events), given.number, given.seed)
    for shift in (None, *(1e-3 * by for by in given.shifts)):
        learned = learn_reweighting(base, training, given.seed, shift=shift, steps=given.steps)
        enu = np.repeat(unseen.enu, given.copies)
        made = learned.model.sample(enu, seed=5, allow_extrapolation=True)
        chi2, bins = compared(unseen, made)
        found = f"{1e3 * learned.step.threshold_shift:.0f} MeV" + (
            ", found" if shift is None else ""
        )
        told = f"acceptance {learned.acceptance:.3f}, chi2 per bin {chi2 / bins:.3f} in {bins} bins"
        print(f"shift {found}: {told}", flush=True)
        for window in pairwise(LOW_ENERGIES):
            spectrum(unseen, made, window, "omega")


def parts(events: EventTable, number: int, seed: int) -> tuple[EventTable, EventTable]:
    """Events to learn from, others for other seeds, and unseen ones."""
    order = np.random.default_rng(77).permutation(len(events))
    chosen = order[(seed - 1) * number : seed * number]
    rest = np.setdiff1d(order, chosen)
    return events[chosen], events[np.sort(np.random.default_rng(78).permutation(rest)[:UNSEEN])]


def compared(events: EventTable, other: EventTable) -> tuple[float, int]:
    """Chi2 and number of the bins with enough events."""
    chi2, bins = 0.0, 0
    for low, high in pairwise(ENERGIES):
        seen, made = (_plane(table, low, high) for table in (events, other))
        _, pull, counts = pulls(seen, made)
        chi2 += float(np.square(pull[counts]).sum())
        bins += int(counts.sum())
    return chi2, bins


def _plane(table: EventTable, low: float, high: float) -> np.ndarray:
    inside = table[(table.enu >= low) & (table.enu < high)]
    mass = table.process.lepton_mass
    fraction = (inside.elep - mass) / (inside.enu - mass)
    return np.histogram2d(fraction, np.degrees(np.arccos(inside.costheta)), [FRACTION, THETA])[0]


if __name__ == "__main__":
    main()
