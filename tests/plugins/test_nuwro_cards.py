"""Parameter files are read as NuWro reads them, and refused with its exit codes."""

import pytest
import uproot
from nugen_gan_nuwro import errors
from nugen_gan_nuwro.cards import Card, old_switches, read_card
from nugen_gan_nuwro.names import PARAMETERS, RENAMED, known_name
from nugen_gan_nuwro.sidefiles import parameters_text
from nugen_gan_nuwro.targets import target_nuclei
from nuwro_cards import card_of

from nugen_gan.errors import UsageError


def test_the_names_are_those_of_a_genuine_file(data):
    assert len(PARAMETERS) == 147
    with uproot.open(data / "nuwro_numu_C12_1GeV.root") as file:
        leaves = {key.rpartition("/")[2] for key in file["treeout"].keys(filter_name="par.*")}
    ours = {f"par.{leaf}" for leaf in Card().as_leaves()}
    assert ours == leaves - {"par.path_to_data"}


def test_leaves_have_the_types_of_a_genuine_file(data):
    kinds = {"bool": bool, "int32_t": int, "double": float, "std::string": str}
    with uproot.open(data / "nuwro_numu_C12_1GeV.root") as file:
        tree = file["treeout"]
        for leaf, value in Card().as_leaves().items():
            assert type(value) is kinds[tree[f"par.{leaf}"].typename], leaf


def test_a_genuine_card_gives_the_genuine_parameters(data, tmp_path):
    genuine = data / "nuwro_numu_C12_1GeV.root"
    path = tmp_path / "params.txt"
    path.write_text(card_of(genuine))
    leaves = read_card(path).as_leaves()
    with uproot.open(genuine) as file:
        for leaf, value in leaves.items():
            there = file["treeout"][f"par.{leaf}"].array(library="np", entry_stop=1)[0]
            assert value == there, leaf


def test_the_grammar(tmp_path):
    (tmp_path / "more.txt").write_text("nucleus_p = 18\nnucleus_n=22\n")
    path = tmp_path / "params.txt"
    path.write_text(
        "# a comment\n"
        "\n"
        "  number_of_events\t= 500 // five hundred\n"
        "qel_cc_axial_mass = 1.03e3 # in MeV\n"
        "beam_direction = 0 0.5 1 // down\n"
        "formation_zone = fz-new // recommended\n"
        "beam_energy = 200 10000 3 2 1 // the whole line\n"
        "@more.txt\n"
        "target_content = 6 6 1x\n"
        "target_content += 1 0 1x\n"
        "dyn_qel_cc =0\n"
    )
    card = read_card(path, ["dyn_qel_cc = 1", "number_of_events=7"])
    assert card.whole("number_of_events") == 7
    assert card.number("qel_cc_axial_mass") == 1030.0
    assert card.values["beam_direction"] == (0.0, 0.5, 1.0)
    assert card.text("formation_zone") == "fz-new"
    assert card.text("beam_energy") == "200 10000 3 2 1 // the whole line"
    assert card.text("target_content") == "6 6 1x\n1 0 1x"
    assert (card.whole("nucleus_p"), card.whole("nucleus_n")) == (18, 22)
    assert card.values["dyn_qel_cc"] is True
    assert card.said["nucleus_p"].endswith("more.txt, line 1")


@pytest.mark.parametrize(
    ("line", "error", "code", "words"),
    [
        ("nucleus_p 6", errors.LineError, 13, "neither"),
        ("nukleus_p = 6", errors.UnknownNameError, 14, "nucleus_p"),
        ("nucleus_p = six", errors.BadValueError, 15, "whole number"),
        ("nucleus_p =", errors.BadValueError, 15, "nothing"),
        ("dyn_qel_cc = true", errors.BadValueError, 15, "0 or 1"),
        ("dyn_qel_cc = 2", errors.BadValueError, 15, "0 or 1"),
        ("beam_direction = 0 1", errors.BadValueError, 15, "three numbers"),
        ("mec_kind += 6", errors.BadValueError, 15, "one value"),
        ("@absent.txt", errors.IncludeError, 11, "NUWRO"),
    ],
)
def test_a_bad_line_is_named(line, error, code, words, tmp_path):
    path = tmp_path / "params.txt"
    path.write_text(f"# first\n{line}\n")
    with pytest.raises(error, match="line 2") as raised:
        read_card(path)
    assert raised.value.exit_code == code
    assert words in str(raised.value)


def test_an_include_of_itself_ends(tmp_path):
    path = tmp_path / "params.txt"
    path.write_text("@params.txt\n")
    with pytest.raises(errors.IncludeError, match="itself"):
        read_card(path)


def test_includes_are_found_in_nuwros_folder(tmp_path, monkeypatch):
    (tmp_path / "data" / "target").mkdir(parents=True)
    (tmp_path / "data" / "target" / "C.txt").write_text("nucleus_p = 6\nnucleus_n = 7\n")
    monkeypatch.setenv("NUWRO", str(tmp_path))
    assert read_card(None, ["@target/C.txt"]).whole("nucleus_n") == 7


@pytest.mark.parametrize("old", RENAMED)
def test_old_names_are_understood(old):
    card = read_card(None, [f"{old} = 0"])
    assert card.values[RENAMED[old]] is False
    assert old in card.said[RENAMED[old]]


def test_a_switch_without_a_successor_is_kept():
    assert old_switches(read_card(None, ["sf_fsi = 1"])) == {"sf_fsi": True}
    assert known_name("sf_fsi") == "sf_fsi"


def test_the_parameters_can_be_read_again(tmp_path):
    card = read_card(None, ["@target/CH.txt", "beam_energy = 1000 2000", "tau = 8.25"])
    path = tmp_path / "x.root.par"
    path.write_text(parameters_text(card))
    assert read_card(path).as_leaves() == card.as_leaves()


def test_targets():
    assert target_nuclei(read_card(None, ["@target/Ar.txt"])) == {1000180400: 1.0}
    water = target_nuclei(read_card(None, ["@target/H2O.txt"]))
    assert water == {1000080160: 1.0, 1000010010: 2.0}
    card = read_card(None, ["target_type=1", "target_content = 6 6 2x 34 220 1 // gas"])
    assert target_nuclei(card) == {1000060120: 2.0}
    assert card.whole("nucleus_target") == 1  # the line's own model counts


@pytest.mark.parametrize(
    "lines",
    [
        ["target_type = 2"],
        ["target_type = 1"],
        ["target_type = 1", "target_content = 6 6 1"],
        ["target_type = 1", "target_content = 6 6 0x"],
        ["nucleus_p = 0", "nucleus_n = 1"],
    ],
)
def test_targets_that_are_none(lines):
    with pytest.raises(UsageError) as raised:
        target_nuclei(read_card(None, lines))
    assert raised.value.exit_code == 32
