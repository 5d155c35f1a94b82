"""From --energy, --flux and --like to the neutrino energies of the events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nugen_gan.errors import UsageError

if TYPE_CHECKING:
    from nugen_gan.generation.energies import EnergyPlan
    from nugen_gan.model.model import Model

__all__ = ["energy_plans"]


@dataclass(frozen=True)
class _Known:
    """What all models of a target know together: names, and energies [GeV]."""

    names: str
    low: float
    high: float

    @classmethod
    def of(cls, models: Sequence[Model]) -> _Known:
        low = max(model.energy_range[0] for model in models)
        high = min(model.energy_range[1] for model in models)
        names = " and ".join(model.name for model in models)
        if low >= high:
            raise UsageError(f"{names} have no neutrino energies in common")
        return cls(names, low, high)

    def check_unit(self, energy: tuple[float, ...]) -> None:
        """Energies that fit only after division by 1000 were meant in MeV."""
        inside = all(self.low <= value / 1000 <= self.high for value in energy)
        if inside and max(energy) > self.high:
            shown = ",".join(f"{value / 1000:g}" for value in energy)
            raise UsageError(
                f"energies are in GeV here, and {self.names} knows {self.low:g} to "
                f"{self.high:g} GeV. If you meant MeV, write --energy {shown}"
            )


def energy_plans(models: Sequence[Model], given: Mapping[str, Any]) -> list[EnergyPlan]:
    """Energy plan of each model, of one and the same flux.

    Parameters
    ----------
    models : one of each nucleus of the target
    given : values of the options ``energy``, ``flux`` and ``like``

    Raises
    ------
    UsageError
        if the options do not go together, or with the models.
    """
    from nugen_gan.generation import energies

    energy, flux, table = given["energy"], given["flux"], given["like"]
    if table is not None and (energy or flux):
        raise UsageError("--like takes the energies from a file: leave out --energy and --flux")
    if table is not None:
        return [energies.like(_energies_of(table, models), table.name)]
    known = _Known.of(models)
    if flux is not None:
        return _follow(models, known, flux, energy)
    if energy is None:
        raise UsageError(
            "which neutrino energies? Give --energy E or LOW,HIGH, --flux, or --like FILE. "
            f"{known.names} knows {known.low:g} to {known.high:g} GeV"
        )
    known.check_unit(energy)
    plan = energies.single(energy[0]) if len(energy) == 1 else energies.uniform(*energy)
    return [plan] * len(models)


def _follow(
    models: Sequence[Model], known: _Known, flux: str, energy: tuple[float, ...] | None
) -> list[EnergyPlan]:
    from nugen_gan.adapters.fluxes.words import read_flux
    from nugen_gan.generation import energies
    from nugen_gan.physics.flux import MonoFlux

    if energy is not None and len(energy) == 1:
        raise UsageError("--flux needs a range of energies, --energy LOW,HIGH, or none")
    shape = flux.lower().startswith(("uniform", "powerlaw"))
    limits = (energy[0], energy[1]) if energy else (known.low, known.high) if shape else None
    if limits:
        known.check_unit(limits)
    read = read_flux(flux, limits, models[0].process.probe)
    if isinstance(read.flux, MonoFlux):
        known.check_unit((read.flux.energy,))
        return [energies.single(read.flux.energy)] * len(models)
    low, high = read.flux.energy_range
    if low < known.low * (1 - 1e-6) or high > known.high * (1 + 1e-6):
        inside = float(read.flux.fractions([known.low, known.high]).sum())
        restricted = f"{max(low, known.low):g},{min(high, known.high):g}"
        raise UsageError(
            f"the flux spans {low:g} to {high:g} GeV, the model {known.names} knows "
            f"{known.low:g} to {known.high:g} GeV, where {inside:.2%} of the flux lies. "
            + (f"Restrict it with --energy {restricted}" if inside else "Is its unit right?")
        )
    return [
        energies.follow_flux(read.flux, model.cross_section, f"flux {flux}", read.notes)
        for model in models
    ]


def _energies_of(path: Path, models: Sequence[Model]) -> Any:
    from nugen_gan.conversion.convert import read

    if len(models) > 1:
        raise UsageError(
            "--like gives the energies of events on one nucleus: for a mixture of several give "
            "one energy or a --flux"
        )
    process = models[0].process
    return read(path, probe=process.probe, target=process.target).enu
