"""What macros for GENIE's summary tree do: loop over events and the particles in their lists."""

import math
from collections import Counter

import uproot

COUNTER_OF = {2212: "nfp", -2212: "nfp", 2112: "nfn", -2112: "nfn", 211: "nfpip", -211: "nfpim",
              111: "nfpi0", 321: "nfkp", -321: "nfkm", 311: "nfk0", -311: "nfk0", 22: "nfem",
              11: "nfem", -11: "nfem"}  # fmt: skip
COUNTERS = [*dict.fromkeys(COUNTER_OF.values()), "nfother"]
ANTINUCLEON = 0.938272081


def events_of(path):
    """Rows of the tree, as dictionaries."""
    with uproot.open(path) as file:
        names = ["Ev", "El", "pxl", "pyl", "pzl", "cthl", "nf", "pdgf", "Ef", "pxf", "pyf", "pzf",
                 "pf", "cthf", "sumKEf", "calresp0", "ni", "hitnuc", *COUNTERS]  # fmt: skip
        return file["gst"].arrays(names).to_list()


def hand_counts(path):
    """Number of particles of each code in the whole file."""
    counts = Counter()
    for event in events_of(path):
        for i in range(event["nf"]):
            counts[event["pdgf"][i]] += 1
    return counts


def mass(energy, *momentum):
    """Of a four-momentum; negative where its square is."""
    square = energy**2 - sum(p**2 for p in momentum)
    return math.copysign(math.sqrt(abs(square)), square)


def sums(event):
    """(sumKEf, calresp0) by the definitions of GENIE's comments."""
    total = event["El"] - mass(event["El"], event["pxl"], event["pyl"], event["pzl"])
    response = 0.0
    for i in range(event["nf"]):
        energy = event["Ef"][i]
        kinetic = energy - mass(energy, event["pxf"][i], event["pyf"][i], event["pzf"][i])
        total += kinetic
        code = event["pdgf"][i]
        if code in (111, 22, 11, -11):
            response += 1.3 * energy
        elif code in (-2212, -2112):
            response += energy + 2.0 * ANTINUCLEON
        else:
            response += kinetic
    return total, response


def selected(path):
    """Events without mesons and those with one charged pion, as analyses of CC0pi and CC1pi."""
    none = one = 0
    for event in events_of(path):
        mesons = sum(event[name] for name in ("nfpip", "nfpim", "nfpi0", "nfkp", "nfkm", "nfk0"))
        none += mesons == 0
        one += event["nfpip"] + event["nfpim"] == 1 and mesons == 1
    return none, one
