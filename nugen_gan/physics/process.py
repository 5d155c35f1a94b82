"""What collides: the probe, the target nucleus, the current, and the reaction channels."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum

from nugen_gan.errors import UsageError
from nugen_gan.physics.masses import particle_mass

__all__ = [
    "Channel",
    "Process",
    "is_neutrino",
    "is_nucleus",
    "mass_number",
    "nucleus_pdg",
    "parse_probe",
    "parse_target",
]

PROBE_NAMES = {
    12: "nue",
    -12: "nuebar",
    14: "numu",
    -14: "numubar",
    16: "nutau",
    -16: "nutaubar",
}
PROTON, NEUTRON = 2212, 2112

# Chemical symbols by Z - 1 (IUPAC).
SYMBOLS = tuple(
    """
    H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se
    Br Kr Rb Sr Y Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb
    Dy Ho Er Tm Yb Lu Hf Ta W Re Os Ir Pt Au Hg Tl Pb Bi Po At Rn Fr Ra Ac Th Pa U
    """.split()
)

# The isotope that a bare symbol means: the most abundant one, for targets in use.
COMMON_MASS_NUMBER = {
    "H": 1, "He": 4, "Li": 7, "Be": 9, "B": 11, "C": 12, "N": 14, "O": 16, "F": 19, "Ne": 20,
    "Na": 23, "Mg": 24, "Al": 27, "Si": 28, "P": 31, "S": 32, "Cl": 35, "Ar": 40, "K": 39,
    "Ca": 40, "Ti": 48, "Cr": 52, "Mn": 55, "Fe": 56, "Ni": 58, "Cu": 63, "Zn": 64, "Ge": 74,
    "Br": 79, "Kr": 84, "I": 127, "Xe": 132, "Cs": 133, "W": 184, "Au": 197, "Pb": 208, "U": 238,
}  # fmt: skip


class Channel(IntEnum):
    """Primary reaction channel, numbered as NuHepMC 1.0 numbers its process ranges (E.C.1).

    Examples
    --------
    >>> import nugen_gan
    >>> nugen_gan.Channel.QE
    <Channel.QE: 200>
    >>> events = nugen_gan.read("numu_cc_Ar40_sample")
    >>> quasielastic = events[events.channel == nugen_gan.Channel.QE]
    >>> quasielastic.channel_fractions()
    {'QE': 1.0}
    """

    COH = 100
    QE = 200
    HYP = 201
    MEC = 300
    RES = 400
    DIS = 600
    OTHER = 700


def nucleus_pdg(z: int, a: int) -> int:
    """PDG code 100ZZZAAA0 of a nucleus; hydrogen is 1000010010."""
    return 1_000_000_000 + z * 10_000 + a * 10


def mass_number(pdg: int) -> int:
    """Nucleons in a nucleus of this PDG code."""
    return pdg // 10 % 1000


def is_neutrino(pdg: int) -> bool:
    """True for the PDG code of a neutrino."""
    return pdg in PROBE_NAMES


def is_nucleus(pdg: int) -> bool:
    """True for the PDG code of a nucleus with protons in it that a Process may have."""
    z, a = pdg // 10_000 % 1000, mass_number(pdg)
    known = 1 <= z <= a <= 300 and z <= len(SYMBOLS)
    return known and pdg == nucleus_pdg(z, a)


@dataclass(frozen=True, slots=True, order=True)
class Process:
    """One probe on one nucleus through one current.

    Attributes
    ----------
    probe : PDG code of the neutrino: +-12, +-14, +-16
    target : PDG code of the nucleus, 100ZZZAAA0; a free proton is 1000010010
    current : "cc"; the only one with a charged lepton

    Examples
    --------
    >>> import nugen_gan
    >>> process = nugen_gan.Process.from_name("numubar_cc_Ar40")
    >>> process.probe, process.target, process.lepton
    (-14, 1000180400, -13)
    >>> nugen_gan.Process(14, 1000060120).name
    'numu_cc_C12'
    """

    probe: int
    target: int
    current: str = "cc"

    def __post_init__(self) -> None:
        if self.probe not in PROBE_NAMES:
            raise UsageError(f"probe {self.probe} is not a neutrino: PDG {sorted(PROBE_NAMES)}")
        if self.current != "cc":
            raise UsageError(f"current {self.current!r} is not supported: only 'cc'")
        if not is_nucleus(self.target):
            raise UsageError(f"target {self.target} is not a nucleus: PDG 100ZZZAAA0 is needed")

    @classmethod
    def from_name(cls, name: str) -> Process:
        """Inverse of :attr:`name`: ``Process.from_name("numu_cc_C12")``."""
        probe, _, rest = name.partition("_")
        current, _, target = rest.partition("_")
        if not target:
            raise UsageError(f"{name!r} is not a process: write it like numu_cc_C12")
        return cls(parse_probe(probe), parse_target(target), current)

    @property
    def name(self) -> str:
        """Like ``numu_cc_C12``."""
        return f"{PROBE_NAMES[self.probe]}_{self.current}_{self.target_name}"

    @property
    def target_name(self) -> str:
        """Like ``C12``."""
        return f"{SYMBOLS[self.z - 1]}{self.a}"

    @property
    def z(self) -> int:
        """Protons in the target."""
        return self.target // 10_000 % 1000

    @property
    def a(self) -> int:
        """Nucleons in the target."""
        return mass_number(self.target)

    @property
    def lepton(self) -> int:
        """PDG code of the charged lepton: 13 for a muon neutrino, -13 for its antiparticle."""
        return self.probe + 1 if self.is_antineutrino else self.probe - 1

    @property
    def is_antineutrino(self) -> bool:
        """Whether the probe is an antineutrino."""
        return self.probe < 0

    @property
    def lepton_mass(self) -> float:
        """Mass of the charged lepton [GeV] (PDG, through the ``particle`` package)."""
        return particle_mass(abs(self.lepton))

    def __str__(self) -> str:
        return self.name


def parse_probe(text: str | int) -> int:
    """PDG code of a neutrino from a code or a name: 14, "14", "numu", "nu_mu_bar", "antinumu"."""
    plain = str(text).strip().lower().replace("_", "")
    if plain.startswith("anti"):
        plain = plain.removeprefix("anti") + "bar"
    for pdg, name in PROBE_NAMES.items():
        if plain in (str(pdg), name):
            return pdg
    allowed = ", ".join(f"{name} ({pdg})" for pdg, name in PROBE_NAMES.items())
    raise UsageError(f"probe {text!r} is unknown. Allowed: {allowed}")


def parse_target(text: str | int) -> int:
    """PDG code of a nucleus from a code or a name: 1000060120, "C12", "12C", "Ar", "p"."""
    plain = str(text).strip()
    if plain in ("p", "proton", str(PROTON)):
        return nucleus_pdg(1, 1)
    if re.fullmatch(r"100\d{6}0", plain):
        Process(14, int(plain))  # says what is wrong with it
        return int(plain)
    match = re.fullmatch(r"([A-Za-z]{1,2})[-_]?(\d{1,3})?|(\d{1,3})([A-Za-z]{1,2})", plain)
    if match:
        symbol = (match[1] or match[4]).capitalize()
        number = match[2] or match[3] or COMMON_MASS_NUMBER.get(symbol)
        if symbol in SYMBOLS and number is not None:
            pdg = nucleus_pdg(SYMBOLS.index(symbol) + 1, int(number))
            Process(14, pdg)
            return pdg
    raise UsageError(
        f"target {text!r} is unknown. Write a nucleus like C12, Ar40, Ar, or its PDG code "
        "100ZZZAAA0"
    )
