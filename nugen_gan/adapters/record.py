"""A JSON text that our writers put beside the events where a dialect has no place for it.

It holds what came with the events: process, cross section, flux, provenance, cut flow.  Other
programs pass it over.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from nugen_gan.adapters.base import Header
from nugen_gan.errors import NugenError
from nugen_gan.events.provenance import Provenance, SourceFile
from nugen_gan.physics.cross_section import CrossSection
from nugen_gan.physics.flux import Flux, flux_from_dict
from nugen_gan.physics.process import Process

if TYPE_CHECKING:
    from uproot import ReadOnlyDirectory

__all__ = ["RECORD", "Record", "joined_provenance", "read_record", "record_text"]

RECORD = "nugen_gan"


@dataclass(frozen=True, slots=True)
class Record:
    """What a file written by us says about its events.

    Attributes
    ----------
    process : what collides
    events : number of events written, by which a changed file shows
    cross_section : sigma(enu), None where unknown
    flux_average : cross section averaged over the flux [cm^2 per nucleus], None where unknown
    provenance : where the events come from
    flux : flux of the events, None where unknown
    """

    process: Process
    events: int
    cross_section: CrossSection | None
    flux_average: float | None
    provenance: Provenance
    flux: Flux | None = None


def record_text(header: Header, events: int) -> str:
    """The JSON text for ``events`` events that were written."""
    sigma = header.cross_section
    record = {
        "process": header.process.name,
        "events": events,
        "cross_section": sigma.as_dict() if sigma else None,
        "flux": header.flux.as_dict() if header.flux else None,
        "flux_average_cm2_per_nucleus": header.flux_average,
        "provenance": header.provenance.as_dict(),
        "cutflow": [list(step) for step in header.cutflow.steps],
    }
    return json.dumps(record, allow_nan=False)


def read_record(file: ReadOnlyDirectory) -> Record | None:
    """Return what our writers added to a folder of a file; None for others' files.

    None also if it cannot be understood, for the events do not depend on it.
    """
    if RECORD not in file.keys(cycle=False, recursive=False):
        return None
    try:
        values: Mapping[str, Any] = json.loads(str(file[RECORD]))
        sigma, average = values["cross_section"], values["flux_average_cm2_per_nucleus"]
        flux = values.get("flux")
        return Record(
            Process.from_name(values["process"]), int(values["events"]),
            CrossSection.from_dict(sigma) if sigma else None,
            float(average) if average is not None and 0.0 < average < np.inf else None,
            Provenance.from_dict(values["provenance"]),
            flux_from_dict(flux) if flux else None,
        )  # fmt: skip
    except (NugenError, ValueError, KeyError, TypeError, AttributeError):
        return None


def joined_provenance(origins: Sequence[Provenance], files: tuple[SourceFile, ...]) -> Provenance:
    """Provenance of events of one or several origins, read from these files.

    The generator, if there is one for all of them; its parameters only for a single origin.
    """
    if len({(origin.generator, origin.version) for origin in origins}) > 1:
        return Provenance(files=files)
    first = origins[0]
    parameters = first.parameters if len(origins) == 1 else {}
    return Provenance(first.generator, first.version, parameters, files)
