"""Put all rules to a file, and weigh the answers."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from pathlib import Path

from nugen_gan.adapters.nuhepmc.check.conservation import conservation
from nugen_gan.adapters.nuhepmc.check.conventions import CONVENTIONS, level_of
from nugen_gan.adapters.nuhepmc.check.event_rules import RELATIVE, SIGMAS, event_rules
from nugen_gan.adapters.nuhepmc.check.header_rules import HEADER_RULES, numbers, value
from nugen_gan.adapters.nuhepmc.check.records import Event, Records
from nugen_gan.adapters.nuhepmc.check.report import Finding, Problem, Report, Status
from nugen_gan.adapters.nuhepmc.lines import is_hepmc
from nugen_gan.errors import FormatError, UsageError

__all__ = ["check"]

# What a check of the file alone cannot tell.
HOW_FAR = {"E.R.9": "as far as a file can tell: the target is at rest"}


def check(path: str | os.PathLike[str]) -> Report:
    """Check whether a NuHepMC file keeps the conventions of NuHepMC 1.0.

    A convention that is not required counts only if the file signals it (G.R.4): then it is
    met or missing, and if missing G.R.4 is missing too.  Suggestions never count.

    Raises
    ------
    UsageError
        if there is no such file.
    FormatError
        if it is not HepMC3 text, or cannot be decompressed.
    """
    path = Path(path)
    if not path.is_file():
        raise UsageError(f"{path} does not exist or is not a file.")
    if not is_hepmc(path):
        raise FormatError(
            f"{path} is not HepMC3 text (plain, gzip, bzip2 or xz): it does not begin with "
            "HepMC::Version and HepMC::Asciiv3-START_EVENT_LISTING."
        )
    return _Check(path).report()


class _Check:
    """One file, and the first offence against each convention."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.run = Records(path)
        self.offences: dict[str, tuple[Problem, int | None]] = {}
        self.signalled = set(self.run.header.conventions())
        self.average = _Average(self.run)
        self.events = 0
        # The first event that does not conserve something, and how many there are.
        self.unclosed: tuple[int, Problem] | None = None
        self.not_conserving = 0

    def report(self) -> Report:
        """Check everything."""
        for label, rule in HEADER_RULES.items():
            self._note(label, rule(self.run))
        self._read_events()
        self._whole_file()
        findings = tuple(self._finding(label) for label in CONVENTIONS)
        parts = [value(self.run, f"Version.{part}") for part in ("Major", "Minor", "Patch")]
        version = ".".join(parts) if all(parts) else ""
        return Report(self.path.name, version, self.events, findings, self._warnings())

    def _note(self, label: str, problem: Problem | None, event: Event | None = None) -> None:
        if problem is not None and label not in self.offences:
            self.offences[label] = (problem, None if event is None else event.number)

    def _read_events(self) -> None:
        rules: dict[str, Callable[[Event], Problem | None]] = event_rules(self.run)
        for event in self.run.events():
            self.events += 1
            self.average.add(event)
            self._conservation(event)
            for label, rule in rules.items():
                if label not in self.offences:
                    self._note(label, rule(event), event)

    def _conservation(self, event: Event) -> None:
        problem = None if event.problems else conservation(event)
        if problem is not None:
            self.not_conserving += 1
            self.unclosed = self.unclosed or (event.number, problem)

    def _warnings(self) -> tuple[str, ...]:
        if self.unclosed is None:
            return ()
        number, problem = self.unclosed
        return (
            f"charge, baryon number or four-momentum is not conserved in {self.not_conserving:,} "
            f"of {self.events:,} events; first in event {number}, line {problem.line}: "
            f"{problem.reason}",
        )

    def _whole_file(self) -> None:
        """What shows only after the last event."""
        for problem in self.run.problems:
            self._note("E.R.1", problem)
        self._note("E.C.2", self.average.problem())
        for label in sorted(self.signalled & set(CONVENTIONS)):
            if level_of(label) == "convention" and label in self.offences:
                reason = self.offences[label][0]
                self._note("G.R.4", Problem(f"{label} is signalled but not kept: {reason.reason}",
                                            reason.line))  # fmt: skip
        kept = [label for label in ("G.C.2", "E.C.4") if label in self.signalled - set(
            self.offences)]  # fmt: skip
        if not kept:
            self._note("G.R.5", Problem("neither G.C.2 nor E.C.4 is signalled and kept"))

    def _finding(self, label: str) -> Finding:
        level, title = level_of(label), CONVENTIONS[label]
        status: Status = "missing" if label in self.offences else "met"
        if level == "convention" and label not in self.signalled:
            reason = "not signalled"
            return Finding(label, level, title, "not applicable", reason)
        if label == "E.S.1" and status == "missing":
            return Finding(label, level, title, "not applicable", self.offences[label][0].reason)
        if label not in self.offences:
            return Finding(label, level, title, status, HOW_FAR.get(label, ""))
        problem, event = self.offences[label]
        return Finding(label, level, title, status, problem.reason, event, problem.line)


class _Average:
    """The flux-averaged cross section that the events tell, against the header's."""

    def __init__(self, run: Records) -> None:
        self.header = numbers(run, "FluxAveragedTotalCrossSection")
        self.weight = self.inverse = self.squares = 0.0
        self.count = 0

    def add(self, event: Event) -> None:
        """Add w / sigma(E) of an event (E.C.2)."""
        found, _ = event.numbers("tot_xs")
        try:
            weight = float(event.weights[0][0])
        except (IndexError, ValueError):
            return
        if found and 0.0 < found[0] < math.inf and math.isfinite(weight):
            self.count += 1
            self.weight += weight
            self.inverse += weight / found[0]
            self.squares += (weight / found[0]) ** 2

    def problem(self) -> Problem | None:
        """A contradiction, such as a wrong unit, beyond the statistical error."""
        if not self.header or len(self.header) != 1 or not self.header[0] > 0.0:
            return None
        if self.count < 2 or not self.inverse > 0.0:
            return None
        average = self.weight / self.inverse
        spread = max(self.squares / self.inverse**2 - 1.0 / self.count, 0.0)
        difference = abs(math.log(average / self.header[0]))
        if difference <= RELATIVE + SIGMAS * math.sqrt(spread):
            return None
        return Problem(
            f"the events' tot_xs average to {average:.6g}, the header's "
            f"FluxAveragedTotalCrossSection is {self.header[0]:.6g}"
        )
