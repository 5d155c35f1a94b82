"""What the header of a NuHepMC file says about the run: versions, flux, normalisation."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nugen_gan.adapters.nuhepmc.header import OWN_RECORD
from nugen_gan.adapters.nuhepmc.lines import RunHeader
from nugen_gan.adapters.nuhepmc.terms import CM2_OF_UNIT
from nugen_gan.errors import FormatError, NugenError, UsageError
from nugen_gan.events.cutflow import CutFlow
from nugen_gan.events.provenance import Provenance
from nugen_gan.physics.cross_section import CrossSection
from nugen_gan.physics.flux import Flux, MonoFlux, histogram_flux
from nugen_gan.physics.process import PROTON, Process, mass_number, nucleus_pdg

__all__ = ["OwnRecord", "RunFacts"]

PREFIX = "NuHepMC."
GEV_OF_UNIT = {"GEV": 1.0, "MEV": 1e-3}
# TargetScale in NuHepMC 1.0 and before.
PER_ATOM, PER_NUCLEON = ("PerAtom", "PerTargetAtom"), ("PerNucleon", "PerTargetNucleon")


@dataclass(frozen=True)
class OwnRecord:
    """What our own writer put into the header beside NuHepMC's attributes."""

    process: Process
    cross_section: CrossSection | None
    provenance: Provenance
    cutflow: CutFlow
    hadrons: bool = False


class RunFacts:
    """A header, interpreted.

    Attributes
    ----------
    version : (major, minor, patch) of the specification
    average : flux-averaged total cross section (G.C.2), in the unit of the file; None if absent
    unit : cm^2 in that unit; None where the file does not tell one that we know
    per_nucleon : True if it is per nucleon, False if per atom
    own : record of our own writer, if it is ours

    Raises
    ------
    FormatError
        if the file is not NuHepMC, or its header is damaged.
    """

    def __init__(self, header: RunHeader, path: Path) -> None:
        self.header, self.path = header, path
        self.version = self._version()
        self.average = self._positive("FluxAveragedTotalCrossSection")
        self.unit = CM2_OF_UNIT.get(self._get("Units.CrossSection.Unit"))
        scale = self._get("Units.CrossSection.TargetScale")
        if scale not in (*PER_ATOM, *PER_NUCLEON):
            self.unit = None
        self.per_nucleon = scale in PER_NUCLEON
        self.own = self._own_record()

    def _get(self, name: str) -> str:
        return self.header.attributes.get(PREFIX + name, "").strip()

    def _problem(self, name: str) -> FormatError:
        text = self._get(name)[:60]
        return FormatError(f"{self.path}: the header's {PREFIX}{name} {text!r} makes no sense.")

    def _version(self) -> tuple[int, int, int]:
        names = ("Version.Major", "Version.Minor", "Version.Patch")
        if not self._get(names[0]):
            raise FormatError(
                f"{self.path} is a HepMC3 file but not a NuHepMC one: it has no "
                f"{PREFIX}{names[0]}. Only NuHepMC says which particle is the neutrino, which "
                "the target, and how the events are normalised."
            )
        try:
            major, minor, patch = (int(self._get(name)) for name in names)
        except ValueError as error:
            raise self._problem(names[0]) from error
        if major > 1:
            raise FormatError(
                f"{self.path} follows NuHepMC {major}.{minor}.{patch}; this program knows "
                "versions 0.1 to 1. Update nugen-gan."
            )
        return major, minor, patch

    def _positive(self, name: str) -> float | None:
        if not self._get(name):
            return None
        try:
            value = float(self._get(name))
        except ValueError as error:
            raise self._problem(name) from error
        if not 0.0 < value < np.inf:
            raise self._problem(name)
        return value

    def _numbers(self, name: str) -> list[float]:
        try:
            return [float(word) for word in self._get(name).split()]
        except ValueError as error:
            raise self._problem(name) from error

    def flux(self, probe: int) -> Flux | None:
        """Flux of one species (G.C.4); None if the header does not give it."""
        unit = GEV_OF_UNIT.get(self._get("Beam.EnergyUnit"))
        if unit is None:
            return None
        beam = f"Beam[{probe}]."
        try:
            energy = self._positive(beam + "MonoEnergetic.Energy")
            if energy is not None:
                return MonoFlux(energy * unit)
            edges = self._numbers(beam + "Histogram.BinEdges")
            if not edges:
                return None
            contents = np.array(self._numbers(beam + "Histogram.BinContent"))
            if self._get(beam + "Histogram.ContentIsPerWidth") in ("1", "true"):
                contents = contents * np.diff(edges)
            return histogram_flux((unit * np.array(edges)).tolist(), contents.tolist())
        except (UsageError, ValueError) as error:
            raise FormatError(f"{self.path}: the flux in the header: {error}") from error

    def total_flux(self, probe: int) -> float:
        """Integral of the flux histogram of one species; only ratios of these mean anything."""
        if self.flux(probe) is None:  # which says so, if the histogram is damaged
            return 0.0
        beam = f"Beam[{probe}].Histogram."
        contents = np.array(self._numbers(beam + "BinContent"))
        if self._get(beam + "ContentIsPerWidth") in ("1", "true"):
            contents = contents * np.diff(self._numbers(beam + "BinEdges"))
        return float(contents.sum())

    def atoms(self, found: set[int]) -> Mapping[int, float] | None:
        """Relative numbers of atoms of the target; None if several and not given (G.S.3)."""
        given: dict[int, float] = {}
        for word in self._get("TargetMaterialRelativeAtomicAbundance").split():
            match = re.fullmatch(r"(\d{4,10})(?:\[([0-9.eE+-]+)\])?", word)
            try:
                number = float(match[2] or 1.0) if match else 0.0
            except ValueError:
                number = 0.0
            if not match or not 0.0 < number < np.inf:
                raise self._problem("TargetMaterialRelativeAtomicAbundance")
            pdg = int(match[1])
            pdg = nucleus_pdg(1, 1) if pdg == PROTON else pdg
            given[pdg] = given.get(pdg, 0.0) + number
        if found <= set(given):
            return given
        return dict.fromkeys(found, 1.0) if len(found) == 1 else None

    def per_nucleon_average(self, average: float, atoms: Mapping[int, float]) -> float | None:
        """A cross section in the unit of the file as cm^2 per nucleon of the target."""
        if self.unit is None:
            return None
        nucleons = sum(n * mass_number(target) for target, n in atoms.items())
        per_nucleon = 1.0 if self.per_nucleon else sum(atoms.values()) / nucleons
        return average * self.unit * per_nucleon

    def _own_record(self) -> OwnRecord | None:
        text = self.header.attributes.get(OWN_RECORD)
        if text is None:
            return None
        try:
            record: Mapping[str, Any] = json.loads(text)
            sigma = record["cross_section"]
            return OwnRecord(
                Process.from_name(record["process"]),
                CrossSection.from_dict(sigma) if sigma else None,
                Provenance.from_dict(record["provenance"]),
                CutFlow(tuple((str(name), int(count)) for name, count in record["cutflow"])),
                record.get("hadrons") is True,
            )
        except (NugenError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise FormatError(
                f"{self.path}: the header's {OWN_RECORD} cannot be understood "
                f"({type(error).__name__}: {error}). The file was changed."
            ) from error
