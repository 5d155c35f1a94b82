"""Switches are compared with what a model was trained on; none is silently ignored."""

import pytest
from nugen_gan_nuwro.cards import read_card
from nugen_gan_nuwro.dynamics import asked_dynamics, electron_cross_section
from nugen_gan_nuwro.models import choose_models
from nugen_gan_nuwro.names import PARAMETERS
from nugen_gan_nuwro.settings import differences

from nugen_gan.errors import UsageError
from nugen_gan.model.folder import find_model, read_description
from nugen_gan.physics.process import Channel, Process

CARBON = Process.from_name("numu_cc_C12")
LFG = ["sf_method=0", "qel_axial_ff_set=1", "res_kind=1", "res_dis_cut=1600", "mec_kind=3",
       "res_dis_blending_start=1300", "res_dis_blending_end=1600"]  # fmt: skip


def settings(name):
    return read_description(find_model(name))["training"]["settings"]


def test_the_defaults_are_those_of_the_model():
    assert differences(read_card(None), settings("numu_cc_C12"), antineutrino=False) == []


@pytest.mark.parametrize("name", sorted(settings("numu_cc_C12")))
def test_each_switch_is_compared(name):
    """Another value is a difference, unless nothing that is made reads the switch."""
    parameter = PARAMETERS[name]
    other = {"bool": 1 - int(bool(parameter.default)), "string": "other"}.get(parameter.kind, 77)
    found = differences(
        read_card(None, [f"{name} = {other}"]), settings("numu_cc_C12"), antineutrino=True
    )
    unread = {"qel_nc_axial_mass", "qel_s_axial_mass", "qel_strange", "qel_strangeEM", "delta_s",
              "nucleus_E_b", "nucleus_kf", "formation_length"}  # fmt: skip
    assert [difference.name for difference in found] == ([] if name in unread else [name])
    for difference in found:
        assert name in str(difference)
        assert "-p" in str(difference)


def test_hyperons_matter_for_antineutrinos():
    card = read_card(None, ["hyp_axial_mass = 900"])
    assert not differences(card, settings("numu_cc_C12"), antineutrino=False)
    assert differences(card, settings("numubar_cc_C12"), antineutrino=True)


def test_the_old_switch_of_interactions_in_the_spectral_function():
    known = settings("numu_cc_C12")
    assert not differences(read_card(None, ["sf_fsi=1"]), known, antineutrino=False)
    (found,) = differences(read_card(None, ["sf_fsi=0"]), known, antineutrino=False)
    assert found.name == "sf_fsi"
    assert not differences(
        read_card(None, [*LFG, "sf_fsi=0"]), settings("numu_cc_C12_lfg"), antineutrino=False
    )


def test_the_model_follows_from_the_switches():
    chosen = choose_models({CARBON: "all"}, read_card(None, LFG), (), accept=False)[CARBON]
    assert chosen.model.name == "numu_cc_C12_lfg"
    assert "those of the run" in str(chosen)


def test_a_difference_is_an_error_that_names_all():
    with pytest.raises(UsageError) as raised:
        choose_models({CARBON: "all"}, read_card(None, ["mec_kind=3"]), (), accept=False)
    for words in ("mec_kind = 3", "-p 'mec_kind=3'", "the model has 6", "-p 'mec_kind=6'",
                  "--accept-differences", "finetune"):  # fmt: skip
        assert words in str(raised.value)


def test_a_difference_can_be_accepted_aloud():
    chosen = choose_models({CARBON: "all"}, read_card(None, ["mec_kind=3"]), (), accept=True)
    assert "ITS SWITCHES DIFFER: mec_kind = 3" in str(chosen[CARBON])


def test_all_models_that_are_missing_are_named():
    wanted = {Process.from_name(n): n for n in ("numu_cc_C12", "numu_cc_H1", "nue_cc_O16")}
    with pytest.raises(UsageError, match=r"numu_cc_H1 .*, nue_cc_O16") as raised:
        choose_models(wanted, read_card(None), (), accept=False)
    assert "numu_cc_C12," in str(raised.value)


def test_a_model_of_another_generator_only_if_it_is_named():
    chosen = choose_models({CARBON: "all"}, read_card(None), ["numu_cc_C12_genie"], accept=False)
    assert "cannot be compared" in str(chosen[CARBON])


def test_channels():
    dynamics = asked_dynamics(read_card(None, ["dyn_mec_cc=0"]), cc_only=False)
    known = tuple(int(c) for c in (Channel.QE, Channel.MEC, Channel.RES, Channel.DIS, Channel.COH))
    assert Channel.MEC not in (dynamics.of(known) or ())
    assert dynamics.of((int(Channel.QE), int(Channel.RES))) is None
    hyperons_off = asked_dynamics(read_card(None, ["dyn_hyp_cc=0"]), cc_only=False)
    assert hyperons_off.of(known) is None


def test_neutral_currents():
    card = read_card(None, ["dyn_qel_nc=1"])
    with pytest.raises(UsageError, match=r"dyn_qel_nc = 1.*--cc-only.*NUGEN_CC_ONLY"):
        asked_dynamics(card, cc_only=False)
    assert asked_dynamics(card, cc_only=True).dropped == ("dyn_qel_nc",)


def test_scattering_off_electrons():
    """NuWro 25.11 has 1.95e-42 cm2 per nucleon of carbon for a flux of mean energy 2.505 GeV."""
    assert electron_cross_section(14, 2.505, 0.5) == pytest.approx(1.949e-42, rel=0.02)
    # 't Hooft's ratios of couplings.
    assert electron_cross_section(12, 1.0, 1.0) > 5 * electron_cross_section(14, 1.0, 1.0)


def test_a_free_proton_has_no_switches_of_nuclei():
    """Models of hydrogen are trained with these off, as NuWro wants them there."""
    known = settings("numu_cc_C12") | {
        "sf_method": 0, "FSI_on": False, "nucleus_target": 0, "pauli_blocking": False
    }  # fmt: skip
    card = read_card(None)
    assert len(differences(card, known, antineutrino=False)) == 4
    assert not differences(card, known, antineutrino=False, free=True)
    card = read_card(None, ["qel_cc_axial_mass = 990"])
    assert differences(card, known, antineutrino=True, free=True)
