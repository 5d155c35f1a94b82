"""Events in Python, without a file: of a model and a flux, a table at a time."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nugen_gan.errors import UsageError
from nugen_gan.events.table import EventTable
from nugen_gan.generation.plan import Energies, energy_plans
from nugen_gan.model.model import Model, load_model
from nugen_gan.model.sampler import check_seed, draw_seed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nugen_gan.generation.energies import EnergyPlan
    from nugen_gan.physics.flux import Flux

__all__ = ["Expected", "Sampler"]

Floats = NDArray[np.float64]
CHUNK = 1 << 18
# What a histogram may be asked for by name.
QUANTITIES: dict[str, Callable[[EventTable], Floats]] = {
    "enu": lambda events: events.enu,
    "elep": lambda events: events.elep,
    "costheta": lambda events: events.costheta,
    "omega": lambda events: np.asarray(events.derived().omega),
    "q2": lambda events: np.asarray(events.derived().q2),
    "w": lambda events: np.sqrt(np.clip(events.derived().w2, 0.0, None)),
}


@dataclass(frozen=True, slots=True)
class Expected:
    """A differential cross section.

    Attributes
    ----------
    edges : of the bins, (B + 1,)
    values : flux-averaged cross section in each bin over its width
        [cm^2 per nucleus and unit of the quantity], (B,)
    statistical : standard error of the events that were made, (B,)
    model : standard deviation between the bootstrap replicas, (B,); None if there are none
    """

    edges: Floats
    values: Floats
    statistical: Floats
    model: Floats | None


class Sampler:
    """Makes events of a model at the energies of a flux.

    Parameters
    ----------
    model : a model, its folder, or the name of a bundled one
    flux, energy, like : where the neutrino energies come from, as for :func:`nugen_gan.generate`
    seed : of the random numbers; drawn if absent
    hadrons : make the hadrons too, where the model knows them
    replica : bootstrap replica to use, from 1

    Attributes
    ----------
    model, seed : as they are used
    energies : where the energies come from, in words

    Raises
    ------
    UsageError, EnergyRangeError
        as :func:`nugen_gan.generate`.

    Examples
    --------
    >>> import nugen_gan as ng
    >>> sampler = ng.Sampler("numu_cc_C12", flux="powerlaw:1", seed=1, hadrons=False)
    >>> for events in sampler.stream(3000, chunk=1000):
    ...     muon = events.to_vector()["lepton"]
    >>> len(events), len(sampler.sample(10))
    (1000, 10)
    >>> sigma = sampler.expected("costheta", [0.0, 0.5, 1.0], events=10_000)
    >>> sigma.values.shape
    (2,)
    """

    def __init__(
        self,
        model: Model | str | os.PathLike[str],
        *,
        flux: str | os.PathLike[str] | Flux | None = None,
        energy: float | Sequence[float] | None = None,
        like: str | os.PathLike[str] | EventTable | ArrayLike | None = None,
        seed: int | None = None,
        hadrons: bool = True,
        replica: int | None = None,
    ) -> None:
        loaded = model if isinstance(model, Model) else load_model(model)
        loaded = loaded if hadrons else loaded.without_hadrons()
        self.model = loaded if replica is None else loaded.replica(replica)
        self.seed = check_seed(draw_seed() if seed is None else seed)
        self._plan: EnergyPlan = energy_plans([self.model], Energies(energy, flux, like))[0]
        self.energies = self._plan.label
        self.model.sampler.check_energies(np.array(self._plan.energy_range()))

    def __repr__(self) -> str:
        """Say what it makes."""
        return f"Sampler of {self.model.name}: {self.energies}, seed {self.seed}"

    @cached_property
    def flux_average(self) -> float | None:
        """Flux-averaged cross section [cm^2 per nucleus]; None where unknown."""
        return self._plan.flux_average(self.model.cross_section)

    def stream(self, events: int, *, chunk: int = CHUNK, first: int = 0) -> Iterator[EventTable]:
        """Make events in tables; joined, they are the same for any size of these.

        Parameters
        ----------
        events : number of events
        chunk : events in a table, at most
        first : number of the first event: 1,000 after another 1,000 are those of 2,000
        """
        for table in self.model.sampler.stream(
            self._plan.energies(self.seed), events, seed=self.seed, chunk=chunk, first=first
        ):
            yield table.with_(flux=self._plan.flux)

    def sample(self, events: int) -> EventTable:
        """Make so many events, at least one, as one table."""
        if events < 1:
            raise UsageError(f"{events} events were asked for: 1 or more are needed")
        return next(self.stream(events, chunk=events))

    def expected(
        self,
        quantity: str | Callable[[EventTable], ArrayLike],
        bins: ArrayLike,
        *,
        events: int = 1_000_000,
        select: Callable[[EventTable], ArrayLike] | None = None,
    ) -> Expected:
        """Return a differential cross section with its errors.

        Parameters
        ----------
        quantity : enu, elep, omega, w [GeV], q2 [GeV^2], costheta, or what a function says of a
            table, (N,)
        bins : edges, increasing
        events : number of events to make, of the model and of each of its replicas
        select : which events count, (N,) of true and false; all if absent

        Raises
        ------
        UsageError
            if the quantity is not known, the edges are none, or the cross section is not known.
        """
        edges = np.asarray(bins, np.float64)
        if edges.ndim != 1 or len(edges) < 2 or not (np.diff(edges) > 0.0).all():
            raise UsageError("bins are edges that increase, two or more")
        if isinstance(quantity, str) and quantity not in QUANTITIES:
            raise UsageError(f"{quantity!r} is none of {', '.join(QUANTITIES)}, nor a function")
        of = QUANTITIES[quantity] if isinstance(quantity, str) else quantity
        average = self.flux_average
        if average is None:
            raise UsageError(f"the model {self.model.name} does not know its cross section")
        widths = np.diff(edges)

        def one(sampler: Sampler) -> tuple[Floats, Floats]:
            counts = np.zeros(len(widths))
            for table in sampler.stream(events):
                kept = np.ones(len(table), bool) if select is None else np.asarray(select(table))
                counts += np.histogram(np.asarray(of(table))[kept], edges)[0]
            share = counts / events
            error = np.sqrt(share * (1.0 - share) / events)
            return average * share / widths, average * error / widths

        values, statistical = one(self)
        replicas = [one(self._replica(k)) for k in range(1, len(self._replicas()) + 1)]
        spread = np.std([row for row, _ in replicas], axis=0, ddof=1) if len(replicas) > 1 else None
        return Expected(edges, values, statistical, spread)

    def _replicas(self) -> Sequence[object]:
        known = self.model.networks
        return range(known.replicas) if isinstance(known.replicas, int) else known.replicas

    def _replica(self, number: int) -> Sampler:
        other = object.__new__(Sampler)
        other.model, other.seed = self.model.replica(number), self.seed
        other._plan, other.energies = self._plan, self.energies
        return other
