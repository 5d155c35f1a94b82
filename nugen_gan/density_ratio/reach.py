"""How many proposals are smeared, and how far; what smears them needs torch, this does not."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["SHARE", "Reach"]

# The share of the proposals that is smeared where any is.
SHARE = 0.12


@dataclass(frozen=True, slots=True)
class Reach:
    """How far proposals are smeared: part of every model that smears some.

    Attributes
    ----------
    down, up : omega changes by up to so much [GeV]
    spread : width of the Gaussian by which the second proxy changes
    """

    down: float = 0.05
    up: float = 0.02
    spread: float = 0.3
