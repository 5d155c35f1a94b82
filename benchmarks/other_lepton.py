"""Transfer to electron neutrinos, on a sample made of muon neutrino events.

    python benchmarks/other_lepton.py numu_C12_train.root numu_C12_val.root --sizes 1000,10000

Where no sample of a generator is at hand, nearly the right one can be made: at given omega and Q2
the nucleus hardly notices the mass of the lepton, and the neutrino's energy only mixes its
helicities.  So muon events of a neutrino with 250 MeV more, enough to reach all that the electron
may reach, are kept with a probability by how much of each helicity there is at the lower energy.
"""

import argparse
import time
from pathlib import Path

import numpy as np

import nugen_gan
from nugen_gan.events.table import EventTable
from nugen_gan.physics.kinematics import is_physical
from nugen_gan.physics.process import Process
from nugen_gan.transfer.finetune import FinetuneOptions, finetune
from nugen_gan.validation.metrics.equivalent import equivalent_sample_size
from nugen_gan.validation.metrics.map3d import map3d

# What the muons' neutrino has more [GeV], and the least energy of the electron's.
MORE, LEAST = 0.25, 0.2
# About how strong a nucleus responds: left-handed, right-handed, scalar.
RESPONSE = (1.0, 0.4, 0.5)
EDGE = 1.0  # below and above [GeV] the results are shown apart


def main() -> None:
    """Print a row for each number of events."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("training", type=Path, help="events of muon neutrinos to learn from")
    parser.add_argument("reference", type=Path, help="others, to measure on")
    parser.add_argument("--sizes", default="1000,10000", help="numbers of events")
    parser.add_argument(
        "--steps", type=int, help="of each member of the ratio; by the events if absent"
    )
    parser.add_argument("--seed", type=int, default=1, help="of everything random")
    given = parser.parse_args()
    reference = electrons(nugen_gan.read(given.reference), 1)
    training = electrons(nugen_gan.read(given.training)[:200_000], 2)
    low = reference.enu < EDGE
    print(f"| events | seconds | n_eq | below {EDGE:g} GeV | above |\n|---|---|---|---|---|")
    for size in map(int, given.sizes.split(",")):
        started = time.monotonic()
        options = FinetuneOptions(seed=given.seed, refiner_steps=given.steps)
        model = finetune(training[:size], options=options)
        seconds = time.monotonic() - started
        made = model.sample(reference.enu, seed=given.seed, allow_extrapolation=True)
        found = [_size(reference[rows], made[rows]) for rows in (low | True, low, ~low)]
        print(f"| {size:,d} | {seconds:.0f} | {' | '.join(found)} |", flush=True)


def electrons(muons: EventTable, seed: int) -> EventTable:
    """Events of electron neutrinos, MORE below the energies of these."""
    process = Process.from_name(muons.process.name.replace("numu", "nue"))
    mass, known = process.lepton_mass, muons.derived()
    enu, elep = muons.enu - MORE, muons.elep - MORE
    plep = np.sqrt(np.maximum(elep**2 - mass**2, 1e-12))
    costheta = (2.0 * enu * elep - mass**2 - known.q2) / (2.0 * enu * plep)
    chance = _mixed(enu, known) / _mixed(muons.enu, known)
    # A chance above one, of a fifth at most, happens where hardly an event is.
    kept = np.random.default_rng(seed).random(len(enu)) < chance
    kept &= is_physical(enu, elep, costheta, mass) & (enu > LEAST)
    ones, channel = np.ones(int(kept.sum())), muons.channel[kept]
    return EventTable(process, enu[kept], elep[kept], costheta[kept], channel, ones)


def _mixed(enu: np.ndarray, known: nugen_gan.physics.kinematics.Derived) -> np.ndarray:
    momentum = np.sqrt(known.omega**2 + known.q2)
    u, v = ((2.0 * enu - known.omega + sign * momentum) / (2.0 * enu) for sign in (1, -1))
    left, right, scalar = RESPONSE
    return np.asarray(left * u**2 + right * v**2 + 2.0 * scalar * u * v)


def _size(reference: EventTable, made: EventTable) -> str:
    size = equivalent_sample_size(map3d(reference, made))
    return f"{size.value:,.0f} ({size.low:,.0f} - {size.high:,.0f})"


if __name__ == "__main__":
    main()
