from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser

import numpy as np
import pytest
from recorder import Recorder
from validation_toys import PeakedModel, ToyModel, log_uniform, peaked_at, toy_at, toy_events

from nugen_gan.errors import EmptySelectionError, MissingExtraError, UsageError
from nugen_gan.physics.process import Process
from nugen_gan.validation import compare, validate
from nugen_gan.validation.metrics.equivalent import EquivalentSampleSize
from nugen_gan.validation.report.verdict import Verdict, count_text, n_eq_text, value_text

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Report of a perfect model on 100,000 events: every metric has enough."""
    folder = tmp_path_factory.mktemp("report") / "inner"
    reference = peaked_at(log_uniform(100_000, 1, (0.2, 8.0)), 1)
    report = validate(
        PeakedModel((0.2, 8.0)), reference, output=folder, seed=5, classifier_events=5_000,
        name="<script>alert(1)</script>", command="nugen-gan validate 'a & b'",
    )  # fmt: skip
    return report, folder


def test_perfect_model_agrees_everywhere(written):
    report, _ = written
    verdicts = [row.verdict for row in report.rows()]
    assert Verdict.DIFFERS not in verdicts
    assert Verdict.NONE not in verdicts
    assert len(report.by_energy) == 3


def test_rows_have_names_of_their_own_and_fit_a_terminal(written):
    report, _ = written
    names = [row.measure for row in report.rows()]
    assert len(set(names)) == len(names)
    assert all(len(row.measure) <= 48 and len(row.value) <= 40 for row in report.rows())


def test_json_holds_the_details(written):
    report, _ = written
    details = report.as_dict()["details"]
    entries = details["structures"]["entries"]
    assert len(entries) == len(report.details.structures.entries) > 20
    assert {"energy", "reference", "reference_error", "allowed", "agrees"} < set(entries[0])
    assert len(details["energy_scan"]["bins"]) == 40
    names = [region["name"].split(",")[0] for region in details["regions"]]
    assert names == ["Forward", "Threshold", "High inelasticity"]
    assert {channel["name"] for channel in details["channel_shapes"]["channels"]} == {
        "QE", "RES", "DIS",
    }  # fmt: skip


def test_json_is_strict_and_complete(written):
    report, folder = written
    text = (folder / "report.json").read_text()
    content = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    assert content == json.loads(json.dumps(report.as_dict()))
    assert content["seed"] == 5
    assert content["events"] == {"reference": 100_000, "generated": 100_000}
    assert content["overall"]["map3d"]["floor"]["value"] == pytest.approx(0.8, abs=0.05)
    assert content["command"] == "nugen-gan validate 'a & b'"
    assert sorted(path.name for path in folder.iterdir()) == ["report.html", "report.json"]


class Links(HTMLParser):
    """Collects what a page refers to, and checks that its tags close."""

    VOID = frozenset(["meta", "link", "img", "br"])

    def __init__(self):
        super().__init__()
        self.targets, self.open, self.images = [], [], 0

    def handle_starttag(self, tag, attrs):
        self.targets += [value for name, value in attrs if name in ("src", "href")]
        self.images += tag == "img"
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_page_is_self_contained_and_escaped(written):
    _, folder = written
    text = (folder / "report.html").read_text()
    assert "<script" not in text
    assert "&lt;script&gt;alert(1)" in text
    assert "a &amp; b" in text
    page = Links()
    page.feed(text)
    assert page.open == []
    assert page.images == 11
    assert all(target.startswith("data:") for target in page.targets)
    assert not re.search(r"url\(|@import", text)


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium to open the page with")
def test_page_opens_in_a_browser(written, tmp_path):
    _, folder = written
    probe = """<script>
      window.onerror = m => document.body.setAttribute("data-error", m);
      window.onload = () => document.body.setAttribute("data-images",
        Array.from(document.images, i => i.complete && i.naturalWidth > 0).join());
    </script></body>"""
    copy = tmp_path / "probed.html"
    copy.write_text((folder / "report.html").read_text().replace("</body>", probe))
    result = subprocess.run(
        [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
         "--no-first-run", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom",
         "--enable-logging=stderr", copy.as_uri()],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    found = re.search(r'data-images="([^"]*)"', result.stdout)
    assert found
    assert found[1] == ",".join(["true"] * 11)
    assert 'data-error="' not in result.stdout.replace('"data-error"', "")
    assert "CONSOLE" not in result.stderr


@pytest.mark.parametrize("size", [300, 2_000, 5_000])
def test_small_samples_say_what_they_need(size, tmp_path):
    report = validate(ToyModel(), toy_events(size, 1), seed=1, output=tmp_path)
    missing = [row for row in report.rows() if row.verdict is Verdict.NONE]
    assert missing
    assert all("needs" in row.value for row in missing)
    assert "not enough events (needs 20,000)" in (tmp_path / "report.html").read_text()


def test_a_single_energy_works(tmp_path):
    class Mono(ToyModel):
        energy_range = (1.0, 1.0)

    reference = toy_at(np.full(6_000, 1.0), 1)
    report = validate(Mono(), reference, seed=1, classifier=False, output=tmp_path)
    assert report.by_energy == ()
    assert report.energy_range == (1.0, 1.0)


def test_weighted_and_unphysical_events_are_reported():
    reference = toy_events(6_000, 1)
    generated = toy_at(reference.enu, 2)
    elep = generated.elep.copy()
    elep[:7] = 0.0
    weight = np.random.default_rng(0).uniform(0.5, 1.5, 6_000)
    report = compare(
        generated.with_(elep=elep), reference.with_(weight=weight), seed=1, classifier=False
    )
    assert report.unphysical == 7
    assert report.rows()[-1].verdict is Verdict.DIFFERS


def test_events_outside_the_range_of_the_model_are_dropped_and_counted():
    class Narrow(ToyModel):
        energy_range = (0.5, 5.0)

    reference = toy_events(4_000, 1)
    report = validate(Narrow(), reference, seed=1, classifier=False)
    outside = int(np.sum((reference.enu < 0.5) | (reference.enu > 5.0)))
    assert report.dropped == outside
    assert str(outside) in report.notes[0].replace(",", "")
    assert [part.low for part in report.by_energy] == [0.5, 1.0]
    high = reference[reference.enu > 6.0]
    with pytest.raises(EmptySelectionError, match=r"0\.5-5 GeV"):
        validate(Narrow(), high)


def test_another_process_is_refused_unless_insisted():
    reference = toy_events(3_000, 1).with_(process=Process.from_name("numu_cc_Ar40"))
    with pytest.raises(UsageError, match=r"numu_cc_C12.*numu_cc_Ar40"):
        validate(ToyModel(), reference)
    report = validate(ToyModel(), reference, seed=1, classifier=False, allow_mismatch=True)
    assert any("numu_cc_Ar40" in note for note in report.notes)


def test_a_different_flux_is_pointed_out():
    report = compare(
        toy_events(4_000, 2, energy_range=(0.5, 20.0)), toy_events(4_000, 1), seed=1,
        classifier=False,
    )  # fmt: skip
    assert not any("spectra" in note for note in report.notes)
    skewed = toy_events(8_000, 3)
    skewed = skewed[np.random.default_rng(0).random(8_000) < skewed.enu / 20.0]
    report = compare(skewed, toy_events(4_000, 1), seed=1, classifier=False)
    assert any("spectra" in note for note in report.notes)


@pytest.mark.parametrize("events", [0, 10_001])
def test_impossible_numbers_of_events_are_refused(events):
    with pytest.raises(UsageError):
        validate(ToyModel(), toy_events(1_000, 1), events=events)


def test_same_seed_same_report():
    reference = toy_events(3_000, 1)
    first, second = (
        validate(ToyModel(), reference, seed=2, events=2_500, classifier=False) for _ in range(2)
    )
    assert first.as_dict() == second.as_dict()
    drawn = validate(ToyModel(), reference, classifier=False)
    assert str(drawn.seed) in drawn.command


def test_texts():
    assert value_text(0.80123, 0.0123) == "0.801 ± 0.012"
    assert value_text(2.0, float("nan")) == "2"
    assert count_text(1_234_567) == "1.2 million"
    assert count_text(44_821) == "45,000"
    assert n_eq_text(EquivalentSampleSize(3.1e6, 3.1e6, np.inf, True)) == "> 3.1 million (95 % CL)"


def test_missing_packages_name_the_extra(monkeypatch, tmp_path):
    reference = toy_events(5_000, 1)
    with monkeypatch.context() as without:
        without.setitem(sys.modules, "matplotlib", None)
        with pytest.raises(MissingExtraError, match=r"nugen-gan\[report\]"):
            validate(ToyModel(), reference, output=tmp_path, classifier=False)
        validate(ToyModel(), reference, classifier=False)
    monkeypatch.setitem(sys.modules, "sklearn.ensemble", None)
    with pytest.raises(MissingExtraError, match="scikit-learn"):
        validate(ToyModel(), reference)


def test_generated_events_come_first():
    generated, reference = toy_events(3_000, 1), toy_events(2_000, 2)
    report = compare(generated, reference, seed=1, classifier=False)
    assert report.events == (2_000, 3_000)  # reference, generated
    assert len(report.generated) == 3_000


def test_comparing_a_model_is_validating_it():
    reference, heard = toy_events(2_000, 1), Recorder()
    first = compare(ToyModel(), reference, seed=1, classifier=False, monitor=heard)
    second = validate(ToyModel(), reference, seed=1, classifier=False)
    assert first.as_dict() | {"command": ""} == second.as_dict() | {"command": ""}
    assert [stage[0] for stage in heard.stages][:2] == ["sampling 2,000 events", "MAP-3D"]
    assert heard.ended == len(heard.stages)
