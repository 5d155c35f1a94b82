import numpy as np
import pytest
import uproot

from nugen_gan.adapters.base import Header
from nugen_gan.adapters.cross_sections import write_cross_section
from nugen_gan.adapters.table import Table
from nugen_gan.conversion.convert import convert, read, write
from nugen_gan.conversion.doubts import Completeness, contradiction
from nugen_gan.conversion.sample import Sample
from nugen_gan.errors import FormatError, UsageError
from nugen_gan.events.table import EventTable
from nugen_gan.physics.cross_section import CrossSection
from nugen_gan.physics.process import Channel, Process

CARBON = Process.from_name("numu_cc_C12")
GEV2 = 3.893794e-28


def flat(path, n=100, **changes):
    """Events at 1 GeV, quasielastic unless told otherwise, without a normalisation."""
    columns = {
        "Mode": np.ones(n, "i4"), "PDGnu": np.full(n, 14, "i4"), "Enu_true": np.ones(n, "f4"),
        "tgt": np.full(n, CARBON.target, "i4"), "PDGLep": np.full(n, 13, "i4"),
        "ELep": np.linspace(0.3, 0.8, n, dtype="f4"),
        "CosLep": np.linspace(-0.9, 0.9, n, dtype="f4"),
        "Weight": np.ones(n, "f4"),
    } | changes  # fmt: skip
    with uproot.recreate(path) as file:
        file.mktree("FlatTree_VARS", {k: x.dtype for k, x in columns.items()}).extend(columns)
    return path


def spline(process, sigma):
    knots = "".join(f"<knot><E> {e} </E><xsec> {sigma / GEV2:.9e} </xsec></knot>"
                    for e in (0.1, 0.5, 1.0, 2.0, 5.0))  # fmt: skip
    code = f"nu:14;tgt:1000060120;N:2112;proc:Weak[CC],{process};"
    return f'<spline name="genie::A/B/{code}" nknots="5">{knots}</spline>'


@pytest.fixture
def splines(tmp_path):
    """QE 5e-38, RES 7e-38 cm2."""
    path = tmp_path / "splines.xml"
    path.write_text(
        '<genie_xsec_spline_list version="3.00"><genie_tune name="G">'
        f"{spline('QES', 5e-38)}{spline('RES', 7e-38)}</genie_tune></genie_xsec_spline_list>"
    )
    return path


def test_a_sample_of_one_channel_gets_the_cross_section_of_that_channel(tmp_path, splines):
    (done,) = convert(
        flat(tmp_path / "a.root"), tmp_path / "a.table.root", cross_section=splines
    )  # fmt: skip
    assert done.flux_average == pytest.approx(5e-38)
    assert done.cross_section(1.0) == pytest.approx(5e-38)
    (text,) = done.warnings
    assert "none of RES (58 expected), 58.3 %" in text


def test_a_sample_of_all_channels_gets_all(tmp_path, splines):
    mode = np.where(np.arange(100) < 42, 1, 11).astype("i4")
    (done,) = convert(
        flat(tmp_path / "a.root", Mode=mode), tmp_path / "a.table.root", cross_section=splines
    )  # fmt: skip
    assert done.flux_average == pytest.approx(12e-38)
    assert done.warnings == ()


def test_channels_that_are_few_or_not_in_the_cross_section_are_named(tmp_path, splines):
    mode = np.repeat([1, 11, 2], [800, 100, 100]).astype("i4")
    sample = Sample([flat(tmp_path / "a.root", 1000, Mode=mode)], cross_section=splines)
    words = " ".join(sample.warnings(CARBON))
    assert "100 events of numu_cc_C12 are MEC, of which the cross section has no part" in words
    assert "100 events of numu_cc_C12 are RES, where the cross section foretells 583" in words
    assert sample.header(CARBON).flux_average == pytest.approx(12e-38)


def test_graphs_know_their_channels_too(tmp_path):
    points = {name: uproot.as_TGraph({"x": [0.1, 1.0, 5.0], "y": [y] * 3})
              for name, y in (("qel_cc_n", 5.0), ("res_cc_p", 4.0), ("res_cc_n", 3.0),
                              ("tot_cc", 12.0))}  # fmt: skip
    with uproot.recreate(tmp_path / "x.root") as file:
        for name, graph in points.items():
            file[f"nu_mu_C12/{name}"] = graph
    sample = Sample([flat(tmp_path / "a.root")], cross_section=tmp_path / "x.root")
    assert sample.header(CARBON).flux_average == pytest.approx(5e-38)


def test_channels_that_are_not_told_are_not_missing():
    sigma = CrossSection.from_points([0.1, 5.0], [1e-38, 1e-38])
    parts = {Channel.QE: sigma, Channel.RES: sigma}
    expected = {Channel.QE: 50.0, Channel.RES: 50.0}
    assert Completeness(parts, expected, {Channel.OTHER: 100.0}).missing == []
    assert Completeness(parts, expected, {Channel.QE: 100.0}).missing == [Channel.RES]
    assert Completeness(parts, {Channel.QE: 98.0, Channel.RES: 2.0},
                        {Channel.QE: 100.0}).missing == []  # fmt: skip


@pytest.mark.parametrize(
    ("given", "found", "stop"),
    [(1.0, False, False), (1.15, False, False), (1.3, True, False), (0.77, True, False),
     (1.6, True, True), (0.33, True, True), (3.0, True, True)],
)  # fmt: skip
def test_cross_sections_that_contradict_each_other(given, found, stop):
    text, impossible = contradiction("it", given * 1e-38, 1e-38, 0.001)
    assert (bool(text), impossible) == (found, stop)
    # Few events cannot contradict anything.
    assert contradiction("it", given * 1e-38, 1e-38, 1.0)[0] == ""


@pytest.mark.parametrize(("factor", "right"), [(3.0, False), (1.3, True), (1.0, True)])
def test_a_given_cross_section_is_compared_with_the_file_s_own(data, tmp_path, factor, right):
    source = data / "nuwro_numu_C12_1GeV.root"
    own = 9.09602063e-39 * 12
    sigma = CrossSection.from_points([0.5, 2.0], [factor * own] * 2)
    path = write_cross_section(tmp_path / "x.txt", CARBON, sigma)
    if not right:
        with pytest.raises(UsageError, match=r"by a factor of 3\."):
            convert(source, tmp_path / "a.table.root", cross_section=path)
        assert not (tmp_path / "a.table.root").exists()
    (done,) = convert(source, tmp_path / "a.table.root", cross_section=path, insist=not right)
    assert done.flux_average == pytest.approx(factor * own, rel=1e-6)
    assert bool(done.warnings) == (factor > 1.2)


def test_many_unphysical_events_and_bad_weights_are_named(tmp_path):
    energy = np.linspace(0.3, 0.8, 100, dtype="f4")
    energy[:7] = 1.5
    weight = np.ones(100, "f4")
    weight[10:13], weight[20] = -1.0, np.nan
    sample = Sample([flat(tmp_path / "a.root", ELep=energy, Weight=weight)])
    words = " ".join(sample.warnings(CARBON))
    assert "11 of 100 events of numu_cc_C12 (11 %) are left out as unphysical" in words
    assert "3 that are negative and 1 that are not finite" in words
    assert Sample([flat(tmp_path / "b.root")]).warnings(CARBON) == []


def test_only_processes_with_events_are_listed(tmp_path):
    target, energy = np.full(100, CARBON.target, "i4"), np.full(100, 0.5, "f4")
    target[:40], target[40:42] = 1000010010, 1000080160
    energy[40:42] = 9.0  # those on oxygen are unphysical
    path = flat(tmp_path / "a.root", tgt=target, ELep=energy)
    with pytest.raises(UsageError) as caught:
        read(path)
    assert "2 processes" in str(caught.value)
    assert "O16" not in str(caught.value)


def test_only_the_processes_that_were_picked_are_listed(tmp_path):
    target, probe = np.full(100, CARBON.target, "i4"), np.full(100, 14, "i4")
    target[:40], probe[80:] = 1000010010, -14
    lepton = np.where(probe > 0, 13, -13).astype("i4")
    path = flat(tmp_path / "a.root", tgt=target, PDGnu=probe, PDGLep=lepton)
    for call in (read, lambda *a, **k: convert(*a, tmp_path / "b.table.root", **k)):
        with pytest.raises(UsageError) as caught:
            call(path, probe="numu")
        words = str(caught.value)
        assert "2 processes" in words
        assert "numu_cc_C12 (40 events)" in words
        assert "numu_cc_H1 (40 events)" in words
        assert "numubar" not in words


def test_excited_nuclei_and_nucleons_are_counted(tmp_path):
    target = np.full(100, CARBON.target, "i4")
    target[:5], target[5:8] = 1000180401, 2112
    sample = Sample([flat(tmp_path / "a.root", tgt=target)])
    words = sample.elsewhere_in_words()
    assert "5 on 1000180401 (an excited state of Ar40, 1000180400, which is not taken)" in words
    assert "3 on 2112 (a free neutron)" in words


def test_no_file_states_a_cross_section_above_any_neutrino_s(tmp_path):
    path = flat(tmp_path / "a.root", fScaleFactor=np.full(100, 1e-20))
    with pytest.raises(FormatError, match="no neutrino has"):
        Sample([path])
    sigma = CrossSection.from_points([0.1, 5.0], [1.0, 1.0])
    n = np.ones(3)
    events = EventTable(CARBON, n, 0.5 * n, 0.1 * n, np.full(3, 200), n, cross_section=sigma)
    write(events, tmp_path / "b.table.root")
    with pytest.raises(FormatError, match="never above"):
        Sample([tmp_path / "b.table.root"])


@pytest.mark.parametrize(("factor", "found"), [(1.0, False), (12.0, True)])
def test_a_cross_section_per_nucleus_taken_as_per_nucleon(tmp_path, factor, found):
    path = tmp_path / "x.txt"
    path.write_text(f"# 1e-38 cm2 per nucleon\n0.5 {0.4 * factor}\n1.5 {1.2 * factor}\n")
    sample = Sample([flat(tmp_path / "a.root")], cross_section=path)
    assert ("per nucleus where" in " ".join(sample.warnings(CARBON))) == found


def test_an_edited_flux_average_is_named(tmp_path):
    sigma = CrossSection.from_points([0.1, 5.0], [1e-37, 1e-37])
    n = np.ones(50)
    events = EventTable(CARBON, n, np.linspace(0.3, 0.7, 50), 0.1 * n, np.full(50, 200), n)
    for average, found in ((1e-37, False), (1e-36, True)):
        header = Header(CARBON, 50, sigma, flux_average=average)
        Table().write(tmp_path / "a.root", [events], lambda header=header: header)
        words = " ".join(Sample([tmp_path / "a.root"]).warnings(CARBON))
        assert ("that the file records" in words) == found
