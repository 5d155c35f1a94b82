"""From a model and neutrino energies to events: in blocks, seeded, reproducible.

Event number i of a seed is the same whatever the chunks in which it is asked for, because its
random numbers come from block i // BLOCK of a counter-based stream, and the networks always see
whole blocks: matrix products of another shape may round differently.

A model whose steps have density ratios rejects some of the generator's events, by the accept-reject
step that is called the refiner, and draws again.  Each attempt has its own stream of random
numbers, and the rows still waiting go through the networks in parts of a fixed size.  When few are
left, several attempts at each are made at once, and the first that is accepted counts, as if they
had been made one after the other.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from nugen_gan.density_ratio.smearing import smeared
from nugen_gan.errors import EnergyRangeError, ModelError, UsageError
from nugen_gan.events.generator_settings import TRAINED_WITH
from nugen_gan.events.particles import joined, no_particles
from nugen_gan.events.provenance import Provenance
from nugen_gan.events.table import EventTable
from nugen_gan.gan.features import condition
from nugen_gan.hadrons.parallel import each
from nugen_gan.model.steps import (
    Stage,
    log_acceptance,
    proposal_energies,
    stage_rows,
    stages_after,
)
from nugen_gan.physics.flux import MonoFlux
from nugen_gan.physics.kinematics import decode
from nugen_gan.streams import counter_stream

if TYPE_CHECKING:
    import awkward as ak
    from torch import Tensor

    from nugen_gan.hadrons.model import HadronModel
    from nugen_gan.hadrons.tiles import Uniform
    from nugen_gan.model.model import Model
    from nugen_gan.physics.spectrum import Spectrum

__all__ = ["BLOCK", "Sampler", "draw_seed"]

Floats = NDArray[np.float64]
# Events per block: part of the meaning of a seed, so it must never change.
BLOCK = 8192
# Rows that go through the networks together when a block is tried again.
PART = 1024
# Attempts at each of the last rows that are made at once.
MOST_AT_ONCE = 8
# An event that was rejected so often is accepted: at a probability of 1 % each time, one in 20,000.
# Where more than a thousandth of a block, or all that was asked of it, would be accepted so, the
# model is of no use there; and of so many attempts one in 10,000 must have succeeded.
MOST_ATTEMPTS, SHARE_UNACCEPTED = 1000, 1e-3
PATIENCE, LEAST_SUCCESS = 30_000, 1e-4
# Which stream of random numbers a draw belongs to; attempts after the first: RETRY_STREAM + n.
EVENT_STREAM, ENERGY_STREAM, RETRY_STREAM = 0, 1, 2
# Beyond those of all attempts.
HADRON_STREAM = 1_000_000
# Tables hold energies as float32: 20 GeV may come back as 20.000001.
ENERGY_TOLERANCE = 1e-6


def draw_seed() -> int:
    """Return a fresh seed from the operating system."""
    return secrets.randbits(48)


class Sampler:
    """Generates events from a model.

    Parameters
    ----------
    model : a trained model
    accept_all : make proposals: whatever the generator makes, after the steps' changes
    """

    def __init__(self, model: Model, *, accept_all: bool = False) -> None:
        self.model, self.accept_all = model, accept_all

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
        allow_extrapolation: bool = False,
    ) -> Iterator[EventTable]:
        """Generate ``n`` events in chunks; joined, they are the same for any chunk size.

        Parameters
        ----------
        energies : energies [GeV] of events number ``first`` to ``last`` - 1, as a function
        n : number of events
        seed : of the random numbers
        chunk : events per table, at most
        """
        check_seed(seed)
        for first in range(0, n, chunk):
            enu = energies(first, min(first + chunk, n))
            self.check_energies(enu, allow_extrapolation=allow_extrapolation)
            yield self._events(enu, seed, first)

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
            self._block(enu[rows], seed, block, offset)
            for block, offset, rows in _pieces(first, len(enu))
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
            (events[rows], _block_uniforms(seed, block, offset, rows.stop - rows.start))
            for block, offset, rows in _pieces(first, len(events))
        ]
        return joined(each(hadrons.sample, jobs)) if jobs else no_particles(0)

    @torch.no_grad()
    def _block(
        self, enu: Floats, seed: int, block: int, offset: int
    ) -> tuple[Floats, Floats, NDArray[np.int16]]:
        """Lepton energy, cos(theta) and channel of a part of one block."""
        # Rows that were not asked for get an energy that does no harm.
        energies = np.full(BLOCK, self.model.energy_range[1])
        rows = np.arange(offset, offset + len(enu))
        energies[rows] = enu
        latent = self.model.proposal.architecture.latent
        first = _Draws.of(seed, block, 0, latent)
        proxies, inputs, accepted = self._try(energies, first)
        waiting, attempt = rows[~accepted[rows]], 1
        trials, before = 0, len(waiting)
        while len(waiting) and attempt < MOST_ATTEMPTS:
            at_once = min(MOST_AT_ONCE, max(1, PART // len(waiting)))
            draws = [_Draws.of(seed, block, attempt + k, latent)[waiting] for k in range(at_once)]
            tried = self._try_parts(np.tile(energies[waiting], at_once), _Draws.joined(draws))
            success = tried[2].reshape(at_once, len(waiting))
            # The first attempt that was accepted; of what never was, the first is kept for now.
            chosen = success.argmax(axis=0) * len(waiting) + np.arange(len(waiting))
            proxies[waiting] = tried[0][chosen]
            inputs[torch.from_numpy(waiting)] = tried[1][torch.from_numpy(chosen)]
            waiting, attempt = waiting[~success.any(axis=0)], attempt + at_once
            trials += success.size
            if trials >= PATIENCE:
                if before - len(waiting) < LEAST_SUCCESS * trials:
                    self._check_unaccepted(energies[waiting], len(rows))
                trials, before = 0, len(waiting)
        if len(waiting):
            self._check_unaccepted(energies[waiting], len(rows))
        channel = self.model.labels.draw(inputs, first.channel)
        elep, costheta = decode(
            energies, proxies[:, 0], proxies[:, 1], self.model.process.lepton_mass
        )
        found = elep[rows], costheta[rows], channel[rows]
        if not (np.isfinite(found[0]).all() and np.isfinite(found[1]).all() and found[2].all()):
            raise ModelError(
                f"the model {self.model.name} makes events that are no numbers: its weights are "
                "damaged, or these energies are too far from those that it knows."
            )
        return found

    def _check_unaccepted(self, enu: Floats, asked: int) -> None:
        """Raise ModelError if so many of the events asked for were rejected again and again.

        Outside the energies that the model knows they are let pass: at the caller's own risk.
        """
        low, high = self.model.energy_range
        inside = (enu >= low * (1 - ENERGY_TOLERANCE)) & (enu <= high * (1 + ENERGY_TOLERANCE))
        if inside.sum() == asked or inside.sum() > max(1, SHARE_UNACCEPTED * asked):
            raise ModelError(
                f"the model {self.model.name} rejects its own events again and again: of "
                f"{asked:,d} events {len(enu):,d} of {enu.min():g} to {enu.max():g} GeV were "
                "never accepted. It is damaged or was hardly trained: train it anew."
            )

    def _try_parts(
        self, energies: Floats, draws: _Draws
    ) -> tuple[Floats, Tensor, NDArray[np.bool_]]:
        """As :meth:`_try`, in parts that are filled up: every product has the same shape."""
        n = len(energies)
        padded = np.concatenate([np.arange(n), np.zeros(-n % PART, dtype=np.int64)])
        parts = [self._try(energies[rows], draws[rows]) for rows in padded.reshape(-1, PART)]
        return (
            np.concatenate([part[0] for part in parts])[:n],
            torch.cat([part[1] for part in parts])[:n],
            np.concatenate([part[2] for part in parts])[:n],
        )

    def _try(self, energies: Floats, draws: _Draws) -> tuple[Floats, Tensor, NDArray[np.bool_]]:
        """Proxies (N, 2), rows of the events (N, COLUMNS), and which are accepted (N,)."""
        made, steps = self.model.proposal, self.model.steps
        energy = torch.from_numpy(energies)
        given = condition(energy, made.condition_range).float()
        scaled = made.generator(torch.from_numpy(draws.noise), given)
        proxies = made.scaling.unscale_proxies(scaled)
        known = proposal_energies(energy, made.lepton_mass, steps)
        if made.smearing:
            uniform, normal = draws.smearing.T
            mass, share = made.lepton_mass, made.smearing
            proxies = smeared(known, proxies, mass, share, uniform, normal, made.reach)
        stages = stages_after(Stage(known, proxies, made.lepton_mass), energy, steps)
        rows = stage_rows(stages, made.scaling, given)
        accepted = self._accepted(rows, draws.acceptance)
        return stages[-1].proxies.double().numpy(), rows[-1], accepted

    def _accepted(self, rows: Sequence[Tensor], uniform: Floats) -> NDArray[np.bool_]:
        log_probability = None if self.accept_all else log_acceptance(self.model.steps, rows)
        if log_probability is None:
            return np.ones(len(uniform), dtype=bool)
        return np.asarray(uniform < torch.exp(log_probability).double().numpy())

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


@dataclass(frozen=True, slots=True)
class _Draws:
    """The random numbers of one attempt at one block, a row for each event."""

    noise: NDArray[np.float32]
    channel: Floats
    acceptance: Floats
    smearing: Floats

    @classmethod
    def of(cls, seed: int, block: int, attempt: int, latent: int) -> _Draws:
        random = _random(seed, RETRY_STREAM + attempt if attempt else EVENT_STREAM, block)
        noise = random.standard_normal((BLOCK, latent), dtype=np.float32)
        channel, acceptance, uniform = random.random((3, BLOCK))
        return cls(
            noise, channel, acceptance, np.stack([uniform, random.standard_normal(BLOCK)], axis=1)
        )

    @classmethod
    def joined(cls, draws: Sequence[_Draws]) -> _Draws:
        names = ("noise", "channel", "acceptance", "smearing")
        return cls(*(np.concatenate([getattr(draw, name) for draw in draws]) for name in names))

    def __getitem__(self, rows: NDArray[np.int64]) -> _Draws:
        return _Draws(
            self.noise[rows], self.channel[rows], self.acceptance[rows], self.smearing[rows]
        )


def _pieces(first: int, count: int) -> Iterator[tuple[int, int, slice]]:
    """Events number ``first`` and on, block by block: the block, where in it, and which they are.

    The slice counts from 0, the first of the events.
    """
    start = 0
    while start < count:
        block, offset = divmod(first + start, BLOCK)
        stop = min(count, start + BLOCK - offset)
        yield block, offset, slice(start, stop)
        start = stop


def _block_uniforms(seed: int, block: int, offset: int, count: int) -> Uniform:
    """Random numbers of some rows of a block: at each stage those of all rows are drawn."""

    def uniform(stage: int, numbers: int) -> Floats:
        random = counter_stream(seed, HADRON_STREAM, block, stage)
        return random.random((numbers, BLOCK))[:, offset : offset + count]

    return uniform


def spectrum_energies(spectrum: Spectrum, seed: int) -> Callable[[int, int], Floats]:
    """Return the energies of events ``first`` to ``last`` - 1, drawn from a spectrum."""

    def energies(first: int, last: int) -> Floats:
        blocks = range(first // BLOCK, -(-last // BLOCK))
        uniform = [_random(seed, ENERGY_STREAM, block).random(BLOCK) for block in blocks]
        start = first - BLOCK * (first // BLOCK)
        fraction = np.concatenate([np.empty(0), *uniform])[start : start + last - first]
        return spectrum.quantile(fraction)

    return energies


def check_seed(seed: int) -> int:
    """Return ``seed``, or raise UsageError if it cannot be one."""
    if not 0 <= seed < 2**63:
        raise UsageError(f"seed {seed}: a whole number from 0 to 2^63 - 1 is needed")
    return int(seed)


def _random(seed: int, stream: int, block: int) -> np.random.Generator:
    return counter_stream(seed, stream, block)
