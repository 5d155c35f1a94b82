"""Which part of a flux a model can serve: what lies outside, and why."""

from __future__ import annotations

from dataclasses import dataclass

from nugen_gan.errors import EnergyRangeError
from nugen_gan.model.model import Model
from nugen_gan.physics.flux import Flux, MonoFlux
from nugen_gan.physics.masses import NUCLEON_MASS

__all__ = ["KnownPart", "known_part", "threshold"]

# Energies so little outside the range are inside; shares of a flux so small are none.
TOLERANCE, NOTHING = 1e-6, 1e-9


@dataclass(frozen=True, slots=True)
class KnownPart:
    """A flux at the energies that a model knows, and the shares of it that lie elsewhere.

    Attributes
    ----------
    flux : what is left
    below_threshold : share where the charged lepton cannot be made: no events are missing there
    below, above : shares of the energies below and above the model's that make events
    """

    flux: Flux
    below_threshold: float = 0.0
    below: float = 0.0
    above: float = 0.0


def threshold(model: Model) -> float:
    """Smallest neutrino energy [GeV] that makes the charged lepton on a nucleon at rest."""
    mass = model.process.lepton_mass
    return mass + mass**2 / (2.0 * NUCLEON_MASS)


def known_part(flux: Flux, model: Model, *, restrict: bool = False, how: str = "") -> KnownPart:
    """Return the part of a flux that a model knows.

    What lies below the threshold makes no events and is left out.

    Parameters
    ----------
    flux : in [GeV]
    model : that is to serve it
    restrict : leave out, too, what the model does not know though it makes events
    how : what to do if that is not wanted, in words for the error

    Raises
    ------
    EnergyRangeError
        if a part of the flux that makes events lies outside the model's range, unless
        ``restrict``, or nothing lies inside.
    """
    low, high = model.energy_range
    first, last = flux.energy_range
    if first >= low * (1 - TOLERANCE) and last <= high * (1 + TOLERANCE):
        return KnownPart(flux)
    known = f"the model {model.name} knows {low:g} to {high:g} GeV"
    if isinstance(flux, MonoFlux) or first >= high or last <= low:
        raise EnergyRangeError(f"energies of {first:g} to {last:g} GeV were asked for; {known}")
    start = min(threshold(model), low)
    edges = [0.0, start, low, max(high, last), max(high, last) + 1.0]
    below_threshold, below, _, _ = flux.fractions(edges).tolist()
    above = float(flux.fractions([high, max(high, last) + 1.0]).sum())
    left = flux.restricted(max(first, low), min(last, high))
    if below + above > NOTHING and not restrict:
        where = " and ".join(
            f"{share:.2%} of it {what}"
            for share, what in (
                (below, f"between the threshold of {start:.3g} GeV and {low:g} GeV"),
                (above, f"above {high:g} GeV"),
            )
            if share > NOTHING
        )
        raise EnergyRangeError(
            f"the flux spans {first:g} to {last:g} GeV and {known}: {where} would make events that "
            f"it cannot make. {how}"
        )
    return KnownPart(left, below_threshold, below, above)
