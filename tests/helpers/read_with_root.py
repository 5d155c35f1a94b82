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
    fm, fd, ld = np.zeros((3, 250), np.int32)
    addresses = {"StdHepN": number, "StdHepPdg": pdg, "StdHepStatus": status, "StdHepP4": p4,
                 "StdHepX4": x4, "StdHepPolz": polarisation, "EvtVtx": vertex,
                 "StdHepFm": fm, "StdHepFd": fd, "StdHepLd": ld}  # fmt: skip
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
                "fm": fm[:n].tolist(),
                "fd": fd[:n].tolist(),
                "ld": ld[:n].tolist(),
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
    columns = {name: drawn(tree, name) for name in names} | {"Ef": drawn(tree, "Ef")}
    return columns | {"events": final_states(tree)}


def final_states(tree):
    """What macros for GENIE's summary tree do."""
    nf, nfp, nfother = (np.zeros(1, np.int32) for _ in range(3))
    total, response = np.zeros(1), np.zeros(1)
    lists = {"pdgf": np.zeros(250, np.int32)}
    lists |= {name: np.zeros(250) for name in ("Ef", "pxf", "pyf", "pzf", "pf", "cthf")}
    addresses = {"nf": nf, "nfp": nfp, "nfother": nfother, "sumKEf": total, "calresp0": response}
    for name, memory in (addresses | lists).items():
        assert tree.SetBranchAddress(name, memory) >= 0
    events = []
    for entry in range(tree.GetEntries()):
        tree.GetEntry(entry)
        event = {name: values[: nf[0]].tolist() for name, values in lists.items()}
        events.append(event | {name: memory[0].item() for name, memory in addresses.items()})
    return events


def treeout(tree):
    """What scripts for NuWro do."""
    reader = ROOT.TTreeReader(tree)
    momenta = ("in.t", "in.z", "out.t", "out.x", "out.y", "out.z", "post.t", "post.x", "post.y",
               "post.z")  # fmt: skip
    lists = {name: ROOT.TTreeReaderArray["double"](reader, name) for name in momenta}
    codes = {name: ROOT.TTreeReaderArray["int"](reader, name)
             for name in ("in.pdg", "out.pdg", "post.pdg")}  # fmt: skip
    numbers = {
        "weight": ROOT.TTreeReaderValue["double"](reader, "weight"),
        "dyn": ROOT.TTreeReaderValue["int"](reader, "dyn"),
        "flag.cc": ROOT.TTreeReaderValue["bool"](reader, "flag.cc"),
        "flag.qel": ROOT.TTreeReaderValue["bool"](reader, "flag.qel"),
        "par.nucleus_p": ROOT.TTreeReaderValue["int"](reader, "par.nucleus_p"),
    }
    if tree.GetBranch("pr"):
        numbers["pr"] = ROOT.TTreeReaderValue["int"](reader, "pr")
    events = []
    while reader.Next():
        event = {name: list(values) for name, values in (lists | codes).items()}
        events.append(event | {name: value.__deref__() for name, value in numbers.items()})
    return {"events": events, "drawn": drawn(tree, "out.t[0]")}


def flat_tree(tree):
    """What NUISANCE does with a flat tree."""
    numbers = {"nfsp": np.zeros(1, np.int32), "nvertp": np.zeros(1, np.int32),
               "dpt": np.zeros(1, np.float32), "flagCC0pi": np.zeros(1, np.bool_)}  # fmt: skip
    lists = {name: np.zeros(200, np.float32) for name in ("px", "py", "pz", "E", "E_vert")}
    lists |= {name: np.zeros(200, np.int32) for name in ("pdg", "pdg_rank", "pdg_vert")}
    for name, memory in (numbers | lists).items():
        assert tree.SetBranchAddress(name, memory) >= 0, name
    events = []
    for entry in range(tree.GetEntries()):
        tree.GetEntry(entry)
        event = {name: value[0].item() for name, value in numbers.items()}
        counts = {name: event["nvertp" if name.endswith("vert") else "nfsp"] for name in lists}
        events.append(event | {name: x[: counts[name]].tolist() for name, x in lists.items()})
    return {"events": events}


def records(tree):
    """What GENIE does with an event library."""
    enu, number, count = np.zeros(1, np.float32), np.zeros(1, np.int32), np.zeros(1, np.int32)
    lists = {name: np.zeros(1024, np.float32) for name in ("E", "px", "py", "pz")}
    lists["pdg"] = np.zeros(1024, np.int32)
    addresses = {"Enu": enu, "prod_id": number, "nparts": count, **lists}
    for name, memory in addresses.items():
        assert tree.SetBranchAddress(name, memory) >= 0
    events = []
    for entry in range(tree.GetEntries()):
        tree.GetEntry(entry)
        event = {name: values[: count[0]].tolist() for name, values in lists.items()}
        events.append(event | {"Enu": float(enu[0]), "prod_id": int(number[0])})
    return {"events": events}


READERS = {"gst": gst, "gRooTracker": rootracker, "treeout": treeout, "records": records,
           "FlatTree_VARS": flat_tree}  # fmt: skip
ENERGIES = (0.1, 0.5, 1.0, 2.5, 100.0)


def main(path, name):
    file = ROOT.TFile.Open(path)
    tree = file.Get(name)
    folder, _, short = name.rpartition("/")
    # Before any address is set, for Draw looks at the tree's own memory.
    found = READERS[short](tree)
    graph = file.Get(f"{folder}/xsec" if folder else "nu_mu_C12/tot_cc")
    if graph:
        found["graph"] = [float(graph.Eval(energy)) for energy in ENERGIES]
    histogram = file.Get("xsections")
    if histogram:
        found["xsections"] = float(histogram.Integral())
    return found | {"entries": int(tree.GetEntries())}


if __name__ == "__main__":
    sys.stdout.write("JSON" + json.dumps(main(sys.argv[1], sys.argv[2])))
