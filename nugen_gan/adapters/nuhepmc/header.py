"""The run header of a NuHepMC file: what the events are, in the words of NuHepMC 1.0.

Several attributes are written twice, as the specification spells them and as the library
that NUISANCE reads NuHepMC with does; see docs/files.md.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from nugen_gan._version import __version__
from nugen_gan.adapters.base import Header
from nugen_gan.adapters.nuhepmc.terms import (
    BEAM,
    CM2_OF_UNIT,
    DOCUMENTATION,
    FINAL,
    FSI_SUMMARY,
    MAGIC,
    PRIMARY,
    PROCESSES,
    REMNANT,
    START,
    TARGET,
    escape,
)
from nugen_gan.errors import EnergyRangeError, UsageError
from nugen_gan.physics.cross_section import CrossSection
from nugen_gan.physics.flux import Flux, HistogramFlux, MonoFlux
from nugen_gan.physics.spectrum import Spectrum

__all__ = ["OWN_RECORD", "UNIT", "header_text", "total_cross_section", "uncertainty"]

# The version of HepMC3 whose grammar this is.
HEPMC_VERSION = "3.03.01"
UNIT = "pb"
# Where the header keeps our own record of the events, as JSON.
OWN_RECORD = "NuHepMC.Provenance.nugen-gan"
# HepMC3 refuses lines of 262,144 characters and more.
LONGEST_RECORD = 250_000
# Bins of a flux that is a formula, not a histogram.
FLUX_BINS = 200
# HepMC3 prints vectors with six decimals when it copies a file: contents must not be small.
FLUX_SUM = 1e6

# How far the flux average of sigma(E) may be from that of the header before sigma(E), counted
# from few events in wide bins, is too coarse to stand beside each event.
COARSE = 0.1

LEPTON_ONLY = (
    "only the charged lepton is simulated; all hadrons are in the remnant 2009900000, so that "
    "selections on hadrons mean nothing"
)
WHOLE = "the lepton and all hadrons that leave the nucleus, after final-state interactions"
VERTEX_STATUSES = {PRIMARY: ("Primary", "The neutrino's interaction with the target nucleus")}
SUMMARY_STATUS = {
    FSI_SUMMARY: ("FSISummary", "All that happens to the hadrons before they leave the nucleus"),
}
PARTICLE_STATUSES = {
    FINAL: ("UndecayedPhysicalParticle", "Final-state lepton, and the remnant of the nucleus"),
    BEAM: ("IncomingBeamParticle", "Incoming neutrino"),
    TARGET: ("TargetParticle", "Target nucleus, at rest"),
}
WHOLE_STATUSES = {
    FINAL: ("UndecayedPhysicalParticle",
            "All that comes out: lepton, hadrons, photons, and the remnant of the nucleus"),
    DOCUMENTATION: ("DocumentationLine",
                    "All but the lepton together, before final-state interactions"),
}  # fmt: skip
REMNANT_TEXT = "Everything but the lepton: what is left of the nucleus, and all hadrons"
WHOLE_REMNANT_TEXT = (
    "What is left of the nucleus; its four-momentum is what all other particles leave"
)
DESCRIPTION = "conditional GAN of lepton-inclusive charged-current scattering, and converter"
CITATIONS = ("2508.12987", "2502.20244")


def header_text(header: Header, hadrons: bool = False) -> str:
    """Everything above the first event.

    Parameters
    ----------
    header : what is known beside the events
    hadrons : whether the events are whole, or leptons alone

    Raises
    ------
    UsageError
        if the flux-averaged cross section, which NuHepMC requires, is not known.
    """
    average = header.flux_average
    if average is None or not 0.0 < average < np.inf:
        raise UsageError(
            "a NuHepMC file must hold the flux-averaged cross section (G.R.5), and that of "
            f"{header.process} is not known here. Give sigma(E) with --cross-section FILE when "
            "converting, or when converting the events that a model is trained on; or write "
            "another format."
        )
    attributes = {
        **_versions(header),
        **_cross_section(header, average),
        **_vocabulary(hadrons),
        **(_beam(header.process.probe, header.flux) if header.flux is not None else {}),
        **_origin(header, hadrons),
    }
    lines = [f"{MAGIC} {HEPMC_VERSION}", START, "W CV", *_tools(header)]
    lines += [f"A NuHepMC.{name} {escape(str(attributes[name]))}" for name in sorted(attributes)]
    return "\n".join(lines) + "\n"


def uncertainty(header: Header) -> float:
    """Statistical error of the flux average [cm^2 per nucleus]; 0 where it is not known."""
    sigma, flux = header.cross_section, header.flux
    if sigma is None or flux is None:
        return 0.0
    low, high = sigma.energy_range
    shares = np.ones(1) if low == high else flux.fractions(np.array(sigma.edges))
    error = float(np.sqrt(np.square(shares * np.array(sigma.errors)).sum()))
    return error if np.isfinite(error) else 0.0


def total_cross_section(header: Header) -> CrossSection | None:
    """Return sigma(enu) for E.C.2; None if it is unknown, or contradicts the flux average."""
    sigma, flux, average = header.cross_section, header.flux, header.flux_average
    if sigma is None or flux is None or average is None:
        return sigma
    try:
        own = Spectrum(flux, sigma).flux_average()
    except EnergyRangeError:
        return None
    return sigma if abs(own / average - 1.0) <= COARSE else None


def _tools(header: Header) -> list[str]:
    """Lines of the programs that made the events (G.R.3)."""
    tools = [("nugen-gan", __version__, DESCRIPTION)]
    origin = header.provenance
    if origin.generator and origin.generator != "nugen-gan":
        tools.append((origin.generator, origin.version or "unknown", "made the events"))
    if trained_on := str(origin.parameters.get("trained_on") or ""):
        tools.append((trained_on, "unknown", "made the events that the model learned from"))
    return ["T " + "\\|".join(escape(part) for part in tool) for tool in tools]


def _versions(header: Header) -> dict[str, Any]:
    signalled = ["G.C.2", "G.C.3", "G.C.4", "G.C.5", "E.C.1", "E.C.2", "E.C.4", "P.C.2"]
    if header.flux is None:
        signalled.remove("G.C.4")
    if total_cross_section(header) is None:
        signalled.remove("E.C.2")
    return {
        "Version.Major": 1,
        "Version.Minor": 0,
        "Version.Patch": 0,
        "Conventions": " ".join(signalled),
        "Citations.Generator.arXiv": " ".join(CITATIONS),
    }


def _cross_section(header: Header, average: float) -> dict[str, Any]:
    scale = CM2_OF_UNIT[UNIT]
    values = {
        "FluxAveragedTotalCrossSection": repr(float(average / scale)),
        "Units.CrossSection.Unit": UNIT,
        "Units.CrossSection.TargetScale": "PerAtom",
        "TargetMaterialRelativeAtomicAbundance": header.process.target,
    }
    if error := uncertainty(header):
        values["FluxAveragedTotalCrossSectionUncertainty"] = repr(error / scale)
    return values


def _vocabulary(hadrons: bool) -> dict[str, Any]:
    """What the numbers in the events mean (G.R.8 to G.R.11, G.C.5)."""
    what, remnant = (WHOLE, WHOLE_REMNANT_TEXT) if hadrons else (LEPTON_ONLY, REMNANT_TEXT)
    processes = {int(c): (name, f"{text}; {what}") for c, (name, text) in PROCESSES.items()}
    vertices = VERTEX_STATUSES | (SUMMARY_STATUS if hadrons else {})
    particles = PARTICLE_STATUSES | (WHOLE_STATUSES if hadrons else {})
    return {
        **_listed("ProcessIDs", "ProcessInfo", processes),
        **_listed("VertexStatusIDs", "VertexStatusInfo", vertices),
        **_listed("ParticleStatusIDs", "ParticleStatusInfo", particles),
        "AdditionalParticleNumbers": REMNANT,
        f"AdditionalParticleNumber[{REMNANT}].Name": "NuclearRemnant",
        f"AdditionalParticleInfo[{REMNANT}].Name": "NuclearRemnant",
        f"AdditionalParticleInfo[{REMNANT}].Description": remnant,
    }


def _listed(numbers: str, information: str, terms: dict[int, tuple[str, str]]) -> dict[str, Any]:
    values: dict[str, Any] = {numbers: " ".join(map(str, terms))}
    for number, (name, description) in terms.items():
        values[f"{information}[{number}].Name"] = name
        values[f"{information}[{number}].Description"] = description
    return values


def _beam(probe: int, flux: Flux) -> dict[str, Any]:
    """The flux (G.C.4), twice: in two spellings."""
    low, high = flux.energy_range
    kind = "MonoEnergetic" if low == high else "Histogram"
    values: dict[str, Any] = {
        "Beam.Type": kind,
        f"Beam[{probe}].Type": kind,
        "Beam.EnergyUnit": "GEV",
        "Beam.FluxUnit": "Arbitrary",
        "Beam.RateUnit": "Arbitrary",
    }
    if isinstance(flux, MonoFlux):
        return {**values, f"Beam[{probe}].MonoEnergetic.Energy": repr(flux.energy)}
    edges = flux.knots()
    if not isinstance(flux, HistogramFlux):
        edges = np.geomspace(low, high, FLUX_BINS + 1)
        edges[0], edges[-1] = low, high
    contents = FLUX_SUM * flux.fractions(edges)
    histogram = f"Beam[{probe}].Histogram"
    return {
        **values,
        f"{histogram}.BinEdges": " ".join(f"{x:.15g}" for x in edges),
        f"{histogram}.BinContent": " ".join(f"{x:.15g}" for x in contents),
        f"{histogram}.ContentIsPerWidth": 0,
    }


def _origin(header: Header, hadrons: bool) -> dict[str, Any]:
    """Our own record of where the events come from, for our own reader (G.S.1)."""
    sigma = header.cross_section
    record = {
        "process": header.process.name,
        "cross_section": sigma.as_dict() if sigma else None,
        "provenance": header.provenance.as_dict(),
        "cutflow": [list(step) for step in header.cutflow.steps],
        **({"hadrons": True} if hadrons else {}),
    }
    text = json.dumps(record, allow_nan=False)
    if len(text) > LONGEST_RECORD:
        return {}
    return {OWN_RECORD.removeprefix("NuHepMC."): text}
