"""What the networks see: the energy condition, the scaled proxies, the critic's physics.

The critic gets derived quantities beside the proxies (the idea of FAT-GAN, Alanazi et al.,
arXiv:2001.11103).  In W the quasielastic and Delta peaks stand at the same place for every
energy and target, so a critic that sees W need not learn where they are, and what it learned
carries over to another target.

The gradient penalty bounds how fast the critic may vary *in these features*: a structure that is
narrow in all of them is smeared.  So W, omega and Q2 enter a second time with their quasielastic,
threshold and Delta regions stretched, and with a larger weight.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from nugen_gan.gan.definition import FeatureDefinition
from nugen_gan.physics.kinematics import OMEGA_SCALE, Q2_SCALE, LeptonKinematics

__all__ = [
    "FEATURES",
    "Scaling",
    "condition",
    "hadronic_mass",
    "lepton_features",
    "raw_features",
    "stretched",
]

FEATURES = (
    "proxy1",
    "proxy2",
    "log_omega",
    "log_q2",
    "log_w2",
    "kinetic_fraction",
    "costheta",
    "log_one_minus_costheta",
    "w_quasielastic",
    "w_delta",
    "omega_threshold",
    "q2_low",
)
# The last ones are sharp: so much wider than a unit of standard deviation do they spread.
SHARP_WEIGHT = 3.0
WEIGHTS = (1.0,) * 8 + (SHARP_WEIGHT,) * 4


def condition(enu: Tensor, energy_range: tuple[float, float]) -> Tensor:
    """Return (x, x^2, x^3) with x = log(enu), scaled to [-1, 1] over the range; shape (N, 3).

    ``enu`` and ``energy_range`` in GeV.  A range of no width (one energy) gives x = 0.
    """
    low, high = torch.log(torch.tensor(energy_range, dtype=torch.float64)).tolist()
    half = max(0.5 * (high - low), 1e-6)
    x = (torch.log(enu) - 0.5 * (low + high)) / half
    return torch.stack([x, x**2, x**3], dim=1)


def raw_features(
    enu: Tensor, proxies: Tensor, mass: float, definition: FeatureDefinition
) -> Tensor:
    """Return the critic's features before scaling, shape (N, F), in the order of FEATURES.

    ``enu`` (N,) in GeV, ``proxies`` (N, 2) unscaled, ``mass`` of the lepton in GeV, ``definition``
    of the features.  Differentiable in ``proxies``.
    """
    return lepton_features(
        LeptonKinematics.from_proxies(enu, proxies[:, 0], proxies[:, 1], mass),
        proxies,
        definition,
    )


def lepton_features(
    lepton: LeptonKinematics, proxies: Tensor, definition: FeatureDefinition
) -> Tensor:
    """Return the same from the kinematics that belong to these proxies."""
    w2, q2, omega = lepton.w2, lepton.q2, lepton.omega
    w = hadronic_mass(lepton, definition)
    angle = lepton.one_minus_costheta
    return torch.stack(
        [
            proxies[:, 0],
            proxies[:, 1],
            torch.log(omega + OMEGA_SCALE),
            torch.log(q2 + Q2_SCALE),
            torch.sign(w2) * torch.log1p(torch.abs(w2) / definition.w2_scale),
            lepton.kinetic_fraction,
            1.0 - angle,
            torch.log(angle + definition.angle_scale),
            stretched(w, *definition.quasielastic),
            stretched(w, *definition.delta),
            stretched(omega, *definition.threshold),
            stretched(q2, *definition.low_q2),
        ],
        dim=1,
    )


def hadronic_mass(lepton: LeptonKinematics, definition: FeatureDefinition) -> Tensor:
    """W of N events, (N,) [GeV], where it is imaginary the smallest one."""
    return torch.sqrt(lepton.w2.clamp(min=definition.smallest_w2))


def stretched(x: Tensor, centre: float, width: float) -> Tensor:
    """Linear within ``width`` of ``centre``, logarithmic outside."""
    return torch.asinh((x - centre) / width)


@dataclass(frozen=True, slots=True)
class Scaling:
    """Mean and scale of each feature in the training sample; the first two are the proxies.

    Attributes
    ----------
    mean : float32 tensor of shape (F,)
    scale : standard deviation over the weight of the feature, same shape
    definition : of the features
    """

    mean: Tensor
    scale: Tensor
    definition: FeatureDefinition

    @classmethod
    def fit(cls, features: Tensor, definition: FeatureDefinition) -> Scaling:
        """Measure on training features of shape (N, F)."""
        wide = features.double()
        scale = wide.std(dim=0).clamp(min=1e-6) / torch.tensor(WEIGHTS, dtype=torch.float64)
        return cls(wide.mean(dim=0).float(), scale.float(), definition)

    def to(self, device: torch.device | str) -> Scaling:
        """Return a copy on a device."""
        return Scaling(self.mean.to(device), self.scale.to(device), self.definition)

    def apply(self, features: Tensor) -> Tensor:
        """Centre and scale features of shape (N, F)."""
        return (features - self.mean) / self.scale

    def unscale_proxies(self, scaled: Tensor) -> Tensor:
        """Standardised proxies (N, 2) as the generator makes them -> unscaled ones."""
        return scaled * self.scale[:2] + self.mean[:2]
