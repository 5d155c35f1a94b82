"""Links between the pages of README and docs lead somewhere, and every page is in the site."""

import re
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
PAGES = [TOP / "README.md", TOP / "CONTRIBUTING.md", *sorted((TOP / "docs").rglob("*.md"))]
LINK = re.compile(r"\]\((?!https?://|mailto:)([^)#\s]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(TOP)))
def test_links_lead_somewhere(page):
    text = page.read_text(encoding="utf-8")
    targets = [page.parent / target for target in LINK.findall(text)]
    assert [str(target) for target in targets if not target.exists()] == []


def test_every_page_is_in_the_site():
    configuration = (TOP / "mkdocs.yml").read_text(encoding="utf-8")
    listed = set(re.findall(r": ([\w/-]+\.md)$", configuration, re.MULTILINE))
    assert listed == {str(page.relative_to(TOP / "docs")) for page in PAGES[2:]}
