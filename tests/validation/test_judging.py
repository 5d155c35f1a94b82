"""One rule for all rows, and a headline that is made from them."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import stats

from nugen_gan.validation.metrics.significance import (
    detectable,
    gamma_tail,
    holm,
    kolmogorov_tail,
    smallest,
    student,
    two_sided,
)
from nugen_gan.validation.report.judging import Finding, Row, Verdict, headline, judge


def finding(p_value, *, small=False, name="a row"):
    return Finding(name, "1 ± 1", "0", p_value, small, "5 MeV", "Fine.", "Off.")


@pytest.mark.parametrize(
    ("p_value", "small", "verdict"),
    [
        (0.06, False, Verdict.AGREES), (0.06, True, Verdict.AGREES),
        (0.02, False, Verdict.UNCLEAR), (0.02, True, Verdict.SMALL),
        (0.009, False, Verdict.DIFFERS), (0.009, True, Verdict.SMALL),
    ],
)  # fmt: skip
def test_verdict_follows_from_significance_first_and_size_second(p_value, small, verdict):
    (row,) = judge([finding(p_value, small=small)])
    assert row.verdict is verdict
    assert row.p_corrected == p_value


def test_among_twenty_rows_a_small_p_is_no_evidence():
    rows = judge([finding(0.02), *(finding(0.5) for _ in range(19))])
    assert rows[0].verdict is Verdict.AGREES
    assert "p = 0.02 is no evidence where 20 measures" in rows[0].meaning
    assert rows[0].p_corrected == pytest.approx(0.4)


def test_no_red_row_under_all_agree():
    """Whatever the rows are: the headline says "All" exactly if every judged row agrees."""
    rows = [Row("a", "1", "0", v, "", p) for v, p in zip(Verdict, (0.5, 0.01, 0.02, 0.0, None),
                                                         strict=True)]  # fmt: skip
    for count in (1, 2, 3):
        for chosen in itertools.combinations_with_replacement(rows, count):
            judged = [row for row in chosen if row.verdict is not Verdict.NONE]
            agree = all(row.verdict is Verdict.AGREES for row in judged)
            assert headline(chosen).startswith("All ") == (agree and bool(judged))


def test_headline_names_what_differs_the_clearest_first():
    rows = judge([finding(1e-4, name="second"), finding(1e-9, name="first"), finding(0.5)])
    assert headline(rows) == (
        "1 of 3 measures agree with the reference. 2 differ: first (1 ± 1); second (1 ± 1)."
    )


def test_without_any_comparison_there_is_no_agreement():
    unphysical = Row("Impossible", "0", "0", Verdict.AGREES, "")
    missing = Row("MAP-3D", "needs more", "0", Verdict.NONE, "")
    assert headline([unphysical, missing]).startswith("Nothing can be said about agreement")


def test_shared_events_never_agree():
    rows = judge([finding(0.9), finding(1e-9)], independent=False)
    assert [row.verdict for row in rows] == [Verdict.NONE, Verdict.DIFFERS]


def test_holm_by_hand():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]) == []
    assert smallest([0.2, 0.01, 0.5]) == pytest.approx(0.03)
    assert smallest([]) == 1.0


def test_probabilities_are_those_of_scipy():
    assert two_sided(2.2) == pytest.approx(2.0 * stats.norm.sf(2.2))
    for x in (0.02, 0.3, 0.8, 1.1, 1.2, 2.0, 4.0):
        size = 1e6
        expected = stats.kstwobign.sf(x)
        assert kolmogorov_tail(x / (np.sqrt(size) + 0.12), size) == pytest.approx(
            expected, rel=2e-3
        )
    assert gamma_tail(1.5, 0.5) == pytest.approx(stats.gamma.sf(1.5, 4.0, scale=0.25))
    assert two_sided(student(3.0, 20)) == pytest.approx(2.0 * stats.t.sf(3.0, 20), rel=0.1)


def test_detectable_shift_is_found_in_nine_of_ten_cases():
    shift = detectable(1.0, 20)
    drawn = np.random.default_rng(1).normal(shift, 1.0, 20_000)
    found = np.mean([two_sided(z) < 0.05 / 20 for z in drawn])
    assert found == pytest.approx(0.9, abs=0.01)
