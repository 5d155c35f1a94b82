"""Events of the networks themselves: the generator's proposals, accepted or rejected.

A model whose steps have density ratios rejects some of the generator's events, by the accept-reject
step that is called the refiner, and draws again.  Each attempt has its own stream of random
numbers, and the rows still waiting go through the networks in parts of a fixed size.  When few are
left, several attempts at each are made at once, and the first that is accepted counts, as if they
had been made one after the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nugen_gan.errors import ModelError
from nugen_gan.model.blocks import BLOCK, ENERGY_TOLERANCE, EVENT_STREAM, RETRY_STREAM
from nugen_gan.model.proposals import proposed
from nugen_gan.physics.kinematics import decode
from nugen_gan.streams import counter_stream

if TYPE_CHECKING:
    from nugen_gan.model.model import Model

__all__ = ["Rejection"]

Floats = NDArray[np.float64]
# Rows that go through the networks together when a block is tried again.
PART = 1024
# Attempts at each of the last rows that are made at once.
MOST_AT_ONCE = 8
# An event that was rejected so often is accepted: at a probability of 1 % each time, one in 20,000.
# Where more than a thousandth of a block, or all that was asked of it, would be accepted so, the
# model is of no use there; and of so many attempts one in 10,000 must have succeeded.
MOST_ATTEMPTS, SHARE_UNACCEPTED = 1000, 1e-3
PATIENCE, LEAST_SUCCESS = 30_000, 1e-4


class Rejection:
    """Makes blocks of events from the networks of a model.

    Parameters
    ----------
    model : a trained model
    accept_all : make proposals: whatever the generator makes, after the steps' changes
    """

    def __init__(self, model: Model, *, accept_all: bool = False) -> None:
        self.model, self.accept_all = model, accept_all

    @torch.no_grad()
    def block(
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
        made = proposed(self.model, energies, draws.noise, draws.smearing)
        accepted = np.ones(len(energies), dtype=bool)
        if made.log_probability is not None and not self.accept_all:
            accepted = draws.acceptance < torch.exp(made.log_probability).double().numpy()
        return made.proxies.double().numpy(), made.rows[-1], accepted


@dataclass(frozen=True, slots=True)
class _Draws:
    """The random numbers of one attempt at one block, a row for each event."""

    noise: NDArray[np.float32]
    channel: Floats
    acceptance: Floats
    smearing: Floats

    @classmethod
    def of(cls, seed: int, block: int, attempt: int, latent: int) -> _Draws:
        stream = RETRY_STREAM + attempt if attempt else EVENT_STREAM
        random = counter_stream(seed, stream, block)
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
