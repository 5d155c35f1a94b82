import pytest
from hypothesis import given
from hypothesis import strategies as st

from nugen_gan.errors import UsageError
from nugen_gan.physics.process import (
    PROBE_NAMES,
    SYMBOLS,
    Process,
    is_nucleus,
    mass_number,
    nucleus_pdg,
    parse_probe,
    parse_target,
)

PROBES = st.sampled_from(sorted(PROBE_NAMES))


@st.composite
def nuclei(draw):
    z = draw(st.integers(1, len(SYMBOLS)))
    return nucleus_pdg(z, draw(st.integers(z, 300)))


@given(PROBES, nuclei())
def test_a_name_leads_back_to_its_process(probe, target):
    process = Process(probe, target)
    assert Process.from_name(process.name) == process
    assert is_nucleus(target)
    assert mass_number(target) == process.a


@given(PROBES)
def test_the_lepton_belongs_to_the_probe(probe):
    lepton = Process(probe, 1000060120).lepton
    assert abs(lepton) == abs(probe) - 1
    assert (lepton > 0) == (probe > 0)
    assert Process(probe, 1000060120).is_antineutrino == (probe < 0)


def test_lepton_masses():
    assert Process.from_name("nue_cc_C12").lepton_mass == pytest.approx(0.51099895e-3)
    assert Process.from_name("numubar_cc_C12").lepton_mass == pytest.approx(0.1056583755)
    assert Process.from_name("nutau_cc_C12").lepton_mass == pytest.approx(1.77693, rel=1e-4)


@pytest.mark.parametrize("text", ["numu", "14", 14, "nu_mu", " NuMu "])
def test_spellings_of_a_probe(text):
    assert parse_probe(text) == 14


@pytest.mark.parametrize("text", ["antinumu", "numubar", "nu_mu_bar", -14, "-14"])
def test_spellings_of_an_antineutrino(text):
    assert parse_probe(text) == -14


@pytest.mark.parametrize("text", ["C12", "12C", "C", "c-12", 1000060120, "1000060120"])
def test_spellings_of_a_target(text):
    assert parse_target(text) == 1000060120


@pytest.mark.parametrize("text", ["p", "proton", 2212, "H", "H1", 1000010010])
def test_spellings_of_hydrogen(text):
    assert parse_target(text) == 1000010010


@pytest.mark.parametrize("text", ["Xx", "C5", "C301", "", "carbon", 1000000010, "1000060050"])
def test_wrong_targets(text):
    with pytest.raises(UsageError):
        parse_target(text)


@pytest.mark.parametrize("text", ["mu", 13, "", "nu"])
def test_wrong_probes_are_told_the_right_ones(text):
    with pytest.raises(UsageError, match="numubar"):
        parse_probe(text)


@pytest.mark.parametrize("name", ["numu_C12", "numu_nc_C12", "numu", "numu_cc_"])
def test_wrong_process_names(name):
    with pytest.raises(UsageError):
        Process.from_name(name)


@pytest.mark.parametrize("pdg", [0, 2212, 1000060121, 1000000010, 2000000201])
def test_not_a_nucleus(pdg):
    assert not is_nucleus(pdg)
