import pytest

from nugen_gan.conversion.sample import Sample
from nugen_gan.conversion.settings import read_settings
from nugen_gan.errors import UsageError
from nugen_gan.events.generator_settings import (
    TRAINED_WITH,
    generator_settings,
    mixed_settings,
    settings_differences,
    settings_lines,
    with_settings,
)
from nugen_gan.events.provenance import Provenance

SIDES = ("the model", "the reference")


def test_a_nuwro_file_tells_all_of_its_physics_switches(data):
    found = generator_settings(Sample([data / "nuwro_numu_C12_1GeV.root"]).source.provenance())
    assert found["FSI_on"] is True
    assert (found["sf_method"], found["qel_axial_ff_set"], found["mec_kind"]) == (1, 8, 6)
    assert found["qel_cc_axial_mass"] == 1030.0
    # Of the cascade too, and nothing of the run.
    assert found["kaskada_NN_xsec"] == 2
    assert not {"beam_energy.string", "random_seed", "number_of_events", "dyn_qel_cc"} & set(found)


def test_settings_in_words(data):
    lines = dict(settings_lines(read_settings(data / "nuwro_numu_C12_1GeV.root")))
    assert lines["final-state interactions"] == "on"
    assert "spectral function" in lines["nuclear model"]
    assert "axial mass 1.03 GeV" in lines["quasielastic"]


@pytest.mark.parametrize("old", ["kaskada_on", "FSI_on"])
def test_old_names_count(old):
    origin = Provenance("NuWro", "", {old: False, "beam_type": 0})
    assert generator_settings(origin) == {"FSI_on": False}


def test_the_tune_of_genie():
    origin = Provenance("GENIE R-3_06_02 G18_10b_02_11a")
    assert generator_settings(origin) == {"tune": "G18_10b_02_11a"}
    assert ("final-state interactions", "hN2018") in settings_lines(generator_settings(origin))


def test_generated_events_carry_those_of_the_training_sample():
    events = Provenance("nugen-gan", "1", {TRAINED_WITH: {"FSI_on": True}, "seed": 1})
    assert generator_settings(events) == {"FSI_on": True}
    assert generator_settings(Provenance("nugen-gan", "1", {"seed": 1})) == {}


def test_differences_are_named():
    found = settings_differences(
        {"FSI_on": False, "sf_method": 1, "tau": 8.0, "step": 0.2},
        {"FSI_on": True, "sf_method": 1, "tau": 8},
        SIDES,
    )
    assert found == ["final-state interactions (FSI_on) is off for the model, on for the reference"]


def test_what_one_side_does_not_tell_is_no_difference():
    assert settings_differences({"FSI_on": True}, {}, SIDES) == []


def test_files_of_different_settings_are_named():
    assert mixed_settings({"FSI_on": True}) == ""
    assert "sf_method (1 and 0)" in mixed_settings({"FSI_on": True, "sf_method": [1, 0]})


def test_a_file_is_believed_before_what_is_said_of_it():
    origin = Provenance("NuWro", "", {"FSI_on": True})
    told = generator_settings(with_settings(origin, {"FSI_on": False, "sf_method": 1}))
    assert told == {"FSI_on": True, "sf_method": 1}


def test_from_parameters_and_assignments(tmp_path):
    card = tmp_path / "params.txt"
    card.write_text("\ufeff# my run\nnumber_of_events = 10\nFSI_on = 1 # on\nsf_method=1\n")
    assert read_settings(card) == {"FSI_on": 1, "sf_method": 1}
    assert read_settings(card, "FSI_on=0") == {"FSI_on": 0, "sf_method": 1}
    assert read_settings("tune=G18_10a_02_11a") == {"tune": "G18_10a_02_11a"}


@pytest.mark.parametrize("text", ["no_such_file", "beam_type=0"])
def test_what_tells_nothing_is_refused(text):
    with pytest.raises(UsageError):
        read_settings(text)


def test_included_cards_are_not_passed_over(tmp_path):
    card = tmp_path / "params.txt"
    card.write_text("FSI_on = 1\n@ more.txt\n")
    with pytest.raises(UsageError, match=r"more\.txt"):
        read_settings(card)
