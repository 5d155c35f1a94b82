"""Weighted events of a model: its proposals, and how likely each is to be accepted.

They say more than the same number of accepted events: nothing that was computed is thrown away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nugen_gan.density_ratio.smearing import smeared
from nugen_gan.gan.features import condition
from nugen_gan.lepton.fit import WeightedEvents
from nugen_gan.model.steps import (
    Stage,
    log_acceptance,
    proposal_energies,
    stage_rows,
    stages_after,
)

if TYPE_CHECKING:
    from nugen_gan.model.model import Model

__all__ = ["Proposed", "proposed", "weighted_proposals"]

Floats = NDArray[np.float64]


class Proposed(NamedTuple):
    """Finished events of a model before any is rejected.

    Attributes
    ----------
    proxies : after all steps, (N, 2)
    rows : of the events after each step, (N, COLUMNS) each
    log_probability : to be accepted, (N,); None: all are
    """

    proxies: Tensor
    rows: list[Tensor]
    log_probability: Tensor | None


@torch.no_grad()
def proposed(model: Model, enu: Floats, noise: NDArray[np.float32], smearing: Floats) -> Proposed:
    """Make the proposals of some energies.

    Parameters
    ----------
    model : what proposes
    enu : neutrino energies [GeV], (N,)
    noise : Gaussian, (N, latent)
    smearing : random numbers of each event, uniform and Gaussian, (N, 2)
    """
    made, steps = model.proposal, model.steps
    energy = torch.from_numpy(enu)
    given = condition(energy, made.condition_range).float()
    proxies = made.scaling.unscale_proxies(made.generator(torch.from_numpy(noise), given))
    known = proposal_energies(energy, made.lepton_mass, steps)
    if made.smearing:
        uniform, normal = smearing.T
        mass, share = made.lepton_mass, made.smearing
        proxies = smeared(known, proxies, mass, share, uniform, normal, made.reach)
    stages = stages_after(Stage(known, proxies, made.lepton_mass), energy, steps)
    rows = stage_rows(stages, made.scaling, given)
    return Proposed(stages[-1].proxies, rows, log_acceptance(steps, rows))


@torch.no_grad()
def weighted_proposals(model: Model, enu: Floats, random: np.random.Generator) -> WeightedEvents:
    """Draw one proposal for each energy [GeV], (N,), with its weight and channels."""
    noise = random.standard_normal((len(enu), model.proposal.architecture.latent), np.float32)
    smearing = np.stack([random.random(len(enu)), random.standard_normal(len(enu))], axis=1)
    made = proposed(model, enu, noise, smearing)
    log_probability = made.log_probability
    weight = np.ones(len(enu)) if log_probability is None else log_probability.exp().numpy()
    return WeightedEvents(
        enu.astype(np.float32),
        made.proxies.float().numpy(),
        np.asarray(weight, np.float32),
        torch.softmax(model.labels(made.rows[-1]), dim=1).numpy(),
    )
