"""What each step of a selection left."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["CutFlow"]


@dataclass(frozen=True, slots=True)
class CutFlow:
    """How many events were left after each step of a selection, in order.

    Attributes
    ----------
    steps : pairs (what the step asks for, events left)
    """

    steps: tuple[tuple[str, int], ...] = ()

    def __add__(self, other: CutFlow) -> CutFlow:
        """Add up two cut flows of the same steps, such as those of two chunks of a file."""
        if not self.steps or not other.steps:
            return self if self.steps else other
        if [name for name, _ in self.steps] != [name for name, _ in other.steps]:
            raise ValueError("cut flows of different selections cannot be added")
        pairs = zip(self.steps, other.steps, strict=True)
        return CutFlow(tuple((name, n + m) for (name, n), (_, m) in pairs))

    def then(self, later: CutFlow) -> CutFlow:
        """Return this cut flow, continued by those steps of a later one that dropped anything."""
        if not self.steps:
            return later
        counts = [count for _, count in later.steps]
        dropped = tuple(
            step for step, before in zip(later.steps[1:], counts, strict=False) if step[1] < before
        )
        return CutFlow(self.steps + dropped)

    @property
    def kept(self) -> int:
        """Events left at the end."""
        return self.steps[-1][1] if self.steps else 0

    def __str__(self) -> str:
        if not self.steps:
            return "(no selection)"
        width = max(len(name) for name, _ in self.steps)
        first = max(self.steps[0][1], 1)
        return "\n".join(
            f"{name:<{width}} {count:>12,d} {100 * count / first:7.2f} %"
            for name, count in self.steps
        )
