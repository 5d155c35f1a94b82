"""Numbers of HEPEVT text that reader and writer share."""

from __future__ import annotations

from nugen_gan.physics.process import Channel

__all__ = [
    "BLOB",
    "CHANNELS",
    "CHARGED",
    "FINAL",
    "INITIAL",
    "LEFT",
    "MODES",
    "NEUTRAL",
    "UNKNOWN_MODE",
]

# Statuses: before the interaction, tracked, and what is left (GENIE's).
INITIAL, FINAL, LEFT = 0, 1, 15
# GENIE's hadronic blob.
BLOB = 2_000_000_002
# Currents and modes of simb::MCNeutrino.
CHARGED, NEUTRAL = 0, 1
UNKNOWN_MODE = -1
MODES = {Channel.QE: 0, Channel.HYP: 0, Channel.RES: 1, Channel.DIS: 2, Channel.COH: 3,
         Channel.MEC: 10, Channel.OTHER: UNKNOWN_MODE}  # fmt: skip
CHANNELS = {0: Channel.QE, 1: Channel.RES, 2: Channel.DIS, 3: Channel.COH, 10: Channel.MEC}
