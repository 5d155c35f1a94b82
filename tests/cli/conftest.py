import sys

import pytest
from transfer_toys import carbon, make_quick

from nugen_gan.cli.main import main


class Result:
    """What a command left: exit code and what it printed."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err


@pytest.fixture
def run(capsys, monkeypatch, tmp_path):
    """Run ``nugen-gan`` with these words in an empty folder, as a user would."""
    monkeypatch.chdir(tmp_path)

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["nugen-gan", *map(str, words)])
        with pytest.raises(SystemExit) as stopped:
            main()
        printed = capsys.readouterr()
        return Result(stopped.value.code, printed.out, printed.err)

    return run


@pytest.fixture
def tiny_folder(tiny_model, tmp_path):
    return tiny_model.save(tmp_path / "tiny")


@pytest.fixture
def quick_transfer(monkeypatch):
    make_quick(monkeypatch)


@pytest.fixture
def base(tiny_model, tmp_path):
    """The folder of a tiny model of carbon, to begin transfers with."""
    return carbon(tiny_model).save(tmp_path / "base")
