"""Blocks of NuHepMC events as arrays.

Everything that must agree inside an event is checked, so that a damaged file does not read as
another one: numbers of particles, their order, masses of the particles that are used.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nugen_gan.adapters.final_particles import final_particles
from nugen_gan.adapters.frame import in_lepton_frame
from nugen_gan.adapters.genie.event_code import parse_codes
from nugen_gan.adapters.nuhepmc.lines import RunHeader
from nugen_gan.adapters.nuhepmc.terms import BEAM, FINAL, PRIMARY, channel_of_process
from nugen_gan.adapters.units import Unit
from nugen_gan.errors import FormatError
from nugen_gan.events.particles import Flat
from nugen_gan.events.selection import RawEvents
from nugen_gan.physics.masses import PROTON_MASS
from nugen_gan.physics.process import NEUTRON, PROBE_NAMES, PROTON, Channel, Process, nucleus_pdg

if TYPE_CHECKING:
    import awkward as ak

__all__ = ["Block", "parse_block"]

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Booleans = NDArray[np.bool_]

PARTICLE = np.dtype(
    [("kind", "U2"), ("id", "i8"), ("parent", "i8"), ("pdg", "i8"), ("px", "f8"), ("py", "f8"),
     ("pz", "f8"), ("e", "f8"), ("m", "f8"), ("status", "i8")]
)  # fmt: skip
GEV_OF_UNIT = {"GEV": 1.0, "MEV": 1e-3}
# Names of attributes in NuHepMC 1.0 and before.
PROCESS_NAMES = ("A 0 signal_process_id ", "A 0 ProcID ", "A 0 ProcId ")
TOTAL_NAMES = ("A 0 tot_xs ", "A 0 TotXS ")
ESTIMATE = "A 0 GenCrossSection "
# How far E^2 - p^2 may be from the mass squared, relative to E^2.
OFF_SHELL = 1e-3
# How far a free proton may be from its mass, and from rest [GeV].
OFF_MASS, AT_REST = 2e-3, 1e-3
PROCESS_OF_LEPTON = ("lep", "nu-e", "nue el", "electron", "imd", "inverse mu")


@dataclass(frozen=True)
class Block:
    """Events, and what they say about cross sections in the unit of the file.

    Attributes
    ----------
    events : N events
    total : sigma at the energy of each event (E.C.2), shape (N,); None if one does not tell
    estimate : running estimate of the total cross section after the last event (E.C.4)
    unit : unit of the momenta by the masses of the particles, where the events name another one
    hadrons : whether anything but a lepton leaves a nucleus
    """

    events: RawEvents
    total: Floats | None
    estimate: float | None
    unit: str = ""
    hadrons: bool = False


def parse_block(text: str, header: RunHeader, path: Path, *, particles: bool = True) -> Block:
    """Parse the lines of whole events; raises FormatError if they are not in order.

    ``particles`` says whether the events shall have their particles beside the lepton.
    """
    return _Parser(text, header, path, particles).block()


class _Parser:
    def __init__(self, text: str, header: RunHeader, path: Path, particles: bool) -> None:
        self.header, self.path = header, path
        self.unit, self.particles, self.hadrons = "", particles, False
        self.lines = text.removesuffix("\n").split("\n")
        codes = np.array([line[:2] for line in self.lines], "U2").view("U1").reshape(-1, 2)
        self.kinds = codes[:, 0]
        known = np.isin(self.kinds, list("EUWAPV")) & (codes[:, 1] == " ")
        for i in np.flatnonzero(~known).tolist():
            if self.lines[i].strip():
                raise FormatError(
                    f"{path}: {self.lines[i][:60]!r} is not a line of a HepMC3 event."
                )
        # The number of its event in this block, for each line.
        self.owner = np.cumsum(self.kinds == "E") - 1
        self.heads = [line.split() for line in self._lines("E")]
        self.count = len(self.heads)

    def block(self) -> Block:
        """Parse everything."""
        with self._numbers("a number"):
            process = np.array(self._one_each(PROCESS_NAMES, "signal_process_id"), np.int64)
            weight = self._weights()
            total = self._optional(TOTAL_NAMES)
            estimates = [line for line in self._lines("A") if line.startswith(ESTIMATE)]
            estimate = float(estimates[-1].split()[3]) if estimates else None
        events = self._events(self._particles(), process, weight)
        return Block(events, total, estimate, self.unit, self.hadrons)

    def _lines(self, kind: str) -> list[str]:
        return [self.lines[i] for i in np.flatnonzero(self.kinds == kind)]

    def _numbers(self, what: str) -> AbstractContextManager[None]:
        return _format_errors(f"{self.path}: an event has something else instead of {what}")

    def _check(self, fine: Booleans, problem: str) -> None:
        """Raise an error about the first event that is not fine; ``fine`` has shape (N,)."""
        if not fine.all():
            number = self.heads[int(np.argmin(fine))][1]
            raise FormatError(f"{self.path}, event {number}: {problem}. The file is damaged.")

    def _one_each(self, names: Sequence[str], what: str) -> list[str]:
        """Values of an attribute that every event must have once."""
        values, owners = self._values(names)
        self._check(np.bincount(owners, minlength=self.count) == 1, f"it needs one {what}")
        return values

    def _values(self, names: Sequence[str]) -> tuple[list[str], Indices]:
        places = np.flatnonzero(self.kinds == "A").tolist()
        # The first of the names that occurs: files may carry an attribute in two spellings.
        for name in names:
            found = [i for i in places if self.lines[i].startswith(name)]
            if found:
                return [self.lines[i][len(name) :] for i in found], self.owner[found]
        return [], np.zeros(0, np.int64)

    def _optional(self, names: Sequence[str]) -> Floats | None:
        values, owners = self._values(names)
        numbers = np.array(values, np.float64)
        alone = bool((np.bincount(owners, minlength=self.count) == 1).all())
        return numbers if alone and bool((numbers > 0.0).all()) else None

    def _weights(self) -> Floats:
        """The central value of the weights of each event."""
        names = self.header.weights
        if "CV" not in names and len(names) != 1:
            raise FormatError(
                f"{self.path} has no weight 'CV' (G.R.7), but {', '.join(names) or 'none'}."
            )
        column = 1 + (names.index("CV") if "CV" in names else 0)
        owners = self.owner[self.kinds == "W"]
        rows = [line.split() for line in self._lines("W")]
        good = np.array([len(row) == len(names) + 1 for row in rows], np.bool_)
        fine = np.bincount(owners, good, minlength=self.count) == 1
        self._check(
            fine & (np.bincount(owners, minlength=self.count) == 1),
            f"it needs one line of {len(names)} weights",
        )
        weight = np.array([row[column] for row in rows], np.float64)
        self._check(np.isfinite(weight), "its weight is not a finite number")
        return weight

    def _units(self) -> Floats:
        owners = self.owner[self.kinds == "U"]
        self._check(np.bincount(owners, minlength=self.count) == 1, "it needs one line of units")
        scale = [GEV_OF_UNIT.get([*line.split(), ""][1], 0.0) for line in self._lines("U")]
        self._check(np.array(scale) > 0.0, "its energies are neither in GEV nor in MEV")
        return np.array(scale)

    def _particles(self) -> NDArray[Any]:
        """Rows of :data:`PARTICLE`, energies in GeV, once they are in order."""
        lines = self._lines("P")
        with self._numbers("nine numbers of a particle"):
            rows = np.loadtxt(lines, dtype=PARTICLE, comments=None, ndmin=1) if lines else (
                np.zeros(0, PARTICLE))  # fmt: skip
            vertices, expected = (np.array([head[i] for head in self.heads], np.int64)
                                  for i in (2, 3))  # fmt: skip
        owner = self.owner[self.kinds == "P"]
        found = np.bincount(owner, minlength=self.count)
        self._check(found == expected, "it has more or fewer particles than it says")
        first = np.cumsum(found) - found
        ordered = rows["id"] == 1 + np.arange(len(rows)) - first[owner]
        ordered &= (rows["parent"] < rows["id"]) & (rows["parent"] >= -vertices[owner])
        self._check(_all(ordered, owner, self.count), "its particles are out of order")
        scale = self._right_units(rows, self._units()[owner])
        finite = np.ones(len(rows), np.bool_)
        for name in ("px", "py", "pz", "e", "m"):
            rows[name] *= scale
            finite &= np.isfinite(rows[name])
        self._check(_all(finite, owner, self.count), "a momentum is not a finite number")
        return rows

    def _right_units(self, rows: NDArray[Any], stated: Floats) -> Floats:
        """The stated units, or those that the masses tell where an early file states others.

        NEUT's first converter copied momenta in MeV into events said to be in GeV.
        """
        unit = Unit()
        p4 = np.stack([rows[name] for name in ("px", "py", "pz", "e")], axis=1)
        unit.add(p4, rows["pdg"])
        scale = unit.scale(self.path) if unit.known else 0.0
        if scale in (0.0, *np.unique(stated)):
            return stated
        self.unit = "MeV" if unit.in_mev else "GeV"
        if not self.header.early:
            raise FormatError(
                f"{self.path}: the events say that their energies are not in {self.unit}, but the "
                f"masses of the particles are right in {self.unit} only. Write the file again."
            )
        return np.full(len(stated), scale)

    def _events(self, rows: NDArray[Any], process: Indices, weight: Floats) -> RawEvents:
        owner = self.owner[self.kinds == "P"]
        beam = self._beam(rows, owner)
        probe = rows["pdg"][beam]
        lepton = self._lepton(rows, owner, probe)
        target = self._target(rows, owner)
        those = final_particles(rows, owner, lepton, target)
        self.hadrons = len(those.pdg) > 0
        found = lepton >= 0
        enu, px, py, pz = (rows[name][beam] for name in ("e", "px", "py", "pz"))
        elep, lx, ly, lz = (np.where(found, rows[name][lepton], 0.0)
                            for name in ("e", "px", "py", "pz"))  # fmt: skip
        size = np.sqrt(px**2 + py**2 + pz**2) * np.sqrt(lx**2 + ly**2 + lz**2)
        # A lepton at rest has no direction.
        costheta = np.ones(self.count)
        np.divide(px * lx + py * ly + pz * lz, size, out=costheta, where=size > 0.0)
        current, channel = self._process(process)
        return RawEvents(
            probe=probe.astype(np.int32),
            target=target.astype(np.int32),
            lepton=np.where(found, rows["pdg"][lepton], 0).astype(np.int32),
            cc=current & found & (target > 0),
            enu=enu,
            elep=elep,
            costheta=np.clip(costheta, -1.0, 1.0),
            channel=channel,
            weight=weight,
            particles=_in_lepton_frame(those, (px, py, pz), (lx, ly, lz), self.particles),
        )

    def _beam(self, rows: NDArray[Any], owner: Indices) -> Indices:
        """Row of the beam particle of each event: the neutrino, where two particles collide."""
        incoming = rows["status"] == BEAM
        neutrino = incoming & np.isin(rows["pdg"], list(PROBE_NAMES))
        number = np.bincount(owner[neutrino], minlength=self.count)
        self._check(number <= 1, "it has several beam neutrinos (E.R.7)")
        place = np.full(self.count, -1)
        for kind in (incoming, neutrino):
            place[owner[kind]] = np.flatnonzero(kind)
        self._check(place >= 0, f"it has no beam particle of status {BEAM} (E.R.7)")
        momentum2 = _momentum2(rows[place])
        fine = (rows["e"][place] > 0.0) & (
            (number == 0)
            | (np.abs(rows["e"][place] ** 2 - momentum2) <= OFF_SHELL * rows["e"][place] ** 2)
        )
        self._check(fine, "the energy of its beam particle does not go with its momentum")
        return place

    def _target(self, rows: NDArray[Any], owner: Indices) -> Indices:
        """PDG code of the target; 0 where a neutrino meets another beam particle instead."""
        status = self.header.target_status()
        struck = rows["status"] == status
        target = np.zeros(self.count, np.int64)
        # Where a nucleon is given beside its nucleus, the nucleus has the larger number.
        np.maximum.at(target, owner[struck], rows["pdg"][struck])
        beams = np.bincount(owner[rows["status"] == BEAM], minlength=self.count)
        self._check((target > 0) | (beams > 1), f"it has no target of status {status} (E.R.7)")
        self._check(target < 2**31, "its target has an impossible PDG code")
        self._check_free(rows, owner, struck, target)
        target = np.where(target == PROTON, nucleus_pdg(1, 1), target)
        return self._neut_nucleus(target) if self.header.early else target

    def _check_free(
        self, rows: NDArray[Any], owner: Indices, struck: Booleans, target: Indices
    ) -> None:
        """Refuse a struck nucleon in the place of its nucleus.

        A free proton rests and has its mass, or no four-momentum at all; a neutron is never free.
        """
        away = np.abs(rows["e"] - PROTON_MASS) > OFF_MASS
        away = (away | (_momentum2(rows) > AT_REST**2)) & (rows["e"] != 0.0)
        proton = np.isin(rows["pdg"], (PROTON, nucleus_pdg(1, 1)))
        neutron = np.isin(rows["pdg"], (NEUTRON, nucleus_pdg(0, 1)))
        alone = rows["pdg"] == target[owner]
        bad = struck & alone & (neutron | (proton & away))
        if bad.any():
            event = self.heads[int(owner[np.argmax(bad)])][1]
            kinds = [("protons", proton), ("neutrons", neutron)]
            counts = " and ".join(f"{int((bad & kind).sum()):,} {name}" for name, kind in kinds)
            raise FormatError(
                f"{self.path}, event {event}: the target is a nucleon that is bound in a nucleus, "
                f"for it moves, is off its mass shell, or is a neutron (at least {counts}). A "
                "target is the whole nucleus, never a bound nucleon (E.R.7), and this file does "
                "not name it: taken as they are, its events would be on hydrogen. Write the "
                "nucleus as the particle of the target's status."
            )

    def _neut_nucleus(self, target: Indices) -> Indices:
        """Targets, right where NEUT's first converter wrote A + Z for the mass number A."""
        numbers = [self._optional((f"A 0 {name} ",)) for name in ("TargetA", "TargetZ")]
        if numbers[0] is None or numbers[1] is None:
            return target
        a, z = (np.asarray(number, np.int64) for number in numbers)
        wrong = target == nucleus_pdg(0, 0) + z * 10_000 + (a + z) * 10
        return np.where(wrong, target - 10 * z, target)

    def _lepton(self, rows: NDArray[Any], owner: Indices, probe: Indices) -> Indices:
        """Row of the charged lepton of the beam's flavour; -1 for none.

        Of several the one from the primary vertex, else the one with most momentum.
        """
        wanted = np.where(np.isin(probe, list(PROBE_NAMES)), probe - np.sign(probe), 0)
        fits = np.flatnonzero((rows["status"] == FINAL) & (rows["pdg"] == wanted[owner]))
        keys = [_momentum2(rows[fits])]
        if (np.bincount(owner[fits], minlength=1) > 1).any():
            keys.append(rows["parent"][fits] == self._primary_vertices()[owner[fits]])
        fits = fits[np.lexsort(keys)]
        place = np.full(self.count, -1)
        place[owner[fits]] = fits
        mass = np.zeros(self.count)
        for kind in np.intersect1d(np.abs(probe), list(PROBE_NAMES)).tolist():
            mass[np.abs(probe) == kind] = Process(kind, nucleus_pdg(1, 1)).lepton_mass
        energy2 = rows["e"][place] ** 2
        away = np.abs(energy2 - _momentum2(rows[place]) - mass**2)
        fine = (rows["e"][place] > 0.0) & (away <= OFF_SHELL * energy2)
        self._check(
            fine | (place < 0), "the energy of its lepton does not go with its momentum and mass"
        )
        return place

    def _primary_vertices(self) -> Indices:
        """Number of the primary vertex of each event; 0 for none."""
        place = np.zeros(self.count, np.int64)
        with self._numbers("two numbers of a vertex"):
            vertices = np.array([line.split()[1:3] for line in self._lines("V")], np.int64)
        vertices = vertices.reshape(-1, 2)
        primary = vertices[:, 1] == PRIMARY
        place[self.owner[self.kinds == "V"][primary]] = vertices[primary, 0]
        return place

    def _process(self, number: Indices) -> tuple[Booleans, NDArray[np.int16]]:
        """Whether the current is charged, and the channel, by E.C.1 where the file signals it."""
        if "E.C.1" not in self.header.conventions() and self._by_neut(number):
            codes = [int(code) for code in number]
            return parse_codes(codes, np.ones(self.count, np.bool_))
        if "E.C.1" not in self.header.conventions():
            return np.ones(self.count, np.bool_), np.full(self.count, Channel.OTHER, np.int16)
        return self._charged(number), channel_of_process(number)

    def _by_neut(self, number: Indices) -> bool:
        """True if these are NEUT's numbers of reactions."""
        ours = any(name.upper().startswith("NEUT") for name, _, _ in self.header.tools)
        return ours and bool((abs(number) < 100).all())

    def _charged(self, number: Indices) -> Booleans:
        on_electrons = [
            int(value)
            for value in np.unique(number).tolist()
            if value >= Channel.OTHER and self._is_on_leptons(value)
        ]
        ranges = (number >= 100) & (number % 100 < 50)
        return np.asarray(ranges & ~np.isin(number, on_electrons))

    def _is_on_leptons(self, number: int) -> bool:
        """True for scattering on electrons, which has no range of numbers of its own."""
        name = self.header.attributes.get(f"NuHepMC.ProcessInfo[{number}].Name", "").lower()
        return any(word in name for word in PROCESS_OF_LEPTON)


def _in_lepton_frame(
    those: Flat, neutrino: tuple[Floats, ...], lepton: tuple[Floats, ...], wanted: bool
) -> ak.Array | None:
    """Hadrons in the frame of an event table, where they are wanted."""
    if not wanted:
        return None
    return in_lepton_frame(np.stack(neutrino, axis=1), np.stack(lepton, axis=1), those)


def _momentum2(rows: NDArray[Any]) -> Floats:
    return np.asarray(rows["px"] ** 2 + rows["py"] ** 2 + rows["pz"] ** 2)


def _all(fine: Booleans, owner: Indices, count: int) -> Booleans:
    """For each event, whether all its rows are fine."""
    return np.asarray(np.bincount(owner[~fine], minlength=count) == 0)


@contextmanager
def _format_errors(message: str) -> Iterator[None]:
    try:
        yield
    except FormatError:
        raise
    except (ValueError, IndexError, OverflowError) as error:
        raise FormatError(f"{message}: {error}. The file is damaged.") from error
