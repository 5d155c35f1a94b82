"""What a check found."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

__all__ = ["Finding", "Problem", "Report", "Status"]

Status = Literal["met", "missing", "not applicable"]


@dataclass(frozen=True, slots=True)
class Problem:
    """Why something is not in order, and the number of the line where it shows."""

    reason: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer for one convention.

    Attributes
    ----------
    label, level, title : of the convention
    status : "met", "missing" or "not applicable"
    reason : why it is not met, or how far a check can go; "" if there is nothing to say
    event : number of the first event that does not keep it, None if the header does not
    line : number of the line in the file
    """

    label: str
    level: str
    title: str
    status: Status
    reason: str = ""
    event: int | None = None
    line: int | None = None

    def __str__(self) -> str:
        place = [] if self.event is None else [f"event {self.event}"]
        place += [] if self.line is None else [f"line {self.line}"]
        reason = f"{', '.join(place)}: {self.reason}" if place else self.reason
        return f"{self.label:<7} {self.level:<11} {self.status:<15} {reason or self.title}"


@dataclass(frozen=True)
class Report:
    """All answers for one file.

    Attributes
    ----------
    file : its name
    version : of NuHepMC, as the file says; "" if it does not
    events : number of events in it
    findings : one for each convention
    warnings : what no convention asks for and yet is odd; never counts
    """

    file: str
    version: str
    events: int
    findings: tuple[Finding, ...]
    warnings: tuple[str, ...] = ()

    @property
    def conforms(self) -> bool:
        """True if all required conventions are met."""
        return not self.broken

    @property
    def broken(self) -> tuple[str, ...]:
        """Labels of the required conventions that are not met."""
        return tuple(
            finding.label
            for finding in self.findings
            if finding.level == "required" and finding.status == "missing"
        )

    def __getitem__(self, label: str) -> Finding:
        """The answer for one convention; raises KeyError if there is no such convention."""
        for finding in self.findings:
            if finding.label == label:
                return finding
        raise KeyError(label)

    def as_dict(self) -> dict[str, Any]:
        """Plain values for a JSON file."""
        return {
            "file": self.file,
            "version": self.version,
            "events": self.events,
            "conforms": self.conforms,
            "conventions": [asdict(finding) for finding in self.findings],
            "warnings": list(self.warnings),
        }

    def __str__(self) -> str:
        version = f"NuHepMC {self.version}" if self.version else "no version of NuHepMC"
        required = sum(finding.level == "required" for finding in self.findings)
        verdict = (
            f"not conformant: {', '.join(self.broken)} missing"
            if self.broken
            else f"conformant: all {required} required conventions are met"
        )
        lines = [f"{self.file}: {version}, {self.events:,} events"]
        odd = [f"warning: {text}" for text in self.warnings]
        return "\n".join([*lines, *map(str, self.findings), *odd, verdict])
