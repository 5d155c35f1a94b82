"""Where narrow structures hide: many events of a model beside a file, close up.

    python benchmarks/closeup.py numu_cc_C12_lfg numu_C12_alt_100k.root --copies 10
    python benchmarks/closeup.py numu_C12_train.root numu_C12_val.root

The first argument is a model, which makes so many events at the energy of each event of the file,
or another file.  Printed are the peaks that disagree, and at low neutrino energies the chi2 of the
spectra of the energy transfer and of W between the peaks, where antineutrinos make hyperons, with
their worst bins.
"""

import argparse
from itertools import pairwise
from pathlib import Path

import numpy as np

import nugen_gan
from nugen_gan.events.table import EventTable
from nugen_gan.validation.metrics.structures import narrow_structures

# Neutrino energies between which spectra are compared, and the bins of these, all in GeV.
ENERGIES = (0.2, 0.32, 0.5, 0.8, 1.3)
SPECTRA = {
    "omega": np.append(np.arange(0.0, 0.12, 0.004), np.arange(0.12, 0.59, 0.02)),
    "W": np.arange(1.04, 1.265, 0.01),
}
# Events of a bin that counts, and how far off [standard deviations] one is printed.
FEWEST, SHOWN = 20, 2.5


def main() -> None:
    """Print both comparisons."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", help="a model, or another file of events")
    parser.add_argument("events", type=Path, help="a file of events")
    parser.add_argument("--copies", type=int, default=10, help="generated for each event")
    parser.add_argument("--seed", type=int, default=1, help="of everything random")
    given = parser.parse_args()
    events = nugen_gan.read(given.events)
    other = made(given.model, events, given.copies, given.seed)
    peaks(events, other, given.seed)
    for variable in SPECTRA:
        for window in pairwise(ENERGIES):
            spectrum(events, other, window, variable)


def made(model: str, events: EventTable, copies: int, seed: int) -> EventTable:
    """Events of the model at these energies, or of a file."""
    if Path(model).is_file():
        return nugen_gan.read(model)
    known = nugen_gan.load_model(model)
    return known.sample(np.repeat(events.enu, copies), seed=seed, allow_extrapolation=True)


def peaks(events: EventTable, other: EventTable, seed: int) -> None:
    """Count the peaks that agree, and print the others in MeV."""
    found = narrow_structures(events, other, energy_range=events.energy_range(), seed=seed)
    print(f"peaks that agree: {found.agreeing} of {len(found.entries)}")
    for entry in found.entries:
        if not entry.agrees:
            what = f"{entry.peak}, {entry.quantity} in {entry.variable} at {entry.energy:g} GeV"
            generated = _said(entry.generated, entry.generated_error)
            print(f"  {what}: {generated} for {_said(entry.reference, entry.reference_error)}")


def _said(value: float, error: float) -> str:
    return f"{1e3 * value:.1f} +- {1e3 * error:.1f}"


def spectrum(
    events: EventTable, other: EventTable, window: tuple[float, float], variable: str
) -> None:
    """Print the chi2 of a spectrum between two neutrino energies, and the bins far off."""
    edges = SPECTRA[variable]
    seen, made = (
        _histogram(table[(table.enu >= window[0]) & (table.enu < window[1])], variable)
        for table in (events, other)
    )
    expected, pull, counts = pulls(seen, made)
    far = " ".join(
        f"{1e3 * low:.0f}-{1e3 * high:.0f}: {is_:.0f}/{should:.0f}"
        for (low, high), is_, should, off, known in zip(
            pairwise(edges), seen, expected, pull, counts, strict=True
        )
        if known and abs(off) > SHOWN
    )
    low, high = window
    chi2 = np.square(pull[counts]).sum()
    print(f"{variable}, E_nu {low:g}-{high:g} GeV: chi2 {chi2:.0f} in {counts.sum()} bins  {far}")


def pulls(seen: np.ndarray, made: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Expected events, pulls, and which bins have enough events, from two histograms."""
    share = seen.sum() / max(made.sum(), 1.0)
    expected = share * made
    # Of those made there are more: their own variance counts by that much less.
    error = np.sqrt(np.maximum(seen + share * expected, 1.0))
    return expected, (seen - expected) / error, seen + expected > FEWEST


def _histogram(table: EventTable, variable: str) -> np.ndarray:
    derived = table.derived()
    values = derived.omega if variable == "omega" else np.sqrt(np.maximum(derived.w2, 0.0))
    return np.histogram(values, SPECTRA[variable])[0].astype(float)


if __name__ == "__main__":
    main()
