"""Where the features of a model have their peaks, edges and scales: part of the model.

They stand in ``model.json``, so that other constants in a later version of the program cannot
change a model that was trained with these.  What is the same for all models, such as the scales of
the proxies, is stored beside them and compared when a model is loaded.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from nugen_gan.physics.kinematics import NUCLEON_MASS, OMEGA_SCALE, PROXY_LIMIT, Q2_SCALE

__all__ = ["FeatureDefinition", "conventions", "different_conventions"]

Region = tuple[float, float]


@dataclass(frozen=True, slots=True)
class FeatureDefinition:
    """Centres and widths of what the networks are shown enlarged, and scales of logarithms.

    Attributes
    ----------
    quasielastic, delta : centre and width of the stretched regions of W [GeV]
    threshold : the same of omega [GeV]
    low_q2 : the same of Q2 [GeV^2]
    omega_edge, transfer_edge, first_w_edge, second_w_edge : where channels begin or end, and how
        wide such an edge is: in omega, in the momentum transfer and in W [GeV]
    hyperon_peak : where quasielastic Lambda stand in W, above their mass of 1.116 GeV as nucleons
        move, and how wide [GeV]
    hyperon_height : how far the column of that peak stands out, much like what else is sharp
    w2_scale : softens the logarithm of W2 [GeV^2]
    angle_scale : softens that of 1 - cos(theta)
    smallest_w2 : W is imaginary for some leptons on a bound nucleon: they enter at this W2 [GeV^2]
    """

    quasielastic: Region = (0.95, 0.05)
    delta: Region = (1.23, 0.05)
    threshold: Region = (0.05, 0.02)
    low_q2: Region = (0.1, 0.05)
    omega_edge: Region = (0.045, 0.005)
    transfer_edge: Region = (1.2, 0.05)
    first_w_edge: Region = (1.6, 0.05)
    second_w_edge: Region = (2.0, 0.1)
    hyperon_peak: Region = (1.13, 0.025)
    hyperon_height: float = 3.0
    w2_scale: float = 0.2
    angle_scale: float = 1e-5
    smallest_w2: float = 1e-4

    def as_dict(self) -> dict[str, Any]:
        """Plain values for ``model.json``."""
        values = asdict(self)
        return {k: list(v) if isinstance(v, tuple) else v for k, v in values.items()}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> FeatureDefinition:
        """Build from what :meth:`as_dict` made; raises ValueError if that is not all there."""
        known = {field.name: getattr(cls(), field.name) for field in fields(cls)}
        if set(values) != set(known):
            raise ValueError(f"features {sorted(set(values) ^ set(known))} are missing or unknown")
        found: dict[str, Any] = {}
        for name, default in known.items():
            value = values[name]
            numbers = [float(x) for x in value] if isinstance(default, tuple) else [float(value)]
            if len(numbers) != len(default if isinstance(default, tuple) else (0,)):
                raise ValueError(f"feature {name} must be {default}-like, not {value}")
            # Centre and width: all of them are positive.
            if not all(math.isfinite(x) and 0.0 < x < 1e3 for x in numbers):
                raise ValueError(f"feature {name} is {value}")
            found[name] = tuple(numbers) if isinstance(default, tuple) else numbers[0]
        return cls(**found)


def conventions() -> dict[str, float]:
    """Constants that mean the same for all models of this version."""
    return {
        "proxy_omega_scale_GeV": OMEGA_SCALE,
        "proxy_q2_scale_GeV2": Q2_SCALE,
        "proxy_limit": PROXY_LIMIT,
        "nucleon_mass_GeV": NUCLEON_MASS,
    }


def different_conventions(stored: Mapping[str, Any]) -> str:
    """Say which of a model's stored constants are not those of this version; "" if all are."""
    ours = conventions()
    different = [
        f"{name} is {stored.get(name)} there and {value} here"
        for name, value in ours.items()
        if stored.get(name) != value
    ]
    return "; ".join(different)
