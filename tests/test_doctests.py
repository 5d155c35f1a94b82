"""The examples in the docstrings of the public names, run as a reader would run them."""

import doctest
import inspect
import sys

import pytest
from transfer_toys import make_quick

import nugen_gan

NAMES = [name for name in nugen_gan.__all__ if name != "__version__"]
# Shown where they are used, not where they are defined.
SHOWN_IN = {"FinetuneOptions": nugen_gan.finetune}
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def _examples(thing, name):
    """Docstrings with examples, of the thing itself and of its methods."""
    finder = doctest.DocTestFinder()
    found = finder.find(thing, name, module=sys.modules[thing.__module__], globs={})
    return [test for test in found if test.examples]


def _run(test):
    told = []
    runner = doctest.DocTestRunner(optionflags=FLAGS, verbose=False)
    runner.run(test, out=told.append)
    assert not runner.summarize(verbose=False).failed, "".join(told)


@pytest.fixture(autouse=True)
def quick(monkeypatch, tmp_path):
    """An empty folder, and sizes of a training of a second."""
    monkeypatch.chdir(tmp_path)
    make_quick(monkeypatch)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in SHOWN_IN])
def test_examples_of(name):
    examples = _examples(getattr(nugen_gan, name), name)
    assert examples, f"nugen_gan.{name} has no example in its docstring"
    for test in examples:
        _run(test)


@pytest.mark.parametrize("name", SHOWN_IN)
def test_what_is_shown_elsewhere(name):
    place = SHOWN_IN[name]
    sources = [test.docstring for test in _examples(place, place.__name__)]
    assert any(name in source for source in sources)
    assert inspect.getdoc(getattr(nugen_gan, name))


def test_examples_of_the_package():
    (test,) = _examples(_Package, "nugen_gan")
    _run(test)


class _Package:
    __doc__ = nugen_gan.__doc__
