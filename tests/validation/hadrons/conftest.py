from __future__ import annotations

import awkward as ak
import numpy as np
import pytest
import uproot

import nugen_gan
from nugen_gan.adapters.frame import in_lepton_frame
from nugen_gan.events.particles import Flat
from nugen_gan.events.table import EventTable
from nugen_gan.physics.process import Channel, Process

CHANNELS = {
    1: Channel.QE, 2: Channel.MEC, 3: Channel.HYP, 11: Channel.RES, 16: Channel.COH,
    26: Channel.DIS,
}  # fmt: skip
LEPTON = ("Mode", "Enu_true", "ELep", "CosLep")
FIELDS = ("pdg", "px", "py", "pz", "E")


def whole_events(path, process: str, start=0, stop=None) -> EventTable:
    """Events of a NUISANCE flat tree with all their particles; the lepton is the first of these."""
    with uproot.open(path) as file:
        columns = file["FlatTree_VARS"].arrays((*LEPTON, *FIELDS), entry_start=start,
                                               entry_stop=stop)  # fmt: skip
    lepton = np.stack([ak.to_numpy(columns[k][:, 0]) for k in ("px", "py", "pz")], axis=1)
    flat = [ak.to_numpy(ak.flatten(columns[k][:, 1:])) for k in FIELDS]
    counts = ak.to_numpy(ak.num(columns.pdg)) - 1
    along = np.broadcast_to([0.0, 0.0, 1.0], lepton.shape)
    those = Flat(counts, *flat)
    channel = [CHANNELS[abs(int(mode))] for mode in columns.Mode]
    return EventTable(
        Process.from_name(process), *(ak.to_numpy(columns[k]) for k in LEPTON[1:]), channel,
        np.ones(len(counts)), particles=in_lepton_frame(along, lepton, those),
    )  # fmt: skip


@pytest.fixture(scope="session")
def hadron_tables(shared_data):
    """Whole events of the genuine tables: ``hadron_tables("numu_C12_train", 0, 1000)``."""

    def read(name: str, start: int, stop: int) -> EventTable:
        path = shared_data / "tables" / f"{name}.root"
        if not path.exists():
            pytest.skip(f"{path.name} is not here")
        return whole_events(path, name.rpartition("_")[0].replace("_", "_cc_"), start, stop)

    return read


@pytest.fixture(scope="session")
def argon(data):
    """A thousand genuine events of NuWro on argon, with their hadrons."""
    return nugen_gan.read(data / "numu_Ar40_1k.root")


@pytest.fixture(scope="session")
def bundled():
    """20,000 genuine events of NuWro on carbon, with their hadrons."""
    return nugen_gan.read("numu_cc_C12_whole")


@pytest.fixture(scope="session")
def carbon(bundled):
    """2,400 of them."""
    return bundled[:2_400]


@pytest.fixture(scope="session")
def halves(carbon):
    """The same in two independent halves."""
    return carbon[:1200], carbon[1200:]


@pytest.fixture(scope="session")
def made():
    """Make events from the particles of each: ``made([[(2212, 0.1, 0.0, 0.5)]])``.

    A particle is its PDG code and momentum [GeV].  The neutrino has 1 GeV, the lepton 0.6 GeV at
    60 degrees, unless given.
    """

    def make(events, *, enu=1.0, elep=0.6, costheta=0.5, channel=Channel.QE) -> EventTable:
        from nugen_gan.events.particles import particles
        from nugen_gan.physics import species

        rows = [row for event in events for row in event]
        pdg = np.array([row[0] for row in rows], np.int32)
        momentum = np.array([row[1:] for row in rows], float).reshape(-1, 3)
        energy = np.sqrt(species.mass(pdg) ** 2 + (momentum**2).sum(axis=1))
        count = len(events)
        full = [np.full(count, value) for value in (enu, elep, costheta, channel, 1.0)]
        lists = particles([len(event) for event in events], pdg, *momentum.T, energy)
        return EventTable(Process.from_name("numu_cc_C12"), *full, particles=lists)

    return make
