import re
import sys
from types import SimpleNamespace

import click
import pytest

from nugen_gan.cli.progress import Lines, TerminalMonitor, TrainingDisplay, be_quiet
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


def test_another_stage_has_a_pace_of_its_own(capsys):
    clock = Clock()
    lines = Lines("training", clock=clock)
    lines(0.0, 1.0)
    clock.now += 100
    lines(0.9, 1.0, "first")
    clock.now += 1
    lines(0.0, 1.0, "second")
    clock.now += 60
    lines(0.5, 1.0, "second")
    last = capsys.readouterr().err.splitlines()[-1]
    hour, minute, second = map(int, re.match(r"(\d+):(\d+):(\d+)", last).groups())
    ends = re.search(r"training: 50.0 %, ends about (\d+):(\d+):(\d+), second", last)
    left = [int(text) for text in ends.groups()]
    assert ((left[0] - hour) * 3600 + (left[1] - minute) * 60 + left[2] - second) % 86400 == 60


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


def test_a_training(capsys):
    status = SimpleNamespace(step=10, steps=40, done=0.25, elapsed=2.0, best_pull=1.5, best_step=5)
    display = TrainingDisplay()
    display.update(status)
    display.update(status)
    (line,) = capsys.readouterr().err.splitlines()
    assert "training: 25.0 %, step 10/40, 5 steps per second, pull^2 1.500 at 5" in line


def test_quiet(capsys):
    with click.Context(click.Command("x")) as ctx:
        be_quiet(ctx, click.Option(["--quiet"]), True)
        with monitored(TerminalMonitor(), "generating", 10):
            TerminalMonitor().advanced(5)
        TerminalMonitor().started("drawing")
        TrainingDisplay().refining(0.5)
    assert capsys.readouterr().err == ""


def test_a_bar_on_a_terminal(capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monitor = TerminalMonitor()
    with monitored(monitor, "generating", 10, "events"):
        monitor.advanced(5)
        assert "50%" in capsys.readouterr().err
        monitor.advanced(10)
    assert "100%" in capsys.readouterr().err
