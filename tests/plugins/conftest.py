"""Plug-ins, as if pip had installed them."""

import sys
from collections import namedtuple
from pathlib import Path

import pytest

PLUGINS = Path(__file__).parents[2] / "plugins"
Result = namedtuple("Result", "code out err")


@pytest.fixture
def command(monkeypatch, tmp_path, capsys):
    """Run the main function of a plug-in's module in an empty folder, as its executable would."""
    monkeypatch.chdir(tmp_path)

    def run(package, module, *words, name="main"):
        monkeypatch.syspath_prepend(str(PLUGINS / package))
        main = getattr(__import__(module, fromlist=[name]), name)
        monkeypatch.setattr(sys, "argv", [package, *map(str, words)])
        with pytest.raises(SystemExit) as stopped:
            main()
        printed = capsys.readouterr()
        return Result(stopped.value.code or 0, printed.out, printed.err)

    return run
