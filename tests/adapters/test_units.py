import numpy as np
import pytest

from nugen_gan.adapters.units import MEV, Unit
from nugen_gan.errors import FormatError

MUON, PROTON, ELECTRON = 0.1056583755, 0.93827208816, 0.00051099895


def particles(mass, momenta, scale=1.0):
    p = np.asarray(momenta, np.float64)
    zero = np.zeros_like(p)
    return scale * np.stack([zero, zero, p, np.sqrt(p**2 + mass**2)], axis=1)


@pytest.mark.parametrize(("scale", "found"), [(1.0, 1.0), (1000.0, MEV)])
@pytest.mark.parametrize(("mass", "pdg"), [(MUON, 13), (PROTON, 2212), (0.92 * PROTON, 2112)])
def test_masses_tell_the_unit(tmp_path, mass, pdg, scale, found):
    unit = Unit()
    unit.add(particles(mass, [0.1, 1.0, 9.0], scale).astype(np.float32), [pdg] * 3)
    assert unit.known
    assert unit.scale(tmp_path) == found


def test_fast_particles_have_no_say(tmp_path):
    unit = Unit()
    unit.add(particles(ELECTRON, [2.0, 30.0]).astype(np.float32), [11, 11])
    assert not unit.known
    assert unit.scale(tmp_path) == 1.0


def test_a_nucleus_with_its_mass_number_as_energy_is_outvoted(tmp_path):
    unit = Unit()
    unit.add([[0.0, 0.0, 0.0, 12.0]] * 5, [1000060120] * 5)
    assert unit.scale(tmp_path) == 1.0
    unit.add(particles(PROTON, [0.3], 1000.0), [2212])
    assert unit.scale(tmp_path) == MEV


def test_two_units_in_one_file_are_refused(tmp_path):
    unit = Unit()
    unit.add(particles(MUON, [0.3, 0.5]), [13, 13])
    unit.add(particles(MUON, [0.3, 0.5], 1000.0), [13, 13])
    with pytest.raises(FormatError, match="GeV and 2 in MeV"):
        unit.scale(tmp_path)


def test_what_a_format_has_can_be_required(tmp_path):
    unit = Unit()
    unit.add(particles(MUON, [0.3, 0.5], 1000.0), [13, 13])
    unit.require(tmp_path, mev=True, what="it")
    with pytest.raises(FormatError, match=r"it has energies in GeV.*right in MeV only"):
        unit.require(tmp_path, mev=False, what="it")
