"""What GENIE does with an event library, record by record."""

import math

import numpy as np
import uproot
from particle import PDGID

CAPACITY = 1024


class Library:
    """Records of one folder, sorted by their energy."""

    def __init__(self, path, folder):
        names = ["Enu", "prod_id", "nparts", "pdg", "E", "px", "py", "pz"]
        with uproot.open(path) as file:
            self.records = file[f"{folder}/records"].arrays(names).to_list()
        self.records.sort(key=lambda record: record["Enu"])
        self.energies = [record["Enu"] for record in self.records]

    def replay(self, energy, alpha):
        """(neutrino's energy, primary lepton, particles): all after a turn about the neutrino.

        None beyond the last record.  A particle is (pdg, px, py, pz, E).
        """
        index = int(np.searchsorted(self.energies, np.float32(energy)))
        if index == len(self.records):
            return None
        record = self.records[index]
        n = record["nparts"]
        assert 0 < n <= CAPACITY
        cos, sin = math.cos(alpha), math.sin(alpha)
        particles = []
        for i in range(n):
            px, py = record["px"][i], record["py"][i]
            turned = (cos * px - sin * py, sin * px + cos * py, record["pz"][i], record["E"][i])
            particles.append((record["pdg"][i], *turned))
        lepton = next(one for one in particles if PDGID(one[0]).is_lepton)
        return record["Enu"], lepton, particles
