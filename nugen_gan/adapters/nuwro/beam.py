"""What NuWro's parameters say about the beam and the target of a run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from nugen_gan.errors import FormatError, UsageError
from nugen_gan.physics.flux import Flux, MonoFlux, UniformFlux, histogram_flux
from nugen_gan.physics.process import nucleus_pdg
from nugen_gan.storage import root as root_io

__all__ = ["Beams", "beams", "target_atoms"]

MEV = 1e-3  # GeV
# PDG code -> fraction of the flux, and the flux or None if its shape is unknown
Beams = Mapping[int, tuple[float, Flux | None]]
# Suffixes of beam_inputroot_* for beam_type 6.
SPECIES = {"nue": 12, "nueb": -12, "numu": 14, "numub": -14, "nutau": 16, "nutaub": -16}

# ``PDG fraction% E1 E2 ...``
SPECIES_LINE = re.compile(
    r"\s*([+-]?\d{1,9})\s+\+?(\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)\s*%(.*)"
)


def beams(parameters: Mapping[str, Any], path: Path) -> Beams | None:
    """Probes of a run with their shares and fluxes; None where the parameters do not tell.

    Parameters
    ----------
    parameters : values of ``par.*`` of the event file
    path : the event file; flux histograms are looked for beside it
    """
    kind = parameters.get("beam_type")
    particle = parameters.get("beam_particle") or 0
    if not isinstance(particle, int):
        return None
    if kind == 0:
        flux = _flux(_numbers(str(parameters.get("beam_energy.string", ""))))
        return {particle: (1.0, flux)}
    if kind == 1:
        return _mixture(str(parameters.get("beam_content.string", "")))
    if kind == 5:
        name = str(parameters.get("beam_inputroot_flux", ""))
        found = _histogram(str(parameters.get("beam_inputroot", "")), name, path)
        return {particle: (1.0, found[0] if found else None)}
    if kind == 6:
        return _several(parameters, path)
    return None


def target_atoms(parameters: Mapping[str, Any], nucleus: int) -> Mapping[int, float] | None:
    """PDG code of each nucleus -> number of such atoms; None where the parameters do not tell.

    ``nucleus`` is the PDG code of the first event's target, which is that of all events of a
    run on one isotope.
    """
    if parameters.get("target_type") == 0:
        return {nucleus: 1.0}
    if parameters.get("target_type") != 1:
        return None
    atoms: dict[int, float] = {}
    lines = str(parameters.get("target_content.string", ""))
    for protons, neutrons, count in re.findall(r"(\d+)\s+(\d+)\s+([\d.eE+-]+)\s*x", lines):
        pdg = nucleus_pdg(int(protons), int(protons) + int(neutrons))
        atoms[pdg] = atoms.get(pdg, 0.0) + float(count)
    return atoms or None


def _numbers(text: str) -> list[float]:
    """Leading numbers of a line; NuWro stops reading at the first other word."""
    numbers = []
    for word in text.split():
        try:
            numbers.append(float(word))
        except ValueError:
            break
    return numbers


def _flux(numbers: list[float]) -> Flux | None:
    """Flux of ``E``, ``E1 E2`` or ``E1 E2 b1 ... bn``: MeV, contents of bins of equal width."""
    energies = [MEV * value for value in numbers[:2]]
    try:
        if len(energies) == 1 or (len(energies) == 2 and energies[0] == energies[1]):
            return MonoFlux(energies[0])
        if len(numbers) == 2 and energies[0] == 0.0:
            return histogram_flux(energies, [1.0])
        if len(numbers) == 2:
            return UniformFlux(*energies)
        if len(numbers) > 2:
            edges = np.linspace(energies[0], energies[1], len(numbers) - 1)
            return histogram_flux(edges.tolist(), numbers[2:])
    except UsageError:
        pass  # parameters of this kind are reported without a flux
    return None


def _mixture(text: str) -> Beams | None:
    """Beam of ``PDG fraction% E1 E2 b1 ...`` lines; the fractions need not add up to 100."""
    lines = [line.split("#")[0] for line in text.splitlines() if line.split("#")[0].strip()]
    parts = [SPECIES_LINE.fullmatch(line) for line in lines]
    shares: dict[int, tuple[float, Flux | None]] = {}
    total = sum(float(part[2]) for part in parts if part)
    if not total > 0.0:
        return None
    for part in parts:
        # One species in two lines: no single flux describes it.
        if part is None or int(part[1]) in shares:
            return None
        shares[int(part[1])] = (float(part[2]) / total, _flux(_numbers(part[3])))
    return shares


def _several(parameters: Mapping[str, Any], path: Path) -> Beams | None:
    """Beam of several histograms, each species with the weight of its integral over energy."""
    name = str(parameters.get("beam_inputroot", ""))
    found = {}
    for suffix, pdg in SPECIES.items():
        histogram = str(parameters.get(f"beam_inputroot_{suffix}") or "")
        if histogram:
            flux = _histogram(name, histogram, path)
            if flux is None:
                return None  # the shares are unknown too
            found[pdg] = flux
    total = sum(integral for _, integral in found.values())
    return {pdg: (integral / total, flux) for pdg, (flux, integral) in found.items()} or None


def _histogram(file: str, name: str, beside: Path) -> tuple[Flux, float] | None:
    """Read a flux histogram (GeV) and its integral over energy, if the file is to be found.

    Where no file is named it is the file of events itself, as we write it.
    """
    places = (Path(file), beside.parent / Path(file).name) if file else (beside,)
    for place in places:
        if not (name and place.is_file()):
            continue
        try:
            with root_io.open_root(place) as root:
                contents, edges = root[name].to_numpy()
            # NuWro takes contents as probabilities, whatever the widths of the bins.
            flux = histogram_flux(edges.tolist(), contents.tolist())
        except (FormatError, UsageError):
            continue
        return flux, float((contents * np.diff(edges)).sum())
    return None
