"""The steps of a model: from the events that its generator proposes to those that it makes.

A model trained from scratch has one step, which only accepts or rejects; each transfer adds one.  A
step may change the lepton (:mod:`nugen_gan.density_ratio.lepton_mass`), then shifts omega
(:mod:`nugen_gan.density_ratio.threshold_shift`), then weights the events with a density ratio
(:mod:`nugen_gan.density_ratio.network`).  Every ratio looks at the events as they are after its own
step, and all of them together say which proposals are accepted.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import torch
from torch import Tensor

from nugen_gan.density_ratio.inputs import CONDITION, event_inputs, step_rows
from nugen_gan.density_ratio.lepton_mass import POWER, carried, usable
from nugen_gan.density_ratio.network import DensityRatio
from nugen_gan.density_ratio.threshold_shift import SOFTNESS, shifted
from nugen_gan.events.table import EventTable
from nugen_gan.gan.features import Scaling, condition

__all__ = [
    "Stage",
    "Step",
    "log_acceptance",
    "log_ratio",
    "proposal_energies",
    "same_mass",
    "seen_by_next",
    "stage_rows",
    "stages_after",
    "stages_before",
    "table_rows",
    "without_ratios",
]


@dataclass(frozen=True)
class Step:
    """What happens to the events of a generator, or of the step before.

    Attributes
    ----------
    lepton_mass : of the events after this step [GeV]
    threshold_shift : what omega loses [GeV]
    ratio : which of these events to accept, given what the steps before say; None: all of them
    softness : of the shift, see :func:`~nugen_gan.density_ratio.threshold_shift.shifted` [GeV]
    power : by which distances are stretched for another lepton, see
        :mod:`nugen_gan.density_ratio.lepton_mass`
    """

    lepton_mass: float
    threshold_shift: float = 0.0
    ratio: DensityRatio | None = None
    softness: float = SOFTNESS
    power: float = POWER


class Stage(NamedTuple):
    """Events after some step, or before the first.

    Attributes
    ----------
    enu : neutrino energies [GeV], (N,)
    proxies : unscaled, (N, 2)
    mass : of the lepton [GeV]
    """

    enu: Tensor
    proxies: Tensor
    mass: float


def same_mass(one: float, other: float) -> bool:
    """Whether two masses [GeV] are those of one lepton, in different tables perhaps."""
    return math.isclose(one, other, rel_tol=1e-4)


def proposal_energies(enu: Tensor, mass: float, steps: Sequence[Step]) -> Tensor:
    """Return the energies [GeV], (N,), at which a generator proposes events.

    Parameters
    ----------
    enu : neutrino energies of the finished events [GeV], (N,)
    mass : of the generator's lepton [GeV]
    steps : of the model
    """
    return _energies(enu, mass, steps[-1].lepton_mass)


def stages_after(proposed: Stage, enu: Tensor, steps: Sequence[Step]) -> list[Stage]:
    """Return the events after each step; ``enu`` as for :func:`proposal_energies`."""
    stages, now, final = [], proposed, steps[-1].lepton_mass
    for step in steps:
        now = _changed(now, enu, step.lepton_mass, final, step.power)
        proxies = shifted(now.enu, now.proxies, now.mass, step.threshold_shift, step.softness)
        now = now._replace(proxies=proxies)
        stages.append(now)
    return stages


def stages_before(finished: Stage, steps: Sequence[Step]) -> list[Stage]:
    """Return what finished events were after each step; the last are these."""
    stages = [finished]
    for step, before in zip(reversed(steps[1:]), reversed(steps[:-1]), strict=True):
        now, mass = stages[0], before.lepton_mass
        proxies = shifted(now.enu, now.proxies, now.mass, -step.threshold_shift, step.softness)
        there = now._replace(proxies=proxies)
        stages.insert(0, _changed(there, finished.enu, mass, finished.mass, step.power))
    return stages


def _changed(stage: Stage, enu: Tensor, mass: float, final: float, power: float) -> Stage:
    """The same events with the lepton of another step."""
    if same_mass(stage.mass, mass):
        return stage
    energies = _energies(enu, mass, final)
    proxies = carried(stage.enu, stage.proxies, stage.mass, energies, mass, power)
    return Stage(energies, proxies, mass)


def _energies(enu: Tensor, mass: float, final: float) -> Tensor:
    return enu if same_mass(mass, final) else usable(enu, mass)


def stage_rows(stages: Sequence[Stage], scaling: Scaling, given: Tensor) -> list[Tensor]:
    """Return rows of N events after each step, float32 of shape (N, COLUMNS).

    ``given`` is the condition of their energies, (N, 3).  Where nothing happened between two steps,
    their proxies, and so their rows, are the same tensor.
    """
    rows: list[Tensor] = []
    for number, (enu, proxies, mass) in enumerate(stages):
        same = number > 0 and proxies is stages[number - 1].proxies
        seen = enu.to(proxies.dtype)
        rows.append(rows[-1] if same else event_inputs(seen, proxies, mass, scaling, given))
    return rows


def table_rows(
    events: EventTable,
    scaling: Scaling,
    condition_range: tuple[float, float],
    steps: Sequence[Step],
) -> list[Tensor]:
    """Return rows of a table's events after each step.

    ``condition_range`` are the energies [GeV] that the condition knows as -1 and 1.
    """
    enu = torch.from_numpy(events.enu)
    finished = Stage(enu, torch.from_numpy(events.proxies()), steps[-1].lepton_mass)
    return stage_rows(stages_before(finished, steps), scaling, condition(enu, condition_range))


def log_ratio(steps: Sequence[Step], rows: Sequence[Tensor]) -> Tensor:
    """Return the log ratio (N,) of all steps together, from their rows.

    Each ratio sees what those before it say.
    """
    total = torch.zeros(len(rows[0]))
    for number, step in enumerate(steps):
        if step.ratio is not None:
            own = rows[number]
            if step.ratio.shape.continues:
                own = step_rows(own, rows[number - 1], total)
            total = step.ratio(own) + total
    return total


def log_acceptance(steps: Sequence[Step], rows: Sequence[Tensor]) -> Tensor | None:
    """Return the logarithm of the probability to keep each event, (N,); None: all are kept."""
    last = next((step.ratio for step in reversed(steps) if step.ratio is not None), None)
    if last is None:
        return None
    return last.log_acceptance(log_ratio(steps, rows), rows[-1][:, CONDITION.start])


def seen_by_next(steps: Sequence[Step], rows: Sequence[Tensor], known: Tensor) -> Tensor:
    """Return what a ratio of one more step sees.

    Parameters
    ----------
    steps : those before
    rows : of events after each step, the new one's last
    known : what the steps before say of them, (N,)
    """
    continues = any(step.ratio is not None for step in steps)
    return step_rows(rows[-1], rows[-2], known) if continues else rows[-1]


def without_ratios(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The same steps, all of whose events are accepted."""
    return tuple(replace(step, ratio=None) for step in steps)
