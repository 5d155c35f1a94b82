"""The beam of a run: kinds of neutrinos, their shares, fluxes, and direction."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nugen_gan.adapters.nuwro.beam import beams
from nugen_gan.errors import NugenError
from nugen_gan.physics.flux import Flux
from nugen_gan.physics.process import is_neutrino
from nugen_gan_nuwro.cards import Card
from nugen_gan_nuwro.errors import BeamError

__all__ = ["Beam", "read_beam"]

LINE, LINES, HISTOGRAM, HISTOGRAMS = 0, 1, 5, 6
DECISIVE = {LINE: "beam_energy", LINES: "beam_content", HISTOGRAM: "beam_inputroot_flux"}
ELSEWHERE = {
    2: "reads the neutrinos of a beam simulation, one by one",
    3: "reads a histogram of five dimensions",
    4: "makes a histogram of five dimensions",
    7: "reads tables of atmospheric fluxes",
}
ALLOWED = (
    "possible are 0 (beam_particle and beam_energy = E, E1 E2, or E1 E2 b1 b2 ... in MeV), 1 "
    "(beam_content = PDG share% E1 E2 b1 b2 ...), 5 (beam_inputroot, beam_inputroot_flux) and 6 "
    "(beam_inputroot, beam_inputroot_numu, ...)"
)


@dataclass(frozen=True, slots=True)
class Beam:
    """A beam.

    Attributes
    ----------
    species : PDG code -> (fraction of the flux, flux)
    rotation : turns +z into the direction of the beam, shape (3, 3); None where it is +z
    """

    species: dict[int, tuple[float, Flux]]
    rotation: NDArray[np.float64] | None


def read_beam(card: Card, card_file: Path | None) -> Beam:
    """Make the beam of a run.

    Raises
    ------
    BeamError
        if the parameters describe none that can be made.
    """
    kind = card.whole("beam_type")
    if kind not in (LINE, LINES, HISTOGRAM, HISTOGRAMS):
        what = f", which {ELSEWHERE[kind]}" if kind in ELSEWHERE else ""
        raise BeamError(f"beam_type = {kind}{what}, is not possible here: {ALLOWED}")
    parameters: dict[str, Any] = dict(card.as_leaves())
    file = Path()
    if kind in (HISTOGRAM, HISTOGRAMS):
        file = _histogram_file(card, card_file)
        parameters["beam_inputroot"] = str(file)
        _check_histograms(card, kind, file)
    found = beams(parameters, file)
    named = DECISIVE.get(kind, "beam_inputroot_*")
    if not found or any(flux is None for _, flux in found.values()):
        said = " ".join(str(parameters.get(f"{named}.string", "")).split())[:80]
        raise BeamError(
            f"beam_type = {kind}, {named} = {said or 'nothing'}: no flux can be read from that; "
            f"{ALLOWED}. Energies increase, contents of bins are finite and not negative"
        )
    species = {pdg: (share, flux) for pdg, (share, flux) in found.items() if flux is not None}
    odd = [pdg for pdg in species if not is_neutrino(pdg)]
    if odd:
        raise BeamError(
            f"the beam has particles of PDG code {', '.join(map(str, odd))}: only neutrinos, +-12, "
            "+-14 and +-16, are possible here"
        )
    return Beam(species, _rotation(card))


def _histogram_file(card: Card, card_file: Path | None) -> Path:
    name = card.text("beam_inputroot")
    if not name:
        raise BeamError("beam_type = 5 or 6 needs beam_inputroot, a ROOT file of histograms")
    data = os.environ.get("NUWRO")
    folders = [Path(), *([Path(data) / "data" / "beam", Path(data) / "data"] if data else [])]
    folders += [card_file.parent] if card_file is not None else []
    found = next((folder / name for folder in folders if (folder / name).is_file()), None)
    if found is None:
        raise BeamError(
            f"beam_inputroot = {name}: there is no such file in "
            f"{', '.join(str(folder) for folder in dict.fromkeys(folders))}"
        )
    return found


def _check_histograms(card: Card, kind: int, file: Path) -> None:
    """Say which histogram is not there, with those that are."""
    from nugen_gan.adapters.fluxes.checks import check_flux
    from nugen_gan.adapters.fluxes.histogram import read_root_flux

    names = [card.text("beam_inputroot_flux")] if kind == HISTOGRAM else [
        card.text(f"beam_inputroot_{suffix}")
        for suffix in ("nue", "nueb", "numu", "numub", "nutau", "nutaub")
    ]  # fmt: skip
    wanted = [name for name in names if name]
    if not wanted:
        raise BeamError(
            f"beam_type = {kind} names no histogram of {file}: set beam_inputroot_flux (type 5) or "
            "beam_inputroot_numu and its like (type 6)"
        )
    for name in wanted:
        try:
            flux = read_root_flux(file, name)
            check_flux(flux.energies, flux.values, f"{file},{name}")
        except NugenError as error:
            raise BeamError(str(error)) from error


def _rotation(card: Card) -> NDArray[np.float64] | None:
    """The rotation about an axis across +z that turns +z into the beam's direction."""
    direction = np.array(card.values["beam_direction"], np.float64)
    length = float(np.linalg.norm(direction))
    if not (np.isfinite(length) and length > 0.0):
        raise BeamError(f"beam_direction = {card.values['beam_direction']} is no direction")
    x, y, z = direction / length
    if x == y == 0.0 and z > 0.0:
        return None
    if x == y == 0.0:
        return np.diag([1.0, -1.0, -1.0])
    # Rodrigues' formula for the axis (-y, x, 0) / sin(angle).
    cross = np.array([[0.0, 0.0, x], [0.0, 0.0, y], [-x, -y, 0.0]])
    return np.asarray(np.eye(3) + cross + cross @ cross / (1.0 + z))
