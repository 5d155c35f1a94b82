import bz2
import contextlib
import gzip
import lzma

import numpy as np
import pytest
import uproot

from nugen_gan.adapters.cross_sections import read_cross_section, write_cross_section
from nugen_gan.errors import FormatError, NugenError, UsageError
from nugen_gan.physics.cross_section import CrossSection
from nugen_gan.physics.flux import PowerLawFlux
from nugen_gan.physics.process import Process
from nugen_gan.physics.spectrum import Spectrum
from nugen_gan.storage import compressed

CARBON = Process.from_name("numu_cc_C12")
ARGON = Process.from_name("numubar_cc_Ar40")
GEV2 = 3.893794e-28


@pytest.mark.parametrize(
    ("unit", "factor"),
    [("cm2 per nucleus", 1.0), ("cm2 per nucleon", 12.0), ("1e-38 cm2 per nucleon", 12e-38),
     ("1e-38 cm^2 per nucleus", 1e-38)],
)  # fmt: skip
def test_units_of_a_text_table(tmp_path, unit, factor):
    path = tmp_path / "xsec.txt"
    scale = 1.0 if unit.startswith("1e-38") else 1e-38
    rows = f"0.5 1.0 {2.0 * scale:g}\n1.0 2.0 {3.0 * scale:g}\n"
    path.write_text(f"# E_low E_high sigma [{unit}]\n{rows}")
    table = read_cross_section(path, CARBON)
    assert table.edges == (0.5, 1.0, 2.0)
    assert table.values == pytest.approx((2.0 * factor * scale, 3.0 * factor * scale))


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("0.5 1.0 2.0\n", UsageError),
        ("# cm2\n0.5 1.0 2.0\n", UsageError),
        ("# cm2 per nucleus\n0.5\n", FormatError),
        ("# cm2 per nucleus\n", FormatError),
        ("# cm2 per nucleus\n0.5 1.0 x\n", FormatError),
        ("# cm2 per nucleus\n0.5 1.0 2.0\n1.5 2.0 2.0\n", FormatError),
    ],
)
def test_wrong_text_tables(tmp_path, text, error):
    path = tmp_path / "xsec.txt"
    path.write_text(text)
    with pytest.raises(error):
        read_cross_section(path, CARBON)


def test_files_that_are_no_text(tmp_path):
    with pytest.raises(UsageError, match="does not exist"):
        read_cross_section(tmp_path / "none.txt", CARBON)
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(FormatError):
        read_cross_section(tmp_path / "binary", CARBON)


@pytest.fixture
def curve():
    return CrossSection.from_points([0.2, 0.5, 1.0, 4.0], [1e-40, 4e-38, 1e-37, 4e-37], "a curve")


@pytest.mark.parametrize("unit", ["1e-38 cm2 per nucleus", "cm2 per nucleon"])
def test_two_columns_are_points(tmp_path, unit):
    path = tmp_path / "xsec.txt"
    e = "" if unit.startswith("1e-38") else "e-38"
    path.write_text(f"# E[GeV] sigma[{unit}]\n0.5, 2.0{e}\n1.0, 3.0{e}\n2.0 5.0{e} # end\n")
    table = read_cross_section(path, CARBON)
    factor = 1e-38 if unit.startswith("1e-38") else 12e-38
    assert table([0.5, 0.75, 1.5]) == pytest.approx(np.array([2.0, 2.5, 4.0]) * factor)


@pytest.mark.parametrize("packer", [gzip, bz2, lzma])
def test_compressed_files(tmp_path, packer):
    path = splines(tmp_path / "a.xml", spline(f"{NUMU}N:2112;proc:Weak[CC],QES;", KNOTS))
    packed = tmp_path / "b.xml.packed"
    packed.write_bytes(packer.compress(path.read_bytes()))
    assert read_cross_section(packed, CARBON)(1.0) == pytest.approx(3e-11 * GEV2)
    packed.write_bytes(packer.compress(b"# 1e-38 cm2 per nucleus\n0.5 4\n1 8\n"))
    assert read_cross_section(packed, CARBON)(1.0) == pytest.approx(8e-38)
    packed.write_bytes(packer.compress(path.read_bytes())[:-30])
    with pytest.raises(FormatError, match=r"truncated|damaged"):
        read_cross_section(packed, CARBON)


def test_zstd_is_named(tmp_path):
    (tmp_path / "a.xml.zst").write_bytes(b"\x28\xb5\x2f\xfd rest")
    with pytest.raises(UsageError, match=r"compressed with zstd.*unzstd"):
        read_cross_section(tmp_path / "a.xml.zst", CARBON)


def test_a_bomb_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(compressed, "SMALL", 10_000)
    text = b"# 1e-38 cm2 per nucleus\n0.5 4\n1 8\n" + b"#" * 10_000_000
    (tmp_path / "a.txt.xz").write_bytes(lzma.compress(text))
    with pytest.raises(FormatError, match="unpacks to more"):
        read_cross_section(tmp_path / "a.txt.xz", CARBON)


@pytest.mark.parametrize(
    ("head", "value"),
    [("1e-39 cm2 per nucleon", 10.0), ("1e-42 cm2 per nucleus", 1.2e5),
     ("1.0e-38 cm2 per nucleon", 1.0), ("10^{-38} cm^2 per nucleon", 1.0),
     ("10**-38 cm2 per nucleon", 1.0), ("10e-39 cm2/nucleon", 1.0), ("1e-36 cm2/nucleus", 0.12),
     ("1.5e-38 cm2 per nucleon", 1 / 1.5), ("m^2 per nucleon", 1e-42), ("fb/nucleon", 10.0),
     ("pb per nucleon", 1e-2), ("nb per atom", 1.2e-4), ("10-38 cm2 per nucleon", 1.0),
     ("1 x 10^-38 cm^2 per target nucleon", 1.0),
     ("$10^{-38}$ $\\mathrm{cm}^2$ per nucleon", 1.0),
     ("10\u207b\u00b3\u2078 cm\u00b2/nucleon", 1.0), ("1D-38 cm2 per nucleon", 1.0)],
)  # fmt: skip
def test_units_that_are_understood_whole(tmp_path, head, value):
    """All of them state 1.2e-37 cm2 per carbon nucleus at 1 GeV."""
    path = tmp_path / "xsec.txt"
    path.write_text(f"# E[GeV] sigma[{head}]\n0.5 {value / 2!r}\n1.0 {value!r}\n")
    assert read_cross_section(path, CARBON)(1.0) == pytest.approx(1.2e-37)


@pytest.mark.parametrize(
    "head",
    ["[1e-38 cm2 per neutron per nucleus]", "[cm2/GeV per nucleon]", "[2^-38 cm2 per nucleon]",
     "[3 10^-38 cm2 per nucleon]", "[1e-38 cm2 per nucleon per GeV]", "[1e-38 cm2 GeV per nucleon]",
     "[cm2 x 1e-38 per nucleon]", "[cm2 per nucleon], times 1e-38", "x 1e38 [cm2 per nucleon]",
     "[1e-38 cm2 per CH2 molecule]", "1e-38 [cm2] per nucleon", "[10^^-38 cm2 per nucleon]",
     "log10 [cm2 per nucleon]", "/1e-38 cm2 per nucleon"],
)  # fmt: skip
def test_units_that_are_not_are_quoted(tmp_path, head):
    path = tmp_path / "xsec.txt"
    path.write_text(f"# E[GeV] sigma {head}\n0.5 0.5\n1.0 1.0\n", encoding="utf-8")
    with pytest.raises(UsageError, match="is not understood") as caught:
        read_cross_section(path, CARBON)
    assert "cm2" in str(caught.value)


@pytest.mark.parametrize(
    "text",
    ["# b per nucleon\n0.5 1\n1 2\n", "# cm2 per nucleon\n0.5 1\n1 2\n",
     "# 1e-38 cm2 per nucleus\n0.5 1e-38\n1 2e-38\n"],
)  # fmt: skip
def test_no_cross_section_is_that_large_or_small(tmp_path, text):
    path = tmp_path / "xsec.txt"
    path.write_text(text)
    with pytest.raises(FormatError, match="never"):
        read_cross_section(path, CARBON)


@pytest.mark.parametrize("scale", [1e9, 1e-38])
def test_graphs_and_splines_in_a_wrong_unit_are_refused(tmp_path, scale):
    with uproot.recreate(tmp_path / "x.root") as file:
        file["nu_mu_C12/tot_cc"] = uproot.as_TGraph({"x": [1.0, 2.0], "y": [scale, 2.0 * scale]})
    with pytest.raises(FormatError, match="never"):
        read_cross_section(tmp_path / "x.root", CARBON)
    knots = [(energy, sigma * 1e3 * scale) for energy, sigma in KNOTS]
    path = splines(tmp_path / "a.xml", spline(f"{NUMU}N:2112;proc:Weak[CC],QES;", knots))
    with pytest.raises(FormatError, match="never"):
        read_cross_section(path, CARBON)


def test_energies_in_mev_are_refused(tmp_path):
    path = tmp_path / "xsec.txt"
    path.write_text("# E[MeV] sigma[cm2 per nucleus]\n500 2.0\n1000 3.0\n")
    with pytest.raises(UsageError, match="MeV"):
        read_cross_section(path, CARBON)


@pytest.mark.parametrize("name", ["x.txt", "x.dat", "x.csv", "x.root"])
def test_what_is_written_comes_back(tmp_path, curve, name):
    path = write_cross_section(tmp_path / name, ARGON, curve)
    back = read_cross_section(path, ARGON)
    assert back.edges == pytest.approx(curve.edges)
    assert back.at_edges == pytest.approx(curve.at_edges, rel=1e-8)


def test_bins_are_written_as_their_curve(tmp_path):
    bins = CrossSection((0.2, 1.0, 5.0, 20.0), (1e-37, 6e-37, 3e-36), (1e-39,) * 3, "bins")
    back = read_cross_section(write_cross_section(tmp_path / "x.root", CARBON, bins), CARBON)
    grid = np.geomspace(0.2, 20.0, 200)
    np.testing.assert_allclose(back(grid), bins(grid), rtol=1e-3)


def test_a_graph_is_where_genie_has_it(tmp_path, curve):
    path = write_cross_section(tmp_path / "x.root", ARGON, curve)
    with uproot.open(path) as file:
        energy, sigma = file["nu_mu_bar_Ar40/tot_cc"].values()
    assert energy.tolist() == list(curve.edges)
    assert sigma == pytest.approx(np.array(curve.at_edges) * 1e38)
    assert path.read_bytes() == write_cross_section(tmp_path / "y.root", ARGON, curve).read_bytes()


def test_other_suffixes_are_refused(tmp_path, curve):
    with pytest.raises(UsageError, match=r"\*\.root"):
        write_cross_section(tmp_path / "x.xml", CARBON, curve)


def test_a_graph_of_another_process_lists_what_there_is(tmp_path, curve):
    path = write_cross_section(tmp_path / "x.root", ARGON, curve)
    with pytest.raises(UsageError, match=r"nu_mu_C12/tot_cc.*nu_mu_bar_Ar40"):
        read_cross_section(path, CARBON)


def test_zeros_beyond_the_splines_are_no_cross_section(tmp_path):
    """The genuine graph ends with one, at 10 GeV."""
    with uproot.recreate(tmp_path / "x.root") as file:
        points = {"x": [1.0, 2.0, 3.0, 4.0, 5.0], "y": [1.0, 3.0, 4.0, 0.0, 0.0]}
        file["nu_mu_C12/tot_cc"] = uproot.as_TGraph(points)
    table = read_cross_section(tmp_path / "x.root", CARBON)
    assert table.energy_range == (1.0, 4.0)
    assert table([3.0, 4.0]) == pytest.approx([4e-38, 5e-38])


@pytest.mark.parametrize("y", [[1.0, -1.0], [1.0, np.nan], [0.0, 0.0]])
def test_a_graph_that_is_no_cross_section(tmp_path, y):
    with uproot.recreate(tmp_path / "x.root") as file:
        file["nu_mu_C12/tot_cc"] = uproot.as_TGraph({"x": [1.0, 2.0], "y": y}, minY=0.0, maxY=1.0)
    with pytest.raises(FormatError, match="tot_cc"):
        read_cross_section(tmp_path / "x.root", CARBON)


def spline(code, knots, algorithm="genie::Some/Default", nknots=None):
    lines = "".join(f"<knot> <E> {e} </E> <xsec> {s:.10e} </xsec> </knot>\n" for e, s in knots)
    return f'<spline name="{algorithm}/{code}" nknots="{nknots or len(knots)}">\n{lines}</spline>\n'


def splines(path, *parts, tune="G18_10a_02_11a"):
    path.write_text(
        '<?xml version="1.0" encoding="ISO-8859-1"?>\n<!-- a comment -->\n'
        '<genie_xsec_spline_list version="3.00" uselog="1">\n'
        f'<genie_tune name="{tune}">\n{"".join(parts)}</genie_tune>\n</genie_xsec_spline_list>\n'
    )
    return path


KNOTS = [(0.1, 0.0), (0.5, 1e-11), (1.0, 3e-11), (2.0, 5e-11), (5.0, 9e-11)]
NUMU = "nu:14;tgt:1000060120;"


def test_splines_of_a_process_are_added_up(tmp_path):
    path = splines(
        tmp_path / "x.xml",
        spline(NUMU + "N:2112;proc:Weak[CC],QES;", KNOTS),
        spline(NUMU + "N:2112;proc:Weak[CC],QES;charm:4122;", KNOTS),
        spline(NUMU + "proc:Weak[CC],MEC;", KNOTS),
        spline(NUMU + "N:2112;proc:Weak[NC],QES;", KNOTS),
        spline(NUMU + "proc:Weak[CC],IMD;", KNOTS),
        spline(NUMU + "proc:Weak[CC+NC+interference],NuEEL;", KNOTS),
        spline("nu:-14;tgt:1000060120;N:2212;proc:Weak[CC],QES;", KNOTS),
    )
    table = read_cross_section(path, CARBON)
    energy, sigma = np.array(KNOTS).T
    assert table(energy) == pytest.approx(3 * sigma * GEV2, abs=1e-50)
    assert "3 splines" in table.source
    with pytest.raises(UsageError, match="-14 on 1000060120, 14 on 1000060120"):
        read_cross_section(path, ARGON)


def test_splines_are_cubic_between_knots_and_never_negative(tmp_path):
    energy = np.geomspace(0.2, 10.0, 30)
    knots = [(0.01, 0.0), (0.1, 0.0), *((e, 1e-11 * (e**3 - e**2 + 1.0)) for e in energy)]
    table = read_cross_section(
        splines(tmp_path / "x.xml", spline(NUMU + "proc:Weak[CC],MEC;", knots)), CARBON
    )
    middle = np.sqrt(energy[15:-1] * energy[16:])
    np.testing.assert_allclose(table(middle), 1e-11 * GEV2 * (middle**3 - middle**2 + 1), rtol=2e-3)
    assert min(table.at_edges) >= 0.0
    assert table([0.05]) == 0.0


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[: len(text) // 2],
        lambda text: text.replace("<E> 1.0 </E>", "<E> x </E>"),
        lambda text: text.replace("<E> 1.0 </E>", "<E> 3.0 </E>"),
        lambda text: text.replace('nknots="5"', 'nknots="6"'),
        lambda text: text.replace("3.0000000000e-11", "-3.0000000000e-11"),
        lambda text: text.replace("3.0000000000e-11", "nan"),
        lambda text: text.replace("<xsec>", "<y>").replace("</xsec>", "</y>"),
    ],
)
def test_damaged_splines(tmp_path, damage):
    path = splines(tmp_path / "x.xml", spline(NUMU + "proc:Weak[CC],MEC;", KNOTS))
    path.write_text(damage(path.read_text()))
    with pytest.raises(FormatError, match="damaged"):
        read_cross_section(path, CARBON)


def test_two_algorithms_for_one_interaction_are_refused(tmp_path):
    code = NUMU + "proc:Weak[CC],MEC;"
    path = splines(
        tmp_path / "x.xml", spline(code, KNOTS), spline(code, KNOTS, "genie::Other/Default")
    )
    with pytest.raises(FormatError, match=r"twice.*genie::Some.*genie::Other"):
        read_cross_section(path, CARBON)


def test_no_damage_makes_splines_crash(tmp_path):
    content = splines(
        tmp_path / "x.xml", spline(NUMU + "proc:Weak[CC],MEC;", KNOTS)
    ).read_bytes()  # fmt: skip
    random = np.random.default_rng(3)
    for _ in range(300):
        data = bytearray(content)
        for place in random.integers(len(data), size=3):
            data[place] = random.integers(256)
        (tmp_path / "y.xml").write_bytes(data)
        with contextlib.suppress(NugenError):
            read_cross_section(tmp_path / "y.xml", CARBON)


def test_genuine_files_agree(shared_data):
    """The numbers of the data's README: tot_cc, and the average over the run's 1/E flux."""
    folder = shared_data / "genie"
    graph = read_cross_section(folder / "genie_numu_C12_xsec.root", CARBON)
    summed = read_cross_section(folder / "genie_numu_C12_splines.xml", CARBON)
    known = np.array([3.744, 10.436, 19.84, 45.54]) * 1e-38
    for table in (graph, summed):
        assert table([0.5, 1.0, 2.0, 5.0]) == pytest.approx(known, rel=2e-4)
        average = Spectrum(PowerLawFlux(1.0, 0.2, 10.0), table).flux_average()
        assert average == pytest.approx(22.71e-38, rel=2e-4)
    grid = np.geomspace(0.2, 10.0, 500)
    np.testing.assert_allclose(summed(grid), graph(grid), rtol=1e-2)
    points = np.array(graph.edges)
    points = points[points >= 0.3]
    np.testing.assert_allclose(summed(points), graph(points), rtol=2e-4)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_changes_nothing(tmp_path, encoding):
    text = "# E sigma[1e-38 cm2 per nucleus]\r\n0.5,1\r\n1.0,3\r\n"
    (tmp_path / "xsec.csv").write_bytes(text.encode(encoding))
    sigma = read_cross_section(tmp_path / "xsec.csv", Process.from_name("numu_cc_C12"))
    assert float(sigma(0.75)) == pytest.approx(2e-38, rel=1e-6)
