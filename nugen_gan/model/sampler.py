"""From a model and neutrino energies to events: in blocks, seeded, reproducible.

Event number i of a seed is the same whatever the chunks in which it is asked for, because its
random numbers come from block i // BLOCK of a counter-based stream, and whole blocks are computed:
numbers in arrays of another size may round differently.

Leptons come from the model's fast sampler, where it has one; else, and where the networks
themselves are asked for, from :mod:`nugen_gan.model.rejection`.
"""

from __future__ import annotations

import functools
import secrets
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nugen_gan.errors import EnergyRangeError, ModelError, UsageError
from nugen_gan.events.generator_settings import TRAINED_WITH
from nugen_gan.events.particles import joined, no_particles
from nugen_gan.events.provenance import Provenance
from nugen_gan.events.table import EventTable
from nugen_gan.lepton.tables import NUMBERS
from nugen_gan.model.blocks import (
    BLOCK,
    ENERGY_STREAM,
    ENERGY_TOLERANCE,
    LEPTON_STREAM,
    block_uniforms,
    pieces,
)
from nugen_gan.parallel import each
from nugen_gan.physics.flux import MonoFlux
from nugen_gan.streams import counter_stream

if TYPE_CHECKING:
    import awkward as ak

    from nugen_gan.hadrons.model import HadronModel
    from nugen_gan.lepton.model import LeptonModel
    from nugen_gan.model.model import Model
    from nugen_gan.model.rejection import Rejection
    from nugen_gan.physics.spectrum import Spectrum

__all__ = ["EventSampler", "draw_seed"]

Floats = NDArray[np.float64]
# Lepton energies [GeV], cos(theta) and channels, (N,) each.
Made = tuple[Floats, Floats, NDArray[np.int16]]
# They follow from neutrino energies, seed, number of the block, and where in it they begin.
Leptons = Callable[[Floats, int, int, int], Made]


def draw_seed() -> int:
    """Return a fresh seed from the operating system."""
    return secrets.randbits(48)


class EventSampler:
    """Generates events from a model.

    Parameters
    ----------
    model : a trained model
    accept_all : make proposals: whatever the generator makes, after the steps' changes
    """

    def __init__(self, model: Model, *, accept_all: bool = False) -> None:
        self.model = model
        self._leptons: Leptons = _of_networks(model, accept_all)
        if model.lepton is not None and not accept_all:
            self._leptons = functools.partial(_fast, model, model.lepton)

    def sample(
        self, enu: ArrayLike, *, seed: int | None = None, allow_extrapolation: bool = False
    ) -> EventTable:
        """Generate one event per energy; see :meth:`nugen_gan.model.model.Model.sample`."""
        energies = np.atleast_1d(np.asarray(enu, dtype=np.float64))
        if energies.ndim != 1:
            raise UsageError(f"energies must be a list of numbers, not of shape {energies.shape}")
        used = check_seed(draw_seed() if seed is None else seed)
        self.check_energies(energies, allow_extrapolation=allow_extrapolation)
        events = self._events(energies, used, first=0)
        alike = bool(energies.size) and bool((energies == energies[0]).all())
        return events.with_(flux=MonoFlux(float(energies[0]))) if alike else events

    def stream(
        self,
        energies: Callable[[int, int], Floats],
        n: int,
        *,
        seed: int,
        chunk: int = 1_000_000,
        first: int = 0,
        allow_extrapolation: bool = False,
    ) -> Iterator[EventTable]:
        """Generate ``n`` events in chunks; joined, they are the same for any chunk size.

        Parameters
        ----------
        energies : energies [GeV] of events number ``first`` to ``last`` - 1, as a function
        n : number of events
        seed : of the random numbers
        chunk : events per table, at most
        first : number of the first of them in the run of this seed
        """
        check_seed(seed)
        for start in range(first, first + n, chunk):
            enu = energies(start, min(start + chunk, first + n))
            self.check_energies(enu, allow_extrapolation=allow_extrapolation)
            yield self._events(enu, seed, start)

    def check_energies(self, enu: Floats, *, allow_extrapolation: bool = False) -> None:
        """Raise EnergyRangeError unless the model was trained at all of these energies."""
        if not enu.size:
            return
        low, high = self.model.energy_range
        smallest, largest = float(np.min(enu)), float(np.max(enu))
        inside = (
            low * (1 - ENERGY_TOLERANCE) <= smallest <= largest <= high * (1 + ENERGY_TOLERANCE)
        )
        if not inside and not allow_extrapolation:
            asked = f"{smallest:g}" if smallest == largest else f"{smallest:g} to {largest:g}"
            raise EnergyRangeError(
                f"neutrino energies of {asked} GeV were asked for; the model "
                f"{self.model.name} knows {low:g} to {high:g} GeV. Stay inside, or insist with "
                "--allow-extrapolation (allow_extrapolation=True), at your own risk."
            )
        mass = self.model.process.lepton_mass
        if not (np.isfinite(enu).all() and smallest > mass):
            raise EnergyRangeError(
                f"neutrino energies must be numbers above the lepton mass, {mass:.4g} GeV; "
                f"found {smallest:g} to {largest:g}"
            )

    def _events(self, enu: Floats, seed: int, first: int) -> EventTable:
        """Events number ``first`` to ``first`` + len(enu) - 1 of this seed."""
        parts = [
            self._leptons(enu[rows], seed, block, offset)
            for block, offset, rows in pieces(first, len(enu))
        ]
        elep, costheta, channel = (
            np.concatenate([part[i] for part in parts]) if parts else np.empty(0) for i in range(3)
        )
        events = EventTable(
            self.model.process,
            enu,
            elep,
            costheta,
            channel.astype(np.int16),
            np.ones(len(enu)),
            cross_section=self.model.cross_section,
            provenance=self.provenance(seed),
        )
        hadrons = self.model.hadrons
        if hadrons is None:
            return events
        return events.with_(particles=self._hadrons(hadrons, events, seed, first))

    def _hadrons(self, hadrons: HadronModel, events: EventTable, seed: int, first: int) -> ak.Array:
        """The particles beside the leptons of events number ``first`` and on of this seed."""
        jobs = [
            (events[rows], block_uniforms(seed, block, offset, rows.stop - rows.start))
            for block, offset, rows in pieces(first, len(events))
        ]
        return joined(each(hadrons.sample, jobs)) if jobs else no_particles(0)

    def provenance(self, seed: int, extra: Mapping[str, object] | None = None) -> Provenance:
        """Say which model, trained on what, and which seed made these events."""
        from nugen_gan._version import __version__

        parameters = {
            "model": self.model.name,
            "model_sha256": self.model.digest,
            "seed": seed,
            "trained_on": self.model.training.get("generator", ""),
            **({TRAINED_WITH: self.model.settings} if self.model.settings else {}),
            **({"replica": self.model.replica_number} if self.model.replica_number else {}),
            **(extra or {}),
        }
        return Provenance("nugen-gan", __version__, parameters)


def _fast(
    model: Model, lepton: LeptonModel, enu: Floats, seed: int, block: int, offset: int
) -> Made:
    """What the fast sampler makes of a part of one block."""
    # Rows that were not asked for get an energy that does no harm.
    energies = np.full(BLOCK, model.energy_range[1])
    rows = slice(offset, offset + len(enu))
    energies[rows] = enu
    uniform = counter_stream(seed, LEPTON_STREAM, block).random((NUMBERS, BLOCK))
    elep, costheta, channel = lepton.sample(energies, uniform)
    elep, costheta = elep[rows], costheta[rows]
    if not (np.isfinite(elep).all() and np.isfinite(costheta).all()):
        raise ModelError(
            f"the model {model.name} makes events that are no numbers: its weights are damaged."
        )
    return elep, costheta, channel[rows]


def _of_networks(model: Model, accept_all: bool) -> Leptons:
    """What the networks themselves make; they are loaded, and torch is imported, at the first."""

    @functools.cache
    def rejection() -> Rejection:
        from nugen_gan.model.rejection import Rejection

        return Rejection(model, accept_all=accept_all)

    return lambda enu, seed, block, offset: rejection().block(enu, seed, block, offset)


def spectrum_energies(spectrum: Spectrum, seed: int) -> Callable[[int, int], Floats]:
    """Return the energies of events ``first`` to ``last`` - 1, drawn from a spectrum."""

    def energies(first: int, last: int) -> Floats:
        blocks = range(first // BLOCK, -(-last // BLOCK))
        uniform = [counter_stream(seed, ENERGY_STREAM, block).random(BLOCK) for block in blocks]
        start = first - BLOCK * (first // BLOCK)
        fraction = np.concatenate([np.empty(0), *uniform])[start : start + last - first]
        return spectrum.quantile(fraction)

    return energies


def check_seed(seed: int) -> int:
    """Return ``seed``, or raise UsageError if it cannot be one."""
    if not 0 <= seed < 2**63:
        raise UsageError(f"seed {seed}: a whole number from 0 to 2^63 - 1 is needed")
    return int(seed)
