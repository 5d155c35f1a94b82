import pytest

from nugen_gan.adapters.cross_sections import read_cross_section
from nugen_gan.conversion.convert import write
from nugen_gan.physics.cross_section import CrossSection
from nugen_gan.physics.process import Process

CARBON = Process.from_name("numu_cc_C12")


@pytest.fixture
def table(events, tmp_path):
    sigma = CrossSection.from_points([0.2, 1.0, 10.0], [1e-39, 9e-38, 9e-37], "points")
    return write(events.with_(cross_section=sigma), tmp_path / "a.table.root")


def test_a_table_s_cross_section_is_printed(run, table):
    result = run("xsec", table)
    assert result.code == 0
    lines = result.out.splitlines()
    assert lines[:2] == ["# numu_cc_C12: points", "# E[GeV] sigma[1e-38 cm2 per nucleus]"]
    assert lines[3] == "1 9"


@pytest.mark.parametrize("name", ["x.root", "x.txt"])
def test_it_is_written(run, table, tmp_path, name):
    result = run("xsec", table, "-o", name)
    assert result.code == 0
    assert "3 points, 0.2-10 GeV" in result.out
    back = read_cross_section(tmp_path / name, CARBON)
    assert back([1.0, 5.5]) == pytest.approx([9e-38, 4.95e-37])


def test_a_model_has_one_too(run, tiny_folder, tiny_model):
    assert run("xsec", tiny_folder, "-o", "x.root").code == 0
    back = read_cross_section("x.root", tiny_model.process)
    assert back([2.0]) == pytest.approx(tiny_model.cross_section([2.0]), rel=1e-3)


def test_a_written_file_serves_to_convert(run, table, data):
    run("xsec", table, "-o", "x.root")
    result = run("convert", data / "genie_numu_C12.gst.root", "--cross-section", "x.root")
    assert result.code == 0
    assert "sigma(E): 3 points, 0.2-10 GeV (nu_mu_C12/tot_cc of x.root)" in result.out


def test_events_without_a_cross_section(run, data):
    result = run("xsec", data / "genie_numu_C12.gst.root")
    assert result.code == 2
    assert "--cross-section" in result.err


def test_a_file_that_is_not_there(run):
    result = run("xsec", "no_such_file.root")
    assert result.code == 2
    assert "does not exist" in result.err


def test_splines_are_no_events(run, tmp_path):
    (tmp_path / "x.xml").write_text('<?xml version="1.0"?><genie_xsec_spline_list>')
    result = run("info", "x.xml")
    assert result.code == 1
    assert "GENIE's cross-section splines" in " ".join(result.err.split())


def test_a_graph_is_no_events(run, table):
    run("xsec", table, "-o", "x.root")
    result = run("info", "x.root")
    assert result.code == 1
    assert "--cross-section" in result.err
