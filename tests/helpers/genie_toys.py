"""Genuine files of GENIE with a few columns changed, and tables of events with hadrons."""

import awkward as ak
import numpy as np
import uproot

from nugen_gan.adapters.genie.rootracker_tree import write_vectors_whole
from nugen_gan.events.particles import Flat, flat, particles
from nugen_gan.events.table import EventTable
from nugen_gan.physics.masses import particle_mass
from nugen_gan.physics.process import Channel, Process

GST = ["neu", "fspl", "tgt", "cc", "qel", "mec", "res", "dis", "coh", "Ev", "pxv", "pyv", "pzv",
       "El", "pxl", "pyl", "pzl", "wght", "pdgf", "Ef", "pxf", "pyf", "pzf"]  # fmt: skip
ROOTRACKER = ["StdHepPdg", "StdHepStatus", "StdHepP4", "StdHepFm"]
SIGMA = ([0.2, 1.0, 10.0], [1e-39, 9e-38, 9e-37])


def gst(path, source, remove=(), **change):
    """Copy the summary tree ``source`` with functions applied to columns, or without them."""
    return _copy(path, source, "gst", "gst", [n for n in GST if n not in remove], change)


def rootracker(path, source, name="gRooTracker", remove=(), **change):
    """Copy the particles of a ``gRooTracker`` in the same way, under another name perhaps."""
    branches = [n for n in ROOTRACKER if n not in remove]
    return _copy(path, source, "gRooTracker", name, branches, change)


def _copy(path, source, tree, name, branches, change):
    with uproot.open(source) as file:
        columns = {branch: file[tree][branch].array() for branch in branches}
    for branch, function in change.items():
        columns[branch] = function(columns[branch])
    types = {}
    for branch, column in columns.items():
        if column.ndim == 1:
            columns[branch] = ak.to_numpy(column)
            types[branch] = columns[branch].dtype
        else:
            types[branch] = column.type.content
    with uproot.recreate(path) as file:
        new = file.mktree(name, types)
        write_vectors_whole(new)
        new.extend(columns)
    return path


def first_of(column, value):
    """Replace the first number of the first list that has any."""
    lists = column.to_list()
    next(x for x in lists if x)[0] = value
    return ak.values_astype(ak.Array(lists), ak.flatten(column).type.content.primitive)


def event_of(pdg, copies=1, process="numu_cc_C12", events=8):
    """Events of 1 to 2 GeV with these particles at rest, ``copies`` of each."""
    codes = np.tile(np.repeat(np.asarray(pdg, np.int32), copies), events)
    mass = np.array([particle_mass(int(code)) for code in codes])
    nothing = np.zeros(len(codes))
    enu = np.linspace(1.0, 2.0, events)
    return EventTable(
        Process.from_name(process), enu, enu - 0.3, np.full(events, 0.5),
        np.full(events, int(Channel.QE)), np.ones(events),
        particles=particles(np.full(events, len(pdg) * copies), codes, nothing, nothing, nothing,
                            mass),
    )  # fmt: skip


def assert_same_particles(found, expected, rtol=0.0, atol=1e-14):
    """Compare two tables' particles one by one."""
    a, b = (flat(table.particles) for table in (found, expected))
    for name in ("counts", "pdg"):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name))
    for name in Flat._fields[2:]:
        np.testing.assert_allclose(getattr(a, name), getattr(b, name), rtol, atol, err_msg=name)
