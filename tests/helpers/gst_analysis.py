"""An analysis as people write it for gst files of gntpc: of these it knows the branches alone."""

import awkward as ak
import numpy as np
import uproot

FLAGS = ("qel", "mec", "res", "dis", "coh")
NUMBERS = ("Ev", "El", "cthl", "Q2", "W", "nfp", "nfpip", "nfpim", "nfpi0", "nfkp", "nfkm", "nfk0",
           "XSec", "neu", "fspl", "tgt", "pl")  # fmt: skip


def analyse(path):
    """Charged-current events of a file: spectra [GeV], shares, topologies, leading hadrons."""
    with uproot.open(path) as file:
        tree = file["gst"]
        numbers = tree.arrays(["cc", *FLAGS, *NUMBERS], library="np")
        lists = tree.arrays(["pdgf", "pf"])
    cc = numbers["cc"]
    found = {name: numbers[name][cc] for name in NUMBERS}
    pions = sum(found[name] for name in ("nfpip", "nfpim", "nfpi0"))
    mesons = pions + sum(found[name] for name in ("nfkp", "nfkm", "nfk0"))
    lists = lists[cc]
    return {
        "events": int(cc.sum()),
        "enu": found["Ev"],
        "elep": found["El"],
        "costheta": found["cthl"],
        "q2": found["Q2"],
        "w": found["W"][np.isfinite(found["W"])],
        "shares": np.array([numbers[flag][cc].mean() for flag in FLAGS]),
        "cc0pi": float((mesons == 0).mean()),
        "cc1pi": float(((pions == 1) & (mesons == 1)).mean()),
        "proton": _leading(lists, lists["pdgf"] == 2212),
        "pion": _leading(lists, abs(lists["pdgf"]) == 211),
        "targets": np.unique(found["tgt"]).tolist(),
    }


def _leading(lists, which):
    largest = ak.max(lists["pf"][which], axis=1)
    return ak.to_numpy(largest[~ak.is_none(largest)])
