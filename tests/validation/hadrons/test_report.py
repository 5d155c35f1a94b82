"""The hadrons in the report: rows, JSON, page, and what is said where there are none."""

from __future__ import annotations

import json

import numpy as np
import pytest

from nugen_gan.validation import compare
from nugen_gan.validation.hot_deck import HotDeck
from nugen_gan.validation.report.hadron_rows import SPECTRUM_ROWS
from nugen_gan.validation.report.judging import Verdict

NEAR = "Hadrons: distance to training events"


@pytest.fixture(scope="module")
def written(carbon, tmp_path_factory):
    folder = tmp_path_factory.mktemp("hadrons")
    report = compare(carbon[:1_200], carbon[1_200:], seed=1, output=folder)
    return report, folder


def test_hadrons_have_rows_that_fit_a_terminal(written):
    rows = written[0].rows()
    names = [row.measure for row in rows]
    assert set(SPECTRUM_ROWS.values()) < set(names)
    assert len(set(names)) == len(names)
    assert all(len(row.measure) <= 48 and len(row.value) <= 40 for row in rows)
    assert not written[0].notes


def test_json_holds_all_tests(written):
    text = (written[1] / "report.json").read_text()
    found = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    hadrons = found["details"]["hadrons"]
    assert len(hadrons["topologies"]["names"]) == 8
    assert {group["group"] for group in hadrons["spectra"]} == set(SPECTRUM_ROWS)
    mean = hadrons["multiplicities"][0]["species"][0]["mean"]
    assert set(mean) == {"mean", "difference", "error"}
    assert hadrons["auc"]["needed"] == 4_000
    assert hadrons["neighbours"] is None


def test_page_has_a_section_with_figures(written):
    text = (written[1] / "report.html").read_text()
    section = text[text.index("<h2>Hadrons</h2>") :]
    section = section[: section.index("</section>")]
    assert section.count("<img") == 6
    for word in ("CC0π1p", "hyperons", "E_avail", "Kolmogorov-Smirnov"):
        assert word.replace("E_", "E<sub>").replace("avail", "avail") in section or word in section


@pytest.mark.parametrize(("generated", "reference"), [(True, False), (False, True), (False, False)])
def test_without_hadrons_on_either_side_leptons_are_compared(carbon, generated, reference):
    pair = carbon[:1_200], carbon[1_200:]
    ours, theirs = (
        table if keep else table.without_particles()
        for table, keep in zip(pair, (generated, reference), strict=True)
    )
    report = compare(ours, theirs, seed=1, classifier=False)
    assert report.details.hadrons is None
    (note,) = report.notes
    assert "no hadrons" in note
    assert ("generated" in note) is not generated
    assert ("reference" in note) is not reference
    assert not set(SPECTRUM_ROWS.values()) & {row.measure for row in report.rows()}


def test_too_few_events_for_hadrons_are_said(carbon):
    report = compare(carbon[:500], carbon[500:1_000], seed=1, classifier=False)
    row = next(row for row in report.rows() if row.measure == "Hadrons")
    assert row.verdict is Verdict.NONE
    assert "1,000" in row.value


def test_training_events_give_a_yardstick_and_show_copies(carbon):
    training, reference, other = carbon[:200], carbon[200:1_300], carbon[1_300:]
    few = compare(other, reference, seed=1, classifier=False, training=training)
    assert few.details.hadrons.yardstick.donors == 200
    assert "200 training events" in few.yardstick()
    assert few.as_dict()["yardstick"] == few.yardstick()
    row = next(row for row in few.rows() if row.measure == NEAR)
    assert "needs 500" in row.value
    assert not compare(other, reference, seed=1, classifier=False).yardstick()
    bare = compare(
        other, reference, seed=1, classifier=False, training=training.without_particles()
    )
    assert bare.details.hadrons.neighbours is None


def test_a_hot_deck_is_named_as_copies(bundled):
    training, reference, leptons = bundled[:4_000], bundled[4_000:8_000], bundled[8_000:12_000]
    copies = HotDeck.of(training).sample(leptons)
    report = compare(copies, reference, seed=1, classifier=False, training=training)
    row = next(row for row in report.rows() if row.measure == NEAR)
    assert row.verdict is Verdict.DIFFERS
    assert "closer" in row.meaning


def test_a_single_energy_works(hadron_tables):
    events = hadron_tables("numu_C12_train", 0, 60_000)
    events = events[np.abs(events.enu - 1.0) < 0.1][:2_400]
    # As if all neutrinos had 1 GeV; the energy transfers stay.
    elep = np.maximum(1.0 - events.derived().omega, events.process.lepton_mass)
    single = events.with_(enu=np.ones(len(events)), elep=elep)
    report = compare(single[:1_200], single[1_200:], seed=1, classifier=False)
    assert report.details.hadrons.topologies.p_value > 1e-3
    rows = [row for row in report.rows() if row.measure in SPECTRUM_ROWS.values()]
    assert {row.verdict for row in rows} == {Verdict.AGREES}


def test_samples_without_any_particle_differ_but_do_not_fail(carbon, tmp_path):
    nothing = carbon[1_200:].with_(particles=[[]] * 1_200)
    report = compare(nothing, carbon[:1_200], seed=1, classifier=False, output=tmp_path)
    rows = {row.measure: row for row in report.rows()}
    assert rows[SPECTRUM_ROWS["missing"]].verdict is Verdict.DIFFERS
    assert rows["Number of pions"].verdict is Verdict.DIFFERS
    turned = compare(carbon[:1_200], nothing, seed=1, classifier=False)
    row = next(row for row in turned.rows() if row.measure == "Number of pions")
    assert "an event" in row.value
