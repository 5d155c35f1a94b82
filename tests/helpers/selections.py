"""Selections of events by their final particles, as NUISANCE's samples make them.

Written from their definitions with awkward, independently of the package.
"""

import awkward as ak
import numpy as np
import uproot

PROTON, PI_PLUS, PI_MINUS, PI_ZERO = 2212, 211, -211, 111
MESONS = (111, 557)
MEV = 1e-3
# Momentum above which a proton is counted [GeV].
THRESHOLD = 0.3
NUWRO = {"pdg": "post.pdg", "px": "post.x", "py": "post.y", "pz": "post.z", "E": "post.t"}
FLAT = {name: name for name in ("pdg", "px", "py", "pz", "E")}


def from_nuwro(path):
    """Final particles of the charged-current events of a file of NuWro's, and who is the lepton."""
    with uproot.open(path) as file:
        tree = file["treeout"]
        final = {name: tree[leaf].array() for name, leaf in NUWRO.items()}
        neutrino = ak.firsts(tree["in.pdg"].array())
        cc = np.isin(tree["dyn"].array(library="np"), (0, 2, 4, 6, 8, 10))
    final = ak.zip({name: x * (1 if name == "pdg" else MEV) for name, x in final.items()})[cc]
    return final, ak.to_numpy(neutrino)[cc]


def from_flat_tree(path):
    """Final particles of a flat tree, and who is the neutrino."""
    with uproot.open(path) as file:
        tree = file["FlatTree_VARS"]
        final = ak.zip({name: tree[branch].array() for name, branch in FLAT.items()})
        return ak.values_astype(final, np.float64), tree["PDGnu"].array(library="np")


def selected(final, neutrino):
    """What samples ask for, of events with the neutrino along z.

    Returns
    -------
    Arrays of one number for each event, by name.
    """
    code = abs(final.pdg)
    lepton_code = np.where(neutrino > 0, neutrino - 1, neutrino + 1)
    leptons = ak.sum((code == 11) | (code == 13) | (code == 15), axis=1)
    mesons = ak.sum((code >= MESONS[0]) & (code <= MESONS[1]), axis=1)
    momentum = np.sqrt(final.px**2 + final.py**2 + final.pz**2)
    # Rounding would give a mass to photons and electrons.
    mass = np.sqrt(np.maximum(final.E**2 - momentum**2, 0.0)) * ((code != 22) & (code != 11))
    proton = final.pdg == PROTON
    wanted = {PROTON: "proton", PI_PLUS: "pi+", PI_MINUS: "pi-", PI_ZERO: "pi0"}
    numbers = {f"number of {name}": ak.sum(final.pdg == pdg, axis=1)
               for pdg, name in wanted.items()}  # fmt: skip
    numbers |= {f"leading {name}": ak.fill_none(ak.max(momentum[final.pdg == pdg], axis=1), -1.0)
                for pdg, name in wanted.items()}  # fmt: skip
    one = (leptons == 1) & (mesons == 1)
    numbers |= {
        "lepton": ak.max(momentum[final.pdg == lepton_code], axis=1),
        "CC0pi": (leptons == 1) & (mesons == 0),
        "CC1pi+": one & (numbers["number of pi+"] == 1),
        "CC1pi-": one & (numbers["number of pi-"] == 1),
        "CC1pi0": one & (numbers["number of pi0"] == 1),
        "protons above threshold": ak.sum(momentum[proton] > THRESHOLD, axis=1),
        "sum of kinetic energies": ak.sum((final.E - mass)[final.pdg != lepton_code], axis=1),
        "sum of energies": ak.sum(final.E, axis=1),
    }
    return {name: ak.to_numpy(values) for name, values in numbers.items()}


def imbalance(final, neutrino):
    """Transverse imbalances of the lepton and the leading proton; NaN where there is none.

    Returns
    -------
    dpt [GeV], dphit, dalphat [rad]: arrays of shape (N,).
    """
    lepton_code = np.where(neutrino > 0, neutrino - 1, neutrino + 1)
    momentum = np.sqrt(final.px**2 + final.py**2 + final.pz**2)
    vectors = []
    for which in (final.pdg == lepton_code, final.pdg == PROTON):
        chosen = final[which][ak.argmax(momentum[which], axis=1, keepdims=True)]
        axes = (ak.fill_none(ak.firsts(chosen[name]), np.nan) for name in ("px", "py"))
        vectors.append(np.stack([ak.to_numpy(x) for x in axes], axis=1))
    lepton, proton = vectors
    sums = lepton + proton

    def angle(other):
        product = np.linalg.norm(lepton, axis=1) * np.linalg.norm(other, axis=1)
        return np.arccos(np.clip(-(lepton * other).sum(axis=1) / product, -1.0, 1.0))

    return np.linalg.norm(sums, axis=1), angle(proton), angle(sums)
