"""Another threshold: every energy transfer shifted by the same few MeV.

What it costs to remove a nucleon depends on the nucleus, on the model of it and, by the Coulomb
force, on the charge of the probe.  So the steep threshold in omega, the first thing that one sees
of a nucleus, stands elsewhere for another target, and a ratio of two laws is wild there.  Shifted
so that both begin alike, the base's events leave a smooth ratio to be learned.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nugen_gan.kinematics import LeptonKinematics, encode

__all__ = ["Shift", "best_shift", "shifted"]

Floats = NDArray[np.float64]

# A shift fades out over this distance [GeV] from both ends of the energy transfers, which keeps
# it invertible up to the largest one [GeV].
SOFTNESS, LARGEST, STEP = 0.03, 0.025, 0.0025
# Where the threshold is seen: energy transfers up to this [GeV], in bins of this width, and
# neutrino energies between these [GeV].
SEEN, WIDTH, ENERGIES = 0.155, 0.005, (0.0, 0.5, 1.0, 2.0, 5.0)
# Gain of log likelihood that is not chance.
CERTAIN = 3.0
ITERATIONS = 40


@dataclass(frozen=True, slots=True)
class Shift:
    """What a transfer does to the events of its base before its refiner sees them.

    Attributes
    ----------
    by : what omega loses [GeV]
    mass : of the base's lepton [GeV]
    """

    by: float
    mass: float


def shifted(enu: Tensor, proxies: Tensor, mass: float, by: float, *, back: bool = False) -> Tensor:
    """Return the proxies (N, 2) of N events after a shift of omega, at the same angles.

    Parameters
    ----------
    enu : neutrino energies [GeV], (N,)
    proxies : unscaled, (N, 2)
    mass : of the lepton [GeV]
    by : what omega loses [GeV], from -0.025 to 0.025
    back : undo such a shift
    """
    if not by:
        return proxies
    energy = enu.double()
    first, second = proxies.double().unbind(dim=1)
    lepton = LeptonKinematics.from_proxies(energy, first, second, mass)
    omega, most = lepton.omega, energy - mass
    if not back:
        new = omega - by * _share(omega, most)
    else:
        new = omega
        for _ in range(ITERATIONS):
            new = omega + by * _share(new, most)
    out = torch.stack(encode(energy, energy - new, lepton.costheta, mass), dim=1)
    return out.to(proxies.dtype)


def _share(omega: Any, most: Any) -> Any:
    """Share of a shift that an energy transfer gets: none at both ends."""
    rest = most - omega
    return omega / (omega + SOFTNESS) * (rest / (rest + SOFTNESS))


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
    tried = STEP * np.arange(-round(LARGEST / STEP), round(LARGEST / STEP) + 1)
    found = [
        _likelihood(enu, omega, base_enu, base_omega - by * _share(base_omega, base_enu - mass))
        for by in tried
    ]
    best = int(np.argmax(found))
    return float(tried[best]) if found[best] - found[len(tried) // 2] > CERTAIN else 0.0


def _likelihood(enu: Floats, omega: Floats, base_enu: Floats, base_omega: Floats) -> float:
    """Log likelihood of small energy transfers, by the histogram of those of the base."""
    edges = np.arange(0.0, SEEN, WIDTH)
    total = 0.0
    for low, high in pairwise(ENERGIES):
        seen = np.histogram(omega[(enu > low) & (enu <= high)], edges)[0]
        known = np.histogram(base_omega[(base_enu > low) & (base_enu <= high)], edges)[0] + 2.0
        total += float(seen @ np.log(known / known.sum()))
    return total
