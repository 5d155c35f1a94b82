import sys

import pytest

from nugen_gan.cli.program import exit_code
from nugen_gan.errors import FormatError, UsageError
from nugen_gan.stopping import Stopped


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (UsageError("not so"), 2, "prog: error: not so"),
        (FormatError("damaged"), 1, "prog: error: damaged"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (Stopped(15), 143, "stopped by SIGTERM"),
        (FileNotFoundError(2, "No such file", "x.root"), 1, "x.root: No such file"),
    ],
)
def test_errors_become_a_paragraph_and_a_code(error, code, said, capsys):
    def run(words):
        raise error

    assert exit_code("prog", run, ["a"]) == code
    assert said in capsys.readouterr().err


def test_a_reader_that_has_gone(monkeypatch):
    class Stream:
        def close(self):
            pass

    def run(words):
        monkeypatch.setattr(sys, "stdout", Stream())
        monkeypatch.setattr(sys, "stderr", Stream())
        raise BrokenPipeError

    assert exit_code("prog", run, []) == 141


def test_words_and_code_are_passed_on(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["prog", "-n", "10"])
    assert exit_code("prog", lambda words: len(words)) == 2
