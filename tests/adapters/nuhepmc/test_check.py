import gzip
import json
import re

import pytest

from nugen_gan.adapters.base import Header
from nugen_gan.adapters.nuhepmc.check import check
from nugen_gan.adapters.nuhepmc.check.conventions import CONVENTIONS
from nugen_gan.adapters.nuhepmc.reader import NuHepMC
from nugen_gan.errors import FormatError, UsageError
from nugen_gan.physics.cross_section import CrossSection
from nugen_gan.physics.flux import UniformFlux


@pytest.fixture
def good(tmp_path, events):
    """Text of a file that keeps all conventions; six events, channels 200 to 600."""
    sigma = CrossSection((0.3, 1.0, 5.0), (1e-37, 1e-37), (1e-39, 1e-39))
    header = Header(events.process, len(events), sigma, UniformFlux(0.4, 5.0), 1e-37)
    NuHepMC().write(tmp_path / "good.hepmc3", [events], lambda: header)
    return (tmp_path / "good.hepmc3").read_text()


def checked(tmp_path, text):
    path = tmp_path / "a.hepmc3"
    path.write_text(text)
    return check(path)


# A pattern in a good file, what replaces it where it occurs first, and the convention that is
# broken by that.
BROKEN = {
    "G.R.1": (r"(?s)\nW CV.*?\nE 0", "\nE 0"),
    "G.R.2": (r"Version.Minor 0", "Version.Minor ten"),
    "G.R.3": (r"\nT nugen-gan\\\|[^|]*\\\|", r"\nT nugen-gan\\| \\|"),
    "G.R.4": (r"Conventions .*", "Conventions "),
    "G.R.5": (r"G\.C\.2 (.*) E\.C\.4", r"\1"),
    "G.R.6": (r"TargetScale PerAtom", "TargetScale PerBarn"),
    "G.R.7": (r"\nW CV", r"\nW central"),
    "G.R.8": (r"\nA NuHepMC.ProcessInfo\[200\].Description.*", ""),
    "G.R.9": (r"\nA NuHepMC.VertexStatusIDs.*", ""),
    "G.R.10": (r"\nA NuHepMC.ParticleStatusInfo\[4\].Name.*", ""),
    "G.R.11": (r"\nA NuHepMC.AdditionalParticleNumbers.*", ""),
    "G.C.1": (r"Conventions ", "Conventions G.C.1 "),
    "G.C.2": (r"TotalCrossSection [0-9.]+", "TotalCrossSection 0"),
    "G.C.3": (r"\nA NuHepMC.Citations.*", ""),
    "G.C.4": (r"BinContent \S+", "BinContent -1"),
    "G.C.5": (r"\nA NuHepMC.AdditionalParticleInfo\[2009900000\].Description.*", ""),
    "E.R.1": (r"\nE 2 1 4", r"\nE 2 1 5"),
    "E.R.2": (r"\nE 2 1 4", r"\nE 1 1 4"),
    "E.R.3": (r"signal_process_id 400", "signal_process_id 4.5"),
    "E.R.4": (r"\nU GEV CM", r"\nU GEV"),
    "E.R.5": (r"lab_pos 0 0 0", "lab_pos 0 0"),
    "E.R.6": (r"\nV -1 1 ", r"\nV -1 2 "),
    "E.R.7": (r"(P 2 0 .*) 20\n", r"\1 3\n"),
    "E.R.8": (r"\nP 3 -1 13 (.*) 1\nP 4 -1 (\d+) (.*) 1\n", r"\nP 3 -1 13 \1 2\nP 4 -1 \2 \3 2\n"),
    "E.R.9": (r"1000060120 0 0 0 ", "1000060120 0 0.1 0 "),
    "E.C.1": (r"signal_process_id 400", "signal_process_id 40"),
    "E.C.2": (r"tot_xs \S+", "tot_xs 0"),
    "E.C.3": (r"Conventions ", "Conventions E.C.3 "),
    "E.C.4": (r"\nA 0 GenCrossSection.*", ""),
    "E.C.5": (r"Conventions ", "Conventions E.C.5 "),
    "V.R.1": (r"\nV -1 1 ", r"\nV -1 7 "),
    "V.C.1": (r"(Conventions.*)", r"\1 V.C.1"),
    "P.R.1": (r"(P 2 0 .*) 20\n", r"\1 15\n"),
    "P.C.1": (r"(Conventions.*)", r"\1 P.C.1"),
    "P.C.2": (r"\nA 0 lab_pos", r"\nA 3 remnant_particle_number 1000060110\nA 0 lab_pos"),
}  # fmt: skip
# These want a second change, in all places.
ALSO = {
    "V.C.1": ("(?m)^V -1 1 \\[1,2\\]", "V -1 1 [1,2]\nV -2 21 [3]"),
    "P.C.1": ("(?m)^(P 4 -1 2009900000 .*) 1$", r"\1 21"),
}


@pytest.mark.parametrize("label", BROKEN)
def test_one_broken_file_per_convention(tmp_path, good, label):
    pattern, replacement = BROKEN[label]
    text, count = re.subn(pattern, replacement, good, count=1)
    assert count
    if label in ALSO:
        text, count = re.subn(*ALSO[label], text)
        assert count
    report = checked(tmp_path, text)
    assert report[label].status == "missing", str(report)
    assert len(report[label].reason) > 10
    assert not report.conforms
    if report[label].level == "convention":
        assert "G.R.4" in report.broken


def test_every_convention_that_can_be_broken_is(good):
    assert set(CONVENTIONS) - set(BROKEN) == {"G.S.1", "G.S.2", "G.S.3", "E.S.1"}


def test_a_good_file(tmp_path, good):
    report = checked(tmp_path, good)
    assert report.conforms
    assert report.events == 6
    assert report.version == "1.0.0"
    assert [finding.label for finding in report.findings] == list(CONVENTIONS)
    assert report["G.C.1"].status == report["P.C.1"].status == "not applicable"
    path = tmp_path / "b.hepmc3.gz"
    path.write_bytes(gzip.compress(good.encode()))
    assert check(path).findings == report.findings


def test_the_first_offence_is_named(tmp_path, good):
    parts = good.split("signal_process_id 200")
    text = "signal_process_id 20".join(["signal_process_id 200".join(parts[:2]), *parts[2:]])
    finding = checked(tmp_path, text)["E.C.1"]
    assert finding.event == 1
    line = text.split("\n")[finding.line - 1]
    assert line == "A 0 signal_process_id 20"


@pytest.mark.parametrize(
    ("old", "new", "label"),
    [
        ("HepMC::Asciiv3-END_EVENT_LISTING\n", "", "E.R.1"),
        ("HepMC::Asciiv3-END_EVENT_LISTING\n", "HepMC::Asciiv3-END_EVENT_LISTING\nE 9 1 4\n",
         "E.R.1"),
        ("P 3 -1 13", "P 3 -2 13", "E.R.1"),
        ("P 3 -1 13", "P 3 1 13", "E.R.6"),
        ("P 3 -1 13", "P x -1 13", "E.R.1"),
        ("[1,2]", "[1,9]", "E.R.1"),
        ("[1,2]", "[1]", "E.R.8"),
        ("[1,2]", "[]", "E.R.1"),
        ("\nE 3 1 4", "\nE -3 1 4", "E.R.2"),
        ("\nE 3 1 4", "\nE 3", "E.R.1"),
        ("\nW 1\n", "\nW nan\n", "G.R.7"),
        ("\nW 1.0\n", "\nW 1.0 1.0\n", "G.R.7"),
        ("P 2 0 1000060120", "P 2 0 2112", "E.R.7"),
        ("P 4 -1 2009900000", "P 4 -1 2000000002", "G.R.11"),
        ("signal_process_id 400", "signal_process_id 499", "G.R.8"),
        ("Version.Major 1", "Version.Major 0", "G.R.2"),
        ("Beam[14].Type Histogram", "Beam[12].Type MonoEnergetic", "G.C.4"),
        ("TotalCrossSection 0", "TotalCrossSection 7", "E.C.2"),
        ("\nT nugen", "\nQ nugen", "G.R.1"),
        ("\nV -1 1 ", "\nV -1 40 ", "G.R.9"),
        ("13 ", "13 nan ", "E.R.1"),
    ],
)  # fmt: skip
def test_more_ways_to_break_a_file(tmp_path, good, old, new, label):
    text = good.replace("\nW 2.0\n", "\nW 1\n")
    place = text.find(old, text.find("\nE 0") if old == "13 " else 0)
    assert place >= 0
    text = text[:place] + new + text[place + len(old) :]
    assert label in {f.label for f in checked(tmp_path, text).findings if f.status == "missing"}


def test_a_signalled_convention_must_be_kept(tmp_path, good):
    report = checked(tmp_path, good.replace("tot_xs", "total"))
    assert report["E.C.2"].status == "missing"
    assert "E.C.2 is signalled but not kept" in report["G.R.4"].reason
    unsignalled = good.replace("tot_xs", "total").replace(" E.C.2", "")
    assert checked(tmp_path, unsignalled).conforms


def test_either_normalisation_will_do(tmp_path, good):
    for label in ("G.C.2", "E.C.4"):
        assert checked(tmp_path, good.replace(f" {label}", "", 1)).conforms


def test_the_example_of_the_specification_says_an_old_version(shared_data):
    report = check(shared_data / "nuhepmc" / "test.v1.0.0.hepmc3")
    assert report.broken == ("G.R.2", "G.R.11")
    assert report["G.R.2"].line == 201


def test_reports_as_text_and_as_plain_values(tmp_path, good):
    report = checked(tmp_path, good.replace("\nV -1 1 ", "\nV -1 7 "))
    record = json.loads(json.dumps(report.as_dict()))
    assert record["conforms"] is False
    assert {item["label"] for item in record["conventions"]} == set(CONVENTIONS)
    assert "not conformant: E.R.6, V.R.1 missing" in str(report)
    assert re.search(r"V\.R\.1 +required +missing +event 0, line \d+: .*status 7", str(report))
    with pytest.raises(KeyError):
        report["X.R.1"]


def test_other_files_are_refused(tmp_path, data):
    with pytest.raises(UsageError, match="does not exist"):
        check(tmp_path / "none.hepmc3")
    with pytest.raises(FormatError, match="not HepMC3"):
        check(data / "numu_Ar40_xsec.txt")
    with pytest.raises(FormatError, match="not HepMC3"):
        check(data / "numu_Ar40_1k.root")
