"""Compare the switches that somebody asks for with those of a model's training sample."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nugen_gan_nuwro.cards import Card, old_switches
from nugen_gan_nuwro.names import Value

__all__ = ["Difference", "differences", "listed"]

# Read by neutral currents only, which no model makes.
NEUTRAL = ("qel_nc_axial_mass", "qel_s_axial_mass", "qel_strange", "qel_strangeEM", "delta_s")
# Read in nuclei only: a free proton has none of this.
NUCLEAR = (
    "sf_", "kaskada_", "mec_", "MEC_", "coh_", "nucleus_", "FSI_on", "pauli_blocking", "qel_rpa",
    "density_model", "flux_correction", "U_switch", "formation_", "tau", "step", "first_step",
    "hyp_effmass", "hyp_Lambda_Eb", "hyp_Sigma_Eb", "cc_smoothing", "delta_selfenergy",
    "qel_kinematics",
)  # fmt: skip
# Read by the Fermi gas of constant density only.
FERMI_GAS = ("nucleus_E_b", "nucleus_kf")
CONSTANT_GAS = 1
CLOSE = 1e-6


@dataclass(frozen=True, slots=True)
class Difference:
    """One switch.

    Attributes
    ----------
    name : of the parameter
    asked, known : its value in the run that was asked for, and for the model
    where : it was set; "" for NuWro's default
    """

    name: str
    asked: Value
    known: Any
    where: str

    def __str__(self) -> str:
        origin = self.where or "the default of NuWro 25.11"
        return f"{self.name} = {_said(self.asked)} ({origin}), the model has {_said(self.known)}"


def differences(
    card: Card, settings: Mapping[str, Any], *, antineutrino: bool, free: bool = False
) -> list[Difference]:
    """Switches of a run that differ from those of a model's training sample and matter.

    Parameters
    ----------
    card : the run
    settings : of the model, by NuWro's names
    antineutrino : whether it is one; hyperons are made by these only
    free : whether the target is a free proton
    """
    found = []
    for name, known in settings.items():
        if name not in card.values or not _matters(name, card, antineutrino):
            continue
        if free and name.startswith(NUCLEAR):
            continue
        asked = card.values[name]
        if not _same(asked, known):
            found.append(Difference(name, asked, known, card.said.get(name, "")))
    fsi = old_switches(card).get("sf_fsi")
    on = bool(settings.get("FSI_on", True))
    if fsi is not None and bool(fsi) != on and settings.get("sf_method") and not free:
        found.append(Difference("sf_fsi", fsi, on, card.said.get("sf_fsi", "")))
    return found


def listed(found: list[Difference], most: int = 8) -> str:
    """Differences in words."""
    shown = "; ".join(str(difference) for difference in found[:most])
    return shown + (f"; and {len(found) - most} more" if len(found) > most else "")


def _matters(name: str, card: Card, antineutrino: bool) -> bool:
    if name in NEUTRAL:
        return False
    if name.startswith("hyp_"):
        return antineutrino
    if name.startswith("sf_") and name != "sf_method":
        return card.whole("sf_method") != 0
    if name in FERMI_GAS:
        return card.whole("nucleus_target") == CONSTANT_GAS
    if name == "formation_length":
        return card.text("formation_zone") == "const"
    if name.startswith("kaskada_"):
        return bool(card.values["FSI_on"])
    return True


def _same(asked: Value, known: Any) -> bool:
    if isinstance(asked, (bool, int, float)) and isinstance(known, (bool, int, float)):
        return abs(float(asked) - float(known)) <= CLOSE * max(1.0, abs(float(known)))
    return str(asked) == str(known)


def _said(value: Any) -> str:
    return str(int(value)) if isinstance(value, bool) else f"{value}"
