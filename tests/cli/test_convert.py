import os

import numpy as np
import pytest
from click.testing import CliRunner

from nugen_gan.cli.convert import convert
from nugen_gan.cli.formats import formats
from nugen_gan.cli.info import info
from nugen_gan.conversion.convert import write
from nugen_gan.errors import EmptySelectionError, FormatError, OutputError, UsageError


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run a verb in an empty folder; errors of ours come through, as main() expects."""
    monkeypatch.chdir(tmp_path)

    def invoke(verb, *arguments):
        result = CliRunner().invoke(verb, [str(x) for x in arguments])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return invoke


def test_convert_tells_what_it_found_and_did(run, data, tmp_path):
    out = run(convert, data / "nuwro_numu_C12_1GeV.root").output
    for words in (
        "format: nuwro, made by NuWro", "9.09602063e-39 cm2 per nucleon", "mec_kind 6",
        "numu_cc_C12\n", "physical kinematics", "2,000  100.00 %",
        "1.09152248e-37 cm2 per nucleus", "sigma(E): 1 bin, 1-1 GeV",
        "written: nuwro_numu_C12_1GeV.table.root",
    ):  # fmt: skip
        assert words in out
    assert (tmp_path / "nuwro_numu_C12_1GeV.table.root").exists()


def test_convert_takes_every_option(run, data, tmp_path):
    out = run(
        convert, data / "numu_Ar40_1k.root", "-o", "x.root", "--format", "nuisance",
        "--output-format", "nuisance", "--probe", "numu", "--target", "Ar", "--energy-range",
        "0.3,10", "--cross-section", data / "numu_Ar40_xsec.txt",
    ).output  # fmt: skip
    assert "neutrino energy in 0.3-10 GeV" in out
    assert "table numu_Ar40_xsec.txt" in out
    assert "FlatTree_VARS" in run(info, "x.root").output


def test_convert_says_when_the_cross_section_is_unknown(run, data):
    assert "--cross-section" in run(convert, data / "numu_Ar40_1k.root").output


def test_mistakes_of_usage(run, data):
    assert run(convert).exit_code == 2
    assert run(convert, data / "numu_Ar40_1k.root", "--energy-range", "1").exit_code == 2
    with pytest.raises(UsageError):
        run(convert, "none.root")
    with pytest.raises(EmptySelectionError):
        run(convert, data / "nuwro_nc_only_C12.root")


def test_the_wrong_format_is_named(run, data):
    with pytest.raises(FormatError, match=r"not in the format gst.*but in nuwro"):
        run(convert, data / "nuwro_numu_C12_1GeV.root", "--format", "gst")


@pytest.mark.parametrize("output", ["none/", "none/a.table.root"])
def test_an_absent_folder_is_named_before_anything_is_read(run, output):
    with pytest.raises(OutputError, match="none"):
        run(convert, "absent.root", "-o", output)


def test_a_pipe_is_no_file_of_events(run, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for verb, format_ in ((info, []), (convert, []), (convert, ["--format", "gst"])):
        with pytest.raises(UsageError, match="a pipe or a device"):
            run(verb, tmp_path / "pipe", *format_)


def test_what_is_cut_shows(run, tmp_path, events):
    """Three of six events have a lepton of more energy than the neutrino."""
    elep = events.elep + np.array([0, 0, 0, 9, 9, 9])
    write(events.with_(elep=elep), "a.table.root")
    shown = run(info, "a.table.root").output
    assert "left out: 3 of 6 fail 'physical kinematics'" in shown
    for verb in (info, convert):
        words = " ".join(run(verb, "a.table.root", *(["-o", "b.table.root"] * (verb is convert)))
                         .output.split())  # fmt: skip
        assert "warning: 3 of 6 events of numu_cc_C12 (50 %) are left out as unphysical" in words


def test_a_contradiction_stops_unless_one_insists(run, data, tmp_path):
    (tmp_path / "x.txt").write_text("# 1e-38 cm2 per nucleus\n0.5 30\n2 30\n")
    arguments = (convert, data / "nuwro_numu_C12_1GeV.root", "--cross-section", "x.txt")
    with pytest.raises(UsageError, match="--insist"):
        run(*arguments)
    assert "3e-37 cm2 per nucleus" in run(*arguments, "--insist").output


def test_info_of_a_generator_file(run, data):
    out = run(info, data / "nuwro_numu_C12_1GeV.root").output
    for words in (
        "format: nuwro", "generator: NuWro", "events: 2,000", "sf_method: 1",
        "numu_cc_C12: 2,000 charged-current events", "energies: 1-1 GeV",
        "COH 11, MEC 241, QE 978, RES 770", "SHA-256",
    ):  # fmt: skip
        assert words in out


def test_info_of_a_file_without_charged_currents(run, data):
    out = run(info, data / "nuwro_nc_only_C12.root").output
    assert "not charged-current: QE 532, RES 468" in out


def test_info_of_a_table_remembers_the_generator(run, data):
    run(convert, data / "nuwro_numu_C12_1GeV.root", "-o", "a.table.root")
    out = run(info, "a.table.root").output
    assert "format: table" in out
    assert "generator: NuWro" in out
    assert "1.09152248e-37 cm2 per nucleus" in out


def test_formats_lists_readers_and_writers(run):
    lines = {line.split()[0]: line for line in run(formats).output.splitlines()}
    assert "read  write" in lines["table"]
    assert "read  write" in lines["nuwro"]
