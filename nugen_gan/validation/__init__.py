"""How good a model is: metrics, figures and the report."""

from __future__ import annotations

from nugen_gan.validation.comparison import compare, validate
from nugen_gan.validation.metrics.neighbours import nearest_neighbours
from nugen_gan.validation.report.report import Report

__all__ = ["Report", "compare", "nearest_neighbours", "validate"]


def __dir__() -> list[str]:
    return sorted(__all__)
