"""Messages on the screen, as paragraphs of one width."""

from __future__ import annotations

import textwrap

__all__ = ["paragraph"]


def paragraph(text: str) -> str:
    """Break a text into lines; paths stay whole, so that they can be copied."""
    return textwrap.fill(text, 100, break_long_words=False, break_on_hyphens=False)
