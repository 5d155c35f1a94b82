"""Puts the help texts of the command line into the page that asks for them."""

from importlib import import_module
from typing import Any

import click

from nugen_gan.cli.main import VERBS

MARK = "<!-- help -->"


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Replace the mark by a section for each verb; called by MkDocs for every page."""
    return markdown.replace(MARK, _sections()) if MARK in markdown else markdown


def _sections() -> str:
    return "\n\n".join(f"## nugen-gan {verb}\n\n```text\n{_help(verb)}\n```" for verb in VERBS)


def _help(verb: str) -> str:
    command: click.Command = getattr(import_module(f"nugen_gan.cli.{verb}"), verb)
    with click.Context(command, info_name=f"nugen-gan {verb}", max_content_width=88) as context:
        context.help_option_names = ["-h", "--help"]
        return command.get_help(context)
