"""Where the neutrino energies of generated events come from.

A plan gives the energy of event number i for any i, so that events can be made in chunks, and
the cross section averaged over the flux that such events correspond to.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nugen_gan.errors import UsageError
from nugen_gan.physics.cross_section import CrossSection
from nugen_gan.physics.flux import Flux, MonoFlux, UniformFlux
from nugen_gan.physics.spectrum import Spectrum

__all__ = ["EnergyPlan", "follow_flux", "like", "single", "uniform"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class EnergyPlan:
    """The energies of a generated sample.

    Attributes
    ----------
    label : in words, for the screen and the provenance
    spectrum : what random energies are drawn from; None for given ones
    given : energies taken in order, again from the start when used up [GeV]; None for random
    flux : the flux that the events correspond to; None where it is only implied
    notes : what was assumed in reading the flux, in words
    files : that energies or flux were read from
    """

    label: str
    spectrum: Spectrum | None = None
    given: Floats | None = None
    flux: Flux | None = None
    notes: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 of the flux or the energies that were given, hexadecimal."""
        if self.given is not None:
            return hashlib.sha256(np.ascontiguousarray(self.given, "<f8").tobytes()).hexdigest()
        assert self.spectrum is not None
        record = json.dumps(self.spectrum.flux.as_dict(), sort_keys=True)
        return hashlib.sha256(record.encode()).hexdigest()

    def energies(self, seed: int) -> Callable[[int, int], Floats]:
        """Return the function that gives the energies of events ``first`` to ``last`` - 1."""
        if self.spectrum is not None:
            from nugen_gan.model.sampler import spectrum_energies

            return spectrum_energies(self.spectrum, seed)
        given = self.given
        assert given is not None
        return lambda first, last: given[np.arange(first, last) % len(given)]

    def reuse(self, events: int) -> str:
        """Say in words how given energies serve another number of events; "" if they are as many.

        A single energy serves any number.
        """
        if self.given is None or len(self.given) in (1, events):
            return ""
        have = f"{self.label}: {len(self.given):,d} energies for {events:,d} events"
        if events < len(self.given):
            return f"{have}, of which the first are taken"
        return (
            f"{have}, so that each is taken {events / len(self.given):.3g} times on average: "
            "events that share one are not independent in energy"
        )

    def energy_range(self) -> tuple[float, float]:
        """Smallest and largest energy that can come [GeV]."""
        if self.spectrum is not None:
            return self.spectrum.flux.energy_range
        assert self.given is not None
        return float(self.given.min()), float(self.given.max())

    def flux_average(self, cross_section: CrossSection | None) -> float | None:
        """Flux-averaged cross section [cm^2 per nucleus]; None where sigma is not known.

        Events that follow flux times sigma have an average of 1 / sigma that is one over the
        flux-averaged cross section, whatever the flux was (NuHepMC 1.0, E.C.2).
        """
        if cross_section is None:
            return None
        if self.spectrum is not None and self.flux is not None:
            return Spectrum(self.flux, cross_section).flux_average()
        grid = np.linspace(0.5 / 20_000, 1.0 - 0.5 / 20_000, 20_000)
        enu = self.given if self.spectrum is None else self.spectrum.quantile(grid)
        assert enu is not None
        low, high = cross_section.energy_range
        if enu.min() < low * (1 - 1e-6) or enu.max() > high * (1 + 1e-6):
            return None
        sigma = cross_section(enu)
        return float(1.0 / np.mean(1.0 / sigma)) if (sigma > 0).all() else None


def single(energy: float) -> EnergyPlan:
    """All events at one energy [GeV]."""
    flux = MonoFlux(energy)
    return EnergyPlan(f"all at {energy:g} GeV", given=np.array([energy]), flux=flux)


def uniform(low: float, high: float) -> EnergyPlan:
    """Event energies uniform between two values [GeV]; no cross section enters."""
    return EnergyPlan(f"uniform in {low:g}-{high:g} GeV", spectrum=Spectrum(UniformFlux(low, high)))


def follow_flux(
    flux: Flux, cross_section: CrossSection | None, label: str, notes: tuple[str, ...] = ()
) -> EnergyPlan:
    """Event energies that follow flux times sigma(enu), as in nature.

    Parameters
    ----------
    flux : relative density in energy
    cross_section : sigma(enu); needed
    label : of the flux, in words
    notes : what was assumed in reading it

    Raises
    ------
    UsageError
        if sigma is not known.
    """
    if cross_section is None:
        raise UsageError(
            "events can follow a flux only with a cross section, and this model has none: it was "
            "trained on a file that does not tell it. Train again with --cross-section FILE, or "
            "give energies with --energy or --like"
        )
    low, high = flux.energy_range
    description = f"{label} times sigma(E) in {low:g}-{high:g} GeV"
    spectrum = Spectrum(flux, cross_section)
    return EnergyPlan(description, spectrum=spectrum, flux=flux, notes=notes)


def like(enu: Floats, name: str) -> EnergyPlan:
    """The energies of other events [GeV], in their order."""
    if not len(enu):
        raise UsageError(f"{name} has no events to take energies from")
    return EnergyPlan(f"those of {name}", given=np.asarray(enu, np.float64))
