"""Weights must be finite numbers, wherever they are read; told without torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

__all__ = ["not_finite"]


def not_finite(tensors: Mapping[str, Any]) -> str | None:
    """Say which tensor has values that are no finite numbers; None if all are finite.

    Parameters
    ----------
    tensors : name -> values, of numpy or, on the CPU, of torch
    """
    for name, values in tensors.items():
        if not np.isfinite(np.asarray(values)).all():
            return f"{name} has values that are no finite numbers"
    return None
