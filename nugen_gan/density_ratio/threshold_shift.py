"""Another threshold: every energy transfer shifted by the same few MeV.

What it costs to remove a nucleon depends on the nucleus, on the model of it and, by the Coulomb
force, on the charge of the probe.  So the steep threshold in omega, the first thing that one sees
of a nucleus, stands elsewhere for another target, and a ratio of two distributions is wild there.
Shifted so that both begin alike, the base's events leave a smooth ratio to be learned.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import softplus

from nugen_gan.physics.kinematics import LeptonKinematics, encode

__all__ = ["best_shift", "shifted"]

Floats = NDArray[np.float64]

# A shift fades out over this distance [GeV] at both ends of the energy transfers.
SOFTNESS = 0.008
# Shifts that are tried [GeV].
LOWEST, HIGHEST, STEP = -0.012, 0.012, 0.001
# Where the threshold is seen: energy transfers up to this [GeV], in bins of this width, and
# neutrino energies between these [GeV].
SEEN, WIDTH, ENERGIES = 0.08, 0.001, (0.0, 0.3, 0.5, 1.0, 2.0, 5.0)
# Gain of log likelihood that is no statistical fluctuation.
CERTAIN = 3.0
# Distances from an end below this many softnesses do not matter.
TINY = 1e-15


def shifted(enu: Tensor, proxies: Tensor, mass: float, by: float) -> Tensor:
    """Return the proxies (N, 2) of N events after a shift of omega, at the same angles.

    The way back is a shift by ``-by``.

    Parameters
    ----------
    enu : neutrino energies [GeV], (N,)
    proxies : unscaled, (N, 2)
    mass : of the lepton [GeV]
    by : what omega loses [GeV]
    """
    if not by:
        return proxies
    energy = enu.double()
    first, second = proxies.double().unbind(dim=1)
    lepton = LeptonKinematics.from_proxies(energy, first, second, mass)
    new = _moved(lepton.omega, lepton.kinetic, by)
    out = torch.stack(encode(energy, energy - new, lepton.costheta, mass), dim=1)
    return out.to(proxies.dtype)


def _moved(omega: Tensor, rest: Tensor, by: float) -> Tensor:
    """Energy transfers (N,) [GeV] less ``by``, and hardly less near both ends.

    ``rest`` is how far the largest one is.  With u = exp(omega / softness), from 1 to U, the factor
    k = exp(-by / softness) of (u - 1) / (U - u) takes the interval to itself, and u to nearly k u
    far from its ends.
    """
    x, y = omega / SOFTNESS, rest / SOFTNESS
    place = x + _log_of_rest(x) - _log_of_rest(y) - by / SOFTNESS
    return SOFTNESS * (softplus(place) - softplus(place - (x + y)))


def _log_of_rest(x: Tensor) -> Tensor:
    """log(1 - exp(-x)), finite at zero."""
    return torch.log(-torch.expm1(-x.clamp(min=TINY)))


def best_shift(
    enu: Floats, omega: Floats, base_enu: Floats, base_omega: Floats, mass: float
) -> float:
    """Return the shift [GeV] of base events that makes the others likeliest.

    Parameters
    ----------
    enu, omega : of the events [GeV], (N,)
    base_enu, base_omega : of base events, at like energies [GeV], (M,)
    mass : of the lepton [GeV]
    """
    start, rest = (torch.from_numpy(x) for x in (base_omega, base_enu - mass - base_omega))
    tried = STEP * np.arange(round(LOWEST / STEP), round(HIGHEST / STEP) + 1)
    found = [_likelihood(enu, omega, base_enu, _moved(start, rest, by).numpy()) for by in tried]
    best, none = int(np.argmax(found)), round(-LOWEST / STEP)
    return float(tried[best]) if found[best] - found[none] > CERTAIN else 0.0


def _likelihood(enu: Floats, omega: Floats, base_enu: Floats, base_omega: Floats) -> float:
    """Log likelihood of small energy transfers, by the histogram of those of the base."""
    edges = np.arange(0.0, SEEN, WIDTH)
    total = 0.0
    for low, high in pairwise(ENERGIES):
        seen = np.histogram(omega[(enu > low) & (enu <= high)], edges)[0]
        known = np.histogram(base_omega[(base_enu > low) & (base_enu <= high)], edges)[0] + 2.0
        total += float(seen @ np.log(known / known.sum()))
    return total
