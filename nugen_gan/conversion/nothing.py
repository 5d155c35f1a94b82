"""What there is instead where no event of a process was found."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from nugen_gan.events.selection import RawEvents
from nugen_gan.physics.process import Process, is_nucleus

if TYPE_CHECKING:
    from nugen_gan.conversion.sample import Sample

__all__ = ["elsewhere", "nothing_found"]


def elsewhere(chunk: RawEvents) -> Counter[str]:
    """Charged-current events on what is no nucleus that we know, by what they are on."""
    codes, counts = np.unique(chunk.target[chunk.cc], return_counts=True)
    return Counter({
        f"on {_what_it_is(code)}": count
        for code, count in zip(codes.tolist(), counts.tolist(), strict=True)
        if not is_nucleus(code)
    })  # fmt: skip


def _what_it_is(code: int) -> str:
    if code > 1_000_000_000 and code % 10 and is_nucleus(code - code % 10):
        ground = Process(14, code - code % 10).target_name
        return f"{code} (an excited state of {ground}, {code - code % 10}, which is not taken)"
    return {2112: "2112 (a free neutron)"}.get(code, f"{code} (no nucleus)")


def nothing_found(sample: Sample, probe: str | int | None, target: str | int | None) -> str:
    """Say why a sample has no events of a probe and a target, and what it has instead."""
    names = ", ".join(str(path) for path in sample.paths)
    if not sample.read:
        return (
            f"{names}: the file is in order but holds no events. "
            "Check the run that made it: it may have been given zero events or no channel."
        )
    if not sample.found:
        kinds = ", ".join(f"{name} {count:,}" for name, count in sorted(sample.others.items()))
        return (
            f"{names}: none of the {sample.read:,} events is a charged-current event of a "
            f"neutrino on a nucleus. Found other ones by channel: {kinds or 'none'}"
            f"{sample.elsewhere_in_words(' and, charged-current ones, ')}. Make "
            "events with the charged current switched on (in NuWro: dyn_*_cc = 1)."
        )
    if any(found.cutflow.kept for found in sample.found.values()):
        asked = " and ".join(
            f"{what} {value}"
            for what, value in (("probe", probe), ("target", target))
            if value is not None
        )
        return f"{names}: no event has {asked}. Found: {sample.listing()}. Pick one of these."
    flow = next(iter(sample.found.values())).cutflow
    steps = "; ".join(f"{name}: {count:,}" for name, count in flow.steps)
    return (
        f"{names}: the selection leaves no event. What each step leaves: {steps}. "
        "Widen the energy range or check the file."
    )
