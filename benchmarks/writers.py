"""How fast each dialect is written, and how large the files are.

    python benchmarks/writers.py [EVENTS] [REPEATS]

Prints events per second (the best of the repeats, writing alone: the events are made before)
and bytes per event.  Run it on an idle machine; the load is printed with the result.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

import numpy as np

from nugen_gan.adapters.base import Adapter, Header
from nugen_gan.adapters.registry import adapters
from nugen_gan.events.table import EventTable
from nugen_gan.physics.cross_section import CrossSection
from nugen_gan.physics.flux import UniformFlux
from nugen_gan.physics.process import Channel, Process

CHUNK = 1 << 18
SUFFIXES = {"nuhepmc": (".hepmc3", ".hepmc3.gz")}


def sample(events: int) -> EventTable:
    """Events with plausible numbers in every column."""
    random = np.random.default_rng(1)
    process = Process.from_name("numu_cc_C12")
    enu = random.uniform(0.3, 10.0, events)
    elep = process.lepton_mass + random.beta(3, 1, events) * (enu - process.lepton_mass)
    return EventTable(
        process,
        enu=enu,
        elep=elep,
        costheta=1.0 - 2.0 * random.beta(0.5, 8, events),
        channel=random.choice([int(channel) for channel in Channel], events),
        weight=np.ones(events),
        cross_section=CrossSection((0.2, 1.0, 3.0, 10.0), (5e-38, 2e-37, 5e-37), (1e-40,) * 3),
    )


def seconds(adapter: Adapter, path: Path, events: EventTable) -> float:
    """Time of writing a file."""
    chunks = [events[start : start + CHUNK] for start in range(0, len(events), CHUNK)]
    header = Header(
        events.process, len(events), events.cross_section, UniformFlux(0.2, 10.0), 3e-37
    )
    start = time.perf_counter()
    adapter.write(path, chunks, lambda: header)
    return time.perf_counter() - start


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("events", type=int, nargs="?", default=500_000, help="in each file")
    parser.add_argument("repeats", type=int, nargs="?", default=3, help="of which the best counts")
    given = parser.parse_args()
    count, repeats = given.events, given.repeats
    events = sample(count)
    print(f"{count:,} events; load of the machine {os.getloadavg()[0]:.2f} "
          f"on {os.cpu_count()} cores")  # fmt: skip
    print(f"{'dialect':<24} {'events/s':>12} {'bytes/event':>12}")
    with tempfile.TemporaryDirectory() as folder:
        for name, adapter in adapters().items():
            for suffix in SUFFIXES.get(name, adapter.suffixes[:1]) if adapter.writes else ():
                path = Path(folder) / f"events{suffix}"
                best = min(seconds(adapter, path, events) for _ in range(repeats))
                size = path.stat().st_size / count
                print(f"{name + ' ' + suffix:<24} {count / best:>12,.0f} {size:>12.1f}")
                path.unlink()


if __name__ == "__main__":
    main()
