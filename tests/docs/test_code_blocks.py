"""Every command and every piece of Python in README and docs does what the page says.

The fenced blocks of a page run in their order, in one empty folder in which the repository's files
lie under their own paths.  HTML comments right above a block change that:

``<!-- not run: why -->``
    the block is shown only: it takes minutes, or installs something
``<!-- quick: OLD -> NEW; OLD -> NEW -->``
    run with smaller numbers than those shown

Lines of ``sh`` blocks are commands of ``nugen-gan`` or of the programs of its plug-ins, or scripts
for ``python``; a block of another program needs ``not run``.
"""

import re
import runpy
import shlex
import sys
import tomllib
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from nugen_gan.adapters import registry
from nugen_gan.cli.main import cli
from nugen_gan.storage.bundled import sample_file

TOP = Path(__file__).parents[2]
PLUGIN = TOP / "plugins" / "nugen-gan-csv"
# Notebooks: their commands are those of an earlier program.
HISTORY = TOP / "docs" / "history"
OUTSIDE = ("README.md", "CONTRIBUTING.md", "examples/README.md", "plugins/nugen-gan-csv/README.md",
           "plugins/nugen-gan-nuwro/README.md", "plugins/nugen-gan-genie/README.md")  # fmt: skip
PAGES = [page for page in sorted((TOP / "docs").rglob("*.md")) if HISTORY not in page.parents]
PAGES += [TOP / name for name in OUTSIDE]
# What pages call a user's own files, and what stands in for them here.
OWN_FILES = {
    "nuwro.root": "tests/data/nuwro_numu_C12_1GeV.root",
    "mine.root": "tests/data/numu_Ar40_1k.root",
    "mine_xsec.txt": "tests/data/numu_Ar40_xsec.txt",
    "genie.gst.root": "tests/data/genie_numu_C12.gst.root",
}
# Programs of plug-ins, by the scripts of their pyproject.toml.
PROGRAMS = {
    name: script
    for plugin in ("nugen-gan-nuwro", "nugen-gan-genie")
    for name, script in tomllib.loads(
        (TOP / "plugins" / plugin / "pyproject.toml").read_text(encoding="utf-8")
    )["project"]["scripts"].items()
}
FLUX = "# E_low E_high flux\n0.2 0.6 1.0\n0.6 1.0 2.5\n1.0 2.0 1.5\n2.0 5.0 0.2\n"
RUN, SHOWN = {"python", "sh"}, {"text", "toml", "yaml", "json"}
FENCE = re.compile(r"((?:^<!--[^\n]*-->\n)*)^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMENT = re.compile(r"^<!-- (not run|quick): (.*) -->$", re.MULTILINE)
SNIPPET = re.compile(r'^--8<-- "(.*)"$', re.MULTILINE)


@dataclass
class Block:
    """A fenced block: its language, its text, and what the comments above it say."""

    language: str
    text: str
    not_run: str | None = None
    quick: str | None = None

    def to_run(self):
        """The text with the smaller numbers and the included files in it."""
        text = SNIPPET.sub(lambda found: (TOP / found[1]).read_text(encoding="utf-8"), self.text)
        for change in self.quick.split("; ") if self.quick else ():
            old, new = change.split(" -> ")
            assert old in text, f"the block has no {old!r} to replace"
            text = text.replace(old, new)
        return text


def blocks_of(page):
    """The fenced blocks of a page, in their order."""
    text = page.read_text(encoding="utf-8")
    found = []
    for comments, language, body in FENCE.findall(text):
        said = dict(COMMENT.findall(comments))
        found.append(Block(language, body, said.get("not run"), said.get("quick")))
    assert len(found) == len(re.findall(r"^ *```", text, re.MULTILINE)) // 2, "indented fences"
    return found


def commands(text):
    """The commands of a shell block, as words; ``&&`` and line ends separate them."""
    for line in text.replace("\\\n", " ").splitlines():
        for command in line.split(" && "):
            words = shlex.split(command, comments=True)
            if words:
                yield words


def run_shell(text, monkeypatch):
    for words in commands(text):
        if words[0] == "python":
            monkeypatch.setattr(sys, "argv", words[1:])
            runpy.run_path(words[1], run_name="__main__")
            continue
        if words[0] in PROGRAMS:
            with pytest.raises(SystemExit) as ended:
                EntryPoint(words[0], PROGRAMS[words[0]], "").load()(words[1:])
            assert not ended.value.code, f"{shlex.join(words)} ended with {ended.value.code}"
            continue
        assert words[0] == "nugen-gan", f"{shlex.join(words)}: mark the block as not run"
        code = cli.main(words[1:], prog_name="nugen-gan", standalone_mode=False)
        assert not code, f"{shlex.join(words)} ended with exit code {code}"


@pytest.fixture
def place(tmp_path, monkeypatch):
    """An empty folder with the files that the pages speak of, and the plug-in installed."""
    for name in ("tests", "examples", "benchmarks", "plugins"):
        (tmp_path / name).symlink_to(TOP / name)
    for name, source in OWN_FILES.items():
        (tmp_path / name).symlink_to(TOP / source)
    (tmp_path / "fresh.root").symlink_to(sample_file("numu_cc_Ar40_sample"))
    (tmp_path / "flux.txt").write_text(FLUX, encoding="utf-8")
    page = (TOP / "docs" / "how-to" / "nuwro.md").read_text(encoding="utf-8")
    card = re.search(r"^```text\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    (tmp_path / "params.txt").write_text(card[1], encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(PLUGIN))
    entry = EntryPoint("csv", "nugen_gan_csv:Csv", registry.GROUP)
    monkeypatch.setattr(registry, "entry_points", lambda group: [entry])
    registry.refresh()
    yield
    monkeypatch.undo()
    registry.refresh()


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(TOP)))
def test_blocks_run(page, monkeypatch):
    names = {"__name__": "__main__"}
    for block in blocks_of(page):
        assert block.language in RUN | SHOWN, f"a block in {block.language or 'no language'}"
        if block.language in SHOWN or block.not_run:
            continue
        if block.language == "sh":
            run_shell(block.to_run(), monkeypatch)
        else:
            exec(compile(block.to_run(), page.name, "exec"), names)


def test_comments_are_heard():
    page = (
        "<!-- not run: long -->\n```sh\nnugen-gan train a.root\n```\n"
        "<!-- quick: 100 -> 1; b -> c -->\n```python\nx = 100  # b\n```\n"
    )
    comments, language, body = FENCE.findall(page)[1]
    block = Block(language, body, quick=dict(COMMENT.findall(comments))["quick"])
    assert block.to_run() == "x = 1  # c\n"
    assert dict(COMMENT.findall(FENCE.findall(page)[0][0]))["not run"] == "long"
    assert list(commands("a 'b c' && d \\\n e  # f\n")) == [["a", "b c"], ["d", "e"]]
