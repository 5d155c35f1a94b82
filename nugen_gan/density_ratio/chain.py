"""From the events of a generator to those of a model: one step for each transfer.

Each step may change the lepton (:mod:`nugen_gan.density_ratio.lepton_mass`), then shifts omega
(:mod:`nugen_gan.density_ratio.threshold_shift`).  Every refiner looks at the events of its own
stage.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from torch import Tensor

from nugen_gan.density_ratio.lepton_mass import carried, usable
from nugen_gan.density_ratio.threshold_shift import Shift, shifted

__all__ = ["Stage", "first_stage", "stages_after", "stages_before"]


class Stage(NamedTuple):
    """Events at one stage.

    Attributes
    ----------
    enu : neutrino energies [GeV], (N,)
    proxies : unscaled, (N, 2)
    mass : of the lepton [GeV]
    """

    enu: Tensor
    proxies: Tensor
    mass: float


def first_stage(enu: Tensor, mass: float, shifts: Sequence[Shift]) -> tuple[Tensor, float]:
    """Energies [GeV] and lepton mass [GeV] that the generator knows.

    Parameters
    ----------
    enu : neutrino energies of the model's events [GeV], (N,)
    mass : of the model's lepton [GeV]
    shifts : all steps, the earliest first
    """
    known = shifts[0].mass if shifts else mass
    return _energies(enu, known, mass), known


def stages_after(first: Stage, enu: Tensor, mass: float, shifts: Sequence[Shift]) -> list[Stage]:
    """Return all stages, the last one first; see :func:`first_stage`."""
    stages = [first]
    after = [*(shift.mass for shift in shifts), mass][1:]
    for shift, new in zip(shifts, after, strict=True):
        there = _changed(stages[0], enu, new, mass)
        proxies = shifted(there.enu, there.proxies, new, shift.by)
        stages.insert(0, Stage(there.enu, proxies, new))
    return stages


def stages_before(last: Stage, shifts: Sequence[Shift]) -> list[Stage]:
    """Return all stages of finished events, the last one first."""
    stages = [last]
    for shift in reversed(shifts):
        now = stages[-1]
        proxies = shifted(now.enu, now.proxies, now.mass, -shift.by)
        stages.append(_changed(Stage(now.enu, proxies, now.mass), last.enu, shift.mass, last.mass))
    return stages


def _changed(stage: Stage, enu: Tensor, mass: float, final: float) -> Stage:
    """The same events with the lepton of another stage."""
    if stage.mass == mass:
        return stage
    energies = _energies(enu, mass, final)
    proxies = carried(stage.enu, stage.proxies, stage.mass, energies, mass)
    return Stage(energies, proxies, mass)


def _energies(enu: Tensor, mass: float, final: float) -> Tensor:
    return enu if mass == final else usable(enu, mass)
