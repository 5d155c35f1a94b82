from __future__ import annotations

import numpy as np
import pytest

from nugen_gan.physics.masses import PROTON_MASS
from nugen_gan.validation.hadrons.final_state import PROTON, FinalState


def test_particles_of_each_event(made):
    state = FinalState.of(made([[(2212, 0, 0, 0.3), (211, 0, 0, 1)], [], [(2212, 0, 0.4, 0)]]))
    assert state.events == 3
    assert state.count(state.any_of(PROTON)).tolist() == [1, 0, 1]
    assert state.total(state.size).tolist() == pytest.approx([1.3, 0.0, 0.4])
    assert state.total(state.momentum)[2].tolist() == pytest.approx([0.0, 0.4, 0.0])


def test_leading_is_the_one_of_highest_momentum(made):
    events = [[(2212, 0, 0, 0.3), (2212, 0.5, 0, 0), (211, 0, 0, 2)], [(211, 0, 0, 1)]]
    state = FinalState.of(made(events))
    assert state.leading(state.any_of(PROTON)).tolist() == [1, -1]
    assert state.leading(state.any_of(211)).tolist() == [2, 3]


def test_energies_are_those_of_pdg_masses_whatever_the_file_says(made):
    events = made([[(2212, 0.0, 0.0, 0.4)]])
    wrong = events.with_(particles=[[{**events.particles[0, 0].tolist(), "E": 1.1}]])
    state = FinalState.of(wrong)
    assert state.energy[0] == pytest.approx(np.hypot(PROTON_MASS, 0.4))


def test_particles_without_a_mass_of_their_own_keep_that_of_the_file(made):
    events = made([[(2212, 0.0, 0.0, 0.4)]])
    neutrino = {"pdg": -14, "px": 0.0, "py": 0.0, "pz": 0.3, "E": 0.3}
    state = FinalState.of(events.with_(particles=[[neutrino]]))
    assert state.mass.tolist() == [0.0]
    assert state.energy.tolist() == [0.3]


def test_axes_are_those_of_the_momentum_transfer(argon):
    state = FinalState.of(argon)
    across, out, along = state.axes()
    length = np.linalg.norm(state.transfer, axis=1)
    assert np.allclose(np.einsum("ij,ij->i", along, state.transfer), length)
    assert np.allclose(out, [0.0, 1.0, 0.0])
    assert np.allclose(np.cross(across, out), along)
    # The lepton is on the other side of the beam than q.
    assert (state.transfer[:, 0] <= 0.0).all()
    assert np.allclose(np.einsum("ij,ij->i", across, state.lepton + state.transfer),
                       across[:, 2] * argon.enu)  # fmt: skip
