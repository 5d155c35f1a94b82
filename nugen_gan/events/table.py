"""The event table: what every part of the package takes and returns.

Units are GeV and radians' cosines throughout; weights are relative, 1 for unweighted events.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nugen_gan.errors import UsageError
from nugen_gan.events.columns import COLUMNS
from nugen_gan.events.cutflow import CutFlow
from nugen_gan.events.provenance import Provenance
from nugen_gan.physics.kinematics import Derived, derived, encode, is_physical
from nugen_gan.physics.process import Channel, Process

if TYPE_CHECKING:
    import awkward as ak

    from nugen_gan.physics.cross_section import CrossSection
    from nugen_gan.physics.flux import Flux

__all__ = ["EventTable", "rechunk"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class EventTable:
    """Charged-current events of one process.

    The columns are those of :data:`nugen_gan.events.columns.COLUMNS`.

    Attributes
    ----------
    process : what collides
    enu : neutrino energy [GeV], float64 of shape (N,)
    elep : charged-lepton energy [GeV], same shape
    costheta : cosine of the angle between lepton and neutrino, same shape
    channel : reaction channel, int16, values of :class:`~nugen_gan.physics.process.Channel`
    weight : relative event weight, float64; all 1 where not given
    cross_section : sigma(enu) of this process, None where unknown
    provenance, cutflow : where the events come from and what was left out
    flux : flux of the sample that the events are of, None where unknown; a selection of events
        does not change it
    particles : what leaves the nucleus beside the charged lepton, an awkward array of N lists of
        records ``pdg, px, py, pz, E`` [GeV]; None where it is not known.  The neutrino travels
        along +z, the lepton lies in the x-z plane with x >= 0

    Examples
    --------
    >>> import nugen_gan
    >>> events = nugen_gan.read("numu_cc_Ar40_sample")
    >>> len(events), len(events[events.enu < 1.0]) < len(events)
    (10000, True)
    >>> one = nugen_gan.EventTable(
    ...     nugen_gan.Process.from_name("numu_cc_C12"), enu=[1.0], elep=[0.7], costheta=[0.8],
    ...     channel=[nugen_gan.Channel.QE], weight=[1.0],
    ... )
    >>> float(one.derived().omega[0].round(3))
    0.3
    """

    process: Process
    enu: Floats
    elep: Floats
    costheta: Floats
    channel: NDArray[np.int16]
    weight: Floats
    cross_section: CrossSection | None = None
    provenance: Provenance = field(default_factory=Provenance)
    cutflow: CutFlow = field(default_factory=CutFlow)
    flux: Flux | None = None
    particles: ak.Array | None = None

    def __post_init__(self) -> None:
        shapes = {}
        for name, column in COLUMNS.items():
            values = getattr(self, name)
            if values is None and not column.required:
                continue
            values = column.in_memory(values)
            object.__setattr__(self, name, values)
            shapes[name] = column.shape(values)
        if len(set(shapes.values())) != 1 or self.enu.ndim != 1:
            raise ValueError(f"columns of an event table must have one shape (N,), got {shapes}")

    @staticmethod
    def columns() -> tuple[str, ...]:
        """Names of the columns; those that are not required may be None."""
        return tuple(COLUMNS)

    def present(self) -> tuple[str, ...]:
        """Names of the columns that this table has."""
        return tuple(name for name in COLUMNS if getattr(self, name) is not None)

    def check_present(self, names: tuple[str, ...]) -> None:
        """Raise UsageError unless the table has these columns and no others."""
        odd = sorted(set(names) ^ set(self.present()))
        if odd:
            raise UsageError(
                f"event tables cannot be joined: some have {', '.join(odd)}, others do not. Give "
                "those with and those without apart."
            )

    def without_particles(self) -> EventTable:
        """Return the same events with nothing but their leptons."""
        return self if self.particles is None else replace(self, particles=None)

    def __len__(self) -> int:
        return int(self.enu.size)

    def __repr__(self) -> str:
        """Say in a line what they are; the columns would fill a page."""
        origin = f"{self.provenance.generator} {self.provenance.version}".strip()
        sigma = self.cross_section
        energies = f", {self.enu.min():g}-{self.enu.max():g} GeV" if len(self) else ""
        return (
            f"EventTable: {len(self):,d} events of {self.process.name}{energies}, from "
            f"{origin or 'an unnamed generator'}; cross section "
            f"{f'{sigma.extent} ({sigma.source})' if sigma else 'unknown'}"
        )

    def __getitem__(self, index: slice | NDArray[Any]) -> EventTable:
        """Select events by slice, boolean mask or integer array."""
        columns: dict[str, Any] = {
            name: COLUMNS[name].pick(getattr(self, name), index) for name in self.present()
        }
        return replace(self, **columns)

    def with_(self, **changes: Any) -> EventTable:
        """Return a copy with some attributes replaced."""
        return replace(self, **changes)

    def stored(self) -> EventTable:
        """Return a copy rounded to the float32 of the table file, as a reader would get it."""
        rounded: dict[str, Any] = {
            name: COLUMNS[name].rounded(getattr(self, name)) for name in self.present()
        }
        return replace(self, **rounded)

    @classmethod
    def concatenate(cls, tables: Iterable[EventTable]) -> EventTable:
        """Join tables of one process; metadata of the first, cut flows added.

        The flux is kept where all tables have the same.

        Raises
        ------
        UsageError
            if a column is in some of the tables only.
        """
        parts = list(tables)
        if len({part.process for part in parts}) != 1:
            raise ValueError("only tables of one process can be joined")
        first = parts[0]
        names = first.present()
        for part in parts[1:]:
            part.check_present(names)
        flow = CutFlow()
        for part in parts:
            flow = flow + part.cutflow
        flux = first.flux if all(part.flux == first.flux for part in parts) else None
        columns: dict[str, Any] = {
            name: COLUMNS[name].join([getattr(part, name) for part in parts]) for name in names
        }
        return replace(first, cutflow=flow, flux=flux, **columns)

    def derived(self) -> Derived:
        """omega, Q2, W2 and kinetic fraction; see :mod:`nugen_gan.physics.kinematics`."""
        return derived(self.enu, self.elep, self.costheta, self.process.lepton_mass)

    def proxies(self) -> NDArray[np.float64]:
        """Both proxies of every event, shape (N, 2); see :mod:`nugen_gan.physics.kinematics`."""
        mass = self.process.lepton_mass
        return np.stack(encode(self.enu, self.elep, self.costheta, mass), axis=1)

    def is_physical(self) -> NDArray[np.bool_]:
        """True where the kinematics are allowed, shape (N,)."""
        mass = self.process.lepton_mass
        return np.asarray(is_physical(self.enu, self.elep, self.costheta, mass), dtype=np.bool_)

    def energy_range(self) -> tuple[float, float]:
        """The range of neutrino energies that this sample covers [GeV].

        The smallest and largest energy, widened to the flux bin or, without one, to two
        significant digits: a sample whose first event is at 0.2013 GeV began at 0.2.
        """
        if not len(self):
            raise UsageError("an empty event table has no energy range")
        low, high = float(self.enu.min()), float(self.enu.max())
        if low == high:
            return low, high
        sigma = self.cross_section
        # The points of a curve are no bins of a flux, but they bound what is known.
        edges = np.array(sigma.edges if sigma and not sigma.at_edges else ())
        below, above = edges[edges <= low * (1 + 1e-6)], edges[edges >= high * (1 - 1e-6)]
        threshold = self.process.lepton_mass
        wide_low, wide_high = _round_down(low), -_round_down(-high)
        if below.size and max(0.8 * low, threshold) < below.max():
            wide_low = float(below.max())
        if above.size and above.min() < 1.25 * high:
            wide_high = float(above.min())
        if sigma and sigma.at_edges:
            wide_low = max(wide_low, min(low, sigma.energy_range[0]))
            wide_high = min(wide_high, max(high, sigma.energy_range[1]))
        return max(wide_low, np.nextafter(threshold, 1.0)), wide_high

    def channel_fractions(self) -> dict[str, float]:
        """Weighted fraction of each channel that occurs, by name."""
        total = float(self.weight.sum())
        return {
            Channel(code).name: float(self.weight[self.channel == code].sum()) / total
            for code in np.unique(self.channel).tolist()
        }

    def lepton_momentum(self) -> tuple[Floats, Floats]:
        """Momentum of the charged lepton [GeV], across and along the neutrino's; each (N,)."""
        momentum = np.sqrt(np.clip(self.elep**2 - self.process.lepton_mass**2, 0.0, None))
        across = momentum * np.sqrt(np.clip(1.0 - self.costheta**2, 0.0, None))
        return across, momentum * self.costheta

    def to_vector(self, phi: Floats | None = None) -> ak.Array:
        """Return neutrino and lepton four-momenta as an awkward array of ``vector`` records.

        The neutrino travels along +z.  Fields ``probe`` and ``lepton``, each with px, py, pz, E
        in GeV and the methods of ``vector``.

        Parameters
        ----------
        phi : azimuth of the lepton [rad], shape (N,); 0 (the x-z plane) if absent
        """
        import awkward as ak
        import vector

        vector.register_awkward()
        angle = np.zeros_like(self.enu) if phi is None else np.asarray(phi, np.float64)
        transverse, along = self.lepton_momentum()
        zero = np.zeros_like(self.enu)

        def momentum(px: Floats, py: Floats, pz: Floats, energy: Floats) -> ak.Array:
            parts = {"px": px, "py": py, "pz": pz, "E": energy}
            return ak.zip(parts, with_name="Momentum4D")

        return ak.zip(
            {
                "probe": momentum(zero, zero, self.enu, self.enu),
                "lepton": momentum(
                    transverse * np.cos(angle),
                    transverse * np.sin(angle),
                    along,
                    self.elep,
                ),
            },
            depth_limit=1,
        )


def rechunk(tables: Iterable[EventTable], size: int) -> Iterator[EventTable]:
    """Yield the same events in blocks of ``size``, the last one perhaps smaller."""
    waiting: list[EventTable] = []
    count = 0
    for table in tables:
        waiting.append(table)
        count += len(table)
        if count >= size:
            joined = EventTable.concatenate([part.with_(cutflow=CutFlow()) for part in waiting])
            whole = count - count % size
            for start in range(0, whole, size):
                yield joined[start : start + size]
            waiting, count = [joined[whole:]], count - whole
    if count:
        yield EventTable.concatenate([part.with_(cutflow=CutFlow()) for part in waiting])


def _round_down(value: float) -> float:
    """Round towards minus infinity to two significant digits."""
    digit = 10.0 ** (np.floor(np.log10(abs(value))) - 1.0)
    # The tolerance keeps float32 noise from reaching the next digit: 19.999998 -> 20.
    return float(np.round(np.floor(value / digit + 1e-4) * digit, 12))
