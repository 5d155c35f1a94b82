import subprocess
import sys

import pytest

from nugen_gan._version import __version__
from nugen_gan.cli.main import SHOWING, VERBS

HEAVY = ("torch", "uproot", "awkward", "matplotlib", "sklearn", "scipy", "particle", "vector")


def _imported_by(*words):
    """Heavy modules that a command imports."""
    code = (
        "import sys\nfrom nugen_gan.cli.main import main\n"
        f"sys.argv = ['nugen-gan', *{words!r}]\n"
        "try:\n    main()\nexcept SystemExit as stopped:\n    assert not stopped.code\n"
        "print('\\nloaded', *sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = done.stdout.rsplit("loaded", 1)[1].split()
    return [name for name in HEAVY if name in loaded]


LIGHT = ("--help", "--version", "--cite", "train --help", "generate --help", "formats")


@pytest.mark.parametrize("line", LIGHT)
def test_answers_without_heavy_modules(line):
    assert _imported_by(*line.split()) == []


def test_models_needs_no_torch():
    assert "torch" not in _imported_by("models")


def test_import_needs_no_torch():
    code = "import sys, nugen_gan; assert not {'torch', 'uproot', 'numpy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_public_names_are_there():
    import nugen_gan

    for name in nugen_gan.__all__:
        assert getattr(nugen_gan, name) is not None
    assert dir(nugen_gan) == sorted(nugen_gan.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        nugen_gan.nothing  # noqa: B018


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(run, verb):
    result = run(verb, "--help")
    assert result.code == 0
    assert result.out.startswith(f"Usage: nugen-gan {verb}")


def test_version_and_citation(run):
    assert __version__ in run("--version").out
    assert "arXiv:2508.12987" in run("--cite").out


@pytest.mark.parametrize("words", [("nonsense",), ("train",), ("generate", "x", "--nonsense")])
def test_wrong_usage_is_code_2_and_no_traceback(run, words):
    result = run(*words)
    assert result.code == 2
    assert "Traceback" not in result.err


@pytest.mark.parametrize(
    ("word", "meant"),
    [("model", "models"), ("Generate", "generate"), ("fine-tune", "finetune"),
     ("sample", "generate"), ("validat", "validate"), ("xyzzy", "There are: convert, train"),
     ("here.root", "nugen-gan info here.root")],
)  # fmt: skip
def test_a_mistyped_verb(run, tmp_path, word, meant):
    (tmp_path / "here.root").write_text("")
    result = run(word)
    assert result.code == 2
    assert f"no such command '{word}'" in result.err
    assert meant in " ".join(result.err.split())


@pytest.mark.parametrize("verb", SHOWING)
def test_verbs_that_show_progress_can_be_quiet(run, verb):
    assert "--quiet" in run(verb, "--help").out


@pytest.mark.parametrize("verb", ["convert", "train", "finetune", "generate", "validate", "xsec"])
def test_verbs_that_write_overwrite_on_request(run, verb):
    text = " ".join(run(verb, "--help").out.split())
    assert "--overwrite Replace an existing output." in text


def test_module_runs_too():
    done = subprocess.run(
        [sys.executable, "-m", "nugen_gan", "--version"], capture_output=True, text=True, check=True
    )
    assert __version__ in done.stdout
