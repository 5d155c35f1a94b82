"""The unit of a file's momenta, told by the masses of its particles.

E^2 - p^2 of a muon is (0.10566)^2 in GeV and (105.66)^2 in MeV, whatever a file says or leaves
out.  Particles so fast that rounding hides their mass have no say.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nugen_gan.adapters.momenta import CHARGED_LEPTONS
from nugen_gan.errors import FormatError

__all__ = ["MASSES", "MEV", "Unit"]

MEV = 1e-3  # GeV
# [GeV] (PDG 2024): charged leptons, charged pions, nucleons.
MASSES = CHARGED_LEPTONS | {211: 0.13957039, 2212: 0.93827208816, 2112: 0.93956542052}
MASS_PER_NUCLEON = 0.9315
NUCLEUS = 1_000_000_000  # PDG codes of nuclei are larger
# A mass this small a part of the energy drowns in the rounding of single precision.
SLOW = 2e-3
# Bound nucleons are off their mass shell by some ten per cent.
NEAR = 2.0
# Both units in more than this part of a file's particles cannot be a fluctuation.
MIXED = 0.05


class Unit:
    """Counts the particles whose mass is right in GeV, and those for which it is in MeV.

    A nucleus counts only where nothing else tells: NEUT's converter gives one of mass number 12
    the energy 12, whatever the unit.
    """

    def __init__(self) -> None:
        self._particles = np.zeros(2, np.int64)
        self._nuclei = np.zeros(2, np.int64)

    @property
    def gev(self) -> int:
        """Number of particles whose mass is right in GeV."""
        return int((self._particles if self._particles.any() else self._nuclei)[0])

    @property
    def mev(self) -> int:
        """Number of particles whose mass is right in MeV."""
        return int((self._particles if self._particles.any() else self._nuclei)[1])

    def add(self, p4: ArrayLike, pdg: ArrayLike) -> None:
        """Look at particles.

        Parameters
        ----------
        p4 : (px, py, pz, E) in the unit of the file, shape (N, 4)
        pdg : PDG codes, shape (N,)
        """
        vectors, code = np.asarray(p4, np.float64), abs(np.asarray(pdg, np.int64))
        known = _masses(code)
        energy = vectors[:, 3]
        with np.errstate(all="ignore"):
            square = energy**2 - (vectors[:, :3] ** 2).sum(axis=1)
            mass = np.sqrt(square)
            ratio = np.where((energy > 0.0) & (mass > SLOW * energy), mass / known, np.nan)
        for units, mine in ((self._nuclei, code > NUCLEUS), (self._particles, code < NUCLEUS)):
            units += [_near(ratio[mine]).sum(), _near(ratio[mine] * MEV).sum()]

    @property
    def in_mev(self) -> bool:
        """True if most masses are right in MeV; False also if no particle tells."""
        return self.mev > self.gev

    @property
    def known(self) -> bool:
        """True if a particle tells."""
        return self.mev + self.gev > 0

    def scale(self, path: Path) -> float:
        """GeV in the unit of the file, 1 where no particle tells.

        Raises
        ------
        FormatError
            if some particles are in GeV and others in MeV.
        """
        if min(self.gev, self.mev) > MIXED * (self.gev + self.mev):
            raise FormatError(
                f"{path}: by their masses {self.gev:,} particles have momenta in GeV and "
                f"{self.mev:,} in MeV. Files of different units were joined: convert them apart."
            )
        return MEV if self.in_mev else 1.0

    def require(self, path: Path, mev: bool, what: str) -> None:
        """Refuse a file whose particles contradict the unit that its format has.

        Parameters
        ----------
        path : the file
        mev : True if its format has MeV, False for GeV
        what : the format, for the message
        """
        self.scale(path)
        if self.known and self.in_mev != mev:
            units = ("MeV", "GeV") if mev else ("GeV", "MeV")
            raise FormatError(
                f"{path}: {what} has energies in {units[0]}, but the masses of the particles in "
                f"this file are right in {units[1]} only. Convert the momenta, or write the file "
                "again."
            )


def _masses(code: NDArray[np.int64]) -> NDArray[np.float64]:
    """Mass [GeV] by the absolute value of the PDG code, NaN where it is none of ours."""
    mass = np.full(len(code), np.nan)
    for known, value in MASSES.items():
        mass[code == known] = value
    nucleus = (code > NUCLEUS) & (code < 1_100_000_000) & (code // 10 % 1000 > 0)
    return np.where(nucleus, MASS_PER_NUCLEON * (code // 10 % 1000), mass)


def _near(ratio: NDArray[np.float64]) -> NDArray[np.bool_]:
    return np.asarray((ratio > 1.0 / NEAR) & (ratio < NEAR), np.bool_)
