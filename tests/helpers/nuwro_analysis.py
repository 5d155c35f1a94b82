"""An analysis as people write it for NuWro's files: it knows their leaves and nothing else."""

import awkward as ak
import numpy as np
import uproot

LEAVES = ("in.t", "in.pdg", "in.x", "in.y", "in.z", "out.t", "out.pdg", "out.x", "out.y", "out.z",
          "post.pdg", "post.x", "post.y", "post.z", "dyn", "weight", "flag.cc")  # fmt: skip
CHANNELS = (0, 2, 4, 6, 8, 10)


def analyse(path):
    """Charged-current events of a file: spectra [GeV], shares, topologies, cross section."""
    with uproot.open(path) as file:
        events = file["treeout"].arrays(LEAVES)
        bins = file["xsections"].values()
    cc = events["flag.cc"] & (abs(events["out.pdg"][:, 0]) % 2 == 1)
    events = events[cc]
    neutrino = _momentum(events, "in")
    lepton = _momentum(events, "out")
    enu, elep = (ak.to_numpy(events[f"{name}.t"][:, 0]) for name in ("in", "out"))
    cosine = (neutrino * lepton).sum(axis=0) / _length(neutrino) / _length(lepton)
    q2 = ((neutrino - lepton) ** 2).sum(axis=0) - (enu - elep) ** 2
    pdg = events["post.pdg"]
    pions = ak.to_numpy(ak.sum((abs(pdg) == 211) | (pdg == 111), axis=1))
    mesons = ak.to_numpy(ak.sum((abs(pdg) >= 111) & (abs(pdg) <= 557), axis=1))
    number = len(cosine)
    dyn = ak.to_numpy(events["dyn"])
    return {
        "events": number,
        "weight": float(events["weight"][0]),
        "xsections": float(bins.sum()),
        "enu": enu / 1e3,
        "elep": elep / 1e3,
        "costheta": cosine,
        "q2": q2 / 1e6,
        "shares": np.array([(dyn == code).mean() for code in CHANNELS]),
        "cc0pi": float((mesons == 0).mean()),
        "cc1pi": float(((pions == 1) & (mesons == 1)).mean()),
        "proton": _leading(events, pdg == 2212),
        "pion": _leading(events, abs(pdg) == 211),
    }


def _momentum(events, vector):
    return np.stack([ak.to_numpy(events[f"{vector}.{axis}"][:, 0]) for axis in "xyz"])


def _length(momenta):
    return np.sqrt((momenta**2).sum(axis=0))


def _leading(events, which):
    """Largest momentum of such particles in each event that has one [GeV]."""
    square = sum(events[f"post.{axis}"] ** 2 for axis in "xyz")[which]
    largest = ak.max(square, axis=1)
    return np.sqrt(ak.to_numpy(largest[~ak.is_none(largest)])) / 1e3


def pulls(ours, theirs, edges):
    """Differences of two spectra bin by bin, in their statistical errors, where both have some."""
    a, b = (np.histogram(values, edges)[0] for values in (ours, theirs))
    scale = len(ours) / len(theirs)
    enough = (a >= 10) & (b >= 10)
    error = np.sqrt(a + scale**2 * b)
    return ((a - scale * b)[enough] / error[enough]).tolist()
