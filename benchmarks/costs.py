"""Core-hours and bytes of an experiment's samples, from rates that are measured here.

    python benchmarks/costs.py [MODEL] [--events N] [--runs K]

Prints a table: processor time of whole commands on one core, start-up left out by the difference
of two sizes, as it does not count in a large production.  Processor time, so that a busy machine
tells nearly the same as an idle one.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

# Events of each sample, and how they were counted.
SPILLS = 1.1e21 / 7.5e13  # protons on target in a year at 1.2 MW, by those of a spill
SAMPLES = {
    "DUNE, spills of a year in ND-LAr": 50 * SPILLS,  # interactions in a spill
    # Fully contained events of Super-Kamiokande in a day, by its fiducial mass and that of
    # Hyper-Kamiokande [kt], for the 500 years that its simulations have.
    "Hyper-Kamiokande, 500 years of the atmosphere": 8.0 / 22.5 * 187 * 365 * 500,
}
FORMATS = {
    "whole events, event table": (".root", ()),
    "whole events, rootracker": (".gtrac.root", ()),
    "whole events, NuHepMC, compressed": (".hepmc3.gz", ()),
    "lepton, event table": (".root", ("--no-hadrons",)),
}
# NuWro's events a second on one core, at the margin and in jobs of 10,000 events.
NUWRO_MARGIN, NUWRO_JOBS = 475.0, 163.0


def cost(model: str, events: int, suffix: str, more: tuple[str, ...]) -> tuple[float, int]:
    """Processor time [s] and bytes of a command."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / f"events{suffix}"
        subprocess.run(
            [sys.executable, "-m", "nugen_gan", "-q", "generate", model, "-n", str(events),
             "--energy", "0.5,10", "--flux", "powerlaw:1", "--seed", "1", "--yes",
             "-o", str(path), *more],
            check=True, capture_output=True, env={**os.environ, "OMP_NUM_THREADS": "1"},
        )  # fmt: skip
        size = path.stat().st_size
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return sum(after[:2]) - sum(before[:2]), size


def margin(
    model: str, events: int, runs: int, suffix: str, more: tuple[str, ...]
) -> tuple[float, float]:
    """Processor time [s] and bytes of one more event."""
    fewer, most = max(events // 5, 1), events
    found = []
    for _ in range(runs):
        (less, small), (longer, large) = (cost(model, n, suffix, more) for n in (fewer, most))
        found.append(((longer - less) / (most - fewer), (large - small) / (most - fewer)))
    return statistics.median(t for t, _ in found), statistics.median(b for _, b in found)


def in_bytes(size: float) -> str:
    """A size such as 12 GB."""
    for unit, scale in (("TB", 1e12), ("GB", 1e9)):
        if size >= scale:
            return f"{size / scale:,.1f} {unit}"
    return f"{size / 1e6:,.0f} MB"


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", nargs="?", default="numu_cc_Ar40", help="a model")
    parser.add_argument("--events", type=int, default=200_000, help="of the larger command")
    parser.add_argument("--runs", type=int, default=3, help="of which the median counts")
    given = parser.parse_args()
    rates = {
        label: margin(given.model, max(given.events * (10 if more else 1), 2), given.runs, *how)
        for label, how in FORMATS.items()
        for more in (how[1],)
    }
    print(f"{given.model}, median of {given.runs} runs\n")
    print("| what is written | events/s of one core | bytes an event |\n|---|---|---|")
    for label, (seconds, size) in rates.items():
        print(f"| {label} | {1.0 / max(seconds, 1e-9):,.0f} | {size:,.0f} |")
    print("\n| sample | events | what is written | core-hours | size |\n|---|---|---|---|---|")
    for sample, events in SAMPLES.items():
        for label, (seconds, size) in rates.items():
            hours = events * seconds / 3600
            print(f"| {sample} | {events:,.3g} | {label} | {hours:,.2g} | "
                  f"{in_bytes(events * size)} |")  # fmt: skip
        margin_hours, job_hours = (events / rate / 3600 for rate in (NUWRO_MARGIN, NUWRO_JOBS))
        print(f"| {sample} | {events:,.3g} | NuWro, at the margin; in jobs of 10,000 | "
              f"{margin_hours:,.0f}; {job_hours:,.0f} | |")  # fmt: skip


if __name__ == "__main__":
    main()
