"""Read a file of ours with ROOT itself, as C++ programs do; prints what it found as JSON.

Run by the tests in a process of its own, for importing ROOT warns and takes over signals.
"""

import json
import sys

import numpy as np
import ROOT

EVENTS = 50


def rootracker(tree):
    number = np.zeros(1, np.int32)
    pdg, status = np.zeros(250, np.int32), np.zeros(250, np.int32)
    # The memory of C++'s double[250][4].
    p4, x4, polarisation = np.zeros((250, 4)), np.ones((250, 4)), np.ones((250, 3))
    vertex = np.ones(4)
    addresses = {"StdHepN": number, "StdHepPdg": pdg, "StdHepStatus": status, "StdHepP4": p4,
                 "StdHepX4": x4, "StdHepPolz": polarisation, "EvtVtx": vertex}  # fmt: skip
    for name, memory in addresses.items():
        assert tree.SetBranchAddress(name, memory) >= 0
    events = []
    for entry in [*range(min(EVENTS, tree.GetEntries())), tree.GetEntries() - 1]:
        tree.GetEntry(entry)
        n = int(number[0])
        zeros = abs(x4[:n]).sum() + abs(polarisation[:n]).sum() + abs(vertex).sum()
        events.append(
            {
                "pdg": pdg[:n].tolist(),
                "status": status[:n].tolist(),
                "p4": p4[:n].tolist(),
                "zeros": float(zeros),
                "code": str(tree.GetLeaf("EvtCode").GetValueString()),
            }
        )
    return {"events": events, "drawn": drawn(tree, "StdHepP4[2][3]")}


def drawn(tree, expression):
    count = tree.Draw(expression, "", "goff")
    return np.frombuffer(tree.GetV1(), np.float64, count=count).tolist()


def gst(tree):
    names = ("iev", "neu", "cc", "qel", "neut_code", "Ev", "El", "cthl", "nf", "XSec", "KPS")
    return {name: drawn(tree, name) for name in names} | {"Ef": drawn(tree, "Ef")}


def main(path, name):
    file = ROOT.TFile.Open(path)
    tree = file.Get(name)
    # Before any address is set, for Draw looks at the tree's own memory.
    found = {"gst": gst, "gRooTracker": rootracker}[name](tree)
    graph = file.Get("nu_mu_C12/tot_cc")
    found["graph"] = [float(graph.Eval(energy)) for energy in (0.5, 1.0, 2.5)]
    return found | {"entries": int(tree.GetEntries())}


if __name__ == "__main__":
    sys.stdout.write("JSON" + json.dumps(main(sys.argv[1], sys.argv[2])))
