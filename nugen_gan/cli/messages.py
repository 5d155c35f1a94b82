"""Messages on the screen, as paragraphs of one width."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

from nugen_gan.physics import species

__all__ = ["hadrons_text", "paragraph"]

WIDTH = 100
# Species named one by one; the rest are added up.
MOST_SPECIES = 8


def paragraph(text: str) -> str:
    """Break a text into lines; paths stay whole, so that they can be copied."""
    return textwrap.fill(text, WIDTH, break_long_words=False, break_on_hyphens=False)


def hadrons_text(particles: Mapping[int, int] | None, events: int) -> str:
    """Say how many particles of each species leave the nucleus beside the charged lepton.

    Parameters
    ----------
    particles : their numbers by PDG code; None where they are not known
    events : in how many events
    """
    if particles is None:
        return "hadrons: none in the file, the charged lepton only"
    ordered = sorted(particles.items(), key=lambda pair: -pair[1])
    named = [(species.name_of(pdg), n) for pdg, n in ordered[:MOST_SPECIES]]
    others = sum(n for _, n in ordered[MOST_SPECIES:])
    named += [("others", others)] if others else []
    counts = ", ".join(f"{name} {n:,} ({n / max(events, 1):.2g})" for name, n in named)
    return textwrap.fill(
        f"hadrons (per event): {counts or 'none'}", WIDTH, subsequent_indent="    ",
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
