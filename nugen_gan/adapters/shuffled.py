"""Columns of events of several processes, brought into one order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["joined_columns"]


def joined_columns(
    parts: Sequence[Mapping[str, Any]], places: Sequence[NDArray[np.int64]]
) -> dict[str, Any]:
    """Join the columns of several parts of a block.

    Parameters
    ----------
    parts : columns by name, numpy or awkward arrays; the same names and types in each part
    places : where the events of each part stand in the block, together 0 to N - 1

    Returns
    -------
    Columns of N events; those of a single part are passed on as they are.
    """
    if len(parts) == 1:
        return dict(parts[0])
    import awkward as ak

    order = np.argsort(np.concatenate(places), kind="stable")
    joined: dict[str, Any] = {}
    for name in parts[0]:
        columns = [part[name] for part in parts]
        if all(isinstance(column, np.ndarray) for column in columns):
            joined[name] = np.concatenate(columns)[order]
        else:
            joined[name] = ak.to_packed(ak.concatenate(columns)[order])
    return joined
