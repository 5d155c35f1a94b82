"""How fast events come: library calls beside a processor's matrix products, and whole commands.

    python benchmarks/speed.py [MODEL] [--events N] [--runs K] [--networks N] [--whole N]

Prints tables of medians over K runs.  Compare two rows of one table, never of two machines.  Set
OMP_NUM_THREADS=1 for one core.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from nugen_gan import load_model
from nugen_gan.parallel import workers

# What a whole command runs, and then says what memory it took at most [MB].  From Linux's own
# record: what getrusage says includes the program that started it.
COMMAND = """
import re, sys
from nugen_gan.cli.main import main
sys.argv[0] = "nugen-gan"
try:
    main()
finally:
    print(int(re.search(r"VmHWM:\\s*(\\d+)", open("/proc/self/status").read())[1]) / 1024)
"""


def seconds(work: Callable[[], object]) -> float:
    """Seconds of one call."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def product_speed() -> float:
    """Single-precision products of (512, 64) and (64, 64) of one core [GFLOP/s]."""
    one, other = np.ones((512, 64), np.float32), np.ones((64, 64), np.float32)
    out, number = np.empty((512, 64), np.float32), 2000
    took = seconds(lambda: [np.matmul(one, other, out=out) for _ in range(number)])
    return 2e-9 * number * 512 * 64 * 64 / took


def command(model: str, events: int, suffix: str, folder: Path, *more: str) -> tuple[float, float]:
    """Seconds and memory [MB] of a whole command."""
    words = ["generate", model, "-n", str(events), "--energy", "0.2,10", "--seed", "1", "--yes",
             "-o", str(folder / f"events{suffix}"), "--overwrite", "--quiet", *more]  # fmt: skip
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, *words], check=True, capture_output=True, text=True
    )
    return time.perf_counter() - started, float(done.stdout.split()[-1])


def library_rows(
    model: str, given: argparse.Namespace
) -> list[tuple[str, int, Callable[[], object]]]:
    """What is called, how many events it makes, and the call."""
    whole = load_model(model)
    lepton = whole.without_hadrons()
    networks = lepton.without_fast_sampler()
    enu = np.random.default_rng(1).uniform(0.2, 10.0, given.events)
    rows: list[tuple[str, int, Callable[[], object]]] = []
    for label, number, one in (
        ("lepton and channel", given.events, lepton),
        ("the same by the networks themselves", given.networks, networks),
        ("whole events", given.whole, whole),
    ):
        energies = enu[:number]
        one.sample(energies[:1000], seed=1)
        rows.append((label, number, partial(one.sample, energies, seed=2)))
    return rows


def show_library(model: str, given: argparse.Namespace) -> None:
    """Print the table of the library calls."""
    rows = library_rows(model, given)
    speeds = [product_speed() for _ in range(2 * given.runs + 1)]
    print(f"{workers()} threads; products of (512, 64) and (64, 64): "
          f"{statistics.median(speeds):.0f} GFLOP/s on one core\n")  # fmt: skip
    print("| library call | events/s | events/s for each GFLOP/s |\n|---|---|---|")
    for label, number, work in rows:
        rate = number / statistics.median(seconds(work) for _ in range(given.runs))
        print(f"| {label} | {rate:,.0f} | {rate / statistics.median(speeds):,.0f} |")


def show_commands(model: str, given: argparse.Namespace) -> None:
    """Print the table of the whole commands."""
    print("\n| whole command | events | seconds | events/s | memory |\n|---|---|---|---|---|")
    alone = "--no-hadrons"
    with tempfile.TemporaryDirectory() as name:
        for label, events, suffix, more in (
            ("lepton, event table", 1000, ".root", (alone,)),
            ("whole events, event table", 1000, ".root", ()),
            ("lepton, event table", given.events, ".root", (alone,)),
            ("lepton, gst", given.events, ".gst.root", (alone,)),
            ("lepton, NuHepMC", given.events, ".hepmc3", (alone,)),
            ("lepton, event table", 10 * given.events, ".root", (alone,)),
            ("whole events, event table", given.whole, ".root", ()),
        ):
            found = [command(model, events, suffix, Path(name), *more) for _ in range(given.runs)]
            took = statistics.median(row[0] for row in found)
            most = max(row[1] for row in found)
            print(f"| {label} | {events:,d} | {took:.2f} | {events / took:,.0f} | {most:.0f} MB |")


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", nargs="?", default="numu_cc_C12", help="a model")
    parser.add_argument("--events", type=int, default=1_000_000, help="of each run")
    parser.add_argument("--networks", type=int, default=100_000, help="events of the networks")
    parser.add_argument("--whole", type=int, default=100_000, help="whole events of each run")
    parser.add_argument("--runs", type=int, default=5, help="of which the median counts")
    given = parser.parse_args()
    print(f"{given.model}, median of {given.runs} runs, on {os.cpu_count()} cores of which")
    show_library(given.model, given)
    show_commands(given.model, given)


if __name__ == "__main__":
    main()
