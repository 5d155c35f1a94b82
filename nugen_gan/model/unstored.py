"""What a model.json that lacks an entry means: models made before the entry was stored.

These values never change, whatever the program uses for new models.
"""

from __future__ import annotations

from types import MappingProxyType

__all__ = ["REACH", "SHAPE", "STEP"]

# Of the smearing of proposals; see nugen_gan.density_ratio.reach.
REACH = MappingProxyType({"down": 0.05, "up": 0.02, "spread": 0.3})
# Of a step; see nugen_gan.model.steps.
STEP = MappingProxyType({"softness": 0.008, "power": 2.0})
# Of a density ratio; see nugen_gan.density_ratio.network.
SHAPE = MappingProxyType(
    {"rejected_from": -0.5, "rejected_to": -10.0, "rejection_weight": 0.5, "largest": 12.0}
)
