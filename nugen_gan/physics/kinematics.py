"""Charged-lepton kinematics and the map between them and two unconstrained numbers.

A charged-current event, inclusive in the hadrons and averaged over the azimuth, has three
numbers: the neutrino energy and the lepton's energy and angle.  At a given neutrino energy
the last two live in a bounded region with sharp edges, and networks do not like edges.  The
*proxies* of this module flatten that region::

    s1 = log(1 + omega / w0)        / log(1 + (enu - m) / w0)
    s2 = log(1 + (q2 - q2min) / q0) / log(1 + (q2max - q2min) / q0)
    proxy_i = log(s_i / (1 - s_i))

with ``omega = enu - elep`` and ``q2min``, ``q2max`` the limits of Q2 at that ``enu`` and
``elep``.  Every pair of real numbers decodes to allowed kinematics, so nothing a network
says is ever rejected.  The logarithms keep the quasielastic peak, a few tens of MeV wide,
wide in the proxies at 10 GeV too.

All functions take numpy arrays or torch tensors and return what they were given.  Energies
are in GeV, Q2 and W2 in GeV^2, angles enter as their cosine.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from nugen_gan.physics.masses import NUCLEON_MASS

__all__ = [
    "NUCLEON_MASS",
    "PROXY_LIMIT",
    "Derived",
    "LeptonKinematics",
    "decode",
    "derived",
    "encode",
    "is_physical",
]

# Scales w0 [GeV] and q0 [GeV^2] of the two logarithms.
OMEGA_SCALE = 0.005
Q2_SCALE = 0.01
# A proxy this far out is at the edge of phase space to one part in 1e17.
PROXY_LIMIT = 40.0
# Generators round lepton masses (NuWro: 105.658 MeV for the muon): how far below the mass an
# energy may lie, relative to the mass, and still count as a lepton at rest.
MASS_TOLERANCE = 1e-5

Array = Any  # numpy.ndarray or torch.Tensor; a function returns the kind that it was given


def _namespace(x: Array) -> Any:
    """Return numpy or torch, whichever ``x`` belongs to, without importing torch for numpy."""
    if type(x).__module__.startswith("torch"):
        return sys.modules["torch"]
    return np


@dataclass(frozen=True, slots=True)
class LeptonKinematics:
    """Lepton kinematics held so that no edge of phase space costs precision.

    Energies near a limit are differences of nearly equal numbers; so each limit keeps its own
    distance.  ``omega + kinetic = enu - mass`` and ``q2_above + q2_below = 4 enu plep``.

    Attributes
    ----------
    mass : lepton mass [GeV], a float
    enu : neutrino energy [GeV], array
    omega : energy transfer enu - elep [GeV], same shape
    kinetic : lepton kinetic energy elep - mass [GeV], same shape
    q2_above : Q2 - Q2min = 2 enu plep (1 - costheta) [GeV^2], same shape
    q2_below : Q2max - Q2 = 2 enu plep (1 + costheta) [GeV^2], same shape
    """

    mass: float
    enu: Array
    omega: Array
    kinetic: Array
    q2_above: Array
    q2_below: Array

    @classmethod
    def from_lepton(cls, enu: Array, elep: Array, costheta: Array, mass: float) -> LeptonKinematics:
        """Build from energies [GeV] and cos(theta), arrays of one shape."""
        xp = _namespace(enu)
        omega, kinetic = xp.clip(enu - elep, 0.0, None), xp.clip(elep - mass, 0.0, None)
        scale = 2.0 * enu * _momentum(kinetic, mass)
        return cls(mass, enu, omega, kinetic, scale * (1.0 - costheta), scale * (1.0 + costheta))

    @classmethod
    def from_proxies(
        cls, enu: Array, proxy1: Array, proxy2: Array, mass: float
    ) -> LeptonKinematics:
        """Build from any two finite numbers; ``enu`` [GeV] must exceed ``mass``."""
        omega, kinetic = _open(proxy1, enu - mass, OMEGA_SCALE)
        q2_range = 4.0 * enu * _momentum(kinetic, mass)
        return cls(mass, enu, omega, kinetic, *_open(proxy2, q2_range, Q2_SCALE))

    def proxies(self) -> tuple[Array, Array]:
        """Return the two proxies, clipped to +-PROXY_LIMIT."""
        return (
            _close(self.omega, self.kinetic, OMEGA_SCALE),
            _close(self.q2_above, self.q2_below, Q2_SCALE),
        )

    @property
    def elep(self) -> Array:
        """Lepton energy [GeV]."""
        return _namespace(self.enu).where(
            self.kinetic < self.omega, self.mass + self.kinetic, self.enu - self.omega
        )

    @property
    def costheta(self) -> Array:
        """Cosine of the lepton's angle; 1 for a lepton at rest."""
        xp = _namespace(self.enu)
        total = self.q2_above + self.q2_below
        # Anything positive does as the divisor where there is no range.
        safe = xp.where(total > 0.0, total, xp.ones_like(total))
        forward = 1.0 - 2.0 * self.q2_above / safe
        return xp.where(self.q2_above < self.q2_below, forward, 2.0 * self.q2_below / safe - 1.0)

    @property
    def one_minus_costheta(self) -> Array:
        """1 - cos(theta) without cancellation; 0 for a lepton at rest."""
        xp = _namespace(self.enu)
        total = self.q2_above + self.q2_below
        return 2.0 * self.q2_above / xp.where(total > 0.0, total, xp.ones_like(total))

    @property
    def q2(self) -> Array:
        """Q2 = 2 enu (elep - plep costheta) - m^2 [GeV^2]."""
        plep = _momentum(self.kinetic, self.mass)
        # Q2min = 2 enu (elep - plep) - m^2, written without the difference.
        elep = self.mass + self.kinetic
        return self.mass**2 * (2.0 * self.enu / (elep + plep) - 1.0) + self.q2_above

    @property
    def w2(self) -> Array:
        """W2 = M^2 + 2 M omega - Q2 [GeV^2], on a free nucleon at rest; can be negative."""
        return NUCLEON_MASS**2 + 2.0 * NUCLEON_MASS * self.omega - self.q2

    @property
    def kinetic_fraction(self) -> Array:
        """(elep - m) / (enu - m), from 0 to 1."""
        return self.kinetic / (self.enu - self.mass)


class Derived(NamedTuple):
    """Quantities that follow from (enu, elep, costheta); arrays of one shape.

    Attributes
    ----------
    omega : energy transfer enu - elep [GeV]
    q2 : minus the squared four-momentum transfer [GeV^2]
    w2 : squared hadronic mass M^2 + 2 M omega - Q2 on a free nucleon at rest [GeV^2]
    kinetic_fraction : (elep - m) / (enu - m), from 0 to 1
    """

    omega: Array
    q2: Array
    w2: Array
    kinetic_fraction: Array


def derived(enu: Array, elep: Array, costheta: Array, mass: float) -> Derived:
    """Return omega, Q2, W2 and the kinetic fraction; energies and ``mass`` in GeV."""
    lepton = LeptonKinematics.from_lepton(enu, elep, costheta, mass)
    return Derived(lepton.omega, lepton.q2, lepton.w2, lepton.kinetic_fraction)


def encode(enu: Array, elep: Array, costheta: Array, mass: float) -> tuple[Array, Array]:
    """Map lepton kinematics to the two proxies.

    Parameters
    ----------
    enu, elep : neutrino and charged-lepton energy [GeV], one shape
    costheta : cosine of the angle between lepton and neutrino, same shape
    mass : lepton mass [GeV]

    Returns
    -------
    Two arrays of the same shape, clipped to +-PROXY_LIMIT at the edges of phase space.
    Meaningful only where :func:`is_physical` holds.
    """
    return LeptonKinematics.from_lepton(enu, elep, costheta, mass).proxies()


def decode(enu: Array, proxy1: Array, proxy2: Array, mass: float) -> tuple[Array, Array]:
    """Map proxies to (elep, costheta), the inverse of :func:`encode`.

    Every pair of finite proxies gives m <= elep <= enu and -1 <= costheta <= 1.

    Parameters
    ----------
    enu : neutrino energy [GeV], above ``mass``
    proxy1, proxy2 : any finite numbers, same shape
    mass : lepton mass [GeV]
    """
    kinematics = LeptonKinematics.from_proxies(enu, proxy1, proxy2, mass)
    return kinematics.elep, kinematics.costheta


def is_physical(enu: Array, elep: Array, costheta: Array, mass: float) -> Array:
    """Boolean array: all finite, m <= elep <= enu and |costheta| <= 1.

    ``elep`` may lie below ``mass`` by MASS_TOLERANCE relative: generators round masses.
    """
    xp = _namespace(enu)
    finite = xp.isfinite(enu) & xp.isfinite(elep) & xp.isfinite(costheta)
    above = elep >= mass * (1.0 - MASS_TOLERANCE)
    return finite & above & (elep <= enu) & (abs(costheta) <= 1.0)


def _momentum(kinetic: Array, mass: float) -> Array:
    return _namespace(kinetic).sqrt(kinetic * (kinetic + 2.0 * mass))


def _close(low: Array, high: Array, scale: float) -> Array:
    """The proxy of a number ``low`` above its lower limit and ``high`` below its upper one."""
    xp = _namespace(low)
    part = xp.log1p(low / scale)
    # log(1 + (low + high) / scale) - part, without the difference
    rest = xp.log1p(high / (low + scale))
    limit = float(np.exp(-PROXY_LIMIT))
    ratio = xp.log(xp.clip(part, limit, None)) - xp.log(xp.clip(rest, limit, None))
    return xp.clip(ratio, -PROXY_LIMIT, PROXY_LIMIT)


def _open(proxy: Array, width: Array, scale: float) -> tuple[Array, Array]:
    """Inverse of :func:`_close` for an interval of this width: (low, high)."""
    xp = _namespace(width)
    log_width = xp.log1p(width / scale)
    low = scale * xp.expm1(log_width * _sigmoid(proxy))
    high = -(width + scale) * xp.expm1(-log_width * _sigmoid(-proxy))
    # The smaller one is exact; the larger one follows, so that the two sum to the width.
    low_is_small = low < high
    return xp.where(low_is_small, low, width - high), xp.where(low_is_small, width - low, high)


def _sigmoid(x: Array) -> Array:
    xp = _namespace(x)
    if xp is not np:
        return xp.sigmoid(x)
    return 1.0 / (1.0 + np.exp(-np.clip(x, -80.0, 80.0)))
