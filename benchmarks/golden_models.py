"""Figures of each bundled model that no change of the program may move.

python benchmarks/golden_models.py            # compare with the file
python benchmarks/golden_models.py --write    # after the models were made anew
"""

import argparse
import json
from pathlib import Path

import numpy as np

import nugen_gan
from nugen_gan.events.particles import flat
from nugen_gan.events.table import EventTable
from nugen_gan.storage.bundled import bundled_models

FILE = Path(__file__).parents[1] / "tests" / "data" / "golden_models.json"
ENERGIES, EACH, SEED = (0.6, 1.0, 3.0, 8.0), 4000, 1
QUANTILES = (0.1, 0.5, 0.9)


def main() -> None:
    """Print the figures beside the stored ones, or store them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="store instead of comparing")
    given = parser.parse_args()
    found = {name: figures(name) for name in bundled_models()}
    if given.write:
        FILE.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
        return
    stored = json.loads(FILE.read_text(encoding="utf-8"))
    print("| model | largest difference |\n|---|---|")
    for name, now in found.items():
        before = stored.get(name, {})
        print(f"| {name} | {max(abs(now[k] - before.get(k, np.inf)) for k in now):.2g} |")


def figures(name: str) -> dict[str, float]:
    """Quantiles of the lepton's variables, shares of the channels, hadrons, at some energies."""
    model = nugen_gan.load_model(name)
    networks = model.without_hadrons().without_fast_sampler()
    out: dict[str, float] = {}
    for kind, one in (("", model), ("networks: ", networks)):
        for enu in ENERGIES:
            events = one.sample(np.full(EACH, enu), seed=SEED)
            out |= {
                f"{kind}{what} at {enu:g} GeV": round(value, 5) for what, value in _figures(events)
            }
    return out


def _figures(events: EventTable) -> list[tuple[str, float]]:
    derived = events.derived()
    columns = {
        "omega": derived.omega,
        "costheta": events.costheta,
        "W": np.sqrt(np.clip(derived.w2, 0.0, None)),
    }
    found = [
        (f"{name} {100 * q:.0f} %", float(np.quantile(values, q)))
        for name, values in columns.items()
        for q in QUANTILES
    ]
    shares = [(f"share of {name}", share) for name, share in events.channel_fractions().items()]
    return found + shares + _hadrons(events)


def _hadrons(events: EventTable) -> list[tuple[str, float]]:
    """Mean numbers of the common species, and their mean energies [GeV]."""
    if events.particles is None:
        return []
    those, found = flat(events.particles), []
    for pdg in (2212, 2112, 211, 111, -211):
        mine = those.pdg == pdg
        number = float(mine.sum()) / len(events)
        found.append((f"number of {pdg}", number))
        found.append((f"energy of {pdg}", float(those.E[mine].sum()) / len(events)))
    return found


if __name__ == "__main__":
    main()
