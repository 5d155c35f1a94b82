"""One source of masses, with the values that trained models know."""

import ast
from pathlib import Path

import pytest
from particle import Particle

import nugen_gan
from nugen_gan.physics.kinematics import NUCLEON_MASS
from nugen_gan.physics.masses import FIXED, MASS_PER_NUCLEON, particle_mass
from nugen_gan.physics.nuclei import nuclear_mass
from nugen_gan.physics.process import Process

ROOT = Path(nugen_gan.__file__).parent
# [GeV]: electron, muon, tau, charged and neutral pion, proton, neutron, nucleon, atomic mass unit
KNOWN = (0.000511, 0.105658, 1.777, 0.13957, 0.13498, 0.938272, 0.939565, 0.938919, 0.9315)


def numbers(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            yield node.value


def test_no_other_module_states_a_mass():
    """In GeV or in MeV, to three parts in ten thousand."""
    found = {
        f"{path.relative_to(ROOT)}: {value}"
        for path in ROOT.rglob("*.py")
        if path != ROOT / "physics" / "masses.py"
        for value in numbers(path)
        for mass in KNOWN
        if any(abs(value / (scale * mass) - 1.0) < 3e-4 for scale in (1.0, 1e3))
    }
    assert found == set()


def test_the_nucleon_mass_of_trained_models_never_changes():
    assert NUCLEON_MASS == 0.5 * (0.93827208816 + 0.93956542052)
    assert NUCLEON_MASS.hex() == "0x1.e0b9f57efb934p-1"


@pytest.mark.parametrize(
    ("pdg", "mass", "error"),
    [
        (11, 0.51099895e-3, 1e-11), (13, 0.1056583755, 1e-9), (15, 1.77693, 2e-4),
        (211, 0.13957039, 1e-6), (2212, 0.93827208816, 0.0), (2112, 0.93956542052, 0.0),
        (-13, 0.1056583755, 1e-9), (-2212, 0.93827208816, 0.0),
    ],
)  # fmt: skip
def test_masses_are_those_of_the_particle_data_group(pdg, mass, error):
    assert particle_mass(pdg) == pytest.approx(mass, abs=error, rel=0.0)


def test_the_nucleons_agree_with_the_newest_table():
    particle = pytest.importorskip("particle")
    for pdg in (2212, 2112):
        newest = particle.Particle.from_pdgid(pdg).mass * 1e-3
        assert particle_mass(pdg) == pytest.approx(newest, rel=1e-8)


def test_an_unknown_particle_has_no_mass():
    with pytest.raises(KeyError, match="999999"):
        particle_mass(999999)


def test_leptons_and_nuclei_use_them():
    assert Process(-14, 1000060120).lepton_mass == particle_mass(13)
    assert nuclear_mass(1000010010) == particle_mass(2212)
    # Twelve atomic mass units less six electrons, plus their binding energy of 1.03 keV.
    assert nuclear_mass(1000060120) == pytest.approx(11.1748643, abs=1e-6)
    assert f"{nuclear_mass(1000060120):.12f}" == "11.174864296344"
    assert pytest.approx(0.93149410, rel=1e-4) == MASS_PER_NUCLEON


@pytest.mark.parametrize("code", sorted(FIXED))
def test_fixed_masses_are_those_of_the_particle_data_group(code):
    """A newer table may move them by its errors, and by no more."""
    assert FIXED[code] == pytest.approx(Particle.from_pdgid(code).mass * 1e-3, rel=1e-4)
    assert particle_mass(code) == particle_mass(-code) == FIXED[code]
