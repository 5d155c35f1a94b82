from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2_contingency

from nugen_gan.validation.hadrons.final_state import FinalState
from nugen_gan.validation.hadrons.samples import HadronSamples
from nugen_gan.validation.hadrons.topologies import NAMES, Topology, topologies
from nugen_gan.validation.hadrons.topology_fractions import topology_fractions

FAST, SLOW = (2212, 0.0, 0.0, 0.4), (2212, 0.0, 0.0, 0.29)


@pytest.mark.parametrize(
    ("particles", "topology"),
    [
        ([], Topology.CC0PI_0P),
        ([SLOW, (2112, 0, 0, 1), (22, 0, 0, 0.01)], Topology.CC0PI_0P),
        ([FAST, SLOW, (11, 0, 0, 0.1), (-11, 0, 0, 0.1)], Topology.CC0PI_1P),
        ([FAST, FAST, FAST], Topology.CC0PI_NP),
        ([FAST, (211, 0, 0, 0.1)], Topology.CC1PIP),
        ([(211, 0, 0, 1), (1000060120, 0, 0, 0.1)], Topology.CC1PIP),
        ([(-211, 0, 0, 0.1)], Topology.CC1PIM),
        ([FAST, FAST, (111, 0, 0, 0.1)], Topology.CC1PI0),
        ([(211, 0, 0, 0.1), (-211, 0, 0, 0.1)], Topology.CCNPI),
        ([(321, 0, 0, 0.1), FAST], Topology.OTHER),
        ([(3122, 0, 0, 0.1), (211, 0, 0, 0.1)], Topology.OTHER),
        ([(-2112, 0, 0, 0.1)], Topology.OTHER),
    ],
)
def test_topology_of(made, particles, topology):
    assert topologies(FinalState.of(made([particles]))).tolist() == [topology]


def test_every_topology_has_a_name():
    assert list(NAMES) == list(Topology)


def test_chi2_is_that_of_scipy(halves):
    samples = HadronSamples.of(*halves)
    found = topology_fractions(samples, (25.0, 25.0))  # all events in one bin
    counts = np.array([np.bincount(s.topology, minlength=len(Topology)) for s in samples.pair])
    rare = counts.sum(axis=0) < 20
    counts = np.column_stack([counts[:, ~rare], counts[:, rare].sum(axis=1)])
    theirs = chi2_contingency(counts, correction=False)
    assert found.degrees == theirs.dof
    assert found.chi2 == pytest.approx(theirs.statistic)
    assert found.chi2_p_value == pytest.approx(theirs.pvalue)


def test_shares_of_two_halves_agree_and_a_moved_share_is_named(halves):
    samples = HadronSamples.of(*halves)
    honest = topology_fractions(samples, (0.2, 20.0))
    assert honest.p_value > 0.01
    assert np.nansum(honest.reference, axis=0) == pytest.approx(1.0)
    topology = samples.generated.topology
    moved = np.flatnonzero(topology == Topology.CC0PI_1P)[::3]
    topology[moved] = Topology.CC1PI0
    wrong = topology_fractions(samples, (0.2, 20.0))
    assert wrong.p_value < 1e-3
    assert wrong.worst.topology in (NAMES[Topology.CC0PI_1P], NAMES[Topology.CC1PI0])
    assert abs(wrong.worst.difference) == pytest.approx(len(moved) / 1200, abs=0.04)
