"""The validation report as one HTML file: everything inside, nothing to download."""

# ruff: noqa: RUF001 - Greek letters are meant
from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape

from nugen_gan.validation.report.judging import Row, Verdict, p_text

__all__ = [
    "definitions",
    "figure",
    "folded",
    "note",
    "page",
    "paragraph",
    "preformatted",
    "section",
    "table",
    "verdicts",
]

CLASSES = {
    Verdict.AGREES: "agrees",
    Verdict.SMALL: "small",
    Verdict.UNCLEAR: "unclear",
    Verdict.DIFFERS: "differs",
    Verdict.NONE: "none",
}

STYLE = """
:root { color-scheme: light; --ink: #1d2733; --soft: #5b6875; --line: #dde3e9; --back: #f4f6f8; }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", "Helvetica Neue", Arial, sans-serif; }
header { background: #12324f; color: #fff; padding: 1.6rem 0; }
header > div, main { max-width: 1120px; margin: 0 auto; padding: 0 1.2rem; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0; overflow-wrap: anywhere; }
header p { margin: .35rem 0 0; color: #cfdce8; overflow-wrap: anywhere; }
section { background: #fff; border: 1px solid var(--line); border-radius: 8px;
  padding: 1.1rem 1.3rem; margin: 1.2rem 0; }
h2 { font-size: 1.2rem; margin: 0 0 .7rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .95rem; }
th, td { text-align: left; vertical-align: top; padding: .5rem .7rem;
  border-bottom: 1px solid var(--line); }
th { color: var(--soft); font-weight: 600; font-size: .85rem; }
sub { line-height: 0; }
tr:last-child td { border-bottom: 0; }
td.number { white-space: nowrap; font-variant-numeric: tabular-nums; }
.badge { display: inline-block; white-space: nowrap; border-radius: 1em; padding: .05rem .7rem;
  font-size: .85rem; font-weight: 600; }
.agrees { background: #d9efe6; color: #00543c; }
.small { background: #fdf0d0; color: #6b4800; }
.unclear { background: #fbe3c6; color: #7a3d00; }
.differs { background: #f9dcd0; color: #8a2f00; }
.none { background: #e8ebee; color: #4b5661; }
figure { margin: 0 0 1.6rem; }
figure:last-child { margin-bottom: 0; }
img { max-width: 100%; height: auto; display: block; margin: 0 auto; }
figcaption { color: var(--soft); font-size: .92rem; max-width: 62rem; margin: .5rem auto 0; }
.note { border-left: 4px solid #e69f00; background: #fff8e6; padding: .5rem .9rem;
  margin: 0 0 .8rem; }
details { margin-top: .9rem; }
summary { cursor: pointer; color: var(--soft); }
p.lead { margin: 0 0 .9rem; font-size: 1.05rem; }
dl { display: grid; grid-template-columns: minmax(9rem, max-content) 1fr; gap: .3rem 1.2rem;
  margin: 0 0 1rem; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
pre { background: var(--back); border: 1px solid var(--line); border-radius: 6px;
  padding: .7rem .9rem; overflow-x: auto; margin: 0; font-size: .88rem; }
.verdicts td:first-child { width: 25%; }
.verdicts td:last-child { width: 32%; }
.verdicts td.number { white-space: normal; }
@media (max-width: 640px) {
  .verdicts thead { display: none; }
  .verdicts td, .verdicts tr { display: block; }
  .verdicts tr { padding: .6rem 0; border-bottom: 1px solid var(--line); }
  .verdicts td:first-child, .verdicts td:last-child { width: auto; }
  .verdicts td { border: 0; padding: .1rem 0; }
  .verdicts td:first-child { font-weight: 600; }
  .verdicts td:nth-child(3)::before { content: "perfect model: "; color: var(--soft); }
  .verdicts td.p:not(:empty)::before { content: "p = "; color: var(--soft); }
  dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .5rem; }
  section { padding: .9rem; } h1 { font-size: 1.35rem; } }
@media print { body { background: #fff; } section { break-inside: avoid; border: 0; } }
"""


def page(title: str, subtitles: Iterable[str], body: Iterable[str]) -> str:
    """Return the whole document; ``body`` holds HTML, the rest plain text."""
    lines = "".join(f"<p>{escape(line)}</p>" for line in subtitles)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        # An empty icon inside the page keeps browsers from asking for one.
        '<link rel="icon" href="data:,">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        f"<header><div><h1>{escape(title)}</h1>{lines}</div></header>\n"
        f"<main>\n{''.join(body)}</main>\n</body>\n</html>\n"
    )


def section(title: str, *parts: str) -> str:
    """Return a titled section around pieces of HTML."""
    return f"<section>\n<h2>{escape(title)}</h2>\n{''.join(parts)}</section>\n"


def verdicts(rows: Iterable[Row], *leads: str) -> str:
    """Return the table of verdicts under a few sentences."""
    cells = (
        f"<tr><td>{_text(row.measure)}</td><td class='number'>{_value(row.value)}</td>"
        f"<td class='number'>{_value(row.target)}</td>"
        f"<td class='number p'>{escape(p_text(row.p_value))}</td>"
        f"<td><span class='badge {CLASSES[row.verdict]}'>{escape(row.verdict.value)}</span></td>"
        f"<td>{_text(row.meaning)}</td></tr>\n"
        for row in rows
    )
    head = _head(("Measure", "Result", "Perfect model", "p", "Verdict", "What it means"))
    body = (
        f"<div class='scroll verdicts'><table>{head}<tbody>{''.join(cells)}</tbody></table></div>\n"
    )
    return "".join(f"<p class='lead'>{escape(lead)}</p>\n" for lead in leads if lead) + body


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a plain table."""
    body = "".join(
        "<tr>" + "".join(f"<td class='number'>{_text(cell)}</td>" for cell in row) + "</tr>\n"
        for row in rows
    )
    return f"<div class='scroll'><table>{_head(head)}<tbody>{body}</tbody></table></div>\n"


def figure(png: str, caption: str) -> str:
    """Return a figure from base64 PNG with its caption, which is also the alternative text."""
    text = escape(caption)
    source = f"data:image/png;base64,{png}"
    image = f'<img src="{source}" alt="{text}">'
    return f"<figure>{image}<figcaption>{_text(caption)}</figcaption></figure>\n"


def note(text: str) -> str:
    """Return a highlighted remark."""
    return f"<p class='note'>{escape(text)}</p>\n"


def paragraph(text: str) -> str:
    """Return a sentence or two."""
    return f"<p>{_text(text)}</p>\n"


def definitions(pairs: Iterable[tuple[str, str]]) -> str:
    """Return a list of names and values."""
    items = (f"<dt>{_text(name)}</dt><dd>{_text(value)}</dd>\n" for name, value in pairs)
    return f"<dl>\n{''.join(items)}</dl>\n"


def folded(title: str, content: str) -> str:
    """Return HTML that shows its title only, until opened."""
    return f"<details><summary>{escape(title)}</summary>\n{content}</details>\n"


def preformatted(text: str) -> str:
    """Return text as typed, such as a command."""
    return f"<pre>{escape(text)}</pre>\n"


def _head(names: Sequence[str]) -> str:
    return "<thead><tr>" + "".join(f"<th>{_text(n)}</th>" for n in names) + "</tr></thead>"


def _text(plain: str) -> str:
    """Escape, and set the few subscripts that these texts have."""
    return re.sub(r"\b([ETn])_(ν|ℓ|eq)(?!\w)", r"\1<sub>\2</sub>", escape(plain))


def _value(plain: str) -> str:
    """Escape, and keep numbers and their errors on one line."""
    text = escape(plain).replace(" ± ", "&nbsp;±&nbsp;").replace(" million", "&nbsp;million")
    text = text.replace("(95 % CL)", "(95&nbsp;%&nbsp;CL)").replace("p = ", "p&nbsp;=&nbsp;")
    return text.replace(" – ", "&nbsp;–&nbsp;")
