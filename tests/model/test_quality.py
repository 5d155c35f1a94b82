import pytest

from nugen_gan.errors import PoorModelWarning
from nugen_gan.model.quality import quality_line, quality_of, verdict_on


@pytest.mark.parametrize(
    ("pull", "error", "events", "cells", "verdict"),
    [
        (73.0, 0.16, 2000, 75, "poor"),  # densities wrong by a factor of nearly three
        (69.5, 0.7, 100, 4, "poor"),
        (4.0, 0.16, 2000, 75, "poor"),  # by 34 %
        (float("nan"), 0.16, 2000, 75, "poor"),
        (float("inf"), 0.16, 2000, 75, "poor"),
        (1.0, 0.16, 2000, 75, "good"),
        (0.85, 0.16, 2000, 75, "good"),
        (1.05, 0.022, 100_000, 4000, "good"),  # significant, and below 5 %
        (1.29, 0.13, 3000, 120, "fair"),  # 2.2 standard deviations, 11 %
        (2.0, 0.16, 2000, 75, "fair"),
        (1.0, 0.7, 100, 4, "fair"),  # so few events cannot tell
        (3.0, 0.7, 100, 4, "fair"),  # nor that it is poor
    ],
)
def test_the_verdict_follows_from_the_pull_and_its_error(pull, error, events, cells, verdict):
    found = verdict_on(pull, error, events, cells)
    assert found.verdict == verdict
    assert f"{events:,d} held-out events" in found.reason


def test_the_reason_says_how_wrong_the_density_is():
    # 26.7 events in a cell: sqrt(3 / 26.7) = 0.335
    assert "wrong by 34% on average" in verdict_on(4.0, 0.16, 2000, 75).reason
    # sqrt(2 * 0.707 / 25) = 0.238
    assert (
        "would not show it if its density were wrong by 24%"
        in verdict_on(1.0, 0.707, 100, 4).reason
    )


def test_models_without_a_verdict_get_one_by_their_pull():
    assert quality_line({}) is None
    assert quality_of({"held_out_mean_squared_pull": 73.0}).verdict == "poor"
    assert quality_of({"held_out_mean_squared_pull": 1.05}).verdict != "poor"
    stored = {"quality": {"verdict": "good", "reason": "measured"}}
    assert quality_line(stored | {"held_out_mean_squared_pull": 73.0}) == "good: measured"


def test_a_poor_model_says_so_wherever_it_is_seen(tiny_model, tmp_path):
    quality = tiny_model.metrics["quality"]
    assert quality["verdict"] == "poor"
    assert quality["events"] == 100
    with pytest.warns(PoorModelWarning, match="the model tiny is poor: mean squared pull"):
        tiny_model.sample([1.0], seed=1)
    from nugen_gan.model.folder import describe

    folder = tiny_model.save(tmp_path / "tiny")
    assert "quality          poor: mean squared pull" in describe(folder)
    assert "| quality | poor: mean squared pull" in (folder / "README.md").read_text()


def test_good_models_do_not_warn(tiny_model, recwarn):
    good = tiny_model.with_(metrics={"quality": {"verdict": "good", "reason": "measured"}})
    good.sample([1.0], seed=1)
    assert not recwarn.list
