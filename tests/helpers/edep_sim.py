"""What programs that simulate detectors take from a rootracker file, event by event.

edep-sim tracks lines of status 1 and remembers those of status 0; nuclei are 10LZZZAAAI with more
nucleons than protons, codes 20xxxxxxxx are passed over, and what else its table of particles does
not have is reported and lost.  The building of spills at DUNE's near detector takes the neutrino
and the target from status 0, the lepton from status 1 and the channel from ``EvtCode``.
"""

from typing import NamedTuple

import uproot
from particle import PDGID, Particle, ParticleNotFound

CHANNELS = ("QES", "MEC", "RES", "DIS", "COH")


class Primary(NamedTuple):
    pdg: int
    momentum: tuple  # (px, py, pz) [MeV]
    energy: float  # [MeV]


class Event(NamedTuple):
    incoming: list
    tracked: list
    lost: list
    lepton: int
    channel: str


def is_known(pdg):
    """True if Geant4 has such a particle, or makes such an ion."""
    if pdg // 100_000_000 == 10:
        z, a = pdg // 10_000 % 1000, pdg // 10 % 1000
        return z > 0 and a > z
    try:
        return Particle.from_pdgid(pdg) is not None
    except ParticleNotFound:
        return False


def simulated(path):
    """Yield what is simulated of each event."""
    names = ["EvtCode", "EvtVtx", "StdHepN", "StdHepPdg", "StdHepStatus", "StdHepP4",
             "StdHepPolz"]  # fmt: skip
    with uproot.open(path) as file:
        tree = file["gRooTracker"]
        columns = [tree[name].array().to_list() for name in names]
    for code, vertex, n, pdg, status, p4, spin in zip(*columns, strict=True):
        assert vertex == [0.0] * 4
        assert n == len(pdg) == len(p4)
        groups = {0: [], 1: []}
        lost = []
        for i in range(n):
            if pdg[i] // 100_000_000 == 20 or status[i] not in groups:
                continue
            assert spin[i] == [0.0] * 3
            if not is_known(pdg[i]):
                lost.append(pdg[i])
                continue
            px, py, pz, energy = (1000.0 * x for x in p4[i])
            groups[status[i]].append(Primary(pdg[i], (px, py, pz), energy))
        leptons = [one.pdg for one in groups[1] if PDGID(one.pdg).is_lepton]
        channel = next((word for word in CHANNELS if word in code), "")
        yield Event(groups[0], groups[1], lost, leptons[0], channel)
