"""From energies, a flux or other events, as they were asked for, to those of the events."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nugen_gan.adapters.fluxes.words import ReadFlux, read_flux
from nugen_gan.conversion.convert import read
from nugen_gan.errors import UsageError
from nugen_gan.events.table import EventTable
from nugen_gan.generation import energies
from nugen_gan.physics.flux import Flux, MonoFlux

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from nugen_gan.generation.energies import EnergyPlan
    from nugen_gan.model.model import Model

__all__ = ["Energies", "energy_plans"]


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


@dataclass(frozen=True)
class Energies:
    """What somebody asked for; see :func:`nugen_gan.generation.generate.generate`."""

    energy: float | Sequence[float] | None = None
    flux: str | os.PathLike[str] | Flux | None = None
    like: str | os.PathLike[str] | EventTable | ArrayLike | None = None


def energy_plans(models: Sequence[Model], asked: Energies) -> list[EnergyPlan]:
    """Energy plan of each model, of one and the same flux.

    Parameters
    ----------
    models : one of each nucleus of the target
    asked : energy, flux and events to be like

    Raises
    ------
    UsageError
        if they do not go together, or with the models.
    """
    energy, flux = _numbers(asked.energy), asked.flux
    if asked.like is not None and (energy or flux is not None):
        raise UsageError("--like takes the energies from a file: leave out --energy and --flux")
    if asked.like is not None:
        return [replace(_like(asked.like, models), files=_files(asked.like))]
    known = _Known.of(models)
    if isinstance(flux, (str, os.PathLike)):
        flux = os.fspath(flux)
    if flux is not None and not isinstance(flux, (str, Flux)):
        raise UsageError(
            f"flux {flux!r} is neither a flux, such as Flux.uniform(0.2, 10.0), nor words such as "
            "'uniform', 'powerlaw:1' or 'flux.root,numu'"
        )
    if flux is not None:
        found = _follow(models, known, flux, energy)
        return [replace(plan, files=_files(asked.flux)) for plan in found]
    if energy is None:
        raise UsageError(
            "which neutrino energies? Give --energy E or LOW,HIGH, --flux, or --like FILE. "
            f"{known.names} knows {known.low:g} to {known.high:g} GeV"
        )
    known.check_unit(energy)
    plan = energies.single(energy[0]) if len(energy) == 1 else energies.uniform(*energy)
    return [plan] * len(models)


def _files(asked: object) -> tuple[Path, ...]:
    """The file that was asked for, where it is one; of a flux, FILE,HISTOGRAM."""
    if not isinstance(asked, (str, os.PathLike)):
        return ()
    text = os.fspath(asked)
    names = (Path(name) for name in (text, text.split(",")[0]))
    return tuple(name for name in names if name.is_file())[:1]


def _numbers(energy: float | Sequence[float] | None) -> tuple[float, ...] | None:
    """One energy or two [GeV]."""
    if energy is None:
        return None
    try:
        numbers = np.atleast_1d(np.asarray(energy, np.float64))
    except (TypeError, ValueError):
        numbers = np.zeros(0)
    if numbers.ndim != 1 or numbers.size not in (1, 2):
        raise UsageError(
            f"energy {energy!r}: one number or a pair of them is needed, such as 1.0 or "
            "(0.2, 10.0) [GeV]"
        )
    return tuple(numbers.tolist())


def _follow(
    models: Sequence[Model], known: _Known, flux: str | Flux, energy: tuple[float, ...] | None
) -> list[EnergyPlan]:
    if energy is not None and len(energy) == 1:
        raise UsageError("--flux needs a range of energies, --energy LOW,HIGH, or none")
    words = flux.lower() if isinstance(flux, str) else ""
    shape = words.startswith(("uniform", "powerlaw"))
    limits = (energy[0], energy[1]) if energy else (known.low, known.high) if shape else None
    if limits:
        known.check_unit(limits)
    if isinstance(flux, str):
        found, label = read_flux(flux, limits, models[0].process.probe), f"flux {flux}"
    else:
        found = ReadFlux(flux.restricted(*limits) if limits else flux)
        label = f"{flux.as_dict()['kind']} flux"
    if isinstance(found.flux, MonoFlux):
        known.check_unit((found.flux.energy,))
        return [energies.single(found.flux.energy)] * len(models)
    low, high = found.flux.energy_range
    if low < known.low * (1 - 1e-6) or high > known.high * (1 + 1e-6):
        inside = float(found.flux.fractions([known.low, known.high]).sum())
        restricted = f"{max(low, known.low):g},{min(high, known.high):g}"
        raise UsageError(
            f"the flux spans {low:g} to {high:g} GeV, the model {known.names} knows "
            f"{known.low:g} to {known.high:g} GeV, where {inside:.2%} of the flux lies. "
            + (f"Restrict it with --energy {restricted}" if inside else "Is its unit right?")
        )
    return [
        energies.follow_flux(found.flux, model.cross_section, label, found.notes)
        for model in models
    ]


def _like(
    like: str | os.PathLike[str] | EventTable | ArrayLike, models: Sequence[Model]
) -> EnergyPlan:
    if len(models) > 1:
        raise UsageError(
            "--like gives the energies of events on one nucleus: for a mixture of several give "
            "one energy or a --flux"
        )
    if isinstance(like, (str, os.PathLike)):
        process = models[0].process
        events = read(like, probe=process.probe, target=process.target, hadrons=False)
        return energies.like(events.enu, Path(like).name)
    if isinstance(like, EventTable):
        return energies.like(like.enu, "the given events")
    try:
        numbers = np.atleast_1d(np.asarray(like, np.float64))
    except (TypeError, ValueError):
        numbers = np.zeros((0, 0))
    if numbers.ndim != 1 or not np.isfinite(numbers).all():
        raise UsageError(
            "the energies of like= are neither a file, a table, nor a list of finite numbers [GeV]"
        )
    return energies.like(numbers, "the given energies")
