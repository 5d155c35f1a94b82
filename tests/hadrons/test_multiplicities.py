"""Numbers of particles: what is drawn leaves a possible remnant."""

import numpy as np
import pytest
import torch

from nugen_gan.hadrons.conditions import conditions
from nugen_gan.hadrons.multiplicities import Multiplicities, targets_of
from nugen_gan.hadrons.networks import MultiplicityNetworks
from nugen_gan.hadrons.shape import HadronShape
from nugen_gan.hadrons.tiles import independent
from nugen_gan.hadrons.transfer_frame import Transfer
from nugen_gan.physics.process import Channel, Process


def wild(process, catalogue, most=(6, 6, 6, 12, 12)):
    """Networks that nobody trained, which say anything."""
    torch.manual_seed(1)
    networks = MultiplicityNetworks(catalogue, HadronShape(narrow=16, most=most))
    with torch.no_grad():
        for value in networks.parameters():
            value.add_(torch.randn_like(value) * 0.5)
    tensors = {name: value.detach().numpy() for name, value in networks.state_dict().items()}
    return Multiplicities.of(process, catalogue, tensors)


@pytest.mark.parametrize("name", ["numu_cc_Ar40", "numu_cc_C12", "numubar_cc_C12", "numu_cc_H1",
                                  "numubar_cc_H1"])  # fmt: skip
def test_every_remnant_is_possible(known, catalogue, random, name):
    process = Process.from_name(name)
    given, omega = known.conditions, known.transfer.omega
    coherent = np.asarray(known.table.channel == Channel.COH)
    counts = wild(process, catalogue).draw(given, omega, coherent, independent(random, len(omega)))
    free = ~coherent & counts.any(axis=1)
    lepton = 1 if process.probe > 0 else -1
    charge = process.z + lepton - counts @ catalogue.charge
    nucleons = process.a - counts @ catalogue.baryon_number
    assert (charge[free] >= 0).all()
    assert (nucleons[free] >= charge[free]).all()
    assert (counts @ catalogue.cost <= omega)[free].all()
    # What anything says is hardly ever possible on a proton, where charge is always too much.
    assert free.sum() > 50 or name == "numu_cc_H1"


@pytest.mark.parametrize(("name", "pion"), [("numu_cc_C12", 0), ("numubar_cc_C12", 2)])
def test_a_coherent_event_has_its_one_pion(known, catalogue, random, name, pion):
    everything = np.ones(len(known.table), bool)
    counts = wild(Process.from_name(name), catalogue).draw(
        known.conditions, known.transfer.omega, everything, independent(random, len(everything))
    )
    enough = known.transfer.omega > 0.1396
    assert (counts.sum(axis=1) == enough).all()
    assert (counts[:, pion] == enough).all()


def test_targets_are_the_counts_in_the_order_of_the_chain(known, catalogue):
    targets = targets_of(known.counts, catalogue)
    assert len(targets) == 6
    np.testing.assert_array_equal(catalogue.table[targets[0]], known.counts[:, catalogue.rare])
    pdg = [211, 111, -211, 2212, 2112]
    for code, target in zip(pdg, targets[1:], strict=True):
        place = catalogue.order.tolist().index(code)
        np.testing.assert_array_equal(target, known.counts[:, place])


def test_conditions_are_of_order_one(known):
    given = conditions(known.table, Transfer.of(known.table))
    assert np.isfinite(given).all()
    assert abs(given).max() < 12.0
    assert given.dtype == np.float32
