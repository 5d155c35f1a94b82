"""The result of a validation: verdicts, JSON, and the files of a report."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from nugen_gan._version import __version__
from nugen_gan.events.provenance import Provenance
from nugen_gan.events.table import EventTable
from nugen_gan.physics.process import Process
from nugen_gan.storage.atomic import atomic_path, check_writable, write_json
from nugen_gan.validation.details import Details
from nugen_gan.validation.metrics.common_events import NOT_INDEPENDENT
from nugen_gan.validation.report.detail_rows import detail_rows
from nugen_gan.validation.report.hadron_rows import yardstick_text
from nugen_gan.validation.report.judging import Finding, Row, Verdict, count_judged, headline, judge
from nugen_gan.validation.report.lepton_rows import power_text
from nugen_gan.validation.report.verdict import Measured, rows, unphysical_row

__all__ = ["FILES", "Report"]

# What a report consists of.
FILES = ("report.html", "report.json")


@dataclass(frozen=True, slots=True)
class Report:
    """What a validation found.

    Attributes
    ----------
    name : of the model or the generated sample
    process : of the generated events; ``reference_process`` of the others
    energy_range : neutrino energies compared [GeV]
    events : reference events and generated events compared
    dropped : reference events outside the energy range
    unphysical : generated events with impossible kinematics
    overall, by_energy : the metrics, over the whole range and in parts of it
    details : the metrics that exist over the whole range only
    notes : what a reader must know to judge the numbers
    seed : of everything random
    command : what reproduces this report
    reference_provenance, generated_provenance : where the events come from
    reference, generated : the events, for the figures
    replicas : events of each replica of the model, for the bands
    common : share of the smaller sample that is in the other too, number for number
    """

    name: str
    process: Process
    reference_process: Process
    energy_range: tuple[float, float]
    events: tuple[int, int]
    dropped: int
    unphysical: int
    overall: Measured
    by_energy: tuple[Measured, ...]
    details: Details
    notes: tuple[str, ...]
    seed: int
    command: str
    reference_provenance: Provenance
    generated_provenance: Provenance
    reference: EventTable = field(repr=False)
    generated: EventTable = field(repr=False)
    replicas: tuple[EventTable, ...] = field(default=(), repr=False)
    common: float = 0.0

    def rows(self) -> tuple[Row, ...]:
        """Return the verdicts over the whole energy range, judged together."""
        return judge(self._findings(), independent=self.common <= NOT_INDEPENDENT)

    def _findings(self) -> tuple[Finding | Row, ...]:
        return (
            *detail_rows(self.details), *rows(self.overall), unphysical_row(self.unphysical),
        )  # fmt: skip

    def headline(self) -> str:
        """One or two sentences on the verdicts: those of :meth:`rows` and nothing else."""
        if self.common > NOT_INDEPENDENT:
            found = [row for row in self.rows() if row.verdict is Verdict.DIFFERS]
            return (
                f"No measure of agreement: {100 * self.common:.0f} % of the events are the same in "
                "both samples." + (f" {len(found)} measures differ all the same." if found else "")
            )
        return headline(self.rows())

    def power(self) -> str:
        """One sentence on which shifts of the peaks these events would show; may be empty."""
        if self.common > NOT_INDEPENDENT:
            return ""
        return power_text(self.details.lepton, count_judged(self._findings()))

    def yardstick(self) -> str:
        """One sentence on what the hadrons of a library of training events are worth.

        Empty where there are no training events, or no hadrons.
        """
        return yardstick_text(self.details.hadrons)

    def as_dict(self) -> dict[str, Any]:
        """Plain values for a JSON file; what is infinite or undefined is null there."""
        content = {
            "nugen_gan_version": __version__,
            "name": self.name,
            "process": self.process.name,
            "reference_process": self.reference_process.name,
            "energy_range_GeV": self.energy_range,
            "events": {"reference": self.events[0], "generated": self.events[1]},
            "reference_events_outside_energy_range": self.dropped,
            "unphysical_events": self.unphysical,
            "headline": self.headline(),
            "power": self.power(),
            "yardstick": self.yardstick(),
            "common_events_share": self.common,
            "verdicts": [{**dataclasses.asdict(r), "verdict": r.verdict.value}
                         for r in self.rows()],
            "overall": dataclasses.asdict(self.overall),
            "details": dataclasses.asdict(self.details),
            "by_energy": [dataclasses.asdict(part) for part in self.by_energy],
            "notes": self.notes,
            "seed": self.seed,
            "command": self.command,
            "provenance": {
                "reference": self.reference_provenance.as_dict(),
                "generated": self.generated_provenance.as_dict(),
            },
        }  # fmt: skip
        plain = _plain(content)
        assert isinstance(plain, dict)
        return plain

    def write(self, folder: str | Path, *, overwrite: bool = False) -> Path:
        """Write ``report.html`` and ``report.json``; return the path of the first.

        Raises
        ------
        OutputError
            if they exist (unless ``overwrite``) or cannot be written.
        MissingExtraError
            if matplotlib is not installed.
        """
        folder = Path(folder)
        check_writable(folder, FILES, overwrite=overwrite)
        html = self.html()
        write_json(folder / "report.json", self.as_dict())
        with atomic_path(folder / "report.html") as path:
            path.write_text(html, "utf-8")
        return folder / "report.html"

    def html(self) -> str:
        """Return the report as one self-contained HTML document."""
        # Only a report that is shown needs matplotlib and the texts around the figures.
        from nugen_gan.validation.report.document import document

        return document(self)


def _plain(value: Any) -> Any:
    """Turn tuples, arrays and special numbers into what JSON knows."""
    if isinstance(value, dict):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value if value is None or isinstance(value, bool | int | float) else str(value)
