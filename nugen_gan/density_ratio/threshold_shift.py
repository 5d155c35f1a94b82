"""Another threshold: every energy transfer shifted by the same few MeV.

What it costs to remove a nucleon depends on the nucleus, on the model of it and, by the Coulomb
force, on the charge of the probe.  So the steep threshold in omega, the first thing that one sees
of a nucleus, stands elsewhere for another target, and a ratio of two distributions is wild there.
Shifted so that both begin alike, the base's events leave a smooth ratio to be learned.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import softplus

from nugen_gan.physics.kinematics import LeptonKinematics, encode

__all__ = ["SOFTNESS", "ShiftOptions", "best_shift", "shifted"]

Floats = NDArray[np.float64]

# A shift fades out over this distance [GeV] at both ends of the energy transfers.
SOFTNESS = 0.008
# Distances from an end below this many softnesses do not matter.
TINY = 1e-15


@dataclass(frozen=True, slots=True)
class ShiftOptions:
    """How a shift is looked for.

    Attributes
    ----------
    softness : it fades out over this distance at both ends of the energy transfers [GeV]
    lowest, highest, step : shifts that are tried [GeV]
    seen, width : where the threshold is seen: energy transfers up to this, in bins so wide [GeV]
    energies : and neutrino energies between these [GeV]
    certain : gain of log likelihood that is no statistical fluctuation
    base_events, most_copies : events of the base, about, and at the energy of one event, at most
    """

    softness: float = SOFTNESS
    lowest: float = -0.012
    highest: float = 0.012
    step: float = 0.001
    seen: float = 0.08
    width: float = 0.001
    energies: tuple[float, ...] = (0.0, 0.3, 0.5, 1.0, 2.0, 5.0)
    certain: float = 3.0
    base_events: int = 60_000
    most_copies: int = 50

    def as_dict(self) -> dict[str, Any]:
        """Plain values for the record of a transfer."""
        return asdict(self) | {"energies": list(self.energies)}


def shifted(
    enu: Tensor, proxies: Tensor, mass: float, by: float, softness: float = SOFTNESS
) -> Tensor:
    """Return the proxies (N, 2) of N events after a shift of omega, at the same angles.

    The way back is a shift by ``-by``.

    Parameters
    ----------
    enu : neutrino energies [GeV], (N,)
    proxies : unscaled, (N, 2)
    mass : of the lepton [GeV]
    by : what omega loses [GeV]
    softness : the shift fades out over this distance at both ends of the energy transfers [GeV]
    """
    if not by:
        return proxies
    energy = enu.double()
    first, second = proxies.double().unbind(dim=1)
    lepton = LeptonKinematics.from_proxies(energy, first, second, mass)
    new = _moved(lepton.omega, lepton.kinetic, by, softness)
    out = torch.stack(encode(energy, energy - new, lepton.costheta, mass), dim=1)
    return out.to(proxies.dtype)


def _moved(omega: Tensor, rest: Tensor, by: float, softness: float) -> Tensor:
    """Energy transfers (N,) [GeV] less ``by``, and hardly less near both ends.

    ``rest`` is how far the largest one is.  With u = exp(omega / softness), from 1 to U, the factor
    k = exp(-by / softness) of (u - 1) / (U - u) takes the interval to itself, and u to nearly k u
    far from its ends.
    """
    x, y = omega / softness, rest / softness
    place = x + _log_of_rest(x) - _log_of_rest(y) - by / softness
    return softness * (softplus(place) - softplus(place - (x + y)))


def _log_of_rest(x: Tensor) -> Tensor:
    """log(1 - exp(-x)), finite at zero."""
    return torch.log(-torch.expm1(-x.clamp(min=TINY)))


def best_shift(
    enu: Floats,
    omega: Floats,
    base_enu: Floats,
    base_omega: Floats,
    mass: float,
    options: ShiftOptions,
) -> float:
    """Return the shift [GeV] of base events that makes the others likeliest.

    Parameters
    ----------
    enu, omega : of the events [GeV], (N,)
    base_enu, base_omega : of base events, at like energies [GeV], (M,)
    mass : of the lepton [GeV]
    options : how it is looked for
    """
    start, rest = (torch.from_numpy(x) for x in (base_omega, base_enu - mass - base_omega))
    step, softness = options.step, options.softness
    first, last = round(options.lowest / step), round(options.highest / step)
    tried = step * np.arange(first, last + 1)
    found = [
        _likelihood(enu, omega, base_enu, _moved(start, rest, by, softness).numpy(), options)
        for by in tried
    ]
    best, none = int(np.argmax(found)), -first
    return float(tried[best]) if found[best] - found[none] > options.certain else 0.0


def _likelihood(
    enu: Floats, omega: Floats, base_enu: Floats, base_omega: Floats, options: ShiftOptions
) -> float:
    """Log likelihood of small energy transfers, by the histogram of those of the base."""
    edges = np.arange(0.0, options.seen, options.width)
    total = 0.0
    for low, high in pairwise(options.energies):
        seen = np.histogram(omega[(enu > low) & (enu <= high)], edges)[0]
        known = np.histogram(base_omega[(base_enu > low) & (base_enu <= high)], edges)[0] + 2.0
        total += float(seen @ np.log(known / known.sum()))
    return total
