"""How fast events come: the whole command, start-up included, and the library call alone.

    python benchmarks/generate.py [MODEL] [--events N] [--runs K]

Prints a table of medians over K runs. Compare two rows of one table, never of two machines.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from nugen_gan import load_model


def command_seconds(model: str, events: int, format_: str, folder: Path) -> float:
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "nugen_gan", "generate", model, "-n", str(events), "--energy", "1",
         "--seed", "1", "--format", format_, "-o", str(folder / "events.root"),
         "--overwrite", "--quiet"],
        check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    return time.perf_counter() - started


def library_seconds(model: str, events: int) -> float:
    loaded, enu = load_model(model), np.full(events, 1.0)
    loaded.sample(enu[:1000], seed=1)
    started = time.perf_counter()
    loaded.sample(enu, seed=1)
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", nargs="?", default="numu_cc_C12", help="a model")
    parser.add_argument("--events", type=int, default=100_000, help="of each run")
    parser.add_argument("--runs", type=int, default=5, help="of which the median counts")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = {
            "command, event table": lambda: command_seconds(
                given.model, given.events, "table", folder
            ),
            "command, NUISANCE flat tree": lambda: command_seconds(
                given.model, given.events, "nuisance", folder
            ),
            "library call": lambda: library_seconds(given.model, given.events),
        }
        print(f"{given.events:,d} events of {given.model}, median of {given.runs} runs")
        measure: Callable[[], float]
        for label, measure in rows.items():
            seconds = statistics.median(measure() for _ in range(given.runs))
            print(f"{label:<30} {seconds:7.2f} s {given.events / seconds:12,.0f} events/s")


if __name__ == "__main__":
    main()
