"""Genuine whole events as tables, straight from the generators' lists of particles."""

import awkward as ak
import numpy as np
import uproot

from nugen_gan.adapters.frame import in_lepton_frame
from nugen_gan.conversion.convert import read
from nugen_gan.events.particles import Flat, flat
from nugen_gan.physics.cross_section import CrossSection

# For events from 0.2 to 20 GeV; made up.
SIGMA = CrossSection((0.1, 1.0, 5.0, 30.0), (1e-37, 6e-37, 3e-36), (1e-39,) * 3, "made up")


def nuwro_events(path, stop=None):
    """Events of a flat tree whose lists have the lepton first."""
    with uproot.open(path) as file:
        lists = file["FlatTree_VARS"].arrays(["pdg", "px", "py", "pz", "E"], entry_stop=stop)
    return _table(read(path)[:stop], [lists[n][:, 1:] for n in lists.fields],
                  [lists[n][:, 0] for n in ("px", "py", "pz")])  # fmt: skip


def genie_events(path):
    """Events of a gst tree, whose lists have no lepton."""
    names = ["pdgf", "pxf", "pyf", "pzf", "Ef"]
    with uproot.open(path) as file:
        columns = file["gst"].arrays([*names, "pxl", "pyl", "pzl"])
    return _table(read(path), [columns[n] for n in names],
                  [columns[n] for n in ("pxl", "pyl", "pzl")])  # fmt: skip


def _table(table, lists, lepton):
    """Leptons and lists of particles, the neutrino along z."""
    assert len(table) == len(lists[0])
    counts = ak.to_numpy(ak.num(lists[0]))
    pdg, *momenta = (ak.to_numpy(ak.flatten(x)) for x in lists)
    those = Flat(counts, pdg.astype(np.int32), *(x.astype(np.float64) for x in momenta))
    charged = np.stack([ak.to_numpy(x).astype(np.float64) for x in lepton], axis=1)
    neutrino = np.tile([0.0, 0.0, 1.0], (len(table), 1))
    particles = in_lepton_frame(neutrino, charged, those)
    return table.with_(particles=particles, cross_section=SIGMA)


def same_events(found, events):
    """Assert that all is there, momenta as well as twelve decimals carry them."""
    assert found.process == events.process
    np.testing.assert_array_equal(found.channel, events.channel)
    for name in ("enu", "elep"):
        np.testing.assert_allclose(getattr(found, name), getattr(events, name), atol=2e-12)
    np.testing.assert_allclose(found.costheta, events.costheta, atol=1e-9)
    one, other = flat(found.particles), flat(events.particles)
    np.testing.assert_array_equal(one.counts, other.counts)
    np.testing.assert_array_equal(one.pdg, other.pdg)
    # The azimuth is that of the lepton, which a lepton almost straight ahead carries badly.
    for name in ("px", "py"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), atol=1e-7)
    for name in ("pz", "E"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), atol=2e-11)
