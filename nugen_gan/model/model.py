"""A trained model: what it holds, and how it is loaded and saved."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nugen_gan.errors import UsageError
from nugen_gan.model.folder import (
    CRITIC,
    FORMAT_VERSION,
    GENERATOR,
    HADRONS,
    LEPTON,
    find_model,
    read_description,
    write_folder,
)
from nugen_gan.model.networks import Deferred, Networks
from nugen_gan.model.quality import warn_if_poor
from nugen_gan.physics.cross_section import CrossSection
from nugen_gan.physics.process import Channel, Process

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from nugen_gan.channels.classifier import ChannelClassifier
    from nugen_gan.density_ratio.network import DensityRatio
    from nugen_gan.events.table import EventTable
    from nugen_gan.hadrons.model import HadronModel
    from nugen_gan.lepton.model import LeptonModel
    from nugen_gan.model.proposal import Proposal
    from nugen_gan.model.sampler import EventSampler
    from nugen_gan.model.steps import Step

__all__ = ["Model", "check_lepton", "load_model"]

PARTS = ("proposal", "steps", "labels", "replicas")


@dataclass(frozen=True)
class Model:
    """A generator of charged-current events of one process.

    Attributes
    ----------
    process : what collides
    energy_range : smallest and largest neutrino energy [GeV]; part of the model
    networks : what proposes events, accepts and labels them: the model itself; its parts are also
        attributes of the model: ``proposal``, ``steps``, ``labels``, ``replicas``
    lepton : the fast sampler, which makes events like theirs; None where there is none
    hadrons : what makes the hadrons of a lepton; None for a model of the lepton alone
    replica_number : which replica this is; 0 for the model itself
    cross_section : sigma(enu) [cm^2 per nucleus]; None where the training sample did not tell
    training : how it was trained: options, events, digest of the sample, steps, seconds
    lineage : the models and samples that it descends from, oldest first
    metrics : how good it was on events held out from training, and on others
    name : of the folder
    """

    process: Process
    energy_range: tuple[float, float]
    networks: Networks | Deferred
    cross_section: CrossSection | None = None
    training: Mapping[str, Any] = field(default_factory=dict)
    lineage: tuple[Mapping[str, Any], ...] = ()
    metrics: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""
    digest: str = ""
    replica_number: int = 0
    lepton: LeptonModel | None = None
    hadrons: HadronModel | None = None

    def __post_init__(self) -> None:
        if isinstance(self.networks, Networks):
            check_lepton(self.process, self.networks.steps[-1].lepton_mass)

    @property
    def proposal(self) -> Proposal:
        """The generator, whose events are proposals."""
        return self._networks.proposal

    @property
    def steps(self) -> tuple[Step, ...]:
        """What becomes of the proposals, and which are accepted."""
        return self._networks.steps

    @property
    def labels(self) -> ChannelClassifier:
        """Channel probabilities."""
        return self._networks.labels

    @property
    def replicas(self) -> tuple[DensityRatio, ...]:
        """Density ratios of the bootstrap replicas."""
        known = self.networks
        return () if isinstance(known, Deferred) and not known.replicas else self._networks.replicas

    @property
    def _networks(self) -> Networks:
        known = self.networks
        return known if isinstance(known, Networks) else known.get()

    def __repr__(self) -> str:
        """Say in a few lines what it is; the networks would fill a page."""
        low, high = self.energy_range
        origin = " ".join(str(self.training.get(key) or "") for key in ("generator", "version"))
        sigma = self.cross_section
        lines = [
            f"Model {self.name or 'without a name'}: {self.process.name}, {low:g}-{high:g} GeV",
            f"  trained on {self.training.get('events', 0):,d} events of "
            f"{origin.strip() or 'an unnamed generator'}",
            f"  cross section: {f'{sigma.extent} ({sigma.source})' if sigma else 'unknown'}",
        ]
        known = self.networks
        replicas = len(known.replicas) if isinstance(known, Networks) else known.replicas
        if replicas:
            lines.append(f"  {replicas} bootstrap replicas")
        return "\n".join(lines)

    @property
    def settings(self) -> dict[str, Any]:
        """Physics switches of the generator that made the training sample, as far as known."""
        return dict(self.training.get("settings") or {})

    def replica(self, number: int) -> Model:
        """Return replica ``number``, from 1: a model fitted to a bootstrap of the events.

        Raises
        ------
        UsageError
            if the model has no such replica.
        """
        if not 1 <= number <= len(self.replicas):
            have = f"replicas 1 to {len(self.replicas)}" if self.replicas else "no replicas"
            raise UsageError(
                f"replica {number} was asked for; the model {self.name} has {have}. "
                "'nugen-gan finetune --ensemble N' makes a model with replicas."
            )
        last = replace(self.steps[-1], ratio=self.replicas[number - 1])
        return self.with_(steps=(*self.steps[:-1], last), replicas=(), replica_number=number)

    def sample(
        self,
        enu: ArrayLike,
        *,
        seed: int | None = None,
        allow_extrapolation: bool = False,
        replica: int | None = None,
    ) -> EventTable:
        """Generate one event for each neutrino energy.

        Parameters
        ----------
        enu : neutrino energies [GeV], shape (N,) or a single number
        seed : of the random numbers; drawn if absent, and recorded in the provenance.  The
            same energies and seed give the same events
        allow_extrapolation : permit energies outside ``energy_range``
        replica : sample this bootstrap replica, from 1, instead of the model itself

        Returns
        -------
        A table of N events in the order of ``enu``.

        Raises
        ------
        EnergyRangeError
            if an energy lies outside the range of the model.
        UsageError
            if there is no such replica.

        Examples
        --------
        >>> import nugen_gan
        >>> model = nugen_gan.load_model("numu_cc_C12")
        >>> model.sample([1.0, 2.0], seed=1)
        EventTable: 2 events of numu_cc_C12, 1-2 GeV, from nugen-gan ...

        For more events than fit into memory, and for energies of a flux, there is
        :class:`nugen_gan.Sampler`.
        """
        warn_if_poor(self.name, self.metrics)
        if replica is not None:
            return self.replica(replica).sampler.sample(
                enu, seed=seed, allow_extrapolation=allow_extrapolation
            )
        return self.sampler.sample(enu, seed=seed, allow_extrapolation=allow_extrapolation)

    @cached_property
    def sampler(self) -> EventSampler:
        """The engine behind :meth:`sample`, also for streams of events."""
        from nugen_gan.model.sampler import EventSampler

        return EventSampler(self)

    def without_hadrons(self) -> Model:
        """Return the same model of the lepton alone; its leptons are the same."""
        return self if self.hadrons is None else replace(self, hadrons=None)

    def without_fast_sampler(self) -> Model:
        """Return the same model, whose events all come from its networks themselves."""
        return self if self.lepton is None else replace(self, lepton=None)

    def with_(self, **changes: Any) -> Model:
        """Return a copy with some attributes replaced, the networks' among them.

        A fast sampler stays only where what it has learned stays.
        """
        own = {name: changes.pop(name) for name in PARTS if name in changes}
        if own:
            changes["networks"] = replace(self._networks, **own)
        if own.keys() - {"replicas"} or "energy_range" in changes or "process" in changes:
            changes = {"lepton": None} | changes
        return replace(self, **changes)

    def description(self) -> dict[str, Any]:
        """Everything but the weights, as plain values: the content of model.json."""
        from nugen_gan._version import __version__
        from nugen_gan.gan.definition import conventions

        return {
            "format_version": FORMAT_VERSION,
            "nugen_gan_version": __version__,
            "name": self.name,
            "process": {"name": self.process.name, "probe": self.process.probe,
                        "target": self.process.target, "current": self.process.current},
            "units": {"energy": "GeV", "cross_section": "cm2 per nucleus"},
            "energy_range": list(self.energy_range),
            "features": self.proposal.scaling.definition.as_dict(),
            "conventions": conventions(),
            "proposal": {
                "architecture": self.proposal.architecture.as_dict(),
                "condition_range": list(self.proposal.condition_range),
                "lepton_mass": self.proposal.lepton_mass,
                "smearing": self.proposal.smearing,
                "reach": asdict(self.proposal.reach),
            },
            "steps": [
                {
                    "lepton_mass": step.lepton_mass,
                    "threshold_shift": step.threshold_shift,
                    "ratio": asdict(step.ratio.shape) if step.ratio else None,
                    "softness": step.softness,
                    "power": step.power,
                }
                for step in self.steps
            ],
            "replicas": [asdict(ratio.shape) for ratio in self.replicas],
            "channels": {Channel(c).name: c for c in self.labels.channels},
            "lepton": self.lepton.as_dict() if self.lepton else None,
            "hadrons": self.hadrons.as_dict() if self.hadrons else None,
            "cross_section": self.cross_section.as_dict() if self.cross_section else None,
            "training": dict(self.training),
            "lineage": [dict(step) for step in self.lineage],
            "metrics": dict(self.metrics),
        }  # fmt: skip

    def save(self, folder: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
        """Write the model folder; it appears under its name only when complete.

        Raises
        ------
        OutputError
            if the folder exists (unless ``overwrite``) or cannot be written.
        """
        final = Path(folder)
        named = replace(self, name=self.name or final.name)
        # All weights are of half precision already.
        proposal = self.proposal
        parts = _halves(proposal.generator.state_dict(), "generator.")
        parts |= _halves(self.labels.state_dict(), "labels.")
        parts |= {"scaling.mean": proposal.scaling.mean, "scaling.scale": proposal.scaling.scale}
        for number, step in enumerate(self.steps):
            if step.ratio is not None:
                parts |= _halves(step.ratio.state_dict(), f"step{number}.")
        for number, replica in enumerate(self.replicas, 1):
            parts |= _halves(replica.state_dict(), f"replica{number}.")
        weights = {GENERATOR: parts, CRITIC: _halves(proposal.critic.state_dict())}
        if self.lepton is not None:
            weights[LEPTON] = dict(self.lepton.tensors)
        if self.hadrons is not None:
            weights[HADRONS] = dict(self.hadrons.tensors)
        write_folder(final, named.description(), weights, overwrite=overwrite)
        return final


def check_lepton(process: Process, mass: float) -> None:
    """Raise UsageError unless leptons of this mass [GeV] are those of the process."""
    # The masses of different tables differ a little.
    if not math.isclose(mass, process.lepton_mass, rel_tol=1e-4):
        raise UsageError(
            f"a model that makes leptons of {mass:.4g} GeV cannot be one of {process.name}"
            f", whose leptons have {process.lepton_mass:.4g} GeV: it needs a step that changes the "
            "lepton, as a transfer makes it (nugen-gan finetune)"
        )


def load_model(name_or_folder: str | os.PathLike[str]) -> Model:
    """Load a model by the name of a bundled one or by its folder, and check all of it.

    Raises
    ------
    UsageError
        if there is no such model.
    ModelError
        if the folder is incomplete or altered, or its content cannot be that of a model.

    Examples
    --------
    >>> import nugen_gan
    >>> nugen_gan.load_model("numu_cc_C12")
    Model numu_cc_C12: numu_cc_C12, 0.2-20 GeV
      trained on ... events of NuWro 25.11
      cross section: ...
    """
    from nugen_gan.model.building import build, damaged

    folder = find_model(name_or_folder)
    record = read_description(folder)
    with damaged(folder):
        return build(folder, record)


def _halves(tensors: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    return {prefix + name: value.half() for name, value in tensors.items()}
