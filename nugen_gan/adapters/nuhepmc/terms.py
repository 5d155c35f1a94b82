"""Names and numbers of the NuHepMC 1.0 specification that reader, writer and checker share."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nugen_gan.physics.process import Channel

__all__ = [
    "BEAM",
    "CM2_OF_UNIT",
    "DECAYED",
    "DOCUMENTATION",
    "END",
    "FINAL",
    "FSI_SUMMARY",
    "MAGIC",
    "PRIMARY",
    "PROCESSES",
    "REMNANT",
    "START",
    "TARGET",
    "channel_of_process",
    "escape",
    "unescape",
]

MAGIC = "HepMC::Version"
START = "HepMC::Asciiv3-START_EVENT_LISTING"
END = "HepMC::Asciiv3-END_EVENT_LISTING"

# Statuses of particles (P.R.1) and of vertices (V.R.1).
FINAL, DECAYED, DOCUMENTATION, BEAM, TARGET = 1, 2, 3, 4, 20
PRIMARY, FSI_SUMMARY = 1, 2
# What is left of the nucleus, not treated precisely (P.C.2).
REMNANT = 2_009_900_000

# Units of cross section in cm^2 (G.R.6), and the spelling of one that NUISANCE wants.
CM2_OF_UNIT = {"pb": 1e-36, "nb": 1e-33, "cm2": 1.0, "10-38 cm2": 1e-38, "1e-38 cm2": 1e-38,
               "1E-38 cm2": 1e-38}  # fmt: skip

# Our process numbers, from the ranges of E.C.1.
PROCESSES = {
    Channel.COH: ("CC COH", "coherent pion production"),
    Channel.QE: ("CC QE", "quasielastic scattering"),
    Channel.HYP: ("CC HYP", "quasielastic production of hyperons"),
    Channel.MEC: ("CC MEC", "meson exchange currents, two or more nucleons knocked out"),
    Channel.RES: ("CC RES", "resonances and single pions"),
    Channel.DIS: ("CC DIS", "shallow and deep inelastic scattering"),
    Channel.OTHER: ("CC OTHER", "any other or unknown channel"),
}
# By hundreds; 500 is shallow inelastic.
CHANNEL_OF_HUNDRED = {
    1: Channel.COH, 2: Channel.QE, 3: Channel.MEC, 4: Channel.RES, 5: Channel.DIS, 6: Channel.DIS,
}  # fmt: skip
# Not fixed by the specification: 201 and 251 are hyperons in the converters' usage.
HYPERONS = (201, 251)


def channel_of_process(numbers: ArrayLike) -> NDArray[np.int16]:
    """Return the channels of process numbers (E.C.1), of the same shape."""
    table = np.full(1000, Channel.OTHER, np.int16)
    for hundred, channel in CHANNEL_OF_HUNDRED.items():
        table[100 * hundred : 100 * (hundred + 1)] = channel
    table[list(HYPERONS)] = Channel.HYP
    return np.asarray(table[np.clip(np.asarray(numbers, np.int64), 0, 999)])


def escape(text: str) -> str:
    r"""Text on one line: HepMC3 writes a line break as ``\|`` and a backslash as two."""
    return "\\|".join(text.replace("\\", "\\\\").splitlines())


def unescape(text: str) -> str:
    """Inverse of :func:`escape`."""
    pieces = text.split("\\\\")
    return "\\".join(piece.replace("\\|", "\n") for piece in pieces)
