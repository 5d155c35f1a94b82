"""What part of a flux a model can serve, and sigma(E) where the model ends but the flux does not.

Generators are given fluxes from zero energy on, and a model has a lowest one.
The rule, for every probe and nucleus:

- below the threshold on a free nucleon at rest there are no events, and none are made;
- between the threshold and the lowest energy of the model, and above its highest, the flux must be
  empty, or extrapolation be asked for.  sigma then goes straight to zero at the threshold, and
  in proportion to the energy above; the events are whatever the networks say there.

The average of sigma is one over the whole flux, the part without events included.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nugen_gan.errors import EnergyRangeError, UsageError
from nugen_gan.model.model import Model
from nugen_gan.physics.cross_section import CrossSection
from nugen_gan.physics.flux import Flux
from nugen_gan.physics.masses import NEUTRON_MASS, PROTON_MASS, particle_mass
from nugen_gan.physics.process import Process
from nugen_gan.physics.spectrum import Spectrum

__all__ = ["Coverage", "coverage", "threshold"]

Floats = NDArray[np.float64]
# A flux that reaches past an end of the model by no more than this part of itself does not.
NOTHING = 1e-9
PION = 211
# The sampler makes no leptons at rest.
ABOVE_MASS = 1.02


def threshold(process: Process) -> float:
    """Neutrino energy [GeV] from which a free nucleon at rest can give the charged lepton.

    ((m_l + M')^2 - M^2) / 2 M, with M the struck and M' the outgoing nucleon; never below the
    mass of the lepton.  On hydrogen a neutrino has to make a pion: M' is then that of p pi+.
    """
    before, after = NEUTRON_MASS, PROTON_MASS
    if process.is_antineutrino:
        before, after = after, before
    elif process.a == 1:
        before, after = PROTON_MASS, PROTON_MASS + particle_mass(PION)
    mass = process.lepton_mass
    energy = ((mass + after) ** 2 - before**2) / (2.0 * before)
    return max(energy, ABOVE_MASS * mass)


@dataclass(frozen=True)
class Coverage:
    """A flux, as a model can serve it.

    Attributes
    ----------
    flux : all of it
    sigma : cross section over all of it [cm^2 per nucleus]: zero below the threshold
    extrapolated : fraction of the flux between the threshold and the model, or above the model
    below : fraction of the flux below the threshold
    notes : what was done at the ends, in words
    """

    flux: Flux
    sigma: CrossSection
    extrapolated: float
    below: float
    notes: tuple[str, ...] = ()

    def spectrum(self) -> Spectrum:
        """Flux times sigma."""
        return Spectrum(self.flux, self.sigma)

    def flux_average(self) -> float:
        """Cross section averaged over the whole flux [cm^2 per nucleus]."""
        return self.spectrum().flux_average()


def coverage(model: Model, flux: Flux, *, allow_extrapolation: bool = False) -> Coverage:
    """Lay a flux over what a model knows.

    Parameters
    ----------
    model : which must know its cross section
    flux : of neutrinos of the model's kind
    allow_extrapolation : permit a flux where the model knows nothing

    Raises
    ------
    EnergyRangeError
        if the flux is where the model knows nothing, with the fraction that it concerns; or all
        of it is below the threshold.
    UsageError
        if the model does not know its cross section.
    """
    if model.cross_section is None:
        raise UsageError(
            f"the model {model.name} does not know its cross section, without which events cannot "
            "follow a flux. Train it again with --cross-section FILE"
        )
    low = max(model.energy_range[0], model.cross_section.energy_range[0])
    high = min(model.energy_range[1], model.cross_section.energy_range[1])
    start = min(threshold(model.process), low)
    below, between, _, above = _fractions(flux, (start, low, high))
    sigma = _extended(model.cross_section, start, (low, high), flux.energy_range)
    if below > 1.0 - NOTHING:
        first, last = flux.energy_range
        raise EnergyRangeError(
            f"the flux spans {first:g} to {last:g} GeV, all of it below {start:.4g} GeV, the "
            f"threshold of {model.process.name}: there are no events"
        )
    found = Coverage(flux, sigma, between + above, below, _notes(model, below, start))
    if found.extrapolated <= NOTHING:
        return found
    places = [
        f"a fraction of {share:.3g} lies {where}"
        for share, where in (
            (between, f"between the threshold, {start:.4g} GeV, and {low:g} GeV"),
            (above, f"above {high:g} GeV"),
        )
        if share > NOTHING
    ]
    events = _events_outside(found, low, high)
    said = (
        f"of the flux for {model.process.name} {' and '.join(places)}, {events:.2g} of the events"
    )
    if not allow_extrapolation:
        raise EnergyRangeError(
            f"{said}, where the model {model.name} knows nothing: it has {low:g} to {high:g} GeV. "
            "Restrict the flux to these energies, or insist with --allow-extrapolation: sigma then "
            "goes straight to zero at the threshold, and in proportion to E above"
        )
    note = f"{said}: extrapolated from what the model {model.name} knows, {low:g} to {high:g} GeV"
    return Coverage(flux, sigma, found.extrapolated, below, (*found.notes, note))


def _notes(model: Model, below: float, start: float) -> tuple[str, ...]:
    if below <= NOTHING:
        return ()
    return (
        f"{below:.3g} of the flux for {model.process.name} lies below the threshold, {start:.4g} "
        "GeV, and makes no events; averages over the flux include it",
    )


def _fractions(flux: Flux, ends: tuple[float, float, float]) -> tuple[float, ...]:
    """Fractions of a flux below, between and above three energies [GeV]; four numbers."""
    low, high = flux.energy_range
    edges = np.array([0.0, ends[0], ends[1] * (1 - 1e-6), ends[2] * (1 + 1e-6), np.inf])
    if low == high:
        place = int(np.searchsorted(edges, low, side="right")) - 1
        return tuple(float(place == i) for i in range(4))
    return tuple(flux.fractions(np.minimum(edges, 2.0 * high + edges[3])).tolist())


def _extended(
    sigma: CrossSection, start: float, known: tuple[float, float], span: tuple[float, float]
) -> CrossSection:
    """Sigma from the lower of the flux's and the model's ends to the higher."""
    low, high = known
    if sigma.edges[0] == sigma.edges[-1] or (low <= span[0] and span[1] <= high):
        return sigma
    enu, values = sigma.points()
    inside = (enu >= low) & (enu <= high)
    enu, values = enu[inside], values[inside]
    for energy in (low, high):
        if energy not in enu:
            place = np.searchsorted(enu, energy)
            enu = np.insert(enu, place, energy)
            values = np.insert(values, place, float(sigma(energy)))
    if span[0] < low and start < low:
        enu, values = np.append(start, enu), np.append(0.0, values)
    if span[0] < start:
        enu, values = np.append(span[0], enu), np.append(0.0, values)
    if span[1] > high:
        enu, values = np.append(enu, span[1]), np.append(values, values[-1] * span[1] / high)
    return CrossSection.from_points(enu, values, sigma.source)


def _events_outside(found: Coverage, low: float, high: float) -> float:
    """Fraction of the events outside of two energies [GeV]."""
    enu = found.spectrum().quantile((np.arange(20_000) + 0.5) / 20_000)
    return float(((enu < low) | (enu > high)).mean())
