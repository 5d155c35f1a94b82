import re
import sys

import click
import pytest

from nugen_gan.cli.progress import Bar, Lines, TerminalMonitor, be_quiet
from nugen_gan.monitor import monitored


class Clock:
    """Half a minute past some hour, and as many seconds later as it is told."""

    def __init__(self):
        self.now = 1_800_000_030.0

    def __call__(self):
        return self.now


def test_a_line_at_the_start_then_now_and_then(capsys):
    clock = Clock()
    lines = Lines("generating", "events", clock)
    for second in range(301):
        clock.now = 1_800_000_030.0 + second
        lines(second * 1000, 1_000_000)
    printed = capsys.readouterr().err.splitlines()
    # After 0, 30, 90, 150, 210 and 270 seconds.
    assert len(printed) == 6
    assert re.fullmatch(r"\d\d:\d\d:30  generating: 0.0 %, 0 of 1,000,000 events", printed[0])
    # 970 seconds are left at 1,000 events per second.
    end = re.fullmatch(
        r"\d\d:(\d\d):00  generating: 3.0 %, 30,000 of 1,000,000 events, 1,000 per second, "
        r"ends about \d\d:(\d\d):10", printed[1],
    )  # fmt: skip
    assert end
    assert (int(end[2]) - int(end[1])) % 60 == 16
    assert "3.0 %" in printed[1]
    assert "27.0 %, 270,000 of" in printed[5]


def test_the_date_where_it_ends_on_another_day(capsys):
    clock = Clock()
    lines = Lines("generating", "events", clock)
    lines(0, 1_000_000)
    clock.now += 100
    lines(10, 1_000_000)
    assert re.search(
        r"0.1 per second, ends about \d{4}-\d\d-\d\d \d\d:\d\d", capsys.readouterr().err
    )


def test_what_was_done_before_is_not_in_the_pace(capsys):
    clock = Clock()
    lines = Lines("training", clock=clock)
    lines(0.0, 1.0)
    clock.now += 0.5
    lines(0.5, 1.0)  # resumed
    clock.now += 60
    lines(0.75, 1.0)
    last = capsys.readouterr().err.splitlines()[-1]
    times = re.match(r"(\d+):(\d+):(\d+)  training: 75.0 %, ends about (\d+):(\d+):(\d+)", last)
    hour, minute, second, *end = map(int, times.groups())
    left = (end[0] - hour) * 3600 + (end[1] - minute) * 60 + end[2] - second
    assert left % 86400 == pytest.approx(60, abs=1)


def test_a_stage_without_an_end_in_sight_is_a_line(capsys):
    with monitored(TerminalMonitor(), "drawing figures"):
        pass
    (line,) = capsys.readouterr().err.splitlines()
    assert re.fullmatch(r"\d\d:\d\d:\d\d  drawing figures", line)


def test_figures_stand_behind_the_place(capsys, monkeypatch):
    monkeypatch.setattr("nugen_gan.cli.progress.FIRST", 0.0)
    monitor = TerminalMonitor()
    with monitored(monitor, "training", 1.0):
        monitor.advanced(0.25, pull=1.5, loss=0.6931472)
    first, second = capsys.readouterr().err.splitlines()
    assert first.endswith("training: 0.0 %")
    assert "training: 25.0 %" in second
    assert second.endswith("pull 1.5, loss 0.6931")


@pytest.mark.parametrize("terminal", [True, False])
def test_a_note_has_a_line_of_its_own(capsys, monkeypatch, terminal):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    monitor = TerminalMonitor()
    with monitored(monitor, "training", 1.0):
        monitor.note("few events")
    assert "note: few events" in capsys.readouterr().err.splitlines()


OF_A_TRAINING = {"step": 10, "steps": 40, "elapsed": 2.0, "learning_rate": 5e-4}


def test_a_training(capsys, monkeypatch):
    monkeypatch.setattr("nugen_gan.cli.progress.FIRST", 0.0)
    monitor = TerminalMonitor()
    with monitored(monitor, "training", 1.0):
        monitor.advanced(0.25, **OF_A_TRAINING, best_pull=1.5, best_step=5)
        monitor.advanced(0.275, **OF_A_TRAINING | {"step": 11})
    _, line = capsys.readouterr().err.splitlines()
    words = "training: 25.0 %, 5 steps per second, step 10/40, pull^2 1.500 at 5"
    assert words in re.sub(r", ends about [\d: -]+", "", line)
    assert monitor.step == 11


def test_a_training_on_a_terminal(capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setattr("nugen_gan.cli.progress.REFRESH", 0.0)
    monkeypatch.setenv("COLUMNS", "80")
    monitor = TerminalMonitor()
    with monitored(monitor, "training", 1.0):
        monitor.advanced(0.25, **OF_A_TRAINING)
        monitor.advanced(0.5, **OF_A_TRAINING, best_pull=1.5, best_step=5)
    line, rest = capsys.readouterr().err.split("\n")
    first, second, third = line.removeprefix("\r").split("\r")
    assert first.startswith("training  [--------------------]   0%  --:-- left")
    assert second.rstrip().endswith("--:-- left  step 10/40, pull^2 not yet known")
    assert "]  50%  " in third
    assert third.rstrip().endswith("left  step 10/40, pull^2 1.500 at 5")
    assert {len(text) for text in (first, second, third)} == {79}
    assert rest == ""


def test_quiet(capsys):
    with click.Context(click.Command("x")) as ctx:
        be_quiet(ctx, click.Option(["--quiet"]), True)
        with monitored(TerminalMonitor(), "generating", 10):
            TerminalMonitor().advanced(5)
        TerminalMonitor().started("drawing")
    assert capsys.readouterr().err == ""


def test_a_bar_on_a_terminal(capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monitor = TerminalMonitor()
    with monitored(monitor, "generating", 10, "events"):
        monitor.advanced(5)
        assert "50%" in capsys.readouterr().err
        monitor.advanced(10)
    assert "100%  00:00 left" in capsys.readouterr().err


def test_a_bar_and_the_time_that_is_left(capsys):
    clock = Clock()
    bar = Bar("learning how the base differs from the events", clock)
    for seconds, done in ((0, 0.0), (0.5, 0.25), (100.0, 0.3), (0.1, 0.35), (100.0, 0.5)):
        clock.now += seconds
        bar(done)
    bar.end_line()
    name, line, rest = capsys.readouterr().err.split("\n")
    assert name == "learning how the base differs from the events"
    # What was done in the first second was done before; the fourth came too soon to be drawn.
    shown = [text.rstrip() for text in line.removeprefix("\r").split("\r")]
    assert shown == [
        f"[{20 * '-'}]   0%  --:-- left", f"[{5 * '#'}{15 * '-'}]  25%  --:-- left",
        f"[{6 * '#'}{14 * '-'}]  30%  23:20 left", f"[{10 * '#'}{10 * '-'}]  50%  06:40 left",
    ]  # fmt: skip
    assert rest == ""


def test_notes_that_were_shown_are_not_shown_again(capsys):
    monitor = TerminalMonitor(known=("few events",))
    monitor.note("few events")
    monitor.note("many events")
    assert capsys.readouterr().err == "note: many events\n"
