"""From a file's frame into that of an event table: neutrino along z, lepton in the x-z plane."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nugen_gan.events.particles import Flat, particles

if TYPE_CHECKING:
    import awkward as ak

__all__ = ["in_lepton_frame"]

Floats = NDArray[np.float64]


def in_lepton_frame(neutrino: Floats, lepton: Floats, those: Flat) -> ak.Array:
    """Turn each event so that its neutrino is along +z and its lepton at azimuth zero.

    Energies are left as they are.  An event without a direction (no lepton, damaged momenta) is
    turned into numbers that are none, which a selection drops.

    Parameters
    ----------
    neutrino, lepton : momenta in the frame of the file, in any unit, shape (N, 3)
    those : particles of the N events [GeV], in the frame of the file
    """
    axes = _axes(neutrino, lepton)
    momenta, event = those.momenta(), those.event()
    px, py, pz = ((axis[event] * momenta).sum(axis=1) for axis in axes)
    return particles(those.counts, those.pdg, px, py, pz, those.E)


def _axes(neutrino: Floats, lepton: Floats) -> tuple[Floats, Floats, Floats]:
    """Unit vectors x, y, z of the table's frame in that of the file, each of shape (N, 3)."""
    with np.errstate(all="ignore"):
        z = neutrino / np.linalg.norm(neutrino, axis=1, keepdims=True)
        across = lepton - (lepton * z).sum(axis=1, keepdims=True) * z
        # A lepton straight ahead leaves the azimuth free; then the file's own x, or y, does.
        straight = np.linalg.norm(across, axis=1) <= 1e-9 * np.linalg.norm(lepton, axis=1)
        if straight.any():
            across[straight] = _any_across(z[straight])
        x = across / np.linalg.norm(across, axis=1, keepdims=True)
    return x, np.cross(z, x), z


def _any_across(z: Floats) -> Floats:
    """A vector across each z, shape (N, 3)."""
    other = np.where(abs(z[:, :1]) < 0.9, [[1.0, 0.0, 0.0]], [[0.0, 1.0, 0.0]])
    return np.asarray(other - (other * z).sum(axis=1, keepdims=True) * z)
